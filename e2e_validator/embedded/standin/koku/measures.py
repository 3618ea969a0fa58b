"""The SQL of every figure of a report: money, quantities and efficiency (docs/contract/koku.md 6.3).

Exchange rates are 1 (no exchange dictionary on-prem), so none appears.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from e2e_validator.embedded.standin.koku.report_kinds import Quantities, ReportKind

Measures = dict[str, sql.Composable]

_ZERO = sql.SQL("0::numeric")
DISTRIBUTIONS = {
    "cost_platform_distributed": "platform_distributed",
    "cost_worker_unallocated_distributed": "worker_distributed",
    "cost_network_unattributed_distributed": "unattributed_network",
    "cost_storage_unattributed_distributed": "unattributed_storage",
    "cost_gpu_unallocated_distributed": "gpu_distributed",
}


def _coalesced(columns: Iterable[str]) -> sql.Composed:
    """The columns added up, NULL counting as 0."""
    return sql.SQL(" + ").join(sql.SQL("COALESCE({}, 0)").format(sql.Identifier(column)) for column in columns)


def _total(columns: Iterable[str]) -> sql.Composed:
    """Their sum over the rows."""
    return sql.SQL("SUM({})").format(_coalesced(columns))


def _of_rate(columns: Iterable[str], rate_type: str) -> sql.Composed:
    """Their sum over the rows of one rate type."""
    template = sql.SQL("SUM(CASE WHEN cost_model_rate_type = {} THEN {} ELSE 0 END)")
    return template.format(sql.Literal(rate_type), _coalesced(columns))


def _plus(*terms: sql.Composable) -> sql.Composed:
    """A sum of aggregates."""
    return sql.SQL("({})").format(sql.SQL(" + ").join(terms))


def money(kind: ReportKind) -> Measures:
    """infrastructure, supplementary and cost; with the distributed parts where the report has them."""
    raw, markup = _total(["infrastructure_raw_cost"]), _total(["infrastructure_markup_cost"])
    supplementary = _of_rate(kind.cost_columns, "Supplementary")
    infrastructure = _of_rate(kind.cost_columns, "Infrastructure")
    usage = _total(kind.cost_columns)
    total = _plus(raw, markup, usage)
    figures: Measures = {
        "sup_raw": _ZERO,
        "sup_markup": _ZERO,
        "sup_usage": supplementary,
        "sup_total": supplementary,
        "infra_raw": raw,
        "infra_markup": markup,
        "infra_usage": infrastructure,
        "infra_total": _plus(raw, markup, infrastructure),
        "cost_raw": raw,
        "cost_markup": markup,
        "cost_usage": usage,
        "cost_total": total,
    }
    if kind.distributed == "none":
        return figures
    parts = {name: _of_rate(["distributed_cost"], rate_type) for name, rate_type in DISTRIBUTIONS.items()}
    figures["cost_total_distributed"] = _plus(total, *parts.values())
    return figures | parts if kind.distributed == "parts" else figures


def quantities(amounts: Quantities) -> Measures:
    """usage, request, limit; for volumes also capacity."""
    return {name: _total([column]) for name, column in amounts.sums.items()}


def efficiency(amounts: Quantities, cost_total: sql.Composable) -> Measures:
    """Usage in whole percent of the request, and the cost of the part that was requested in vain."""
    ratio = sql.SQL("{} / NULLIF({}, 0)").format(_total([amounts.sums["usage"]]), _total([amounts.sums["request"]]))
    return {
        "usage_efficiency": sql.SQL("COALESCE(ROUND({} * 100), 0)::integer").format(ratio),
        "wasted_cost": sql.SQL("COALESCE(GREATEST({} * (1 - {}), 0), 0)").format(cost_total, ratio),
    }


def measures(kind: ReportKind) -> Measures:
    """All numeric figures of a report, by the name the packing knows them by."""
    figures = money(kind)
    if kind.quantities:
        figures |= quantities(kind.quantities)
        if kind.score:
            figures |= efficiency(kind.quantities, figures["cost_total"])
    return figures


def distinct_lists(kind: ReportKind) -> Measures:
    """The lists of claims and storage classes."""
    template = sql.SQL("COALESCE(array_agg(DISTINCT {0} ORDER BY {0}) FILTER (WHERE {0} IS NOT NULL), '{{}}')")
    return {name: template.format(sql.Identifier(column)) for name, column in kind.lists.items()}


def node_measures(amounts: Quantities) -> Measures:
    """Capacity count of a node's rows; their capacity comes from the daily summary."""
    return {"capacity_count": sql.SQL("MAX(COALESCE({}, 0))").format(sql.Identifier(amounts.node_count))}
