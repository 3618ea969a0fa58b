"""The usage rows of the daily summary after some payloads were ingested (docs/contract/koku.md 6.1, 6.2)."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from e2e_validator.expect.measures import exactly
from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.digest import Digest, Group
from e2e_validator.providers.ocp.expect.row_labels import RowLabels
from e2e_validator.providers.ocp.expect.summary import (
    BLANK,
    CAPACITY,
    CLAIM,
    POD,
    STORAGE,
    UNALLOCATED,
    USAGE,
    VOLUME,
    Roles,
    UsageRow,
    named,
)

HOUR = Decimal(3600)
GIB = Decimal(2) ** 30

_Key = tuple[str, ...]


@exactly
def usage_rows(
    digests: Sequence[Digest], counted: Counted, roles: Mapping[str, Roles], enabled_tags: Iterable[str] = ()
) -> list[UsageRow]:
    """Every usage row, day by day: pods, what their nodes had left (by the day's ``roles``), claims.

    Rows are grouped by namespace, node, claim, volume and the labels with ``enabled_tags`` as keys.
    """
    enabled = tuple(enabled_tags)
    rows: list[UsageRow] = []
    for day in sorted({day for _, day in counted}):
        pods = list(_groups(digests, counted, "pod_usage", day))
        claims = list(_groups(digests, counted, "storage_usage", day))
        labels = RowLabels(
            enabled,
            _groups(digests, counted, "node_labels", day),
            _groups(digests, counted, "namespace_labels", day),
        )
        placed = _pod_rows(day, [pod for pod in pods if pod["node"]], _node_capacities(digests, counted, day), labels)
        rows += placed
        rows += _unallocated(day, placed, pods, roles.get(day, {}))
        rows += _claim_rows(day, claims, pods, labels)
    return rows


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


def _pod_rows(
    day: str, pods: list[Group], nodes: dict[str, tuple[Decimal, Decimal]], labels: RowLabels
) -> list[UsageRow]:
    cluster = [sum((node[unit] for node in nodes.values()), Decimal(0)) for unit in (0, 1)]
    found: dict[_Key, UsageRow] = {}
    for pod in pods:
        usage = {
            field: pod[field.replace("_core_hours", "_core_seconds")] / HOUR
            if field.endswith("_core_hours")
            else pod[field.replace("_gigabyte_hours", "_byte_seconds")] / HOUR / GIB
            for field in USAGE
        }
        cores, memory = nodes[pod["node"]]
        sizes = (pod["node_capacity_cpu_cores"], cores, pod["node_capacity_memory_bytes"] / GIB, memory, *cluster)
        for text in labels.of(pod["node"], pod["namespace"], pod["pod_labels"]):
            key = (named(pod["namespace"]), pod["node"], text)
            row = found.setdefault(key, UsageRow(day, POD, key[0], key[1], "", "", text, {}))
            _add_up(row.values, usage, dict(zip(CAPACITY, sizes, strict=True)))
    return list(found.values())


def _add_up(values: dict[str, Decimal], added: dict[str, Decimal], highest: dict[str, Decimal]) -> None:
    for field, value in added.items():
        values[field] = values[field] + value if field in values else value
    for field, value in highest.items():
        values[field] = max(values.get(field, value), value)


def _unallocated(day: str, placed: list[UsageRow], pods: list[Group], roles: Roles) -> list[UsageRow]:
    used: dict[str, list[UsageRow]] = defaultdict(list)
    for row in placed:
        used[row.node].append(row)
    resources: dict[str, str] = {}
    for pod in pods:
        resources[pod["node"]] = max(resources.get(pod["node"], ""), pod["resource_id"])
    found = []
    for node, rows in used.items():
        role = roles.get((node, resources[node]), "")
        capacity = {field: max(row.values[field] for row in rows) for field in CAPACITY}
        left = {
            field: capacity[_capacity_of(field)] - sum((row.values[field] for row in rows), Decimal(0))
            for field in USAGE
            if "limit" not in field
        }
        found.append(UsageRow(day, POD, UNALLOCATED.get(role, ""), node, "", "", "", left | capacity))
    return found


def _capacity_of(field: str) -> str:
    return "node_capacity_cpu_core_hours" if "cpu" in field else "node_capacity_memory_gigabyte_hours"


def _claim_rows(day: str, claims: list[Group], pods: list[Group], labels: RowLabels) -> list[UsageRow]:
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
    found: dict[_Key, UsageRow] = {}
    for claim in claims:
        name, volume, namespace = claim["persistentvolumeclaim"], claim["persistentvolume"], claim["namespace"]
        shared = Decimal(max(len(nodes_of_volume.get(volume, ())), 1))
        sizes = (
            claim["persistentvolumeclaim_capacity_byte_seconds"],
            claim["volume_request_storage_byte_seconds"] / shared,
            claim["persistentvolumeclaim_usage_byte_seconds"] / shared,
        )
        months = {field: value / month / GIB for field, value in zip(VOLUME, sizes, strict=True)}
        largest = {CLAIM[0]: claim["persistentvolumeclaim_capacity_bytes"] / GIB}
        own = (claim["persistentvolume_labels"], claim["persistentvolumeclaim_labels"])
        mounts = mounted.get((name, claim["pod"], namespace))
        for node in ("",) if mounts is None else (named(node) for _, node, _ in mounts):
            for text in labels.of("" if node == BLANK else node, namespace, *own):
                key = (named(namespace), node, named(name), volume, text)
                row = found.setdefault(key, UsageRow(day, STORAGE, *key, {}))
                _add_up(row.values, months, largest)
    return list(found.values())
