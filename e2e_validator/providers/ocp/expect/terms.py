"""The terms of a bill: a quantity, its price, and what they come to, in words and as a number.

See docs/contract/koku.md 6.4.
"""

from __future__ import annotations

import calendar
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from e2e_validator.expect.ledger import number
from e2e_validator.providers.ocp.expect.cost_model import CPU as BY_CPU
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.metrics import CLUSTER_HOUR, CORE_HOUR, COST_TYPES, MONTHLY, QUANTITIES, VOLUME
from e2e_validator.providers.ocp.expect.summary import POD, STORAGE, UsageRow

_WORDS = {
    "cpu_core_usage_per_hour": "core-hours used",
    "cpu_core_request_per_hour": "core-hours requested",
    "cpu_core_effective_usage_per_hour": "core-hours effective",
    "memory_gb_usage_per_hour": "GiB-hours used",
    "memory_gb_request_per_hour": "GiB-hours requested",
    "memory_gb_effective_usage_per_hour": "GiB-hours effective",
    "storage_gb_usage_per_month": "GiB-months used",
    "storage_gb_request_per_month": "GiB-months requested",
}
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a project's bill on a day, in the currency of the cost model."""

    project: str
    text: str
    amount: Decimal


def terms(rows: Sequence[UsageRow], model: CostModel, claims_paid: Mapping[str, Decimal]) -> Iterator[Term]:
    """Every term of one day, project by project; ``rows`` are the usage rows of that day.

    ``claims_paid`` is what the claims of each project pay by the month: how often a claim pays depends on its
    volumes, which ``rows`` need not tell apart.

    Written from the totals of each project and node, not from the rows that Koku makes of them: that both come
    to the same is the point.
    """
    projects: dict[str, list[UsageRow]] = defaultdict(list)
    for row in rows:
        if row.namespace:
            projects[row.namespace].append(row)
    nodes = _Nodes(rows, model)
    for project, members in sorted(projects.items()):
        for text, amount in (
            *_quantities(members, model),
            *_labels(members, model),
            *nodes.hourly(members),
            *nodes.monthly(members),
            *_claims(members, model, claims_paid.get(project, _ZERO)),
        ):
            yield Term(project, text, amount)


def _total(rows: Iterable[UsageRow], field: str) -> Decimal:
    return sum((row.get(field) for row in rows), _ZERO)


def _product(quantity: str, price: str, amount: Decimal, cost_type: str) -> tuple[str, Decimal]:
    return f"{quantity} x {price} = {number(amount)} ({cost_type})", amount


def _quantities(members: list[UsageRow], model: CostModel) -> Iterator[tuple[str, Decimal]]:
    for metric, field in QUANTITIES.items():
        quantity = _total(members, field)
        for cost_type in COST_TYPES:
            rate = model.rates.get((metric, cost_type))
            if rate is not None and any(field in row.values for row in members):
                yield _product(f"{number(quantity)} {_WORDS[metric]}", number(rate), quantity * rate, cost_type)


def _labels(members: list[UsageRow], model: CostModel) -> Iterator[tuple[str, Decimal]]:
    for rate in model.tag_rates:
        field = QUANTITIES[rate.metric]
        source = STORAGE if rate.metric in VOLUME else POD
        values: dict[str, Decimal] = defaultdict(Decimal)
        for row in members:
            value = json.loads(row.labels).get(rate.key) if row.labels and row.source == source else None
            if value is not None:
                values[value] += row.get(field)
        for value, quantity in sorted(values.items()):
            price = rate.values.get(value, rate.default)
            if price:
                what = f"{number(quantity)} {_WORDS[rate.metric]} with {rate.key}={value}"
                what += "" if value in rate.values else " (the default price)"
                yield _product(what, number(price), quantity * price, rate.cost_type)


