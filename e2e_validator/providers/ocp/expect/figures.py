"""What the API must show, from the daily summary: its usage rows and its rows with costs.

See docs/contract/koku.md 6.3.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from e2e_validator.expect.measures import Measures, add, exactly, numbered
from e2e_validator.providers.ocp.expect.charges import charges
from e2e_validator.providers.ocp.expect.fields import (
    EFFICIENCY,
    LIMIT,
    REPORTS,
    TAG_PREFIX,
    WASTED,
    fields,
    groupings,
    money,
)
from e2e_validator.providers.ocp.expect.summary import BLANK, CLAIM, PLATFORM, POD, STORAGE, WORKER

ZERO = Decimal(0)
_MISSING = {"total": "", "daily": "", "project": "No-project", "node": "No-node", "cluster": ""}
NOT_USAGE = frozenset({WORKER, PLATFORM, "Network unattributed", "Storage unattributed"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the daily summary: a usage row, or one with costs (then it has a ``rate_type``)."""

    day: str
    source: str
    namespace: str
    node: str
    claim: str
    labels: str
    values: dict[str, Decimal]
    rate_type: str = ""

    def get(self, field: str) -> Decimal:
        """The value, 0 where it is NULL: what SUM makes of it."""
        return self.values.get(field, ZERO)

    def period(self, grouping: str) -> str:
        """The day, or the month as ``YYYY-MM``."""
        return self.day if grouping == "daily" else self.day[:7]

    def group(self, grouping: str, cluster_id: str) -> str:
        """The group of this row; rows without one are ``No-project``, ``No-node``, ``No-<key>``.

        Rows with '' are a group of their own, '', which the API calls by the same name.
        """
        if grouping.startswith(TAG_PREFIX):
            key = grouping.removeprefix(TAG_PREFIX)
            value = _label(self.labels, key)
            return f"No-{key}" if value is None else value
        if grouping == "project":
            return _shown(self.namespace, "No-project")
        if grouping == "node":
            return _shown(self.node, "No-node")
        return cluster_id if grouping == "cluster" else ""


def _shown(name: str, missing: str) -> str:
    """The name, or what stands for NULL; '' is a group of its own, which the API calls like that, too."""
    return missing if not name else "" if name == BLANK else name


@lru_cache(maxsize=4096)
def _label(labels: str, key: str) -> str | None:
    value = json.loads(labels).get(key) if labels else None
    return None if value is None else str(value)


@exactly
def figures(
    summary: Measures,
    cluster_id: str,
    start: date,
    end: date,
    *,
    rates: Measures | None = None,
    labelled: Measures | None = None,
    enabled_tags: Sequence[str] = (),
) -> Measures:
    """The figures of the days ``start`` to ``end`` (both included), asked for with start_date and end_date.

    ``summary`` has usage rows keyed as ``expect.summary`` keys them; with ``enabled_tags`` ``labelled`` has them
    with their labels. ``rates`` has the rows with costs as ``rate_rows.by_claim_and_label`` gives them.

    The key is (report, grouping, group, date): report and grouping as in ``expect.fields``; date is the day for
    grouping ``daily`` and ``YYYY-MM`` for the others. The total of each answer (``meta.total``) has the key
    (report, grouping, '', ''). Groups and dates without any data have no key; a total without data is 0.
    Quantities are in core-hours, GiB-hours and GiB-months; ``capacity.count`` in cores and GiB.
    """
    found: Measures = {}
    within = (start.isoformat(), end.isoformat())
    plain = _by_report(_rows(summary, rates or {}, within))
    by_label = _by_report(_rows(labelled or {}, rates or {}, within, labels=True), labels=True) if enabled_tags else {}
    for report in REPORTS:
        for grouping in groupings(enabled_tags):
            rows = (by_label if grouping.startswith(TAG_PREFIX) else plain)[report]
            found[report, grouping, "", ""] = _total(report, grouping, rows)
            by_period: dict[str, list[Row]] = defaultdict(list)
            twins: dict[tuple[str, ...], list[dict[str, Decimal]]] = defaultdict(list)
            for row in rows:
                by_period[row.period(grouping)].append(row)
            # Asked for its best groups, Koku shows each of them on every date that has any, with 0 where it has none.
            names = dict.fromkeys(row.group(grouping, cluster_id) for row in rows)
            for period, inside in by_period.items():
                groups: dict[str, list[Row]] = {name: [] for name in names}
                for row in inside:
                    groups[row.group(grouping, cluster_id)].append(row)
                for group, members in groups.items():
                    shown = group or _MISSING.get(grouping, f"No-{grouping.removeprefix(TAG_PREFIX)}")
                    twins[report, grouping, shown, period].append(_values(report, grouping, members, inside))
            found |= numbered(twins)
    return found


def _by_report(rows: list[Row], *, labels: bool = False) -> dict[str, list[Row]]:
    """The rows that each report sums.

    By label Koku reads the daily summary, where the shares of what volumes cost stand without a claim, not the
    tables of the UI, which have claims alone.
    """
    pods = [row for row in rows if row.source == POD and row.namespace not in NOT_USAGE]
    claims = [row for row in rows if row.source == STORAGE and (labels or row.claim or not row.rate_type)]
    return {"compute": pods, "memory": pods, "volumes": claims, "costs": rows}


