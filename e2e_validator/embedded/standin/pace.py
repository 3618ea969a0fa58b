"""How long the steps take: as short as still observable, or as long as on a real Koku."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    # It reads the configuration, which reads this.
    from e2e_validator.embedded.standin.database import Connection

PaceName = Literal["fast", "brisk", "real", "slow"]
PACE_NAMES: tuple[PaceName, ...] = get_args(PaceName)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds waited at the points where a real Koku spends its time; the work itself is never skipped.

    The ``real`` durations are those of the recordings: a one-pod day ends its download after 2 s, its files after
    3.8 s, starts the summary at 4.8 s, ends it at 5.6 s and completes at 7.0 s; ten days need 11 s of download.
    ``slow`` is a healthy system under load: each step shows no change for longer than a validator on an embedded stack
    takes to become suspicious (2 s).
    """

    recorded: float
    archived_file: float
    written_file: float
    header_only: float
    queued: float
    summarised: float
    costed: float
    completed: float

    @classmethod
    def named(cls, name: PaceName) -> Pace:
        """The pace of that name."""
        return _PACES[name]


_PACES: dict[PaceName, Pace] = {
    "fast": Pace(
        recorded=0.03, archived_file=0.0, written_file=0.0, header_only=0.02,
        queued=0.05, summarised=0.05, costed=0.05, completed=0.02,
    ),
    "brisk": Pace(
        recorded=0.05, archived_file=0.08, written_file=0.05, header_only=0.02,
        queued=0.4, summarised=0.2, costed=0.5, completed=0.1,
    ),
    "real": Pace(
        recorded=0.1, archived_file=0.26, written_file=0.1, header_only=0.03,
        queued=1.0, summarised=0.3, costed=1.2, completed=0.05,
    ),
    "slow": Pace(
        recorded=3.0, archived_file=0.1, written_file=2.5, header_only=0.1,
        queued=3.5, summarised=7.0, costed=4.0, completed=3.0,
    ),
}  # fmt: skip


def wait_in(conn: Connection, seconds: float) -> None:
    """Let that much time pass in the database, where a worker of Koku's spends it: its tasks are statements."""
    if seconds:
        conn.execute("SELECT pg_sleep(%s)", [seconds])


def wait(seconds: float) -> None:
    """Let that much time pass."""
    if seconds:
        time.sleep(seconds)
