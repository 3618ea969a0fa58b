"""upload: every tarball stands in the ingress bucket, byte for byte, and holds the figures of the expectation."""

from __future__ import annotations

import hashlib
from pathlib import Path

from e2e_validator.errors import PhaseFailed
from e2e_validator.generate.tarball import pack
from e2e_validator.phases.context import Context
from e2e_validator.phases.hops import judge, payload_hop
from e2e_validator.phases.outcome import Outcome
from e2e_validator.phases.run import SentParcel


def run(context: Context) -> Outcome:
    """Pack, upload, read back and count every parcel."""
    size = 0
    for sent in context.state.parcels:
        damage = None if sent.witness else context.plan.parcels[sent.index - 1].damage
        size += _send(context, sent, damage)
    hops = []
    if not context.plan.negative:
        hops = [payload_hop(context, sent) for sent in context.state.parcels]
    lines = judge(hops)
    count = len(context.state.parcels)
    damages = sorted({parcel.damage for parcel in context.plan.parcels if parcel.damage})
    damaged = f" ({', '.join(damages)})" if damages else ""
    facts = f"{count} object{'s' * (count != 1)}{damaged}, {size / 1024:,.1f} KiB, read back equal"
    return Outcome(facts, {"objects": count, "bytes": size}, {"ledger.txt": lines} if lines else {})


def _send(context: Context, sent: SentParcel, damage: str | None) -> int:
    """Pack and upload one parcel; the object's size in bytes, which is what comes back."""
    tarball = Path(sent.tarball)
    pack(Path(sent.payload_folder), tarball, damage)
    objects = context.clients.objects

    def there_and_back() -> bytes:
        objects.put(sent.object_key, tarball)
        return objects.read(objects.ingress, sent.object_key)

    wanted = tarball.read_bytes()
    got = context.waiter().wait_for_value(f"the object store to take {sent.object_key}", there_and_back)
    if hashlib.sha256(wanted).digest() != hashlib.sha256(got).digest():
        raise PhaseFailed(
            f"the object {sent.object_key} is not what was uploaded",
            detail=f"expected    {len(wanted)} bytes, sha256 {hashlib.sha256(wanted).hexdigest()}\n"
            f"last seen   {len(got)} bytes, sha256 {hashlib.sha256(got).hexdigest()}",
        )
    return len(got)
