"""What a cost model charges for the usage of each day (docs/contract/koku.md 3.10, 6.4)."""

from __future__ import annotations

import calendar
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.measures import exactly
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, CostGroups
from e2e_validator.providers.ocp.expect.cost_model import CPU as BY_CPU
from e2e_validator.providers.ocp.expect.cost_model import CostModel, TagRate
from e2e_validator.providers.ocp.expect.distribution import distribute
from e2e_validator.providers.ocp.expect.metrics import (
    CLUSTER_HOUR,
    CORE_HOUR,
    COST_TYPES,
    CPU,
    MEMORY,
    MONTHLY,
    TAG,
    USAGE,
    VOLUME,
)
from e2e_validator.providers.ocp.expect.rate_rows import RateRow
from e2e_validator.providers.ocp.expect.summary import POD, STORAGE, UsageRow

_ZERO = Decimal(0)
_CPU_HOURS, _MEMORY_HOURS = "cpu_core_hours", "memory_gigabyte_hours"


@exactly
def rate_rows(usage: Iterable[UsageRow], model: CostModel | None, groups: CostGroups = KOKU_DEFAULT) -> list[RateRow]:
    """The rows that Koku adds to the daily summary for ``usage`` when ``model`` is the source's cost model.

    Days outside the effective range of the price list have none. What belongs to no namespace (a node without a
    role) is not charged. Raw cost and so markup are 0: a cluster on its own hardware has no bill.

    Raises:
        Inconclusive: Koku's cost step would divide by 0 (a node without memory).
    """
    if model is None:
        return []
    by_day: dict[str, list[UsageRow]] = defaultdict(list)
    for row in usage:
        by_day[row.day].append(row)
    rows: list[RateRow] = []
    for day, members in sorted(by_day.items()):
        if not model.covers(date.fromisoformat(day)):
            continue
        charged = [*_usage(members, model), *_monthly(members, model), *_tags(members, model)]
        rows += charged
        rows += distribute(members, charged, model, groups)
    return rows


def _usage(members: Sequence[UsageRow], model: CostModel) -> list[RateRow]:
    """A row for each usage row and cost type that has a usage rate, also where it comes to 0."""
    rows: list[RateRow] = []
    for cost_type in COST_TYPES:
        rates = model.usage_rates(cost_type, USAGE)
        if not rates:
            continue
        nodes = cluster_hour_costs(members, model, rates.get(CLUSTER_HOUR, _ZERO))
        rows += [
            _usage_row(row, cost_type, model, rates, nodes.get(row.node, _ZERO)) for row in members if row.namespace
        ]
    return rows


def _usage_row(
    row: UsageRow, cost_type: str, model: CostModel, rates: dict[str, Decimal], per_effective: Decimal
) -> RateRow:
    cpu, memory, volume = (
        sum((row.get(field) * rates.get(metric, _ZERO) for metric, field in priced.items()), _ZERO)
        for priced in (CPU, MEMORY, VOLUME)
    )
    if row.source == POD:
        cpu += core_hours(row, model) * sum((rates.get(metric, _ZERO) for metric in CORE_HOUR), _ZERO)
        share = per_effective * row.get(f"pod_effective_usage_{_hours(model)}")
        cpu, memory = (cpu + share, memory) if model.distribution == BY_CPU else (cpu, memory + share)
    return RateRow(
        row.day,
        row.source,
        row.namespace,
        row.node,
        row.claim,
        cost_type,
        "",
        row.labels,
        cpu,
        memory,
        volume,
    )


def core_hours(row: UsageRow, model: CostModel) -> Decimal:
    """The core-hours that a row is charged for by ``node_core`` and ``cluster_core`` rates per hour.

    Its effective ones; with distribution by memory the same part of the node's core-hours as it has of the memory.
    """
    if model.distribution == BY_CPU:
        return row.get("pod_effective_usage_cpu_core_hours")
    memory = row.get("node_capacity_memory_gigabyte_hours")
    if not memory:
        raise Inconclusive(f"The node {row.node} has no memory on {row.day}: Koku's cost step divides by 0.")
    return row.get("pod_effective_usage_memory_gigabyte_hours") / memory * row.get("node_capacity_cpu_core_hours")


def cluster_hour_costs(members: Sequence[UsageRow], model: CostModel, rate: Decimal) -> dict[str, Decimal]:
    """What an effective core-hour (GiB-hour) of each node costs, given the price of the cluster for an hour.

    The node's part of the cluster's capacity, for the hours in which it was there, over all effective usage.
    """
    hours = _hours(model)
    size = "node_capacity_cpu_cores" if model.distribution == BY_CPU else "node_capacity_memory_gigabytes"
    costs = {}
    for node, rows in _by_node(members).items():
        effective = sum((row.get(f"pod_effective_usage_{hours}") for row in rows), _ZERO)
        capacity, cluster, whole = (
            max(row.get(field) for row in rows)
            for field in (f"node_capacity_{hours}", f"cluster_capacity_{hours}", size)
        )
        if effective and cluster and whole:
            costs[node] = capacity / cluster * (capacity / whole) * rate / effective
    return costs


