"""From rows to the nested answer of a report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from psycopg import Connection

from e2e_validator.embedded.standin.classic.api import queries
from e2e_validator.embedded.standin.classic.api.parameters import AwsParameters
from e2e_validator.embedded.standin.koku.span import Span, month_end, month_start

Row = dict[str, Any]
ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """``meta`` without the page's own fields, all of ``data``."""

    meta: Row
    data: list[Row]


def compute(connection: Connection[Any], parameters: AwsParameters) -> AwsAnswer:
    """Compute a report on a connection whose search path is the tenant's schema."""
    rows = _named(parameters, queries.grouped_rows(connection, parameters))
    meta = dict(parameters.meta)
    total = queries.total_row(connection, parameters)
    if parameters.limit and parameters.groups:
        ranks = _sorted(parameters, _named(parameters, queries.ranked_groups(connection, parameters)))
        rows = _ranked(parameters, rows, ranks)
        meta["others"] = max(len(ranks) - parameters.limit, 0)
    if parameters.delta:
        meta["delta"] = _deltas(connection, parameters, rows, total)
    meta["total"] = packed(total or {}, parameters.report.unit)
    return AwsAnswer(meta, _data(parameters, _sorted(parameters, rows)))


def empty_answer(parameters: AwsParameters) -> AwsAnswer:
    """No dates, and totals of 0; that of the usage is a bare number (docs/contract/clouds.md 11)."""
    total = packed({}, None)
    if parameters.report.unit:
        total["usage"] = 0
    return AwsAnswer(parameters.meta | {"total": total}, [])


def packed(row: Row, unit: str | None) -> Row:
    """The figures with their units: infrastructure repeats the cost, supplementary is nothing."""

    def money(**parts: Any) -> Row:
        return {part: {"value": parts.get(part, 0), "units": "USD"} for part in ("raw", "markup", "usage", "total")}

    cost = money(raw=row.get("cost_raw", 0), markup=row.get("cost_markup", 0), total=row.get("cost_total", 0))
    found: Row = {"cost": cost, "infrastructure": dict(cost), "supplementary": money()}
    if unit:
        found["usage"] = {"value": row.get("usage") or 0, "units": row.get("usage_units", unit)}
    return found


def title(group: str) -> str:
    """The name of a group in the answer: a tag or category goes by its key."""
    return group.partition(":")[2] or group


def _named(parameters: AwsParameters, rows: list[Row]) -> list[Row]:
    """Nothing is called ``No-<group>``."""
    for row in rows:
        for group in parameters.groups:
            if row[group] in (None, ""):
                row[group] = f"No-{title(group)}"
    return rows


def _sorted(parameters: AwsParameters, rows: list[Row]) -> list[Row]:
    """Best first, equals by their names; "Others" last."""
    by_name = sorted(rows, key=lambda row: [str(row[group]) for group in parameters.groups])
    name = {"delta": "delta_value"}.get(parameters.order_field, parameters.order_field)

    def place(row: Row) -> Any:
        value = row.get(name)
        return value.lower() if isinstance(value, str) else value or 0

    ordered = sorted(by_name, key=place, reverse=parameters.descending)
    return sorted(ordered, key=lambda row: any(row[group] in {"Others", "Other"} for group in parameters.groups))


def _ranked(parameters: AwsParameters, rows: list[Row], ranks: list[Row]) -> list[Row]:
    """The best groups of the whole span, the rest together."""

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[group] for group in parameters.groups)

    first = parameters.offset or 0
    shown = {key(row) for row in ranks[first : first + parameters.limit]}
    chosen = [row for row in rows if key(row) in shown]
    rest = [row for row in rows if key(row) not in shown] if parameters.offset is None else []
    label = "Others" if len({key(row) for row in rest}) > 1 else "Other"
    for date in dict.fromkeys(row["date"] for row in rest):
        same = [row for row in rest if row["date"] == date]
        others: Row = {"date": date} | dict.fromkeys(parameters.groups, label)
        figures = ("cost_raw", "cost_markup", "cost_total", *(("usage",) if parameters.report.unit else ()))
        others |= {name: sum((row[name] or ZERO for row in same), ZERO) for name in figures}
        others["source_uuid"] = list(dict.fromkeys(uuid for row in same for uuid in row["source_uuid"]))
        if parameters.report.unit:
            others["usage_units"] = parameters.report.unit
        chosen.append(others)
    return chosen


def _data(parameters: AwsParameters, rows: list[Row]) -> list[Row]:
    by_date: dict[str, list[Row]] = {date: [] for date in parameters.span.buckets(parameters.resolution)}
    for row in rows:
        if row["date"] in by_date:
            by_date[row["date"]].append(row)
    groups = parameters.groups
    label = f"{title(groups[0])}s" if groups else "values"
    return [{"date": date, label: _nested(parameters, groups, same)} for date, same in by_date.items()]


def _nested(parameters: AwsParameters, groups: list[str], rows: list[Row]) -> list[Row]:
    if not groups:
        return [_shown(parameters, row) for row in rows]
    group, rest = groups[0], groups[1:]
    label = f"{title(rest[0])}s" if rest else "values"
    by_value: dict[str, list[Row]] = {}
    for row in rows:
        by_value.setdefault(row[group], []).append(row)
    return [{title(group): value, label: _nested(parameters, rest, same)} for value, same in by_value.items()]


def _shown(parameters: AwsParameters, row: Row) -> Row:
    found: Row = {"date": row["date"], "source_uuid": row["source_uuid"]}
    found |= {title(group): row[group] for group in parameters.groups}
    if "account" in parameters.groups:
        found["account_alias"] = row["account"]
    found |= {name: row[name] for name in ("delta_value", "delta_percent") if name in row}
    return found | packed(row, parameters.report.unit)


def _deltas(connection: Connection[Any], parameters: AwsParameters, rows: list[Row], total: Row | None) -> Row:
    """Set the delta of each row; returns that of the whole."""
    earlier = replace(parameters, span=_before(parameters), exclude={})
    then = {
        (_later(parameters, row["date"]), *(row[group] for group in parameters.groups)): row["cost_total"]
        for row in _named(parameters, queries.grouped_rows(connection, earlier))
    }
    for row in rows:
        before = then.get((row["date"], *(row[group] for group in parameters.groups)), ZERO)
        row["delta_value"], row["delta_percent"] = row["cost_total"] - before, _percent(row["cost_total"], before)
    whole = queries.total_row(connection, earlier)
    now, before = (total or {}).get("cost_total", ZERO), (whole or {}).get("cost_total", ZERO)
    return {"value": now - before, "percent": _percent(now, before)}


def _percent(now: Decimal, before: Decimal) -> Decimal | None:
    return None if before.quantize(_CENT) == 0 else (now - before) / before * 100


def _moved(day: dt.date, months: int) -> dt.date:
    first = month_start(day, months)
    return first.replace(day=min(day.day, month_end(first).day))


def _before(parameters: AwsParameters) -> Span:
    span, value = parameters.span, parameters.scope_value
    if value in {-1, -2, -3}:
        return Span(_moved(span.first, -1), _moved(span.last, -1))
    back = dt.timedelta(days=abs(value))
    return Span(span.first - back, span.last - back)


def _later(parameters: AwsParameters, date: str) -> str:
    monthly = parameters.resolution == "monthly"
    day = dt.date.fromisoformat(f"{date}-01" if monthly else date)
    months = parameters.scope_value in {-1, -2, -3}
    moved = _moved(day, 1) if months else day + dt.timedelta(days=abs(parameters.scope_value))
    return f"{moved:%Y-%m}" if monthly else moved.isoformat()
