"""The rows of a bill, from the lines of a scenario (``scenario.row_text``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from e2e_validator.calendar_months import add_months, first_of_month, month_after
from e2e_validator.providers.aws.cost_file.columns import INTERVAL, START
from e2e_validator.providers.aws.cost_file.times import stamp
from e2e_validator.providers.aws.generate.defaults import complete
from e2e_validator.providers.aws.generate.table import Table
from e2e_validator.providers.aws.scenario.row_columns import TIMES
from e2e_validator.providers.aws.scenario.row_text import DAY, HOUR, CurLine, CurRows

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bill:
    """Which rows a bill has: the hours ``[start, end)`` of a month, sent with an upload (from 1).

    Days are counted from ``origin``, the first hour of all data. ``last``: it is the bill of the upload's last month,
    which has the rows that stand alone.
    """

    start: datetime
    end: datetime
    origin: datetime
    upload: int
    last: bool


def bill_tables(rows: CurRows, bill: Bill) -> list[Table]:
    """The files of the bill that have rows, complete; of a bill without any, a header alone."""
    header = (*TIMES, *rows.columns)
    cells: list[list[dict[str, str]]] = [[] for _ in range(rows.files)]
    for line in rows.lines:
        if line.uploads is None or bill.upload in line.uploads:
            cells[line.file - 1] += _rows(line, bill)
    return [complete(Table(header, own)) for own in cells if own] or [complete(Table(header, []))]


def _rows(line: CurLine, bill: Bill) -> Iterator[dict[str, str]]:
    month = first_of_month(bill.start)
    of_bill = dict(zip(TIMES[:2], (stamp(month), stamp(month_after(month))), strict=True))
    for first, end in _spans(line, bill):
        times = {INTERVAL: f"{stamp(first)}/{stamp(end)}", START: stamp(first), "lineItem/UsageEndDate": stamp(end)}
        yield of_bill | times | dict(line.cells)


def _spans(line: CurLine, bill: Bill) -> Iterator[tuple[datetime, datetime]]:
    """When each row of the line begins and ends."""
    if line.at is not None:
        if bill.last:
            yield line.at, _end(line.interval, line.at)
        return
    if line.interval not in (HOUR, DAY):
        first = first_of_month(bill.start)
        yield first, month_after(first)
        return
    step = _HOUR if line.interval == HOUR else _DAY
    first = bill.start
    while first < bill.end:
        day = (first.date() - bill.origin.date()).days
        if (line.days is None or day in line.days) and (line.hours is None or first.hour in line.hours):
            yield first, first + step
        first += step


def _end(interval: str, first: datetime) -> datetime:
    if interval == HOUR:
        return first + _HOUR
    return first + _DAY if interval == DAY else add_months(first, 1)
