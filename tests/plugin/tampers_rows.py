"""Breaks rows in the database: line items, daily summary, and the tables behind the API."""

from __future__ import annotations

from scene import SUMMARY, Scene, after

# --- line items ----------------------------------------------------------------------------------------------------

_ONE = "(SELECT id FROM {table} WHERE source = %(provider)s::text ORDER BY usage_start, id LIMIT 1)"


@after("manifest")
def line_item_deleted(scene: Scene) -> None:
    table = "openshift_pod_usage_line_items"
    scene.sql(f"DELETE FROM {table} WHERE id = {_ONE.format(table=table)}", rows=1)


@after("manifest")
def line_item_changed(scene: Scene) -> None:
    table = "openshift_pod_usage_line_items"
    scene.sql(
        f"UPDATE {table} SET pod_limit_cpu_core_seconds = pod_limit_cpu_core_seconds + 0.01"
        f" WHERE id = {_ONE.format(table=table)}",
        rows=1,
    )


@after("manifest")
def line_item_is_null(scene: Scene) -> None:
    table = "openshift_pod_usage_line_items"
    scene.sql(
        f"UPDATE {table} SET pod_request_memory_byte_seconds = NULL WHERE id = {_ONE.format(table=table)}", rows=1
    )


@after("manifest")
def daily_line_item_changed(scene: Scene) -> None:
    table = "openshift_pod_usage_line_items_daily"
    scene.sql(
        f"UPDATE {table} SET pod_usage_memory_byte_seconds = pod_usage_memory_byte_seconds * 2"
        f" WHERE id = {_ONE.format(table=table)}",
        rows=1,
    )


@after("manifest")
def volume_line_item_deleted(scene: Scene) -> None:
    table = "openshift_storage_usage_line_items"
    scene.sql(f"DELETE FROM {table} WHERE id = {_ONE.format(table=table)}", rows=1)


# --- daily summary -------------------------------------------------------------------------------------------------

_MINE = "source_uuid = %(provider)s::uuid"
_POD_ROW = f"(SELECT uuid FROM {SUMMARY} WHERE {_MINE} AND namespace = 'ns_a' ORDER BY uuid LIMIT 1)"


@after("summary")
def summary_changed(scene: Scene) -> None:
    scene.sql(
        f"UPDATE {SUMMARY} SET pod_usage_cpu_core_hours = pod_usage_cpu_core_hours + 0.0001 WHERE uuid = {_POD_ROW}",
        rows=1,
    )


@after("manifest")
def summary_changed_late(scene: Scene) -> None:
    scene.sql(f"UPDATE {SUMMARY} SET pod_limit_memory_gigabyte_hours = 97 WHERE uuid = {_POD_ROW}", rows=1)


@after("manifest")
def summary_row_doubled(scene: Scene) -> None:
    columns = [name for name in scene.row(SUMMARY, "true") if name != "uuid"]
    names = ", ".join(columns)
    scene.sql(f"INSERT INTO {SUMMARY} ({names}) SELECT {names} FROM {SUMMARY} WHERE uuid = {_POD_ROW}", rows=1)


@after("manifest")
def summary_day_deleted(scene: Scene) -> None:
    scene.sql(
        f"DELETE FROM {SUMMARY} WHERE {_MINE} AND usage_start = (SELECT max(usage_start) FROM {SUMMARY} WHERE {_MINE})"
    )


@after("manifest")
def unallocated_deleted(scene: Scene) -> None:
    scene.sql(f"DELETE FROM {SUMMARY} WHERE {_MINE} AND namespace = 'Worker unallocated'")


@after("manifest")
def cluster_capacity_changed(scene: Scene) -> None:
    """The reports take capacity from the daily summary (docs/contract/koku.md 5.5)."""
    scene.sql(f"UPDATE {SUMMARY} SET cluster_capacity_cpu_core_hours = 97 WHERE uuid = {_POD_ROW}", rows=1)
    scene.clear_cache()


@after("manifest")
def summary_namespace_changed(scene: Scene) -> None:
    scene.sql(f"UPDATE {SUMMARY} SET namespace = 'somebody_else' WHERE uuid = {_POD_ROW}", rows=1)


# --- the tables behind the API -------------------------------------------------------------------------------------


def _in_the_api(scene: Scene, table: str, assignment: str) -> None:
    scene.sql(
        f"UPDATE {table} SET {assignment} WHERE id = (SELECT id FROM {table} WHERE {_MINE} ORDER BY id LIMIT 1)", rows=1
    )
    scene.clear_cache()


@after("manifest")
def api_total_changed(scene: Scene) -> None:
    _in_the_api(scene, "reporting_ocp_pod_summary_p", "pod_usage_cpu_core_hours = pod_usage_cpu_core_hours + 0.0001")


@after("manifest")
def api_project_changed(scene: Scene) -> None:
    change = "pod_request_memory_gigabyte_hours = pod_request_memory_gigabyte_hours + 1"
    _in_the_api(scene, "reporting_ocp_pod_summary_by_project_p", change)


@after("manifest")
def api_node_changed(scene: Scene) -> None:
    change = "pod_limit_cpu_core_hours = pod_limit_cpu_core_hours * 2"
    _in_the_api(scene, "reporting_ocp_pod_summary_by_node_p", change)


@after("manifest")
def api_volume_changed(scene: Scene) -> None:
    change = "volume_request_storage_gigabyte_months = volume_request_storage_gigabyte_months + 0.001"
    _in_the_api(scene, "reporting_ocp_volume_summary_p", change)


@after("manifest")
def api_volume_by_project_changed(scene: Scene) -> None:
    change = "persistentvolumeclaim_usage_gigabyte_months = persistentvolumeclaim_usage_gigabyte_months + 0.001"
    _in_the_api(scene, "reporting_ocp_volume_summary_by_project_p", change)


@after("manifest")
def api_cost_is_not_zero(scene: Scene) -> None:
    _in_the_api(scene, "reporting_ocp_cost_summary_p", "cost_model_cpu_cost = 0.01")


@after("manifest")
def api_cost_by_project_is_not_zero(scene: Scene) -> None:
    _in_the_api(scene, "reporting_ocp_cost_summary_by_project_p", "cost_model_memory_cost = 0.01")


@after("manifest")
def api_row_deleted(scene: Scene) -> None:
    scene.sql(f"DELETE FROM reporting_ocp_pod_summary_by_project_p WHERE {_MINE}")
    scene.clear_cache()
