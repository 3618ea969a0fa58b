"""Tasks and messages that wait and are not taken."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.errors import counted
from e2e_validator.finding import Finding


def not_taken(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """A task of this source waits in its queue: no fault of its own, the worker will take it when it comes back."""
    if observed.dead or not observed.queued:
        return None
    return Finding(
        "not_taken",
        f"{observed.queued[0]} waits in its queue and no worker takes it",
        {"queued": list(observed.queued)},
        "start or scale the worker of that queue; the task is not lost",
        "docs/contract/koku.md 2.5",
        final=False,
    )


def not_read(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Messages of payloads wait in Kafka and no process has a session: the listener is not there, or does not read.

    No fault of the payload's own: a listener that comes back gets every message that is not committed.
    """
    if observed.dead or not observed.unread:
        return None
    return Finding(
        "not_read",
        f"{counted(observed.unread, 'message')} in Kafka not committed by Koku's listener, and no process works"
        " on this payload",
        {"messages not committed": observed.unread},
        "start the listener, or read in its log why it does not take part in its consumer group; no message is lost",
        "docs/contract/koku.md 3.1",
        final=False,
    )
