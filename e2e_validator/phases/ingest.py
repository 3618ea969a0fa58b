"""ingest: the payload is announced, by the target's way in. That proves only that it was heard (koku contract 3.2).

It is announced once, however often the phase runs: what is announced twice while it is worked on may be counted twice
(recordings of faults, B). The intent is noted before the request; a run that goes on after it asks the database first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentParcel
from e2e_validator.errors import PhaseTimeout
from e2e_validator.phases.upload import figures, stands
from e2e_validator.waiting import Reading, done, pending

# How long the manifest row of a payload is waited for that may have been announced before the run was interrupted.
# Koku records it as soon as it has read the tarball's manifest.
ARRIVAL_SECONDS = 5.0


def run(context: Context) -> Outcome:
    """Announce this phase's parcel; in a negative scenario also, after it, the witness's."""
    delivered = [context.sent]
    facts = deliver(context, context.sent, context.state.source)
    witness = context.state.witness
    if witness is not None:
        delivered.append(witness)
        said = deliver(context, witness, context.state.witness_source)
        facts += ", then the witness" if said == "announced" else f"; the witness: {said}"
    data = {"request_id": context.sent.request_id}
    if context.clients.way.needs_object:
        return Outcome(facts, data)
    size = sum(_look_at(context, sent) for sent in delivered)
    lines = figures(context, [context.sent])
    facts += f"; {context.clients.way.title} stored {size / 1024:,.1f} KiB, read back equal"
    return Outcome(facts, data, {"ledger.txt": lines} if lines else {})


def deliver(context: Context, sent: SentParcel, source: dict[str, str] | None) -> str:
    """Deliver, and wait while nobody answers; whether an announcement was heard is found out before the next."""
    what = f"{context.clients.way.title} to take the announcement"
    return context.waiter().wait_for_value(what, lambda: _delivered(context, sent, source))


def _look_at(context: Context, sent: SentParcel) -> int:
    """The size in bytes of what the way in has stored, which must be the tarball."""
    objects = context.clients.objects
    what = f"the object {sent.object_key} to be readable"
    return stands(sent, context.waiter().wait_for_value(what, lambda: objects.read(objects.ingress, sent.object_key)))


def announce(context: Context, sent: SentParcel) -> str:
    """Announce one parcel, noting it and where it will stand before, and the request id after, which it returns."""
    way, tarball = context.clients.way, Path(sent.tarball)
    sent.announced_at, sent.request_id = datetime.now(UTC).isoformat(timespec="milliseconds"), ""
    sent.object_key = way.key_of(sent.object_key, tarball)
    context.state.save()
    request_id = way.announce(sent.object_key, tarball)
    sent.request_id, sent.object_key = request_id, way.stored_as(sent.object_key, request_id)
    context.state.save()
    return sent.request_id


def _delivered(context: Context, sent: SentParcel, source: dict[str, str] | None) -> str:
    """See to it that the parcel is announced; in words, what was done.

    Announced again it is the same object under the same uuid: a listener that takes one payload after the other does
    no more then than rewrite ``state.download`` (koku contract 1.4).
    """
    if not sent.announced_at:
        announce(context, sent)
        return "announced"
    if sent.request_id:
        return f"announced before the interruption, at {sent.announced_at}"
    if source is not None and _arrived(context, sent, source["uuid"]):
        return f"announced before the interruption, at {sent.announced_at}: its manifest row is there"
    announce(context, sent)
    return f"announced again: the answer of {context.clients.way.title} was lost, and no manifest row came of it"


def _arrived(context: Context, sent: SentParcel, provider_uuid: str) -> bool:
    """Whether Koku records the payload within a few seconds."""

    def look() -> Reading:
        manifest = context.clients.database.observe(provider_uuid).manifest(sent.uuid)
        return done(f"manifest {manifest.id}") if manifest else pending("no manifest row yet; it may not be announced")

    try:
        context.waiter(limit_seconds=ARRIVAL_SECONDS).wait_for("what was announced before the interruption", look)
    except PhaseTimeout:
        return False
    return True
