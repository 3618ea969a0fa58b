"""Times in a payload's rows, as Koku reads them (docs/contract/koku.md 3.4): ``2026-11-10 01:00:00 +0000 UTC``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# What pandas can hold of a time in nanoseconds, in whole years.
FIRST_YEAR, LAST_YEAR = 1678, 2261


def hour(text: str) -> str:
    """The time as ``YYYY-MM-DD HH:MM:SS``.

    Raises:
        ValueError: says why Koku can do nothing with it, as the end of a sentence.
    """
    if not text:
        raise ValueError("is empty")
    try:
        when = datetime.fromisoformat(text.replace(" +0000 UTC", ""))
    except ValueError:
        raise ValueError("is no time") from None
    if not _DAY.match(text):
        raise ValueError("does not begin with a date as YYYY-MM-DD")
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise ValueError(f"is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    if when.utcoffset():
        raise ValueError("is not in UTC")
    when = when.replace(tzinfo=None)
    return when.isoformat(" ", "seconds" if not when.microsecond else "microseconds")


def next_day(day: datetime) -> datetime:
    """Midnight after ``day``; the last moment of the calendar has none, so that it stays."""
    try:
        return day + timedelta(days=1)
    except OverflowError:
        return day.replace(hour=23, minute=59, second=59, microsecond=999999)
