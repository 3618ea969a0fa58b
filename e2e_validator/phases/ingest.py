"""ingest: the payload is announced. The 202 proves only that the announcement was heard (koku contract 3.2).

It is announced once, however often the phase runs: what is announced twice while it is worked on may be counted twice
(recordings of faults, B). The intent is noted before the request; a run that goes on after it asks the database first.
"""

from __future__ import annotations

from datetime import UTC, datetime

from e2e_validator.errors import PhaseFailed, PhaseTimeout
from e2e_validator.phases.context import Context
from e2e_validator.phases.outcome import Outcome
from e2e_validator.phases.run import SentParcel
from e2e_validator.waiting import Reading, done, pending

# How long the manifest row of a payload is waited for that may have been announced before the run was interrupted.
# Koku records it as soon as it has read the tarball's manifest.
ARRIVAL_SECONDS = 5.0


def run(context: Context) -> Outcome:
    """Announce this phase's parcel; in a negative scenario also, after it, the witness's."""
    facts = _patiently(context, context.sent, context.state.source)
    witness = context.state.witness
    if witness is not None:
        said = _patiently(context, witness, context.state.witness_source)
        facts += ", then the witness" if said == "announced" else f"; the witness: {said}"
    return Outcome(facts, {"request_id": context.sent.request_id})


def _patiently(context: Context, sent: SentParcel, source: dict[str, str] | None) -> str:
    """Deliver, and wait while masu does not answer; whether it heard an announcement is found out before the next."""
    return context.waiter().wait_for_value("masu to take the announcement", lambda: _deliver(context, sent, source))


def announce(context: Context, sent: SentParcel) -> str:
    """Announce one object, noting it before and after, and return the request id."""
    sent.announced_at, sent.request_id = datetime.now(UTC).isoformat(timespec="milliseconds"), ""
    context.state.save()
    answer = context.clients.masu.ingest(sent.object_key)
    if answer.get("ingest-started") is not True:
        raise PhaseFailed(f"masu did not start the ingest of {sent.object_key}", detail=f"answer      {dict(answer)}")
    sent.request_id = str(answer.get("request-id"))
    context.state.save()
    return sent.request_id


def _deliver(context: Context, sent: SentParcel, source: dict[str, str] | None) -> str:
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
    return "announced again: masu's answer was lost, and no manifest row came of it"


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
