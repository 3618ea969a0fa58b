"""Rows by the hour, from lines that say what is the same in every hour (the ``rows`` of a scenario)."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from e2e_validator.calendar_months import first_of_month, month_after
from e2e_validator.generate.month import hours

_TIMES = ("report_period_start", "report_period_end", "interval_start", "interval_end")
_VARIES = re.compile(r"\d+(\.\d+)?~", re.ASCII)
# The operator writes six decimals (docs/contract/payloads.md 3).
_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its cells, and the hours of the day and days of the data in which it has a row (None: all)."""

    cells: Sequence[str]
    hours: frozenset[int] | None
    days: frozenset[int] | None


def write_hours(
    columns: Sequence[str], lines: Iterable[Line], path: Path, *, start: datetime, end: datetime, origin: datetime
) -> int:
    """Write the rows of the hours ``[start, end)`` as a CSV file; returns how many.

    Days and varying numbers are counted from ``origin``, the first hour of all the data, so that the same scenario has
    the same figures whatever the day of the run.
    """
    kept = list(lines)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*_TIMES, *columns])
        written = 0
        for offset in range(hours(origin, start), hours(origin, end)):
            rows = list(_rows(columns, kept, origin, offset))
            writer.writerows(rows)
            written += len(rows)
    return written


def _rows(columns: Sequence[str], lines: Sequence[Line], origin: datetime, offset: int) -> Iterator[list[str]]:
    moment = (origin + timedelta(hours=offset)).astimezone(UTC)
    day = (moment.date() - origin.date()).days
    month, following = first_of_month(moment), month_after(moment)
    last = moment + timedelta(minutes=59, seconds=59)
    times = [f"{time:%Y-%m-%d %H:%M:%S} +0000 UTC" for time in (month, following, moment, last)]
    for number, line in enumerate(lines):
        if (line.hours is None or moment.hour in line.hours) and (line.days is None or day in line.days):
            cells = zip(columns, line.cells, strict=True)
            yield times + [_cell(cell, f"{number}|{column}|{offset}") for column, cell in cells]


def _cell(cell: str, place: str) -> str:
    if not _VARIES.fullmatch(cell):
        return cell
    thousandths = zlib.crc32(place.encode()) % 1000
    return str((Decimal(cell[:-1]) * (500 + thousandths) / 1000).quantize(_MICRO))
