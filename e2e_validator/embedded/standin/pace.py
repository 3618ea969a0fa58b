"""How long the steps take: as short as still observable, or as long as on a real Koku."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds waited at the points where a real Koku spends its time; the work itself is never skipped.

    The ``real`` durations are those of the recordings: a one-pod day ends its download after 2 s, its files after
    3.8 s, starts the summary at 4.8 s, ends it at 5.6 s and completes at 7.0 s; ten days need 11 s of download.
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
    def named(cls, name: Literal["fast", "real"]) -> Pace:
        """The pace of that name."""
        return _PACES[name]


_PACES = {
    "fast": Pace(
        recorded=0.03, archived_file=0.0, written_file=0.0, header_only=0.02,
        queued=0.05, summarised=0.05, costed=0.05, completed=0.02,
    ),
    "real": Pace(
        recorded=0.1, archived_file=0.26, written_file=0.1, header_only=0.03,
        queued=1.0, summarised=0.3, costed=1.2, completed=0.05,
    ),
}  # fmt: skip


def wait(seconds: float) -> None:
    """Let that much time pass."""
    if seconds:
        time.sleep(seconds)
