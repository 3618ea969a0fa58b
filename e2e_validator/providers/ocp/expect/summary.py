"""The usage rows of the daily summary, and what is compared of them (docs/contract/koku.md 3.9, 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly

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

# What tells which row of a project has which labels; the other fields differ only where these do.
LABELLED = (USAGE[0], USAGE[1], USAGE[4], USAGE[5], *VOLUME)

POD, STORAGE = "Pod", "Storage"

# What stands in a key for '' where the daily summary has '' and not NULL: rows without a name are priced and shown,
# rows with NULL are not (docs/contract/koku.md 6.2, 6.3).
BLANK = "(blank)"


def named(text: str) -> str:
    """A text of the daily summary that is not NULL, as keys have it."""
    return text or BLANK


Roles = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A usage row as Koku groups it.

    NULL is '', and '' is ``BLANK``. ``labels`` is the JSON text of the enabled labels, sorted by key; '' (NULL) for
    what a node had left. ``values`` are core-hours, GiB-hours and GiB-months; a field that is NULL is absent.
    """

    day: str
    source: str
    namespace: str
    node: str
    claim: str
    volume: str
    labels: str
    values: dict[str, Decimal]

    def get(self, field: str) -> Decimal:
        """The value, 0 where it is NULL: what SUM makes of it."""
        return self.values.get(field, Decimal(0))


@exactly
def summary(rows: Iterable[UsageRow]) -> Measures:
    """By (day, data_source, namespace, node, persistentvolumeclaim): the usage rows of the daily summary.

    In the key NULL is '', and '' is ``BLANK``. ``SUMMED`` fields are added over the rows of a key (they differ only in
    labels, volume or storage class), ``HIGHEST`` ones are maxima; a field that is NULL is absent. The rows
    ``Worker unallocated`` and ``Platform unallocated`` hold what a node had left: its capacity less the sums of
    its pods; they have no limit. A node without a known role has such a row with namespace ''.
    """
    measures: Measures = {}
    for row in rows:
        _add(measures, (row.day, row.source, row.namespace, row.node, row.claim), row)
    return measures


@exactly
def by_label(rows: Iterable[UsageRow]) -> Measures:
    """As ``summary``, with the JSON text of the labels as a sixth part of the key."""
    measures: Measures = {}
    for row in rows:
        _add(measures, (row.day, row.source, row.namespace, row.node, row.claim, row.labels), row)
    return measures


def _add(measures: Measures, key: tuple[str, ...], row: UsageRow) -> None:
    add(measures, key, {field: row.values[field] for field in SUMMED if field in row.values})
    into = measures[key]
    for field in HIGHEST:
        if field in row.values:
            into[field] = max(into.get(field, row.values[field]), row.values[field])
