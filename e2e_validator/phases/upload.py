"""upload: every tarball stands in the ingress bucket, byte for byte, and holds the figures of the expectation.

A way in that takes the file itself stores it when it is announced: then the phase ``ingest`` looks at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentParcel
from e2e_validator.errors import PhaseFailed
from e2e_validator.expect.stage import judge
from e2e_validator.providers.ocp.generate.tarball import pack
from e2e_validator.providers.ocp.stages import payload_stage
from e2e_validator.providers.ocp.surface import look_as_a_user


def run(context: Context) -> Outcome:
    """Pack every parcel; upload, read back and count it where the way in needs an object."""
    way, size = context.clients.way, 0
    for sent in context.state.parcels:
        damage = None if sent.witness else context.plan.parcels[sent.index - 1].damage
        tarball = Path(sent.tarball)
        pack(Path(sent.payload_folder), tarball, damage)
        size += send(context, sent) if way.needs_object else tarball.stat().st_size
    lines = figures(context, context.state.parcels) if way.needs_object else ""
    if context.loaded.scenario.source.create and not context.plan.negative:
        # Here, not when the source is made: what Koku does about a new source drops pages that were just computed.
        look_as_a_user(context)
    count = len(context.state.parcels)
    damages = sorted({parcel.damage for parcel in context.plan.parcels if parcel.damage})
    damaged = f" ({', '.join(damages)})" if damages else ""
    what, done = ("object", "read back equal") if way.needs_object else ("tarball", f"for {way.title} to store")
    facts = f"{count} {what}{'s' * (count != 1)}{damaged}, {size / 1024:,.1f} KiB, {done}"
    return Outcome(facts, {f"{what}s": count, "bytes": size}, {"ledger.txt": lines} if lines else {})


def figures(context: Context, parcels: Iterable[SentParcel]) -> str:
    """The ledger's lines for objects that stand in the bucket; empty where they need not be what was expected.

    Raises:
        NumbersDiffer: an object does not hold the figures of the expectation.
    """
    return "" if context.plan.negative else judge([payload_stage(context, sent) for sent in parcels])


def send(context: Context, sent: SentParcel) -> int:
    """Upload one parcel; the object's size in bytes, which is what comes back."""
    objects = context.clients.objects

    def there_and_back() -> bytes:
        objects.put(sent.object_key, Path(sent.tarball))
        return objects.read(objects.ingress, sent.object_key)

    return stands(sent, context.waiter().wait_for_value(f"the object store to take {sent.object_key}", there_and_back))


def stands(sent: SentParcel, got: bytes) -> int:
    """The size in bytes of an object that is the parcel's tarball.

    Raises:
        PhaseFailed: it is something else.
    """
    wanted = Path(sent.tarball).read_bytes()
    if hashlib.sha256(wanted).digest() != hashlib.sha256(got).digest():
        raise PhaseFailed(
            f"the object {sent.object_key} is not what was uploaded",
            detail=f"expected    {len(wanted)} bytes, sha256 {hashlib.sha256(wanted).hexdigest()}\n"
            f"last seen   {len(got)} bytes, sha256 {hashlib.sha256(got).hexdigest()}",
        )
    return len(got)
