"""A payload boiled down to what the hops need: sums by day, daily groups, node capacities by hour."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from e2e_validator.expect.arrow import pa, pc
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.expect.numbers import WIDE, larger
from e2e_validator.expect.payload import PayloadData
from e2e_validator.expect.report_types import EFFECTIVE, REPORT_TYPES, ReportType

# Rows in which one of these is larger are dropped on the way to the line items (koku contract 3.4).
ANOMALY = Decimal(10) ** 18
_WATCHED = ("_core_seconds", "_byte_seconds", "_bytes")

# A daily group: identity and text columns, summed and highest ones.
Group = dict[str, Any]


@dataclass(frozen=True)
class Digest:
    """What one payload contributes.

    ``as_sent`` and ``raw`` have a row for each (report type, day): ``rows`` and the sum of each numeric column, as
    in the files and as in the raw line item tables. ``groups`` are the rows of the daily tables. ``capacities``
    maps a day to the highest (core-seconds, byte-seconds) of each (hour, node).
    """

    payload: PayloadData
    as_sent: Measures
    raw: Measures
    groups: dict[tuple[str, str], list[Group]]
    capacities: dict[str, dict[tuple[str, str], tuple[Decimal, Decimal]]]


@exactly
def digest(payload: PayloadData) -> Digest:
    """Boil ``payload`` down."""
    found = Digest(payload, {}, {}, {}, {})
    for name, table in payload.tables.items():
        kind = REPORT_TYPES[name]
        found.as_sent.update(sums(kind, table, kind.numeric))
        rows = _with_effective(kind, _without_anomalies(kind, table))
        found.raw.update(sums(kind, rows, kind.line_item_numbers))
        for group in _groups(kind, rows):
            found.groups.setdefault((name, group["day"]), []).append(group)
        if name == "pod_usage":
            _capacities(rows, found.capacities)
    return found


def sums(kind: ReportType, table: Any, columns: tuple[str, ...]) -> Measures:
    """``rows`` and the sum of each of ``columns`` by (report type, day)."""
    totals = table.group_by("day").aggregate([([], "count_all"), *((column, "sum") for column in columns)])
    return {
        (kind.name, row["day"]): {"rows": Decimal(row["count_all"])}
        | {column: Decimal(row[f"{column}_sum"]) for column in columns}
        for row in totals.to_pylist()
    }


def _without_anomalies(kind: ReportType, table: Any) -> Any:
    if kind.name not in {"pod_usage", "storage_usage"}:
        return table
    for column in kind.numeric:
        highest = pc.max(table[column]).as_py() if column.endswith(_WATCHED) else None
        if highest is not None and highest > ANOMALY:
            wide = pa.decimal256(WIDE, table[column].type.scale)
            table = table.filter(pc.less_equal(table[column].cast(wide), pa.scalar(ANOMALY, wide)))
    return table


def _with_effective(kind: ReportType, table: Any) -> Any:
    if kind.name != "pod_usage":
        return table
    for column in EFFECTIVE:
        usage, request = (table[column.replace("effective_usage", word)] for word in ("usage", "request"))
        table = table.append_column(column, larger(usage, request))
    return table


def _groups(kind: ReportType, table: Any) -> list[Group]:
    """The rows that Koku makes of each CSV file's hourly rows (koku contract 3.5)."""
    keys = ["day", "file", *kind.identity]
    added = [column for column in kind.line_item_numbers if column not in kind.highest]
    wanted = [*((column, "sum") for column in added), *((column, "max") for column in kind.highest)]
    groups = [
        {_plain(name, keys): value for name, value in row.items()}
        for row in table.group_by(keys).aggregate(wanted).to_pylist()
    ]
    texts = [column for column in kind.texts if column in table.column_names]
    if not texts:
        return groups
    highest: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in table.group_by([*keys, *texts]).aggregate([]).to_pylist():
        best = highest.setdefault(tuple(row[key] for key in keys), {})
        best.update({text: max(best.get(text, ""), row[text]) for text in texts})
    return [group | highest[tuple(group[key] for key in keys)] for group in groups]


def _plain(name: str, keys: list[str]) -> str:
    return name if name in keys else name.removesuffix("_sum").removesuffix("_max")


def _capacities(table: Any, into: dict[str, dict[tuple[str, str], tuple[Decimal, Decimal]]]) -> None:
    columns = ("node_capacity_cpu_core_seconds", "node_capacity_memory_byte_seconds")
    by_hour = table.group_by(["day", "interval_start", "node"]).aggregate([(column, "max") for column in columns])
    for row in by_hour.to_pylist():
        values = tuple(row[f"{column}_max"] for column in columns)
        into.setdefault(row["day"], {})[row["interval_start"], row["node"]] = (values[0], values[1])
