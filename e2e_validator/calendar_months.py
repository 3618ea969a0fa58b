"""Months of the calendar, in UTC: the next one, and a span cut where one ends."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime


def add_months(when: datetime, months: int) -> datetime:
    """``when`` moved by calendar months; a day that does not exist becomes the month's last."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return when.replace(year=year, month=month + 1, day=min(when.day, last))


def first_of_month(when: datetime) -> datetime:
    """00:00 of the first day of the month of ``when``."""
    return when.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def last_of_month(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_after(when: datetime) -> datetime:
    """00:00 of the first day of the month after that of ``when``."""
    return add_months(first_of_month(when), 1)


def months(start: datetime, end: datetime) -> tuple[tuple[str, datetime, datetime], ...]:
    """``[start, end)`` cut at the months' ends: ("YYYY-MM", start, exclusive end) of each part, none empty."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    parts = []
    while first < last:
        stop = min(month_after(first), last)
        parts.append((f"{first:%Y-%m}", first, stop))
        first = stop
    return tuple(parts)
