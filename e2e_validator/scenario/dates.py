"""Dates of a scenario: absolute or relative to the day of the run, whole hours, UTC.

``2026-11-05``, ``2026-11-05T12:00``, or ``(today|month)[+-Nm][+-Nd][+-Nh]``: ``today`` is 00:00 of the day of the
run, ``month`` 00:00 of the first day of its month. Months are calendar months and are added first; a day the
target month does not have becomes its last one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from e2e_validator.calendar_months import add_months

# So few digits that no sum leaves the calendar.
RELATIVE = r"(today|month)([+-]\d{1,4}m)?([+-]\d{1,5}d)?([+-]\d{1,6}h)?"
ABSOLUTE = r"\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):\d{2})?"
GRAMMAR = rf"^({RELATIVE}|{ABSOLUTE})$"

# Far enough for every retention and price list; what is computed from such a day stays in the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 2199

# The chart sets RETAIN_NUM_MONTHS=3: the month of the run and the two before it.
RETAINED_MONTHS = 3


class DateError(ValueError):
    """A date that cannot be meant; ``hint`` says what to write."""

    def __init__(self, what: str, hint: str = "") -> None:
        """Keep the hint apart."""
        super().__init__(what)
        self.hint = hint


def resolve(text: str, today: date) -> datetime:
    """The UTC instant that ``text`` names on the day ``today``; ``DateError`` when it names none."""
    if match := re.fullmatch(RELATIVE, text, re.ASCII):
        base, *steps = match.groups()
        months, days, hours = (int(step[:-1]) if step else 0 for step in steps)
        try:
            start = add_months(midnight(today if base == "today" else today.replace(day=1)), months)
            return _in_range(text, start + timedelta(days=days, hours=hours))
        except (OverflowError, ValueError) as error:
            raise error if isinstance(error, DateError) else _far(text) from None
    if not re.fullmatch(ABSOLUTE, text, re.ASCII):
        raise DateError(f"'{text}' is not a date", hint(text))
    try:
        when = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise DateError(f"'{text}' is not in the calendar") from None
    if when.minute:
        raise DateError(f"'{text}' is not a whole hour", "the reports have one row an hour")
    return _in_range(text, when)


def in_range(when: datetime | date) -> bool:
    """Whether a year is one that data and price lists can be of."""
    return FIRST_YEAR <= when.year <= LAST_YEAR


def _in_range(text: str, when: datetime) -> datetime:
    if not in_range(when):
        raise _far(text)
    return when


def _far(text: str) -> DateError:
    return DateError(f"'{text}' is not in the years {FIRST_YEAR} to {LAST_YEAR}")


_ABOUT = re.compile(r"(today|month)((?:\s*[+-]\s*\d+\s*[a-z]*)+)", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_WORDS = {"yesterday": "today-1d", "now": "today", "tomorrow": "today+1d", "last month": "month-1m"}


def hint(text: str) -> str:
    """What is to be written for a date, in the words of ``text`` where they can be guessed."""
    plain = " ".join(text.split()).lower()
    if match := _CLOCK.fullmatch(text.strip()):
        return "write no time zone: dates are UTC" if match[5] else f"write {match[1]}T{match[2]}"
    if plain in _WORDS:
        return f"write {_WORDS[plain]}"
    if match := _ABOUT.fullmatch(plain):
        steps = re.findall(r"([+-])\s*(\d+)\s*([a-z]?)", match[2])
        meant = match[1] + "".join(f"{sign}{count}{unit or 'd'}" for sign, count, unit in steps)
        if meant != text and re.fullmatch(RELATIVE, meant, re.ASCII):
            return f"write {meant}"
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})|(\d{4})[/.](\d{1,2})[/.](\d{1,2})", plain):
        year, month, day = (part for part in match.groups() if part)
        return f"write {year}-{int(month):02}-{int(day):02}"
    return "write 2026-11-05, 2026-11-05T12:00, today-2d or month-1m+4d"


def midnight(day: date) -> datetime:
    """00:00 UTC of ``day``."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def retained_from(today: date) -> datetime:
    """The first instant that on-prem Koku keeps on the day ``today`` (docs/contract/koku.md 3.3, chart default)."""
    return add_months(midnight(today.replace(day=1)), 1 - RETAINED_MONTHS)
