"""``delta``: what is more than in the span before, a month earlier or as many days; or than another figure."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg import sql

from e2e_validator.embedded.standin.koku import report_queries as queries
from e2e_validator.embedded.standin.koku.capacity import bucket
from e2e_validator.embedded.standin.koku.conditions import where
from e2e_validator.embedded.standin.koku.measures import measures
from e2e_validator.embedded.standin.koku.span import Span, month_end, month_start

if TYPE_CHECKING:
    from psycopg import Connection

    from e2e_validator.embedded.standin.koku.parameters import ReportParameters

Row = dict[str, Any]
ZERO = Decimal(0)
_CENT = Decimal("0.01")


def _month_before(day: dt.date) -> dt.date:
    """The same day of the month before, or that month's last one."""
    start = month_start(day, -1)
    return start.replace(day=min(day.day, month_end(start).day))


def _month_after(day: dt.date) -> dt.date:
    start = month_start(day, 1)
    return start.replace(day=min(day.day, month_end(start).day))


def _earlier(parameters: ReportParameters) -> queries.Source:
    """The same request a span earlier. What is excluded now is not excluded there, as in Koku."""
    value = parameters.scope_value
    span = parameters.span
    if value in {-1, -2, -3}:
        moved = Span(_month_before(span.first), _month_before(span.last))
    else:
        back = dt.timedelta(days=abs(value))
        moved = Span(span.first - back, span.last - back)
    before = replace(parameters, span=moved, exclude={})
    table = parameters.kind.table(parameters.table_keys)
    return queries.Source(before, table, where(before, table))


def _later(parameters: ReportParameters, date: str) -> str:
    """The date of this span that a date of the earlier one is compared with."""
    monthly = parameters.resolution == "monthly"
    day = dt.date.fromisoformat(f"{date}-01" if monthly else date)
    months = parameters.scope_value in {-1, -2, -3}
    moved = _month_after(day) if months else day + dt.timedelta(days=abs(parameters.scope_value))
    return bucket(moved, parameters.resolution)


def _percent(now: Decimal, before: Decimal) -> Decimal | None:
    """None where nothing (or less than half a cent) was there before."""
    return None if before.quantize(_CENT) == 0 else (now - before) / before * 100


def add_deltas(connection: Connection[Any], parameters: ReportParameters, rows: list[Row], total: Row) -> Row:
    """Set ``delta_value`` and ``delta_percent`` of each row; the delta of the whole."""
    name = parameters.delta
    if "__" in name:
        one, other = name.split("__")
        for row in rows:
            row["delta_value"], row["delta_percent"] = _beside(row, one, other)
        value, percent = _beside(total, one, other)
        return {"value": value, "percent": percent}
    earlier = _earlier(parameters)
    before: dict[tuple[Any, ...], Decimal] = {}
    for row in queries.grouped_rows(connection, earlier):
        key = _later(parameters, row["date"]), *(row[group] for group in parameters.groups)
        before[key] = before.get(key, ZERO) + (row[name] or ZERO)
    for row in rows:
        now = Decimal(row.get(name) or 0)
        then = before.get((row["date"], *(row[group] for group in parameters.groups)), ZERO)
        row["delta_value"], row["delta_percent"] = now - then, _percent(now, then)
    whole = _whole(connection, earlier, rows)
    now = Decimal(total.get(name) or 0)
    return {"value": now - whole, "percent": _percent(now, whole)}


def _beside(row: Row, one: str, other: str) -> tuple[Decimal, Decimal | None]:
    """One figure less the other, and in percent of it."""
    left, right = Decimal(row.get(one) or 0), Decimal(row.get(other) or 0)
    return left - right, left / right * 100 if right else None


def _whole(connection: Connection[Any], earlier: queries.Source, rows: list[Row]) -> Decimal:
    """All of the earlier span; by day only the days that have data now."""
    parameters = earlier.parameters
    column = queries.named(measures(parameters.kind)[parameters.delta], "value")
    tail: sql.Composable = sql.SQL("")
    if parameters.resolution == "daily" and rows:
        back = dt.timedelta(days=abs(parameters.scope_value))
        months = parameters.scope_value in {-1, -2, -3}
        days = {dt.date.fromisoformat(row["date"]) for row in rows}
        moved = sorted(_month_before(day) if months else day - back for day in days)
        tail = sql.SQL("AND usage_start IN ({})").format(sql.SQL(", ").join(map(sql.Literal, moved)))
    found = queries.fetch(connection, earlier.select([column], tail))
    return Decimal(found[0]["value"] or 0)
