"""Which day it is on a stack: the real one, one that stays, or one that turns at its own midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class StackDay:
    """The day of a stack's clock, settled once at its start, whichever process tells the time."""

    fixed: date | None = None
    """The day that it is as long as the stack stands; ``None``: days go by."""
    shift: timedelta = timedelta(0)
    """How far the clock is ahead of real time."""

    @classmethod
    def of(cls, today: date | None, moment: datetime | None = None) -> Self:
        """With ``today`` that day for good; with ``moment`` a clock that shows it now and goes on from there.

        Raises:
            ValueError: both are given.
        """
        if today is not None and moment is not None:
            raise ValueError("a stack has a day that stays or a clock that goes on, not both")
        now = datetime.now(UTC)
        if moment is not None:
            return cls(shift=moment - now)
        return cls(today, today - now.date()) if today is not None else cls()
