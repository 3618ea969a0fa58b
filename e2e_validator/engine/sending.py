"""A payload on its way: uploaded, read back, and announced once, however often a phase runs.

What is announced twice while it is worked on may be counted twice (docs/contract/faults.md B). The intent is noted
before the request; a run that goes on after it asks the database first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from e2e_validator.access.transports import Transport
from e2e_validator.engine.context import Context
from e2e_validator.engine.delivery import same_bytes
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import PhaseTimeout
from e2e_validator.moments import stamp
from e2e_validator.waiting import Reading, done, pending

# How long the manifest row of a payload is waited for that may have been announced before the run was interrupted.
# Koku records it as soon as it has read the tarball's manifest.
ARRIVAL_SECONDS = 5.0


def figures(context: Context, payloads: Sequence[SentPayload]) -> str:
    """The ledger's lines for objects that stand in the bucket; empty where they need not be what was expected.

    Raises:
        NumbersDiffer: an object does not hold the figures of the expectation.
    """
    return "" if context.plan.negative else provider_of(context).compare_payloads(context, payloads)


def send(context: Context, sent: SentPayload) -> int:
    """Upload one payload; its size in bytes, which is what comes back."""
    return provider_of(context).delivery.send(context, sent)


def transport_for(context: Context, sent: SentPayload | None = None) -> Transport:
    """What announces a payload of this scenario; without one, what tells whether it could."""
    return provider_of(context).delivery.transport(context, sent)


def stands(sent: SentPayload, got: bytes) -> int:
    """The size in bytes of an object that is the payload's tarball; raises as ``delivery.same_bytes``."""
    return same_bytes(sent.object_key, Path(sent.tarball), got)


def deliver(context: Context, sent: SentPayload, source: dict[str, str] | None) -> str:
    """Deliver, and wait while there is no answer; whether an announcement was heard is found out before the next."""
    what = f"{transport_for(context, sent).title} to take the announcement"
    return context.waiter().wait_for_value(what, lambda: _delivered(context, sent, source))


def announce(context: Context, sent: SentPayload) -> str:
    """Announce one payload, noting it and where it will stand before, and the request id after, which it returns."""
    transport, tarball = transport_for(context, sent), Path(sent.tarball)
    sent.announced_at, sent.request_id = stamp(), ""
    sent.object_key = transport.key_of(sent.object_key, tarball)
    context.state.save()
    request_id = transport.announce(sent.object_key, tarball)
    sent.request_id, sent.object_key = request_id, transport.stored_as(sent.object_key, request_id)
    context.state.save()
    return sent.request_id


def _delivered(context: Context, sent: SentPayload, source: dict[str, str] | None) -> str:
    """See to it that the payload is announced; in words, what was done.

    Announced again it is the same object under the same uuid: a listener that takes one payload after the other does
    no more then than rewrite ``state.download`` (docs/contract/koku.md 1.4).
    """
    if not sent.announced_at:
        announce(context, sent)
        return "announced"
    if sent.request_id:
        return f"announced before the interruption, at {sent.announced_at}"
    if source is not None and _arrived(context, sent, source["uuid"]):
        return f"announced before the interruption, at {sent.announced_at}: its manifest row is there"
    announce(context, sent)
    return (
        f"announced again: the answer of {transport_for(context, sent).title} was lost, and no manifest row came of it"
    )


def _arrived(context: Context, sent: SentPayload, provider_uuid: str) -> bool:
    """Whether Koku records the payload within a few seconds."""

    def look() -> Reading:
        manifest = context.clients.database.observe(provider_uuid).manifest(sent.uuid)
        return done(f"manifest {manifest.id}") if manifest else pending("no manifest row yet; it may not be announced")

    try:
        context.waiter(limit_seconds=ARRIVAL_SECONDS).wait_for("what was announced before the interruption", look)
    except PhaseTimeout:
        return False
    return True
