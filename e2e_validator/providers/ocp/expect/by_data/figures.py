"""The figures of the reports that the data decide by themselves, keyed as ``expect.figures`` keys them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from e2e_validator.expect.measures import Key, Measures, add, exactly
from e2e_validator.providers.ocp.expect.by_data.facts import CORES, MEMORY, UNDECIDED, Facts
from e2e_validator.providers.ocp.expect.by_data.money import COST_TYPES, POD, STORAGE, UNKNOWN
from e2e_validator.providers.ocp.expect.by_data.roles import NOBODY, PLATFORM, WORKER

# The cost model's part of each report; costs shows all of them.
_PARTS = {"compute": ("cpu",), "memory": ("memory",), "volumes": ("volume",), "costs": ("cpu", "memory", "volume")}
_UNITS = {"compute": CORES, "memory": MEMORY}
_MONEY = ("infrastructure.total", "supplementary.total", "cost.total")
_TOTAL = ("usage", "request", "limit", *_MONEY)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number counts; a ``part`` of a project counts nowhere else."""

    day: str
    project: str | None = None
    node: str | None = None
    part: bool = False

    def keys(self, report: str, cluster_id: str) -> Iterator[Key]:
        """Every row of an answer that it is part of; a place of no project or node is part of the others."""
        month = self.day[:7]
        if not self.part:
            yield report, "total", "", month
            yield report, "daily", "", self.day
            yield report, "cluster", cluster_id, month
        if self.project is not None:
            yield report, "project", self.project or "No-project", month
        if self.node is not None:
            yield report, "node", self.node or "No-node", month


@exactly
def figures(
    found: Facts, bill: Measures, cluster_id: str, start: date, end: date, *, groupings: Sequence[str]
) -> Measures:
    """What the days ``start`` to ``end`` (both included) come to; a field that the data do not decide is absent.

    A group that has no row here has nothing: 0 in every field of ``decided``. The totals (date '') are those of
    all ``groupings``. Quantities are in core-hours, GiB-hours and GiB-months.
    """
    rows: Measures = {}
    within = (start.isoformat(), end.isoformat())
    for report, place, values in (*_usage(found), *_capacity(found), *_claims(found), *_money(bill)):
        if within[0] <= place.day <= within[1]:
            for key in place.keys(report, cluster_id):
                add(rows, key, values)
    for report in _PARTS:
        total: Measures = {(report, "total", "", ""): dict.fromkeys(decided(report, "total"), Decimal(0))}
        for key, values in rows.items():
            if key[:2] == (report, "total"):
                add(total, (report, "total", "", ""), values)
        for grouping in groupings:
            fields = decided(report, grouping, total=True)
            of = total[report, "total", "", ""]
            rows[report, grouping, "", ""] = {name: of[name] for name in fields if name in of}
        if report == "costs":
            # What is taken from one is given to another.
            spread = rows[report, "project", "", ""]
            spread["cost.distributed"] = spread["cost.total"]
            spread |= {"cost.platform_distributed": Decimal(0), "cost.worker_unallocated_distributed": Decimal(0)}
    return {key: _decided_only(key, values) for key, values in rows.items()}


def decided(report: str, grouping: str, *, total: bool = False) -> tuple[str, ...]:
    """The fields that the data decide in each row of an answer, or in its total.

    A project has no capacity of its own. Whose node a claim is on is not in the data, nor is what a label's value
    comes to.
    """
    whole = total or grouping in {"total", "daily", "cluster"}
    if report == "costs":
        return _MONEY if whole or grouping == "project" else ()
    if report == "volumes":
        capacity = ("capacity",) if grouping != "node" and (whole or grouping == "project") else ()
        return ("usage", "request", *capacity, *_MONEY) if whole or grouping == "project" else ()
    if grouping in {"project", "node"} or whole:
        return (*_TOTAL, "capacity") if whole or grouping == "node" else _TOTAL
    return ()


def _decided_only(key: Key, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    fields = (*decided(key[0], key[1], total=not key[3]), *_spread(key))
    return {name: value for name, value in values.items() if name in fields and not value.is_nan()}


def _spread(key: Key) -> Iterable[str]:
    if key[:2] == ("costs", "project") and not key[3]:
        return ("cost.distributed", "cost.platform_distributed", "cost.worker_unallocated_distributed")
    return ()


def _usage(found: Facts) -> Iterator[tuple[str, _Place, dict[str, Decimal]]]:
    for (day, namespace, node), pods in found.pods.items():
        for report, unit in _UNITS.items():
            values = {name: pods[f"{unit}.{name}"] for name in ("usage", "request", "limit")}
            yield report, _Place(day, namespace, node), values


def _capacity(found: Facts) -> Iterator[tuple[str, _Place, dict[str, Decimal]]]:
    for (day, node), capacity in found.nodes.items():
        for report, unit in _UNITS.items():
            yield report, _Place(day, None, node), {"capacity": capacity[unit]}


def _claims(found: Facts) -> Iterator[tuple[str, _Place, dict[str, Decimal]]]:
    for (day, namespace, _, _), values in found.claims.items():
        yield "volumes", _Place(day, namespace), dict(values)


def _money(bill: Measures) -> Iterator[tuple[str, _Place, dict[str, Decimal]]]:
    for (day, source, project, node), costs in bill.items():
        for report, parts in _PARTS.items():
            # Only the report of costs shows what was not used.
            if report != "costs" and source != (STORAGE if report == "volumes" else POD):
                continue
            of = {
                kind: sum((costs.get(f"{kind}.{part}", Decimal(0)) for part in parts), Decimal(0))
                for kind in COST_TYPES
            }
            values = {f"{kind.lower()}.total": value for kind, value in of.items()}
            values["cost.total"] = sum(of.values(), Decimal(0))
            node_or_none = None if source == STORAGE else node
            if project == UNKNOWN:
                # It is part of the whole, and may be any of these projects'.
                yield report, _Place(day, None, node_or_none), values
                for owner in (WORKER, PLATFORM, NOBODY):
                    yield report, _Place(day, owner, None, part=True), dict.fromkeys(values, UNDECIDED)
            else:
                yield report, _Place(day, project, node_or_none), values


__all__ = ["UNDECIDED", "decided", "figures"]