def _rows(summary: Measures, rates: Measures, within: tuple[str, str], *, labels: bool = False) -> list[Row]:
    """The rows of the days ``within``; rows with costs that no grouping tells apart are one."""
    merged: Measures = {}
    for (day, source, namespace, node, claim, rate_type, _, text), costs in rates.items():
        if within[0] <= day <= within[1]:
            add(merged, (day, source, namespace, node, claim, text if labels else "", rate_type), costs)
    usage = ((*key, "", "")[:7] for key in summary)
    every = [*zip(usage, summary.values(), strict=True), *merged.items()]
    return [
        Row(day, source, namespace, node, claim, text, values, rate_type)
        for (day, source, namespace, node, claim, text, rate_type), values in every
        if within[0] <= day <= within[1]
    ]


def _total(report: str, grouping: str, rows: list[Row]) -> dict[str, Decimal]:
    """``meta.total``: as of one group of all rows, but claims without a node count only in their own group."""
    found = _values(report, grouping, rows, rows)
    if report == "volumes" and grouping == "node" and not any(row.node for row in rows):
        found["capacity.count"] = ZERO
    return found


def _values(report: str, grouping: str, members: list[Row], period: list[Row]) -> dict[str, Decimal]:
    usage = [row for row in members if not row.rate_type]
    found = _QUANTITIES[report](usage, [row for row in period if not row.rate_type], grouping)
    costs = charges(report, [row for row in members if row.rate_type])
    if costs["cost.total"] and WASTED in money(report, grouping) and found["request"]:
        costs[WASTED] = max(costs["cost.total"] * (1 - found["usage"] / found["request"]), ZERO)
    every = found | costs
    return {field: every.get(field, ZERO) for field in fields(report, grouping)}


def _compute(members: list[Row], period: list[Row], grouping: str) -> dict[str, Decimal]:
    return _pods(members, period, grouping, "cpu_core_hours", "cpu_cores")


def _memory(members: list[Row], period: list[Row], grouping: str) -> dict[str, Decimal]:
    return _pods(members, period, grouping, "memory_gigabyte_hours", "memory_gigabytes")


def _pods(members: list[Row], period: list[Row], grouping: str, hours: str, size: str) -> dict[str, Decimal]:
    """Usage of the group's own rows; capacity of its node, or of the whole cluster in the period."""
    if grouping == "node":
        capacity = _by_day(members, f"node_capacity_{hours}", by_node=True)
        count = _sizes(members, f"node_capacity_{size}")
    else:
        capacity = _by_day(period, f"cluster_capacity_{hours}", by_node=False)
        count = _sizes(period, f"node_capacity_{size}")
    usage, request = _sum(members, f"pod_usage_{hours}"), _sum(members, f"pod_request_{hours}")
    ratio = usage / request * 100 if request else ZERO
    return _unused(usage, request, capacity, count) | {
        LIMIT: _sum(members, f"pod_limit_{hours}"),
        EFFICIENCY: ratio.quantize(Decimal(1), ROUND_HALF_UP),
    }


def _volumes(members: list[Row], period: list[Row], grouping: str) -> dict[str, Decimal]:
    """Capacity of the group's own claims; the count of any but a node is the whole cluster's.

    The count is the largest claim of each node, added up. Claims without a node have neither count nor, by
    node, capacity.
    """
    placed = [row for row in members if row.node]
    capacity = _sum(placed if grouping == "node" else members, "persistentvolumeclaim_capacity_gigabyte_months")
    if grouping == "node":
        count = _sizes(placed, CLAIM[0]) if placed else max((row.get(CLAIM[0]) for row in members), default=ZERO)
    else:
        count = _sizes([row for row in period if row.node], CLAIM[0])
    usage = _sum(members, "persistentvolumeclaim_usage_gigabyte_months")
    request = _sum(members, "volume_request_storage_gigabyte_months")
    return _unused(usage, request, capacity, count)


def _no_quantities(_members: list[Row], _period: list[Row], _grouping: str) -> dict[str, Decimal]:
    return {}


_QUANTITIES: dict[str, Callable[[list[Row], list[Row], str], dict[str, Decimal]]] = {
    "compute": _compute,
    "memory": _memory,
    "volumes": _volumes,
    "costs": _no_quantities,
}


def _unused(usage: Decimal, request: Decimal, capacity: Decimal, count: Decimal) -> dict[str, Decimal]:
    """What was asked for and what was there but not used; both percentages are of the capacity."""
    unused_capacity = max(capacity - max(usage, request), ZERO)
    unused_request = max(request - usage, ZERO)
    whole = capacity if capacity > 0 else Decimal(1)
    return {
        "usage": usage,
        "request": request,
        "request.unused": unused_request,
        "request.unused_percent": unused_request / whole * 100,
        "capacity": capacity,
        "capacity.unused": unused_capacity,
        "capacity.unused_percent": unused_capacity / whole * 100,
        "capacity.count": count,
    }


def _sum(rows: Iterable[Row], field: str) -> Decimal:
    return sum((row.get(field) for row in rows), ZERO)


def _by_day(rows: Iterable[Row], field: str, *, by_node: bool) -> Decimal:
    """The highest value of each day (and node), added up: every row of a day repeats its node's capacity."""
    highest: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row.day, row.node if by_node else "")
        highest[key] = max(highest.get(key, ZERO), row.get(field))
    return sum(highest.values(), ZERO)


def _sizes(rows: Iterable[Row], field: str) -> Decimal:
    """The highest value of each node in the period, added up."""
    highest: dict[str, Decimal] = {}
    for row in rows:
        highest[row.node] = max(highest.get(row.node, ZERO), row.get(field))
    return sum(highest.values(), ZERO)
