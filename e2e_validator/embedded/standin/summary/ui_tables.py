"""The tables behind the reports, filled from the daily summary (docs/contract/koku.md 3.9, 6.3)."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.summary.range import SummaryRange

_MONEY = (
    "infrastructure_raw_cost",
    "infrastructure_markup_cost",
    "cost_model_cpu_cost",
    "cost_model_memory_cost",
    "cost_model_volume_cost",
    "cost_model_gpu_cost",
    "distributed_cost",
)
_POD_SUMS = tuple(
    f"pod_{what}_{unit}"
    for unit in ("cpu_core_hours", "memory_gigabyte_hours")
    for what in ("usage", "request", "effective_usage", "limit")
)
_CLUSTER_CAPACITY = ("cluster_capacity_cpu_core_hours", "cluster_capacity_memory_gigabyte_hours")
_NODE_CAPACITY = (
    "node_capacity_cpu_cores",
    "node_capacity_cpu_core_hours",
    "node_capacity_memory_gigabytes",
    "node_capacity_memory_gigabyte_hours",
)
_VOLUME_SUMS = (
    "volume_request_storage_gigabyte_months",
    "persistentvolumeclaim_usage_gigabyte_months",
    "persistentvolumeclaim_capacity_gigabyte_months",
)
_VOLUME_KEYS = ("persistentvolumeclaim", "storageclass")
# A row without a namespace (role of the node unknown) is not excluded: it counts as usage, as on Koku.
_PODS = (
    "data_source = 'Pod' AND (namespace IS NULL OR namespace NOT IN ('Worker unallocated', 'Platform unallocated',"
    " 'Network unattributed', 'Storage unattributed'))"
)
_VOLUMES = "data_source = 'Storage' AND persistentvolumeclaim IS NOT NULL"


@dataclass(frozen=True, slots=True)
class UiTable:
    """One table: extra grouping keys, what is summed, what is maximised, which summary rows count."""

    name: str
    keys: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    maxima: tuple[str, ...] = ()
    rows: str = "true"
    resources: bool = False

    def insert(self) -> sql.Composed:
        """The statement that groups the daily summary by day, cluster, rate type and the keys."""
        keys = ("cluster_id", "cluster_alias", "cost_model_rate_type", "usage_start", *self.keys)
        values = dict.fromkeys((*_MONEY, *self.sums), "sum({})")
        values |= dict.fromkeys(("cost_category_id", "raw_currency", *self.maxima), "max({})")
        names = [*keys, *values, "id", "usage_end", "source_uuid"]
        chosen: list[sql.Composable] = [sql.Identifier(key) for key in keys]
        chosen += [sql.SQL(how).format(sql.Identifier(name)) for name, how in values.items()]
        chosen += [sql.SQL("gen_random_uuid()"), sql.SQL("usage_start"), sql.SQL("%(source)s::uuid")]
        if self.resources:
            names += ["data_source", "resource_ids", "resource_count"]
            chosen += [
                sql.SQL("max(data_source)"),
                sql.SQL("array_agg(DISTINCT resource_id)"),
                sql.SQL("count(DISTINCT resource_id)"),
            ]
        return sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM reporting_ocpusagelineitem_daily_summary"
            " WHERE source_uuid = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s AND {} GROUP BY {}"
        ).format(
            sql.Identifier(self.name),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(chosen),
            sql.SQL(self.rows),
            sql.SQL(", ").join(map(sql.Identifier, keys)),
        )

    def delete(self) -> sql.Composed:
        """The statement that removes what an earlier summary put there."""
        return sql.SQL(
            "DELETE FROM {} WHERE source_uuid = %(source)s AND usage_start BETWEEN %(start)s AND %(end)s"
        ).format(sql.Identifier(self.name))


def _pod(suffix: str, *keys: str, maxima: tuple[str, ...] = ()) -> UiTable:
    name = f"reporting_ocp_pod_summary{suffix}_p"
    return UiTable(name, keys, _POD_SUMS, (*_CLUSTER_CAPACITY, *maxima), _PODS, resources=True)


def _volume(suffix: str, *keys: str) -> UiTable:
    name = f"reporting_ocp_volume_summary{suffix}_p"
    return UiTable(name, (*keys, *_VOLUME_KEYS), _VOLUME_SUMS, (), _VOLUMES, resources=True)


FILLED = (
    UiTable("reporting_ocp_cost_summary_p"),
    UiTable("reporting_ocp_cost_summary_by_node_p", ("node",)),
    UiTable("reporting_ocp_cost_summary_by_project_p", ("namespace",)),
    _pod(""),
    _pod("_by_node", "node", maxima=_NODE_CAPACITY),
    _pod("_by_project", "namespace"),
    _volume(""),
    _volume("_by_project", "namespace"),
)


def fill_ui_tables(conn: Connection, span: SummaryRange) -> None:
    """Delete and insert the rows of the range in each table."""
    for table in FILLED:
        conn.execute(table.delete(), span.parameters)
        conn.execute(table.insert(), span.parameters)
