"""What the data cost: the price of each quantity, times that quantity (docs/contract/koku.md 6.4)."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.by_data.facts import CORES, KINDS, MEMORY, UNDECIDED, Facts
from e2e_validator.providers.ocp.expect.by_data.roles import Owners
from e2e_validator.providers.ocp.expect.cost_model import CPU, CostModel

POD, IDLE, STORAGE = "Pod", "Idle", "Storage"
# The project of idle capacity of which the data do not say whose it is.
UNKNOWN = "?"
COST_TYPES = ("Infrastructure", "Supplementary")
# Metric -> the quantity that it prices.
PRICED_PODS = {
    f"{metric}_{kind}_per_hour": f"{unit}.{what}"
    for metric, unit in (("cpu_core", CORES), ("memory_gb", MEMORY))
    for kind, what in (("usage", "usage"), ("request", "request"), ("effective_usage", "effective"))
}
PRICED_VOLUMES = {"storage_gb_usage_per_month": "usage", "storage_gb_request_per_month": "request"}
_CORE_HOUR = ("node_core_cost_per_hour", "cluster_core_cost_per_hour")
_ZERO = Decimal(0)


@exactly
def costs(found: Facts, owners: Owners, model: CostModel | None, tag_charges: Measures | None = None) -> Measures:
    """What ``model`` charges, by (day, Pod or Idle or Storage, project, node): ``<cost type>.<cpu, memory, volume>``.

    What it charges by label is ``tag_charges``, see ``by_data.tags``.

    What a node has left is charged like usage; it belongs to the project that ``owners`` says, or to ``UNKNOWN``.
    Claims have no node.
    """
    bill: Measures = {}
    if model is None:
        return bill
    used, clusters = _by_node(found), _clusters(found)
    for (day, namespace, node), pods in found.pods.items():
        if model.covers(date.fromisoformat(day)):
            add(bill, (day, POD, namespace, node), _pod_costs(pods, _Node(found, clusters, day, node), model))
    for (day, node), capacity in found.nodes.items():
        if model.covers(date.fromisoformat(day)):
            left = _left(capacity, used[day, node])
            cost = _pod_costs(left, _Node(found, clusters, day, node), model)
            owner = owners.get((day, node))
            add(bill, (day, IDLE, UNKNOWN if owner is None else owner, node), cost)
    for key, cost in (*_claim_costs(found, model), *(tag_charges or {}).items()):
        add(bill, key, cost)
    return bill


def _by_node(found: Facts) -> Mapping[tuple[str, str], dict[str, Decimal]]:
    used: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (day, _, node), pods in found.pods.items():
        for name, value in pods.items():
            used[day, node][name] += value
    return used


def _clusters(found: Facts) -> Measures:
    clusters: Measures = {}
    for (day, _), capacity in found.nodes.items():
        add(clusters, (day,), {unit: capacity[unit] for unit in (CORES, MEMORY)})
    return clusters


def _left(capacity: Mapping[str, Decimal], used: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {
        f"{unit}.{kind}": capacity[unit] - used[f"{unit}.{kind}"]
        for unit in (CORES, MEMORY)
        for kind in KINDS
        if kind != "limit"
    }


class _Node:
    """A node on a day, and its cluster."""

    def __init__(self, found: Facts, clusters: Measures, day: str, node: str) -> None:
        self.day = day
        self._of = found.nodes.get((day, node), {})
        self._cluster = clusters.get((day,), {})

    def capacity(self, unit: str) -> Decimal:
        return self._of.get(unit, _ZERO)

    def cluster(self, unit: str) -> Decimal:
        return self._cluster.get(unit, _ZERO)

    def hours(self, unit: str) -> Decimal:
        """The node's part of the cluster's hours: of each hour as much as it has of the capacity there is then."""
        return self._of.get(f"{unit}.hours", _ZERO)

    def size(self, unit: str) -> Decimal:
        return self._of.get(f"{unit}.size", _ZERO)


def _pod_costs(pods: Mapping[str, Decimal], node: _Node, model: CostModel) -> dict[str, Decimal]:
    unit, part = (CORES, "cpu") if model.distribution == CPU else (MEMORY, "memory")
    cost = {f"{kind}.{one}": _ZERO for kind in COST_TYPES for one in ("cpu", "memory")}
    for (metric, kind), rate in model.rates.items():
        if metric in PRICED_PODS:
            quantity = PRICED_PODS[metric]
            cost[f"{kind}.{'cpu' if quantity.startswith(CORES) else 'memory'}"] += pods[quantity] * rate
        elif metric in _CORE_HOUR:
            cost[f"{kind}.cpu"] += _core_hours(pods, node, unit) * rate
        elif metric == "cluster_cost_per_hour":
            cost[f"{kind}.{part}"] += _ratio(pods[f"{unit}.effective"], node.capacity(unit)) * node.hours(unit) * rate
    for metric in ("node_cost_per_month", "node_core_cost_per_month", "cluster_cost_per_month"):
        found = model.monthly_rate(metric)
        if found is not None:
            kind, rate = found
            cost[f"{kind}.{part}"] += _monthly(pods, node, unit, metric, rate / _days(node.day))
    return cost


def _core_hours(pods: Mapping[str, Decimal], node: _Node, unit: str) -> Decimal:
    """The node's core-hours that the pods pay for: their part of it."""
    if unit == CORES:
        return pods["cores.effective"]
    return _ratio(pods["memory.effective"], node.capacity(MEMORY)) * node.capacity(CORES)


def _monthly(pods: Mapping[str, Decimal], node: _Node, unit: str, metric: str, price: Decimal) -> Decimal:
    if metric == "cluster_cost_per_month":
        return _share(pods, node, unit, price)
    cost = _ratio(pods[f"{unit}.effective"], node.capacity(unit)) * price
    return cost * node.size(CORES) if metric == "node_core_cost_per_month" else cost


def _share(pods: Mapping[str, Decimal], node: _Node, unit: str, price: Decimal) -> Decimal:
    """What the pods pay of the cluster's price."""
    return _ratio(pods[f"{unit}.effective"], node.cluster(unit)) * price


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    if whole:
        return part / whole
    return UNDECIDED if part else _ZERO


def _claim_costs(found: Facts, model: CostModel) -> Iterator[tuple[tuple[str, ...], dict[str, Decimal]]]:
    sizes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (day, namespace, claim, _), values in found.claims.items():
        if not model.covers(date.fromisoformat(day)):
            continue
        cost = dict.fromkeys((f"{kind}.volume" for kind in COST_TYPES), _ZERO)
        for (metric, kind), rate in model.rates.items():
            if metric in PRICED_VOLUMES:
                cost[f"{kind}.volume"] += values[PRICED_VOLUMES[metric]] * rate
        yield (day, STORAGE, namespace, ""), cost
        if claim:
            sizes[day, namespace][claim] += values["capacity"]
    monthly = model.monthly_rate("pvc_cost_per_month")
    if monthly is not None:
        kind, rate = monthly
        for (day, namespace), claims in sizes.items():
            # One without a size does not pay.
            paying = Decimal(sum(bool(size) for size in claims.values()))
            yield (day, STORAGE, namespace, ""), {f"{kind}.volume": rate / _days(day) * paying}


def _days(day: str) -> int:
    when = date.fromisoformat(day)
    return calendar.monthrange(when.year, when.month)[1]
