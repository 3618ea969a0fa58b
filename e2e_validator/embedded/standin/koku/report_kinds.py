"""The four reports: which tables they read, which columns they sum and in which units.

See docs/contract/koku.md 5.5, 6.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DAILY_SUMMARY = "reporting_ocpusagelineitem_daily_summary"
GROUP_COLUMNS = {
    "cluster": "cluster_id",
    "project": "namespace",
    "node": "node",
    "persistentvolumeclaim": "persistentvolumeclaim",
    "storageclass": "storageclass",
}
UNALLOCATED_EXCLUDED = ("Worker unallocated", "Platform unallocated", "Network unattributed")

Keys = frozenset[str]


def _family(stem: str, *, node: bool) -> dict[Keys, str]:
    """The UI tables of a report, by what is filtered and grouped on; all else reads the daily summary."""
    whole, project = f"{stem}_p", f"{stem}_by_project_p"
    tables = {
        frozenset[str](): whole,
        frozenset({"cluster"}): whole,
        frozenset({"project"}): project,
        frozenset({"cluster", "project"}): project,
    }
    if node:
        by_node = f"{stem}_by_node_p"
        tables |= {frozenset({"node"}): by_node, frozenset({"cluster", "node"}): by_node}
    return tables


def _volume_family() -> dict[Keys, str]:
    """As the others, but the persistent volume claim is a column of both tables."""
    tables = _family("reporting_ocp_volume_summary", node=False)
    return tables | {keys | {"persistentvolumeclaim"}: table for keys, table in tables.items()}


@dataclass(frozen=True, slots=True)
class Quantities:
    """The usage side of compute, memory and volumes."""

    units: str
    count_units: str
    sums: dict[str, str]  # field of the answer -> column that is summed
    cluster_capacity: str | None  # column with the cluster's capacity of the day; None: capacity is one of the sums
    node_capacity: str
    node_capacity_sums: bool  # volumes add the claims of a node up, pods repeat the node's capacity in each row
    node_count: str


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One report type of the API."""

    name: str
    cost_columns: tuple[str, ...]
    tag_column: str
    tables: dict[Keys, str]
    default_order: str
    data_source: Literal["Pod", "Storage"] | None = None
    quantities: Quantities | None = None
    distributed: Literal["none", "total", "parts"] = "none"
    lists: dict[str, str] = field(default_factory=dict)  # field of the answer -> column of distinct values
    score: bool = False

    def table(self, keys: Keys) -> str:
        """The table for these filter, exclude and group-by keys (operators stripped)."""
        return self.tables.get(keys, DAILY_SUMMARY)


ALL_COSTS = ("cost_model_cpu_cost", "cost_model_memory_cost", "cost_model_volume_cost", "cost_model_gpu_cost")
_COST_TABLES = _family("reporting_ocp_cost_summary", node=True)
_BY_PROJECT = "reporting_ocp_cost_summary_by_project_p"

COSTS = ReportKind(
    name="costs",
    cost_columns=ALL_COSTS,
    tag_column="all_labels",
    # A project filter without a project grouping reads the daily summary, as in Koku.
    tables={keys: table for keys, table in _COST_TABLES.items() if table != _BY_PROJECT},
    default_order="cost_total",
)
COSTS_BY_PROJECT = ReportKind(
    name="costs",
    cost_columns=ALL_COSTS,
    tag_column="all_labels",
    tables={keys: table for keys, table in _COST_TABLES.items() if table == _BY_PROJECT},
    default_order="cost_total",
    distributed="parts",
)


def _pod_report(name: str, resource: str, units: str, *, hours: str, amount: str) -> ReportKind:
    """Compute and memory: the same table family, other columns."""
    return ReportKind(
        name=name,
        cost_columns=(f"cost_model_{resource}_cost",),
        tag_column="pod_labels",
        tables=_family("reporting_ocp_pod_summary", node=True),
        default_order="usage",
        data_source="Pod",
        quantities=Quantities(
            units=f"{units}-Hours",
            count_units=units,
            sums={part: f"pod_{part}_{hours}" for part in ("usage", "request", "limit")},
            cluster_capacity=f"cluster_capacity_{hours}",
            node_capacity=f"node_capacity_{hours}",
            node_capacity_sums=False,
            node_count=f"node_capacity_{amount}",
        ),
        distributed="total",
        score=True,
    )


COMPUTE = _pod_report("compute", "cpu", "Core", hours="cpu_core_hours", amount="cpu_cores")
MEMORY = _pod_report("memory", "memory", "GiB", hours="memory_gigabyte_hours", amount="memory_gigabytes")
VOLUMES = ReportKind(
    name="volumes",
    cost_columns=("cost_model_volume_cost",),
    tag_column="volume_labels",
    tables=_volume_family(),
    default_order="usage",
    data_source="Storage",
    quantities=Quantities(
        units="GiB-Mo",
        count_units="GiB",
        sums={
            "usage": "persistentvolumeclaim_usage_gigabyte_months",
            "request": "volume_request_storage_gigabyte_months",
            "capacity": "persistentvolumeclaim_capacity_gigabyte_months",
        },
        cluster_capacity=None,
        node_capacity="persistentvolumeclaim_capacity_gigabyte_months",
        node_capacity_sums=True,
        node_count="persistentvolumeclaim_capacity_gigabyte",
    ),
    lists={"persistent_volume_claim": "persistentvolumeclaim", "storage_class": "storageclass"},
)
REPORTS = {kind.name: kind for kind in (COSTS, COMPUTE, MEMORY, VOLUMES)}
