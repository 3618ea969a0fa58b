"""The stand-in's clock: real time, a fixed day, or another moment from which it goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta


def real_time() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Tells the time in UTC, so many seconds ahead of real time; all processes of a stack are given the same number.

    Without a fixed day ``today()`` turns at its midnight, as a deployment's does. A fixed day never changes: what rows
    are stamped with goes on past midnight all the same, so that no later event ever gets an earlier time, and what is
    asked for the present moment (``shown()``) is told it on that day.
    """

    def __init__(
        self, today: date | None, shift_seconds: float = 0.0, *, real: Callable[[], datetime] = real_time
    ) -> None:
        self._fixed, self._real, self._shift = today, real, timedelta(seconds=shift_seconds)

    def now(self) -> datetime:
        """The present moment, in UTC, for what is written down."""
        return self._real() + self._shift

    def shown(self) -> datetime:
        """The present moment, in UTC, for all code that asks which day it is."""
        return datetime.combine(self._fixed, self.now().timetz()) if self._fixed else self.now()

    def today(self) -> date:
        """The present day, in UTC."""
        return self._fixed or self.now().date()
