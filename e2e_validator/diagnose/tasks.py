"""Tasks and messages that wait and are not taken."""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.errors import counted
from e2e_validator.finding import Finding


def not_taken(case: Case) -> Finding | None:
    """A task of this source waits in its queue: no fault of its own, the worker will take it when it comes back."""
    if case.dead or not case.queued:
        return None
    return Finding(
        "not_taken",
        f"{case.queued[0]} waits in its queue and no worker takes it",
        {"queued": list(case.queued)},
        "start or scale the worker of that queue; the task is not lost",
        final=False,
    )


def not_read(case: Case) -> Finding | None:
    """Messages of payloads wait in Kafka and no process has a session: the listener is not there, or does not read.

    No fault of the payload's own: a listener that comes back gets every message that is not committed.
    """
    if case.dead or not case.unread or case.phase not in {"download", "convert"}:
        return None
    return Finding(
        "not_read",
        f"{counted(case.unread, 'message')} in Kafka not committed by Koku's listener, and no process works"
        " on this payload",
        {"messages not committed": case.unread},
        "start the listener, or read in its log why it does not take part in its consumer group; no message is lost",
        final=False,
    )
