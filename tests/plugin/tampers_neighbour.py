"""Breaks what belongs to the run's control source, which no scenario may touch."""

from __future__ import annotations

from scene import SUMMARY, Scene, after


@after("manifest")
def neighbour_charged(scene: Scene) -> None:
    scene.sql(
        f"UPDATE {SUMMARY} SET cost_model_cpu_cost = 1, cost_model_rate_type = 'Infrastructure'"
        " WHERE source_uuid = %(neighbour)s::uuid AND pod_limit_cpu_core_hours > 0",
        neighbour=scene.neighbour,
    )


@after("manifest")
def neighbour_inactive(scene: Scene) -> None:
    scene.sql("UPDATE api_provider SET active = false WHERE uuid = %(neighbour)s::uuid", neighbour=scene.neighbour)


@after("api")
def neighbour_rows_deleted(scene: Scene) -> None:
    table = "openshift_storage_usage_line_items"
    scene.sql(f"DELETE FROM {table} WHERE source = %(neighbour)s::text", neighbour=scene.neighbour)


@after("source")
def neighbour_never_comes(scene: Scene) -> None:
    """Its credentials are somebody else's: what is sent for its cluster finds no source."""
    scene.sql("DELETE FROM api_provider WHERE uuid = %(neighbour)s::uuid", neighbour=scene.neighbour)
