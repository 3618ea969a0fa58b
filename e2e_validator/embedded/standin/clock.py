"""The stand-in's clock: real time, or a fixed day on which the time of day runs on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


class Clock:
    """Tells the time in UTC.

    With a fixed day ``today()`` never changes. ``now()`` starts on that day at the present time of day and goes on
    from there, past midnight too, so that no later event ever gets an earlier time. Made once, before processes fork,
    so that all of them agree.
    """

    def __init__(self, today: date | None) -> None:
        self._fixed = today
        self._shift = (today - datetime.now(UTC).date()) if today else timedelta(0)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC) + self._shift

    def today(self) -> date:
        """The present day, in UTC."""
        return self._fixed or datetime.now(UTC).date()
