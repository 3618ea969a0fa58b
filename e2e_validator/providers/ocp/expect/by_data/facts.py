"""What the CSV files say, added up: each row that counts is in exactly one place."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Measures, add, exactly, from_json, to_json
from e2e_validator.expect.numbers import larger
from e2e_validator.providers.ocp.expect.by_data.cells import CORES, KINDS, MEMORY, UNDECIDED, Cells
from e2e_validator.providers.ocp.expect.payload import PayloadData

_HOUR = Decimal(3600)
_GIB = Decimal(2) ** 30
PER = {CORES: _HOUR, MEMORY: _HOUR * _GIB}
COLUMNS = {CORES: ("cpu", "core_seconds"), MEMORY: ("memory", "byte_seconds")}

# (report type, day) -> positions of the payloads whose rows of that day count.
Counted = Mapping[tuple[str, str], tuple[int, ...]]


@dataclass
class Facts:
    """The sums, each keyed by the day first.

    ``pods``: (day, namespace, node) -> ``cores.usage``, ``cores.request``, ``cores.limit``, ``cores.effective`` in
    core-hours, and the same of ``memory`` in GiB-hours.
    ``nodes``: (day, node) -> ``cores`` in core-hours, ``memory`` in GiB-hours, and ``cores.size`` and ``memory.size``
    in cores and GiB, which are undecided for a node that changes its size on that day; ``cores.hours`` and
    ``memory.hours`` are its part of the cluster's hours.
    ``claims``: (day, namespace, claim, volume) -> ``usage``, ``request`` and ``capacity`` in GiB-months.
    """

    pods: Measures = field(default_factory=dict)
    nodes: Measures = field(default_factory=dict)
    claims: Measures = field(default_factory=dict)

    def days(self) -> list[str]:
        """The days that have rows, in order."""
        return sorted({key[0] for key in (*self.pods, *self.claims)})

    def as_json(self) -> dict[str, Any]:
        """To be kept on disk."""
        return {"pods": to_json(self.pods), "nodes": to_json(self.nodes), "claims": to_json(self.claims)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Facts:
        """The inverse of ``as_json``."""
        return cls(*(from_json(content[name]) for name in ("pods", "nodes", "claims")))


@exactly
def facts(payloads: Sequence[PayloadData], counted: Counted) -> Facts:
    """Add up the rows of ``payloads`` that count.

    Which rows count is no question of joins: a day that came again with more hours replaces what was there, and a
    pod that no node runs is none that the product counts (docs/contract/koku.md 6.1).
    """
    found = Facts()
    hours: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for position, payload in enumerate(payloads):
        for row in counting(_pods(payload), "pod_usage", counted, position):
            values = {f"{unit}.{kind}": row[f"{unit}.{kind}"] / PER[unit] for unit in PER for kind in KINDS}
            add(found.pods, (row["day"], row["namespace"], row["node"]), values)
        for row in counting(_node_hours(payload), "pod_usage", counted, position):
            there = hours.setdefault((row["day"], row["node"], row["interval_start"]), {})
            for name in (CORES, MEMORY, "cores.size", "memory.size"):
                there[name] = max(there.get(name, row[name]), row[name])
        for cells in left_out(payload, "pod_usage", counted, position):
            if cells.text("node"):
                add(found.pods, (cells.day, cells.text("namespace"), cells.text("node")), cells.pod())
                there = hours.setdefault((cells.day, cells.text("node"), cells.hour), {})
                for name, value in cells.node().items():
                    there[name] = _highest(there.get(name, value), value)
    there_is: Measures = {}
    for (day, _, hour), values in hours.items():
        add(there_is, (day, hour), {unit: values[unit] for unit in PER})
    for (day, node, hour), values in hours.items():
        _add_hour(found.nodes.setdefault((day, node), {}), values, there_is[day, hour])
    for key, values in _claims(payloads, counted):
        add(found.claims, key, values)
    return found


def left_out(payload: PayloadData, report_type: str, counted: Counted, position: int) -> Iterator[Cells]:
    """The rows that Koku leaves out, as far as their cells can be told apart: they are in the files all the same."""
    for row in payload.unread:
        if not row.kept and row.cells and row.report_type == report_type:
            cells = Cells(row.cells)
            if position in counted.get((report_type, cells.day), ()):
                yield cells


def _highest(left: Decimal, right: Decimal) -> Decimal:
    return UNDECIDED if left.is_nan() or right.is_nan() else max(left, right)


def _add_hour(node: dict[str, Decimal], hour: dict[str, Decimal], whole: dict[str, Decimal]) -> None:
    """A node's capacity in an hour stands in every row of that hour; it is there once."""
    for unit, per in PER.items():
        node[unit] = node.get(unit, Decimal(0)) + hour[unit] / per
        part = hour[unit] / whole[unit] if whole[unit] else Decimal(0)
        node[f"{unit}.hours"] = node.get(f"{unit}.hours", Decimal(0)) + part
    for name, size in (("cores.size", hour["cores.size"]), ("memory.size", hour["memory.size"] / _GIB)):
        node[name] = size if node.get(name, size) == size else UNDECIDED


