"""A payload of which nothing has come."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.diagnose.sessions import at_work
from e2e_validator.finding import Finding


def payload_lost(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """No manifest row long after the announcement, the object is there, no message waits, and no process is at work.

    A listener takes one payload after the other, each with a session of its own, and this one may be the last of many.
    """
    if observed.names.polled or expected is None or observed.manifest is not None:
        return None
    if not observed.still_seconds or at_work(observed, expected):
        return None
    if not observed.alone_seconds:
        return None
    # What waits in Kafka is not lost: announced once more, two listeners may count it twice at the same time.
    if observed.unread != 0:
        return None
    if expected.announced_seconds < observed.still_seconds:
        return None
    if not observed.state.exists or not observed.state.tenant_copy or not expected.object_there():
        return None
    return Finding(
        "payload_lost",
        f"announced {expected.announced_seconds:.0f} s ago, and no manifest is recorded or in work",
        {"announced seconds ago": round(expected.announced_seconds, 1), "object": expected.object_key},
        "announce the payload again, under the same uuid; if nothing comes of it, the listener's log says why",
        "docs/contract/koku.md 3.1, 7.1",
    )
