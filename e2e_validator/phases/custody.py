"""Since when no task of a source can have changed hands unseen.

A task is never nowhere: it waits in a queue, or the process that has it has a session. Who took it from the queue
opened his session later than the source last changed, so stillness alone does not know him. Therefore one watches: as
long as no task is seen waiting, and none of the sessions of a moment has gone, nobody but these can have one.
"""

from __future__ import annotations

from datetime import datetime

from e2e_validator.phases.examining import Others

_Holder = tuple[int, datetime | None]


class Custody:
    """Told at each look who is there."""

    def __init__(self) -> None:
        """Nobody has looked yet."""
        self._since: float | None = None
        self._holders: frozenset[_Holder] = frozenset()
        self._waited = False

    def look(self, now: float, others: Others) -> float:
        """Seconds for which everything has stayed in the same hands.

        A queue that cannot be read may hold a task. A session that has gone may have handed its task on, and who has
        it now was not looked for: then, as when a task has just left its queue, it begins anew.
        """
        there = frozenset((session.pid, session.opened) for session in others.sessions)
        waits = others.queued != ()
        if self._since is None or waits or self._waited or not self._holders <= there:
            self._since, self._holders = now, there
        self._waited = waits
        return now - self._since
