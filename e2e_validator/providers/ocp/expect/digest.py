"""A payload boiled down to what the stages need: sums by day, daily groups, node capacities by hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.expect.numbers import larger
from e2e_validator.expect.table import Table
from e2e_validator.providers.ocp.expect.cells import as_loaded, column_as_kept
from e2e_validator.providers.ocp.expect.payload import PayloadData, by_type, dropped_rows, read_files
from e2e_validator.providers.ocp.expect.report_types import EFFECTIVE, REPORT_TYPES, ReportType

# A daily group: identity and text columns, summed and highest ones.
Group = dict[str, Any]


@dataclass(frozen=True)
class Digest:
    """What one payload contributes.

    ``as_sent`` and ``raw`` have a row for each (report type, day): ``rows`` and the sum of each numeric column, as
    in the files and as in the raw line item tables. ``groups`` are the rows of the daily tables. ``capacities``
    maps a day to the highest (core-seconds, byte-seconds) of each (hour, node). ``texts`` and ``hours`` say of each
    (report type, day) how many raw rows have which texts, and which moments, with the first of their sums.
    """

    payload: PayloadData
    as_sent: Measures
    raw: Measures
    groups: dict[tuple[str, str], list[Group]]
    capacities: dict[str, dict[tuple[str, str], tuple[Decimal, Decimal]]]
    texts: dict[tuple[str, str], Measures] = field(default_factory=dict)
    hours: dict[tuple[str, str], Measures] = field(default_factory=dict)


@exactly
def digest(payload: PayloadData) -> Digest:
    """Boil ``payload`` down."""
    found = Digest(payload, as_sent(payload.tables, payload.dropped), {}, {}, {})
    for name, table in payload.tables.items():
        kind = REPORT_TYPES[name]
        rows = _with_effective(kind, kept_table(kind, table))
        found.raw.update(sums(kind, rows, kind.line_item_numbers))
        for group in _groups(kind, rows):
            found.groups.setdefault((name, group["day"]), []).append(group)
        _texts_and_hours(kind, rows, found)
        if name == "pod_usage":
            _capacities(rows, found.capacities)
    return found


def as_sent(tables: Mapping[str, Table], dropped: Mapping[tuple[str, str], int]) -> Measures:
    """``rows`` and the sums of the numeric columns of a payload's files; of ``dropped`` rows only their number."""
    found: Measures = {}
    for name, table in tables.items():
        found.update(sums(REPORT_TYPES[name], table, REPORT_TYPES[name].numeric))
    for key, count in dropped.items():
        row = found.setdefault(key, dict.fromkeys(REPORT_TYPES[key[0]].numeric, Decimal(0)))
        row["rows"] = row.get("rows", Decimal(0)) + count
    return found


@exactly
def files_measures(files: Iterable[Path | bytes]) -> Measures:
    """``rows`` and the sums of the numeric columns of CSV ``files`` (paths or contents), by (report type, day).

    Raises:
        Inconclusive: one is no report.
    """
    read = read_files(files)
    return as_sent(by_type(read), dropped_rows(read))


def kept_table(kind: ReportType, table: Table) -> Table:
    """The rows with the texts that Koku keeps of theirs; labels are JSON already."""
    for column in (*kind.identity, *kind.texts):
        if column in table and column not in kind.labels:
            table = table.having(column, column_as_kept(column, table[column]))
    return table


def sums(kind: ReportType, table: Table, columns: tuple[str, ...]) -> Measures:
    """``rows`` and the sum of each of ``columns`` by (report type, day)."""
    return {
        (kind.name, row["day"]): {"rows": Decimal(row["rows"])}
        | {column: Decimal(row[f"{column}_sum"]) for column in columns}
        for row in table.grouped(["day"], sums=columns)
    }


def _with_effective(kind: ReportType, table: Table) -> Table:
    if kind.name != "pod_usage":
        return table
    for column in EFFECTIVE:
        usage, request = (table[column.replace("effective_usage", word)] for word in ("usage", "request"))
        table = table.having(column, larger(usage, request))
    return table


def _groups(kind: ReportType, table: Table) -> list[Group]:
    """The rows that Koku makes of each CSV file's hourly rows (docs/contract/koku.md 3.5)."""
    keys = ["day", "file", *kind.identity]
    added = [column for column in kind.line_item_numbers if column not in kind.highest]
    groups = [
        {_plain(name, keys): value for name, value in row.items() if name != "rows"}
        for row in table.grouped(keys, sums=added, highest=kind.highest)
    ]
    texts = [column for column in kind.texts if column in table]
    if not texts:
        return groups
    highest: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in table.grouped([*keys, *texts]):
        best = highest.setdefault(tuple(row[key] for key in keys), {})
        best.update({text: max(best.get(text, ""), row[text]) for text in texts})
    return [group | highest[tuple(group[key] for key in keys)] for group in groups]


def _texts_and_hours(kind: ReportType, table: Table, into: Digest) -> None:
    columns = (*kind.identity, *kind.texts)
    there = [column for column in columns if column in table]
    for row in table.grouped(["day", *there]):
        key = tuple(as_loaded(column, str(row.get(column) or "")) for column in columns)
        add(into.texts.setdefault((kind.name, row["day"]), {}), key, {"rows": Decimal(row["rows"])})
    first = kind.summed[:1]
    for row in table.grouped(["day", "interval_start"], sums=first):
        values = {"rows": Decimal(row["rows"])} | {column: row[f"{column}_sum"] for column in first}
        add(into.hours.setdefault((kind.name, row["day"]), {}), (row["interval_start"],), values)


def _plain(name: str, keys: list[str]) -> str:
    return name if name in keys else name.removesuffix("_sum").removesuffix("_max")


def _capacities(table: Table, into: dict[str, dict[tuple[str, str], tuple[Decimal, Decimal]]]) -> None:
    columns = ("node_capacity_cpu_core_seconds", "node_capacity_memory_byte_seconds")
    for row in table.grouped(["day", "interval_start", "node"], highest=columns):
        values = tuple(row[f"{column}_max"] for column in columns)
        into.setdefault(row["day"], {})[row["interval_start"], row["node"]] = (values[0], values[1])
