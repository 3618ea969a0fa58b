"""upload: every tarball stands in the ingress bucket, byte for byte, and holds the figures of the expectation.

A transport that takes the file itself stores it when it is announced: then the phase ``ingest`` looks at it.
"""

from __future__ import annotations

from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.sending import figures, send, transport_for
from e2e_validator.errors import counted


def run(context: Context) -> Outcome:
    """Pack every payload; upload, read back and count it where the transport needs an object."""
    transport, size = transport_for(context), 0
    for sent in context.state.payloads:
        damage = None if sent.control else context.plan.payloads[sent.index - 1].damage
        provider_of(context).pack(sent, damage)
        size += send(context, sent) if transport.needs_object else Path(sent.tarball).stat().st_size
    lines = figures(context, context.state.payloads) if transport.needs_object else ""
    if context.loaded.scenario.source.create and not context.plan.negative:
        # Here, not when the source is made: what Koku does about a new source drops pages that were just computed.
        provider_of(context).before_upload(context)
    count = len(context.state.payloads)
    damages = sorted({payload.damage for payload in context.plan.payloads if payload.damage})
    damaged = f" ({', '.join(damages)})" if damages else ""
    what, done = (
        ("object", "read back equal") if transport.needs_object else ("tarball", f"for {transport.title} to store")
    )
    facts = f"{counted(count, what)}{damaged}, {size / 1024:,.1f} KiB, {done}"
    return Outcome(facts, {f"{what}s": count, "bytes": size}, {"ledger.txt": lines} if lines else {})
