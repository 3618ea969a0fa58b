"""Capacity of clusters and nodes, and what of it and of the requests is unused (docs/contract/koku.md 5.5, 6.3).

Capacity is the maximum per cluster (or node) and day, summed over days and clusters; the count takes every node
once. Both come from the daily summary whatever table the report itself reads.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from e2e_validator.embedded.standin.koku.span import Resolution

Row = dict[str, Any]
ZERO = Decimal(0)


def bucket(day: dt.date, resolution: Resolution) -> str:
    """The date of ``data`` a day belongs to."""
    return f"{day:%Y-%m}" if resolution == "monthly" else day.isoformat()


def add_unused(row: Row) -> None:
    """Set the unused parts from ``capacity``, ``usage`` and ``request``.

    Both percentages are of capacity, that of the request too; an int 0 stands where usage exceeds the request.
    """
    capacity = row.get("capacity") or ZERO
    usage, request = row.get("usage") or ZERO, row.get("request") or ZERO
    unused_capacity = max(capacity - max(usage, request), 0)
    unused_request = max(request - usage, 0)
    base = capacity if capacity > 0 else Decimal(1)
    row["capacity_unused"] = unused_capacity
    row["capacity_unused_percent"] = unused_capacity / base * 100
    row["request_unused"] = unused_request
    row["request_unused_percent"] = unused_request / base * 100


class Capacity(Protocol):
    """What the report does with either way of counting."""

    def complete(self, row: Row) -> None:
        """Set capacity, count and unused parts of one row of the answer."""

    def total(self) -> Row:
        """The figures that ``meta.total`` takes over."""


@dataclass(slots=True)
class ClusterCapacity:
    """Per cluster; ``capacity`` is absent for volumes, whose rows sum it themselves."""

    count_units: str
    resolution: Resolution
    whole_span: bool  # a monthly report without start_date shows the span's capacity in every row, as Koku does
    counts_capacity: bool
    _capacity: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _nodes: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)

    def load(self, capacities: Iterable[Row], counts: Iterable[Row]) -> ClusterCapacity:
        """Take the daily rows in."""
        for row in capacities:
            if row["cluster"] and row["capacity"]:
                self._capacity[bucket(row["usage_start"], self.resolution), row["cluster"]] += row["capacity"]
        for row in counts:
            key = bucket(row["usage_start"], self.resolution), row["cluster"], row["node"]
            self._nodes[key] = max(row["capacity_count"], self._nodes.get(key, ZERO))
        return self

    def _matching(self, row: Row) -> tuple[str | None, list[str] | None]:
        """The bucket and the clusters of a row; None is all of them."""
        return None if self.whole_span else row["date"], row.get("clusters") or None

    def _sum(self, date: str | None, clusters: list[str] | None) -> Decimal:
        """Capacity of these clusters."""
        return sum(
            (
                value
                for (day, cluster), value in self._capacity.items()
                if date in {None, day} and (clusters is None or cluster in clusters)
            ),
            ZERO,
        )

    def _count(self, date: str | None, clusters: list[str] | None) -> Decimal | int:
        """Every node of these clusters once, at its largest."""
        largest: dict[tuple[str, str], Decimal] = {}
        for (day, cluster, node), value in self._nodes.items():
            if date in {None, day} and (clusters is None or cluster in clusters):
                largest[cluster, node] = max(value, largest.get((cluster, node), ZERO))
        return sum(largest.values())

    def complete(self, row: Row) -> None:
        """See ``Capacity``."""
        date, clusters = self._matching(row)
        if self.counts_capacity:
            row["capacity"] = self._sum(date, clusters)
        row["capacity_count"] = self._count(date, clusters)
        row["capacity_count_units"] = self.count_units
        add_unused(row)

    def total(self) -> Row:
        """See ``Capacity``."""
        found: Row = {"capacity": self._sum(None, None)} if self.counts_capacity else {}
        return found | {"capacity_count": self._count(None, None), "capacity_count_units": self.count_units}


@dataclass(slots=True)
class NodeCapacity:
    """Per node; rows keep their own count and, as in Koku, get no ``count_units``."""

    count_units: str
    resolution: Resolution
    _capacity: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _counts: dict[str, Decimal] = field(default_factory=dict)

    def load(self, rows: Iterable[Row]) -> NodeCapacity:
        """Take the daily rows in."""
        for row in rows:
            if row["capacity"]:
                self._capacity[bucket(row["usage_start"], self.resolution), row["node"]] += row["capacity"]
            self._counts[row["node"]] = max(row["capacity_count"], self._counts.get(row["node"], ZERO))
        return self

    def complete(self, row: Row) -> None:
        """See ``Capacity``."""
        row["capacity"] = self._capacity.get((row["date"], row.get("node") or ""), ZERO)
        add_unused(row)

    def total(self) -> Row:
        """See ``Capacity``."""
        return {
            "capacity": sum(self._capacity.values(), ZERO),
            "capacity_count": sum(self._counts.values()),
            "capacity_count_units": self.count_units,
        }
