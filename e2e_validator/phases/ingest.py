"""ingest: the payload is announced. The 202 proves only that the announcement was heard (koku contract 3.2)."""

from __future__ import annotations

from e2e_validator.errors import PhaseFailed
from e2e_validator.phases.context import Context
from e2e_validator.phases.outcome import Outcome
from e2e_validator.phases.run import SentParcel


def run(context: Context) -> Outcome:
    """Announce this phase's parcel; in a negative scenario also, after it, the witness's."""
    request_id = announce(context, context.sent)
    facts = "announced"
    if context.state.witness is not None:
        announce(context, context.state.witness)
        facts += ", then the witness"
    return Outcome(facts, {"request_id": request_id})


def announce(context: Context, sent: SentParcel) -> str:
    """Announce one object and return the request id."""
    answer = context.clients.masu.ingest(sent.object_key)
    if answer.get("ingest-started") is not True:
        raise PhaseFailed(f"masu did not start the ingest of {sent.object_key}", detail=f"answer      {dict(answer)}")
    return str(answer.get("request-id"))