def _by_node(members: Iterable[UsageRow]) -> dict[str, list[UsageRow]]:
    nodes: dict[str, list[UsageRow]] = defaultdict(list)
    for row in members:
        if row.source == POD and row.node:
            nodes[row.node].append(row)
    return nodes


def _hours(model: CostModel) -> str:
    return _CPU_HOURS if model.distribution == BY_CPU else _MEMORY_HOURS


def daily(rate: Decimal, day: str) -> Decimal:
    """What a price for a month comes to on a day of it."""
    when = date.fromisoformat(day)
    return rate / calendar.monthrange(when.year, when.month)[1]


def _monthly(members: Sequence[UsageRow], model: CostModel) -> list[RateRow]:
    rows: list[RateRow] = []
    for metric, monthly_type in MONTHLY.items():
        found = model.monthly_rate(metric)
        if found:
            cost_type, rate = found
            price = daily(rate, members[0].day)
            make = _claim_months if monthly_type == "PVC" else _node_months
            rows += make(members, model, cost_type, monthly_type, price)
    return rows


def _node_months(
    members: Sequence[UsageRow], model: CostModel, cost_type: str, monthly_type: str, price: Decimal
) -> list[RateRow]:
    """Prices of nodes, their cores and the cluster: each row pays its effective part of the capacity."""
    rows = []
    hours = _hours(model)
    for row in members:
        cores, cluster = row.get("node_capacity_cpu_core_hours"), row.get("cluster_capacity_cpu_core_hours")
        if row.source != POD or not row.namespace or not cores or not cluster:
            continue
        owner = "cluster" if monthly_type == "Cluster" else "node"
        capacity = row.get(f"{owner}_capacity_{hours}")
        if not capacity:
            raise Inconclusive(f"The {owner} of {row.node} has no memory on {row.day}: Koku's cost step divides by 0.")
        cost = row.get(f"pod_effective_usage_{hours}") / capacity * price
        if monthly_type == "Node_Core_Month":
            cost *= row.get("node_capacity_cpu_cores")
        cpu, memory = (cost, _ZERO) if model.distribution == BY_CPU else (_ZERO, cost)
        rows.append(
            RateRow(row.day, POD, row.namespace, row.node, "", cost_type, monthly_type, row.labels, cpu, memory)
        )
    return rows


def _claim_months(
    members: Sequence[UsageRow], _model: CostModel, cost_type: str, monthly_type: str, price: Decimal
) -> list[RateRow]:
    """The price of a claim is shared by all claims of its namespace; each row with capacity pays that once."""
    claims: dict[str, set[str]] = defaultdict(set)
    for row in members:
        if row.source == STORAGE and row.claim:
            claims[row.namespace].add(row.claim)
    return [
        RateRow(
            row.day,
            STORAGE,
            row.namespace,
            row.node,
            row.claim,
            cost_type,
            monthly_type,
            row.labels,
            volume=price / len(claims[row.namespace]),
        )
        for row in members
        if row.source == STORAGE
        and row.claim
        and row.namespace
        and row.get("persistentvolumeclaim_capacity_gigabyte_months")
    ]


def _tags(members: Sequence[UsageRow], model: CostModel) -> list[RateRow]:
    """Rates by label: a row that has the key pays by its value, or the default; one without the key pays nothing."""
    rows: list[RateRow] = []
    for row in members:
        if row.labels:
            labels = json.loads(row.labels)
            rows += [found for rate in model.tag_rates if (found := _tag_row(row, labels, rate)) is not None]
    return rows


def _tag_row(row: UsageRow, labels: dict[str, str], rate: TagRate) -> RateRow | None:
    value = labels.get(rate.key)
    stored = rate.metric in VOLUME
    if value is None or stored is not (row.source == STORAGE):
        return None
    if value in rate.values:
        price, text = rate.values[value], json.dumps({rate.key: value})
    elif rate.default:
        price, text = rate.default, row.labels
    else:
        return None
    cpu, memory, volume = (
        row.get(priced[rate.metric]) * price if rate.metric in priced else _ZERO for priced in (CPU, MEMORY, VOLUME)
    )
    return RateRow(
        row.day,
        row.source,
        row.namespace,
        row.node,
        row.claim,
        rate.cost_type,
        TAG,
        text,
        cpu,
        memory,
        volume,
    )
