"""Recorded rows, moved to other days: every time of a row by the same number of days, and its bill with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from e2e_validator.calendar_months import first_of_month, month_after
from e2e_validator.providers.aws.cost_file.columns import INTERVAL, START
from e2e_validator.providers.aws.cost_file.times import moment_of, stamp
from e2e_validator.providers.aws.generate.table import Table

_TIMES = (START, "lineItem/UsageEndDate", "reservation/StartTime", "reservation/EndTime")
_BILL = ("bill/BillingPeriodStartDate", "bill/BillingPeriodEndDate")


def moved(table: Table, shift: timedelta, month: datetime) -> Table:
    """The rows ``shift`` later, on the bill of ``month``; unchanged without a shift.

    Raises:
        Inconclusive: a row has a time that is none.
    """
    if not shift:
        return table
    bill = dict(zip(_BILL, (stamp(first_of_month(month)), stamp(month_after(month))), strict=True))
    return Table(table.header, [_row(row, shift, bill) for row in table.rows])


def _row(row: Mapping[str, str], shift: timedelta, bill: Mapping[str, str]) -> dict[str, str]:
    cells = dict(row) | {name: text for name, text in bill.items() if name in row}
    for name in _TIMES:
        if row.get(name):
            cells[name] = stamp(moment_of(row[name]) + shift)
    if row.get(INTERVAL):
        first, _, end = row[INTERVAL].partition("/")
        cells[INTERVAL] = "/".join(stamp(moment_of(text) + shift) for text in (first, end) if text)
    return cells
