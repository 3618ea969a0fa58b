"""Since when no task of a source can have been with a process.

A task is never nowhere: it waits in a queue, or its process has a session of its own and uses it. One that took
it from the queue opened its session later than the source last changed, so stillness alone does not show it; and a
worker that is busy with something else may hold it until it is through, saying nothing to the database meanwhile (on a
loaded machine a Koku deleted archived files for two minutes): masu tells whether one is busy. For the rest one looks
again and again: a session that was there at two looks in a row, and did something in between, may have it. Sessions of
requests come and go, and are not there twice; a worker that was started anew has one and does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from e2e_validator.access.evidence import Session
from e2e_validator.engine.examining import Others

_Holder = tuple[int, datetime | None]
# A process that unpacks a payload sends the database nothing meanwhile; one that is silent for longer does not unpack.
LONGEST_SILENCE = timedelta(seconds=60)


class TaskOwnership:
    """Told at each look which sessions are there."""

    def __init__(self) -> None:
        """Before the first look."""
        self._since: float | None = None
        self._alone_since: float | None = None
        self.alone_seconds = 0.0
        """For how long no look has found a session that may take one payload after the other."""
        self._before: frozenset[_Holder] = frozenset()
        self._looked: datetime | None = None

    def look(self, now: float, others: Others) -> float:
        """Seconds for which no process can have had a task: 0 at a look that finds one, and at the first that does not.

        The first look finds nothing out: which sessions stay is only known at the next.
        """
        self._look_for_listeners(now, others)
        first, before, looked = self._looked is None, self._before, self._looked
        self._before = frozenset((session.pid, session.opened) for session in others.sessions)
        self._looked = others.now
        may_have = others.queued != () or others.busy
        if first or may_have or any(_stays(session, before, looked) for session in others.sessions):
            self._since = None
            return 0.0
        if self._since is None:
            self._since = now
        return now - self._since

    def _look_for_listeners(self, now: float, others: Others) -> None:
        """Note whether a session is there at all: a listener with many payloads opens a session for each of them."""
        if any(_may_listen(session, others.now) for session in others.sessions):
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        self.alone_seconds = 0.0 if self._alone_since is None else now - self._alone_since


def _may_listen(session: Session, now: datetime) -> bool:
    """Whether it has been used lately, or one cannot tell."""
    return session.state != "idle" or session.changed is None or now - session.changed < LONGEST_SILENCE


def _stays(session: Session, before: frozenset[_Holder], looked: datetime | None) -> bool:
    """Whether a session was there at the look before, and has not been idle since."""
    if (session.pid, session.opened) not in before:
        return False
    return session.state != "idle" or session.changed is None or looked is None or session.changed > looked