def counting(
    rows: Sequence[dict[str, Any]], report_type: str, counted: Counted, position: int
) -> Iterator[dict[str, Any]]:
    """The rows of days that count; of pods only those on a node."""
    for row in rows:
        placed = report_type != "pod_usage" or row["node"]
        if placed and position in counted.get((report_type, row["day"]), ()):
            yield row


def _pods(payload: PayloadData) -> list[dict[str, Any]]:
    """The sums of each (day, namespace, node); what is used and what is asked for are compared row by row."""
    table = payload.tables.get("pod_usage")
    if table is None:
        return []
    names: dict[str, str] = {}
    for unit, (what, seconds) in COLUMNS.items():
        for kind in KINDS[:3]:
            names[f"pod_{kind}_{what}_{seconds}"] = f"{unit}.{kind}"
        usage, request = (table[f"pod_{kind}_{what}_{seconds}"] for kind in KINDS[:2])
        table = table.having(f"{unit}.effective", larger(usage, request))
        names[f"{unit}.effective"] = f"{unit}.effective"
    return [
        {name: row[name] for name in ("day", "namespace", "node")}
        | {shown: Decimal(row[f"{column}_sum"]) for column, shown in names.items()}
        for row in table.grouped(["day", "namespace", "node"], sums=names)
    ]


def _node_hours(payload: PayloadData) -> list[dict[str, Any]]:
    """What each node has in each hour."""
    table = payload.tables.get("pod_usage")
    if table is None:
        return []
    columns = {
        "node_capacity_cpu_core_seconds": CORES,
        "node_capacity_memory_byte_seconds": MEMORY,
        "node_capacity_cpu_cores": "cores.size",
        "node_capacity_memory_bytes": "memory.size",
    }
    return [
        {name: row[name] for name in ("day", "node", "interval_start")}
        | {shown: Decimal(row[f"{column}_max"]) for column, shown in columns.items()}
        for row in table.grouped(["day", "node", "interval_start"], highest=columns)
    ]


def _claims(payloads: Sequence[PayloadData], counted: Counted) -> Iterator[tuple[tuple[str, ...], dict[str, Decimal]]]:
    """The volumes of each claim, hour by hour.

    A volume that several pods mount has a row for each of them. Its capacity is there for each pod, its usage and
    its request are the volume's own and there once; where the rows of an hour contradict each other, it is not known
    which of them is right.
    """
    shared: dict[tuple[str, ...], dict[str, set[Decimal]]] = defaultdict(lambda: defaultdict(set))
    capacity: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    columns = {
        "usage": "persistentvolumeclaim_usage_byte_seconds",
        "request": "volume_request_storage_byte_seconds",
    }
    size = "persistentvolumeclaim_capacity_byte_seconds"
    for position, payload in enumerate(payloads):
        table = payload.tables.get("storage_usage")
        keys = ["day", "namespace", "persistentvolumeclaim", "persistentvolume", "interval_start"]
        of = columns.values()
        rows = [] if table is None else table.grouped(keys, sums=[size], highest=of, lowest=of)
        for row in counting(rows, "storage_usage", counted, position):
            hour = (*(row[key] for key in keys), str(position))
            capacity[hour[:4]] += Decimal(row[f"{size}_sum"])
            for name, column in columns.items():
                shared[hour][name] |= {Decimal(row[f"{column}_min"]), Decimal(row[f"{column}_max"])}
        for cells in left_out(payload, "storage_usage", counted, position):
            hour = (*(cells.day, *(cells.text(key) for key in keys[1:4])), cells.hour, str(position))
            capacity[hour[:4]] += cells.number(size)
            for name, column in columns.items():
                shared[hour][name].add(cells.number(column))
    for key, total in capacity.items():
        yield key, {"capacity": total / _month(key[0])}
    for (*whose, _, _), values in shared.items():
        once = {name: found.pop() if len(found) == 1 else UNDECIDED for name, found in values.items()}
        yield tuple(whose), {name: value / _month(whose[0]) for name, value in once.items()}


def _month(day: str) -> Decimal:
    when = date.fromisoformat(day)
    return 86400 * Decimal(calendar.monthrange(when.year, when.month)[1]) * _GIB


__all__ = ["CORES", "KINDS", "MEMORY", "UNDECIDED", "Facts", "counting", "facts", "left_out"]
