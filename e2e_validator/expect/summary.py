"""The daily summary after some payloads were ingested (koku contract 6.1, 6.2)."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from e2e_validator.expect.days import Counted
from e2e_validator.expect.digest import Digest, Group
from e2e_validator.expect.measures import Key, Measures, add, exactly

HOUR = Decimal(3600)
GIB = Decimal(2) ** 30

WORKER, PLATFORM = "Worker unallocated", "Platform unallocated"
UNALLOCATED = {"worker": WORKER, "master": PLATFORM, "infra": PLATFORM}

# Of several rows with one key these are added; NULL where the row's kind has no such number.
USAGE = (
    "pod_usage_cpu_core_hours",
    "pod_request_cpu_core_hours",
    "pod_effective_usage_cpu_core_hours",
    "pod_limit_cpu_core_hours",
    "pod_usage_memory_gigabyte_hours",
    "pod_request_memory_gigabyte_hours",
    "pod_effective_usage_memory_gigabyte_hours",
    "pod_limit_memory_gigabyte_hours",
)
VOLUME = (
    "persistentvolumeclaim_capacity_gigabyte_months",
    "volume_request_storage_gigabyte_months",
    "persistentvolumeclaim_usage_gigabyte_months",
)
# Of several rows with one key the highest counts.
CAPACITY = (
    "node_capacity_cpu_cores",
    "node_capacity_cpu_core_hours",
    "node_capacity_memory_gigabytes",
    "node_capacity_memory_gigabyte_hours",
    "cluster_capacity_cpu_core_hours",
    "cluster_capacity_memory_gigabyte_hours",
)
CLAIM = ("persistentvolumeclaim_capacity_gigabyte",)
SUMMED, HIGHEST = (*USAGE, *VOLUME), (*CAPACITY, *CLAIM)

Roles = Mapping[tuple[str, str], str]


@exactly
def summary(digests: Sequence[Digest], counted: Counted, roles: Roles) -> Measures:
    """By (day, data_source, namespace, node, persistentvolumeclaim): the usage rows of the daily summary.

    NULL and '' in the key are both ''. ``SUMMED`` fields are added over the rows of a key (they differ only in
    labels, volume or storage class), ``HIGHEST`` ones are maxima; a field that is NULL is absent. The rows
    ``Worker unallocated`` and ``Platform unallocated`` hold what a node had left: its capacity less the sums of
    its pods; they have no limit. A node without a known role has such a row with namespace ''.
    """
    measures: Measures = {}
    for day in sorted({day for _, day in counted}):
        pods = list(_groups(digests, counted, "pod_usage", day))
        claims = list(_groups(digests, counted, "storage_usage", day))
        nodes = _node_capacities(digests, counted, day)
        _add_pods(measures, day, [pod for pod in pods if pod["node"]], nodes)
        _add_unallocated(measures, day, pods, roles)
        _add_claims(measures, day, claims, pods)
    return measures


def _groups(digests: Sequence[Digest], counted: Counted, report_type: str, day: str) -> Iterator[Group]:
    for position in counted.get((report_type, day), ()):
        yield from digests[position].groups.get((report_type, day), [])


def _node_capacities(digests: Sequence[Digest], counted: Counted, day: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Core-hours and GiB-hours of each node: the highest of each hour, added up. Not a sum over pods."""
    hours: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for position in counted.get(("pod_usage", day), ()):
        for key, (cores, memory) in digests[position].capacities.get(day, {}).items():
            there = hours.get(key, (cores, memory))
            hours[key] = (max(cores, there[0]), max(memory, there[1]))
    nodes: dict[str, tuple[Decimal, Decimal]] = {}
    for (_, node), (cores, memory) in hours.items():
        before = nodes.get(node, (Decimal(0), Decimal(0)))
        nodes[node] = (before[0] + cores / HOUR, before[1] + memory / HOUR / GIB)
    return nodes


