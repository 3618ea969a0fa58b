"""The costs that the UI tables must hold: what the API reads (docs/contract/koku.md 3.9, 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Key, Measures, add, exactly
from e2e_validator.providers.ocp.expect.figures import NOT_USAGE
from e2e_validator.providers.ocp.expect.rate_rows import COSTS
from e2e_validator.providers.ocp.expect.summary import POD, STORAGE, named

COST, BY_PROJECT, BY_NODE = (
    "reporting_ocp_cost_summary_p",
    "reporting_ocp_cost_summary_by_project_p",
    "reporting_ocp_cost_summary_by_node_p",
)
PODS, VOLUMES = "reporting_ocp_pod_summary_p", "reporting_ocp_volume_summary_p"
# Table -> the column that is the group; '' where the table has one group for each day.
GROUP_COLUMNS = {COST: "", BY_PROJECT: "namespace", BY_NODE: "node", PODS: "", VOLUMES: ""}
NO_RATE = "none"

_ZEROS = dict.fromkeys(COSTS, Decimal(0))


@exactly
def ui_tables(summary: Measures, rates: Measures) -> Measures:
    """By (table, day, group): the sums of each cost by rate type, as ``<rate type>.<cost>``.

    Rows of usage have the rate type ``none`` (NULL) and cost 0. ``rates`` is as ``by_claim_and_label`` gives it.
    """
    measures: Measures = {}
    for day, source, namespace, node, claim in summary:
        for key in _places(day, source, namespace, node, claim):
            add(measures, key, _of_rate(NO_RATE, _ZEROS))
    for (day, source, namespace, node, claim, rate_type, _, _), costs in rates.items():
        for key in _places(day, source, namespace, node, claim):
            add(measures, key, _of_rate(rate_type, costs))
    return measures


def _places(day: str, source: str, namespace: str, node: str, claim: str) -> Iterator[Key]:
    yield COST, day, ""
    yield BY_PROJECT, day, namespace
    yield BY_NODE, day, node
    if source == POD and namespace not in NOT_USAGE:
        yield PODS, day, ""
    if source == STORAGE and claim:
        yield VOLUMES, day, ""


@exactly
def read_ui_table(table: str, rows: Iterable[Mapping[str, Any]]) -> Measures:
    """Rows of a UI table (or SQL sums of them by day, group and rate type), as ``ui_tables`` has them.

    A row has ``usage_start``, ``cost_model_rate_type``, the costs, and the table's column of ``GROUP_COLUMNS``;
    a cost that is NULL counts as 0.
    """
    measures: Measures = {}
    column = GROUP_COLUMNS[table]
    for row in rows:
        group = "" if not column or row[column] is None else named(str(row[column]))
        key = (table, str(row["usage_start"]), group)
        costs = {cost: Decimal(row[cost] or 0) for cost in COSTS}
        add(measures, key, _of_rate(str(row["cost_model_rate_type"] or NO_RATE), costs))
    return measures


def _of_rate(rate_type: str, costs: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {f"{rate_type}.{cost}": value for cost, value in costs.items()}
