"""A pytest plugin (``-p tampers_money``) that breaks money: rates, rows with costs, tables and pages of the API."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from scene import SUMMARY, Scene, after
from tampering import pytest_e2e_phase_finished, pytest_e2e_phase_started

from e2e_validator.access.koku import KokuApi
from e2e_validator.engine.context import Context
from e2e_validator.providers.ocp.expect.fields import REPORTS, groupings
from e2e_validator.providers.ocp.expect.surface.question import report_path
from e2e_validator.providers.ocp.reports import LIMIT, parameters

__all__ = ["pytest_e2e_phase_finished", "pytest_e2e_phase_started"]

COST_TABLES = tuple(f"reporting_ocp_cost_summary{part}_p" for part in ("", "_by_project", "_by_node"))
BY_PROJECT = COST_TABLES[1]
FIRST, LAST = date(2026, 11, 5), date(2026, 11, 6)
_MINE = "source_uuid = %(provider)s::uuid"

# --- the cost model, between its creation and the cost step --------------------------------------------------------


def _rate(scene: Scene, assignment: str, where: str, **values: Any) -> None:
    scene.sql(
        f"UPDATE cost_model_rate SET {assignment} WHERE price_list_id IN (SELECT price_list_id"
        f" FROM price_list_cost_model_map WHERE cost_model_id = %(model)s::uuid) AND {where}",
        rows=1,
        model=scene.state["cost_model"],
        **values,
    )


@after("source")
def rate_changed(scene: Scene) -> None:
    _rate(scene, "default_rate = default_rate + 0.0001", "metric = 'memory_gb_request_per_hour'")


@after("source")
def rates_not_applied(scene: Scene) -> None:
    scene.sql("DELETE FROM cost_model_map WHERE provider_uuid = %(provider)s::uuid", rows=1)


@after("source")
def tag_rate_of_another_value(scene: Scene) -> None:
    """The price of ``prod`` is charged for ``stage``."""
    said = [{"tag_value": "stage", "value": 2, "unit": "USD", "default": False}]
    _rate(scene, "tag_values = %(said)s::jsonb", "tag_key = 'environment'", said=json.dumps(said))


# --- rows with costs in the daily summary --------------------------------------------------------------------------


@after("cost")
def day_lost(scene: Scene) -> None:
    _delete(scene, f"usage_start = '{FIRST}' AND cost_model_rate_type IS NOT NULL")


@after("cost")
def share_lost(scene: Scene) -> None:
    _delete(scene, f"usage_start = '{LAST}' AND namespace = 'app-b' AND cost_model_rate_type = 'worker_distributed'", 1)


def _delete(scene: Scene, where: str, rows: int | None = None) -> None:
    scene.sql(f"DELETE FROM {SUMMARY} WHERE {_MINE} AND {where}", rows=rows)


@after("cost")
def rate_row_doubled(scene: Scene) -> None:
    columns = [name for name in scene.row(SUMMARY, "true") if name != "uuid"]
    names = ", ".join(columns)
    scene.sql(
        f"INSERT INTO {SUMMARY} ({names}) SELECT {names} FROM {SUMMARY} WHERE {_MINE} AND monthly_cost_type = 'Node'"
        f" AND usage_start = '{LAST}' AND namespace = 'app-a'",
        rows=1,
    )


@after("cost")
def cost_of_another_project(scene: Scene) -> None:
    scene.sql(
        f"UPDATE {SUMMARY} SET namespace = 'app-b' WHERE {_MINE} AND namespace = 'app-a'"
        f" AND usage_start = '{LAST}' AND monthly_cost_type = 'Node'",
        rows=1,
    )


@after("manifest")
def tag_of_another_value(scene: Scene) -> None:
    """The cost of ``front`` stands with ``back``: no sum by day, project or node changes."""
    scene.sql(
        f'UPDATE {SUMMARY} SET pod_labels = \'{{"team": "back"}}\', all_labels = \'{{"team": "back"}}\''
        f" WHERE {_MINE} AND monthly_cost_type = 'Tag' AND all_labels ->> 'team' = 'front'",
    )
    scene.clear_cache()


# --- the tables behind the API -------------------------------------------------------------------------------------


@after("manifest")
def ui_cost_of_another_project(scene: Scene) -> None:
    """One day's costs of two projects change places."""
    where = f"{_MINE} AND usage_start = '{LAST}' AND cost_model_rate_type = 'Infrastructure'"
    scene.sql(
        f"UPDATE {BY_PROJECT} SET namespace = CASE namespace WHEN 'app-a' THEN 'app-b' ELSE 'app-a' END"
        f" WHERE {where} AND namespace IN ('app-a', 'app-b')",
        rows=2,
    )
    scene.clear_cache()


@after("manifest")
def ui_day_lost(scene: Scene) -> None:
    for table in COST_TABLES:
        scene.sql(f"DELETE FROM {table} WHERE {_MINE} AND usage_start = '{FIRST}' AND cost_model_rate_type IS NOT NULL")
    scene.clear_cache()


@after("manifest")
def ui_day_lost_in_one_table(scene: Scene) -> None:
    scene.sql(f"DELETE FROM {COST_TABLES[2]} WHERE {_MINE} AND usage_start = '{FIRST}' AND distributed_cost > 0")
    scene.clear_cache()


@after("manifest")
def ui_costs_are_zero(scene: Scene) -> None:
    costs = ("cost_model_cpu_cost", "cost_model_memory_cost", "cost_model_volume_cost", "distributed_cost")
    for table in COST_TABLES:
        scene.sql(f"UPDATE {table} SET {', '.join(f'{cost} = 0' for cost in costs)} WHERE {_MINE}")
    scene.clear_cache()


# --- the cache -----------------------------------------------------------------------------------------------------


@after("manifest")
def old_answer(scene: Scene) -> None:
    """Somebody asked just before the cost step, and the cache was not emptied after it.

    That moment is made again: the tables lose the costs, the very same questions are asked, so that Koku itself
    caches its answers, and the costs come back. The database is then right, and the pages are not.
    """
    kept = {table: f"e2e_kept_{number}" for number, table in enumerate(COST_TABLES)}
    # Our questions must be the first ones.
    scene.clear_cache()
    for table, copy in kept.items():
        scene.execute(f"CREATE TABLE {copy} AS SELECT * FROM {table} WHERE source_uuid = '{scene.provider}'::uuid")
        scene.sql(f"DELETE FROM {table} WHERE {_MINE} AND cost_model_rate_type IS NOT NULL")
    ask(scene)
    for table, copy in kept.items():
        scene.sql(f"INSERT INTO {table} SELECT * FROM {copy} WHERE cost_model_rate_type IS NOT NULL")
        scene.execute(f"DROP TABLE {copy}")


@after("manifest")
def old_answer_then_emptied(scene: Scene) -> None:
    """The same, but that the cache is emptied at last: nothing is wrong then."""
    old_answer(scene)
    scene.clear_cache()


def ask(scene: Scene) -> None:
    """Ask everything that the phase ``api`` asks, in the same words."""
    context = cast("Context", SimpleNamespace(source_key=scene.state["source"]["key"]))
    koku = KokuApi(scene.target)
    for report in REPORTS:
        for grouping in groupings(()):
            koku.ask(report_path(report), parameters(context, grouping, (FIRST, LAST), LIMIT))
