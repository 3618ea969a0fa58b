"""Platform and worker costs shared out to the projects of users (docs/contract/koku.md 6.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, CostGroups
from e2e_validator.providers.ocp.expect.cost_model import CPU, CostModel
from e2e_validator.providers.ocp.expect.rate_rows import PLATFORM_SHARE, WORKER_SHARE, RateRow
from e2e_validator.providers.ocp.expect.summary import POD, WORKER, UsageRow

_EFFECTIVE = {CPU: "pod_effective_usage_cpu_core_hours"}
_EFFECTIVE_MEMORY = "pod_effective_usage_memory_gigabyte_hours"
_NOT_SHARED = frozenset({"Storage unattributed", "Network unattributed"})

_Owner = tuple[str, str, str]  # namespace, node, data source


def distribute(
    usage: Sequence[UsageRow], charged: Sequence[RateRow], model: CostModel, groups: CostGroups = KOKU_DEFAULT
) -> list[RateRow]:
    """The rows that share out what was ``charged`` on one day.

    A project's share is by effective usage, over all projects of users. What is shared out is taken from its
    owners. Two cases do not conserve: without a project of a user nothing is shared out or taken; and if the
    projects of users have no effective usage, costs are taken and go nowhere.
    """
    rows: list[RateRow] = []
    if model.platform_cost:
        rows += _share(usage, charged, model, PLATFORM_SHARE, groups.is_platform, groups)
    if model.worker_cost:
        rows += _share(usage, charged, model, WORKER_SHARE, lambda namespace: namespace == WORKER, groups)
    return rows


def _share(
    usage: Sequence[UsageRow],
    charged: Sequence[RateRow],
    model: CostModel,
    rate_type: str,
    shared: Callable[[str], bool],
    groups: CostGroups,
) -> list[RateRow]:
    pool: dict[_Owner, Decimal] = defaultdict(Decimal)
    for cost in charged:
        if shared(cost.namespace):
            pool[cost.namespace, cost.node, cost.source] += cost.cost
    field = _EFFECTIVE.get(model.distribution, _EFFECTIVE_MEMORY)
    users = [row for row in usage if _is_user(row.namespace, groups)]
    if not pool or not users:
        return []
    used: dict[_Owner, Decimal] = defaultdict(Decimal)
    for row in users:
        if row.source == POD:
            used[row.namespace, row.node, row.source] += row.get(field)
    whole, total = sum(used.values(), Decimal(0)), sum(pool.values(), Decimal(0))
    shares = {owner: hours / whole * total for owner, hours in used.items()} if whole > 0 else {}
    taken = {owner: -cost for owner, cost in pool.items()}
    day = users[0].day
    return [
        RateRow(day, source, namespace, node, "", rate_type, "", "", distributed=cost)
        for (namespace, node, source), cost in _not_zero(shares | taken)
    ]


def _is_user(namespace: str, groups: CostGroups) -> bool:
    return (
        bool(namespace) and namespace != WORKER and namespace not in _NOT_SHARED and not groups.is_platform(namespace)
    )


def _not_zero(costs: dict[_Owner, Decimal]) -> Iterable[tuple[_Owner, Decimal]]:
    return ((owner, cost) for owner, cost in costs.items() if cost)
