"""ingest: the payload is announced, by the target's transport. That proves only that it was heard.

See docs/contract/koku.md 3.2.

It is announced once, however often the phase runs: what is announced twice while it is worked on may be counted twice
(docs/contract/faults.md B). The intent is noted before the request; a run that goes on after it asks the database
first.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.sending import deliver, figures, stands, transport_for


def run(context: Context) -> Outcome:
    """Announce this phase's payload; in a negative scenario also, after it, the control payload's."""
    delivered = [context.sent]
    facts = deliver(context, context.sent, context.state.source)
    control = context.state.control
    if control is not None:
        delivered.append(control)
        said = deliver(context, control, context.state.control_source)
        facts += ", then the control payload" if said == "announced" else f"; the control payload: {said}"
    data = {"request_id": context.sent.request_id}
    transport = transport_for(context, context.sent)
    if transport.needs_object:
        return Outcome(facts, data)
    size = sum(_look_at(context, sent) for sent in delivered)
    lines = figures(context, [context.sent])
    facts += f"; {transport.title} stored {size / 1024:,.1f} KiB, read back equal"
    return Outcome(facts, data, {"ledger.txt": lines} if lines else {})


def _look_at(context: Context, sent: SentPayload) -> int:
    """The size in bytes of what the transport has stored, which must be the tarball."""
    objects = context.clients.objects
    what = f"the object {sent.object_key} to be readable"
    return stands(sent, context.waiter().wait_for_value(what, lambda: objects.read(objects.ingress, sent.object_key)))