def _add_pods(measures: Measures, day: str, pods: list[Group], nodes: dict[str, tuple[Decimal, Decimal]]) -> None:
    cluster = [sum((node[unit] for node in nodes.values()), Decimal(0)) for unit in (0, 1)]
    for pod in pods:
        key = (day, "Pod", pod["namespace"], pod["node"], "")
        usage = {
            field: pod[field.replace("_core_hours", "_core_seconds")] / HOUR
            if field.endswith("_core_hours")
            else pod[field.replace("_gigabyte_hours", "_byte_seconds")] / HOUR / GIB
            for field in USAGE
        }
        add(measures, key, usage)
        cores, memory = nodes[pod["node"]]
        _raise(
            measures[key],
            (
                pod["node_capacity_cpu_cores"],
                cores,
                pod["node_capacity_memory_bytes"] / GIB,
                memory,
                cluster[0],
                cluster[1],
            ),
        )


def _raise(row: dict[str, Decimal], capacities: tuple[Decimal, ...]) -> None:
    for field, value in zip(CAPACITY, capacities, strict=True):
        row[field] = max(row.get(field, value), value)


def _add_unallocated(measures: Measures, day: str, pods: list[Group], roles: Roles) -> None:
    used: dict[str, list[dict[str, Decimal]]] = defaultdict(list)
    for (when, source, _, node, _), row in measures.items():
        if when == day and source == "Pod":
            used[node].append(row)
    resources: dict[str, str] = {}
    for pod in pods:
        resources[pod["node"]] = max(resources.get(pod["node"], ""), pod["resource_id"])
    for node, rows in used.items():
        role = roles.get((node, resources[node]), "")
        capacity = {field: max(row[field] for row in rows) for field in CAPACITY}
        left = {
            field: capacity[_capacity_of(field)] - sum((row[field] for row in rows), Decimal(0))
            for field in USAGE
            if "limit" not in field
        }
        measures[day, "Pod", UNALLOCATED.get(role, ""), node, ""] = left | capacity


def _capacity_of(field: str) -> str:
    return "node_capacity_cpu_core_hours" if "cpu" in field else "node_capacity_memory_gigabyte_hours"


def _add_claims(measures: Measures, day: str, claims: list[Group], pods: list[Group]) -> None:
    """Storage rows: on the node of the claim's pod; a pod seen on two nodes has its claim counted on each."""
    when = date.fromisoformat(day)
    month = 86400 * Decimal(calendar.monthrange(when.year, when.month)[1])
    places: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for pod in pods:
        places[pod["namespace"], pod["pod"]].add((pod["node"], pod["resource_id"]))
    mounted: dict[tuple[str, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    nodes_of_volume: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        for node, resource in places.get((claim["namespace"], claim["pod"]), set()):
            use = (claim["persistentvolumeclaim"], claim["pod"], claim["namespace"])
            mounted[use].add((claim["persistentvolume"], node, resource))
            nodes_of_volume[claim["persistentvolume"]].add(node)
    for claim in claims:
        use = (claim["persistentvolumeclaim"], claim["pod"], claim["namespace"])
        shared = Decimal(max(len(nodes_of_volume.get(claim["persistentvolume"], ())), 1))
        for _, node, _ in mounted.get(use, {("", "", "")}):
            key: Key = (day, "Storage", claim["namespace"], node, claim["persistentvolumeclaim"])
            months = (
                claim["persistentvolumeclaim_capacity_byte_seconds"],
                claim["volume_request_storage_byte_seconds"] / shared,
                claim["persistentvolumeclaim_usage_byte_seconds"] / shared,
            )
            add(measures, key, {field: value / month / GIB for field, value in zip(VOLUME, months, strict=True)})
            size = claim["persistentvolumeclaim_capacity_bytes"] / GIB
            measures[key][CLAIM[0]] = max(measures[key].get(CLAIM[0], size), size)