class _Nodes:
    """Prices of nodes and the cluster: shared out to their users by effective usage."""

    def __init__(self, rows: Sequence[UsageRow], model: CostModel) -> None:
        self._model = model
        by_cpu = model.distribution == BY_CPU
        self._hours, self._unit = ("cpu_core_hours", "core-hours") if by_cpu else ("memory_gigabyte_hours", "GiB-hours")
        self._size = "node_capacity_cpu_cores" if by_cpu else "node_capacity_memory_gigabytes"
        self._of: dict[str, list[UsageRow]] = defaultdict(list)
        for row in rows:
            if row.source == POD and row.node:
                self._of[row.node].append(row)

    def _effective(self, rows: Iterable[UsageRow]) -> Decimal:
        return _total(rows, f"pod_effective_usage_{self._hours}")

    def _highest(self, node: str, field: str) -> Decimal:
        return max(row.get(field) for row in self._of[node])

    def _by_node(self, members: list[UsageRow]) -> Iterator[tuple[str, Decimal]]:
        for node in sorted(self._of):
            mine = [row for row in members if row.source == POD and row.node == node]
            if mine:
                yield node, self._effective(mine)

    def hourly(self, members: list[UsageRow]) -> Iterator[tuple[str, Decimal]]:
        """Prices of a core for an hour, and of the cluster for an hour."""
        for node, effective in self._by_node(members):
            for metric in CORE_HOUR:
                for cost_type in COST_TYPES:
                    if (rate := self._model.rates.get((metric, cost_type))) is not None:
                        hours, what = self._core_hours(node, effective)
                        yield _product(f"{what} of {node}", f"{number(rate)} [{metric}]", hours * rate, cost_type)
            for cost_type in COST_TYPES:
                if rate := self._model.rates.get((CLUSTER_HOUR, cost_type)):
                    yield from self._cluster_hours(node, effective, rate, cost_type)

    def _core_hours(self, node: str, effective: Decimal) -> tuple[Decimal, str]:
        if self._model.distribution == BY_CPU:
            return effective, f"{number(effective)} core-hours effective"
        memory = self._highest(node, "node_capacity_memory_gigabyte_hours")
        cores = self._highest(node, "node_capacity_cpu_core_hours")
        return (
            effective / memory * cores,
            f"{number(effective)}/{number(memory)} GiB-hours x {number(cores)} core-hours",
        )

    def _cluster_hours(
        self, node: str, effective: Decimal, rate: Decimal, cost_type: str
    ) -> Iterator[tuple[str, Decimal]]:
        whole = self._effective(self._of[node])
        capacity, size = self._highest(node, f"node_capacity_{self._hours}"), self._highest(node, self._size)
        cluster = self._highest(node, f"cluster_capacity_{self._hours}")
        if whole and size and cluster:
            hours = capacity / size
            what = (
                f"{number(effective)}/{number(whole)} {self._unit} of {node} x "
                f"{number(capacity)}/{number(cluster)} of the cluster x {number(hours)} hours"
            )
            amount = effective / whole * capacity / cluster * hours * rate
            yield _product(what, f"{number(rate)} [{CLUSTER_HOUR}]", amount, cost_type)

    def monthly(self, members: list[UsageRow]) -> Iterator[tuple[str, Decimal]]:
        """Prices of a node, its cores and the cluster for a month."""
        for metric, monthly_type in MONTHLY.items():
            found = self._model.monthly_rate(metric)
            if found is None or monthly_type == "PVC":
                continue
            cost_type, rate = found
            owner = "cluster" if monthly_type == "Cluster" else "node"
            for node, effective in self._by_node(members):
                capacity = self._highest(node, f"{owner}_capacity_{self._hours}")
                if not capacity:
                    continue
                whom = node if owner == "node" else "the cluster"
                what = f"{number(effective)}/{number(capacity)} {self._unit} of {whom}"
                amount = effective / capacity * rate / _days(members)
                if monthly_type == "Node_Core_Month":
                    cores = self._highest(node, "node_capacity_cpu_cores")
                    what, amount = f"{what} x {number(cores)} cores", amount * cores
                yield _product(what, f"{number(rate)} / {_days(members)} days [{metric}]", amount, cost_type)


def _claims(members: list[UsageRow], model: CostModel, paid: Decimal) -> Iterator[tuple[str, Decimal]]:
    """A claim on two nodes, or with two volumes, pays twice."""
    found = model.monthly_rate("pvc_cost_per_month")
    claims = {row.claim for row in members if row.source == STORAGE and row.claim}
    if found is None or not claims:
        return
    cost_type, rate = found
    each = rate / _days(members) / len(claims)
    times = round(paid / each)
    what = f"{times} of {len(claims)} claims"
    yield _product(what, f"{number(rate)} / {_days(members)} days [pvc_cost_per_month]", times * each, cost_type)


def _days(members: list[UsageRow]) -> int:
    when = date.fromisoformat(members[0].day)
    return calendar.monthrange(when.year, when.month)[1]
