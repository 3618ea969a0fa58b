"""Which database sessions may be those of a process at work on a source."""

from __future__ import annotations

from datetime import timedelta

from e2e_validator.access.evidence import Session
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource

# A session that was opened this much earlier than we noted a moment may still belong to what began at it. We announce
# ourselves; that the files are done is noticed later, by a waiter that may look only every two seconds.
ANNOUNCED_MARGIN = timedelta(seconds=1)
CONVERTED_MARGIN = timedelta(seconds=5)


def at_work(
    observed: ObservedSource, expected: ExpectedSource | None, *, before_files_were_done: bool = True
) -> list[Session]:
    """Sessions that may be those of a process at work on this source: as long as there is one, nothing is lost.

    A process at work has a session (Koku keeps one for each task, request or listener, and closes it at the end), had
    it already when the source last changed, and has used it since the payload was announced, if that is known. With
    ``before_files_were_done=False`` an idle session from before the files were done does not count: that is the
    listener's, which neither summarises nor prices.
    """
    still_since = observed.now - timedelta(seconds=observed.still_seconds)
    found = [session for session in observed.sessions if session.opened is None or session.opened <= still_since]
    if expected is None:
        return found
    announced = observed.now - timedelta(seconds=expected.announced_seconds) - ANNOUNCED_MARGIN
    found = [session for session in found if session.changed is None or session.changed >= announced]
    if before_files_were_done or expected.converted_seconds is None:
        return found
    converted = observed.now - timedelta(seconds=expected.converted_seconds) - CONVERTED_MARGIN
    return [
        session for session in found if session.state != "idle" or session.opened is None or session.opened >= converted
    ]
