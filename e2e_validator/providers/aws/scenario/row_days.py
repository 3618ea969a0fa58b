"""Days and hours of rows that lie outside the data: such rows would not be written, and nothing would tell of it.

What does lie outside of the period is said with ``@at``, one row that begins at any moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from e2e_validator.errors import counted
from e2e_validator.providers.aws.scenario.row_columns import AT, DAYS, HOURS, UPLOADS
from e2e_validator.providers.aws.scenario.row_text import HOUR, MONTH, CurLine, CurRows, RowMistake
from e2e_validator.scenario import rules
from e2e_validator.scenario.document import Document

_DAY = timedelta(days=1)


def periods_of(document: Document, today: date) -> tuple[rules.Window, ...]:
    """The hours of each upload; none where another problem hides them."""
    raw = rules.mapping(document.data)
    uploads = raw.get("uploads") or [{}]
    if not isinstance(uploads, list):
        return ()
    given = [rules.mapping(upload).get("period") or raw.get("period") for upload in uploads]
    found = [window for period in given if (window := rules.window(period, (), today)) and window.start < window.end]
    return tuple(found) if len(found) == len(given) else ()


def unknown_uploads(rows: CurRows, count: int) -> Iterator[RowMistake]:
    """Each line of an upload that is none of the ``count`` that the scenario has."""
    for line in rows.lines:
        if line.uploads and max(line.uploads) > count:
            what = f"row {line.row}: {UPLOADS} {max(line.uploads)}, but the scenario has {counted(count, 'upload')}"
            yield RowMistake(line.line, f"{what}; list as many uploads, or correct {UPLOADS}")


def lost_days(rows: CurRows, periods: Sequence[rules.Window]) -> Iterator[RowMistake]:
    """Each line of which a day, or every hour, is in none of the ``periods`` of its uploads; days count from 0."""
    if not periods:
        return
    first = min(period.start for period in periods).date()
    for line in rows.lines:
        if line.at is None and line.interval != MONTH:
            own = [one for number, one in enumerate(periods, start=1) if not line.uploads or number in line.uploads]
            if said := _lost(line, own, first):
                yield RowMistake(line.line, f"row {line.row}: {said}")


def _lost(line: CurLine, periods: Sequence[rules.Window], first: date) -> str:
    there = {day for period in periods for day in _days(period, first)}
    lost = sorted((line.days or set()) - there)
    if lost:
        whose = "the data's" if line.uploads is None else "its uploads'"
        told = f"ends after {whose} last day, which is {max(there)} (counted from 0)"
        if lost[0] < max(there):
            told = f"has day {lost[0]}, of which its uploads have no data"
        instead = f"write {max(there)} at most, move 'end' of the period, or write {AT} for a row outside of it"
        return f"{DAYS} {_spans(line.days or frozenset())} {told}; {instead}"
    if line.interval == HOUR and line.hours is not None and not any(_has_hour(line, one, first) for one in periods):
        return f"{HOURS} {_spans(line.hours)} has no hour of the data; correct it, or move the period"
    return ""


def _days(period: rules.Window, first: date) -> range:
    last = (period.end - timedelta(microseconds=1)).date()
    return range((period.start.date() - first).days, (last - first).days + 1)


def _has_hour(line: CurLine, period: rules.Window, first: date) -> bool:
    """Whether an hour of the period is one of the line's."""
    for day in _days(period, first):
        midnight = period.start.replace(hour=0) + (day - _days(period, first)[0]) * _DAY
        hours = (midnight + timedelta(hours=hour) for hour in line.hours or ())
        if (line.days is None or day in line.days) and any(period.start <= hour < period.end for hour in hours):
            return True
    return False


def _spans(numbers: frozenset[int]) -> str:
    """``0-2 5``."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][-1] == number - 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return " ".join("-".join(map(str, span)) for span in found)
