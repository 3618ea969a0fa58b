"""One report: query, rank, complete, order and pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from e2e_validator.embedded.standin.koku import report_queries as queries
from e2e_validator.embedded.standin.koku.capacity import Capacity, ClusterCapacity, NodeCapacity, add_unused
from e2e_validator.embedded.standin.koku.delta import add_deltas
from e2e_validator.embedded.standin.koku.packing import classification, data, pack, pack_score
from e2e_validator.embedded.standin.koku.ranking import Ranking

if TYPE_CHECKING:
    from psycopg import Connection

    from e2e_validator.embedded.standin.koku.parameters import ReportParameters

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """``meta`` without the page's own fields, all of ``data``, and how many groups were ranked (0: none were)."""

    meta: Row
    data: list[Row]
    ranked: int


def _capacity(connection: Connection[Any], source: queries.Source) -> Capacity | None:
    """How the request counts capacity; costs have none."""
    parameters = source.parameters
    amounts = parameters.kind.quantities
    if not amounts:
        return None
    if parameters.grouped_by_node:
        rows = queries.daily_node_capacity(connection, source)
        return NodeCapacity(amounts.count_units, parameters.resolution).load(rows)
    capacity = ClusterCapacity(
        count_units=amounts.count_units,
        resolution=parameters.resolution,
        whole_span=parameters.resolution == "monthly" and not parameters.has_start_date,
        counts_capacity=amounts.cluster_capacity is not None,
    )
    return capacity.load(queries.daily_capacity(connection, source), queries.daily_node_counts(connection, source))


def _ordered(parameters: ReportParameters, rows: list[Row]) -> list[Row]:
    """Best first within each date; "Others" stays last whatever the direction."""
    if parameters.order_field == "delta":
        known = sorted(rows, key=lambda row: row["delta_value"], reverse=parameters.descending)
        return sorted(
            known,
            key=lambda row: (row["delta_percent"] is None, row["delta_percent"] or 0),
            reverse=parameters.descending,
        )
    by_rank = not parameters.order_given or parameters.order_field.startswith("cost_total")
    if parameters.filter_limit and by_rank:
        rows = sorted(rows, key=lambda row: row.get("rank", 0))
    else:
        # The second key makes the order of equals the same each time; Koku leaves it to the database.
        rows = sorted(rows, key=lambda row: [str(row[group]) for group in parameters.groups])
        name = parameters.order_field
        missing = f"No-{name}" if name in parameters.groups else 0
        rows = sorted(
            rows,
            # A name that is empty stands where the one it is shown with does, as on Koku.
            key=lambda row: _sortable(row.get(name) or missing),
            reverse=parameters.descending,
        )
    if parameters.filter_limit:
        rows = sorted(rows, key=lambda row: any(row[group] in {"Others", "Other"} for group in parameters.groups))
    return rows


def _sortable(value: Any) -> Any:
    """Names sort without regard to case."""
    return value.lower() if isinstance(value, str) else value


def _total(source: queries.Source, total: Row, *, scored: bool) -> Row:
    """``meta.total`` from the figures over everything."""
    parameters = source.parameters
    if parameters.kind.quantities:
        add_unused(total)
    if parameters.kind.score:
        total["total_score"] = pack_score(total, parameters.currency, computed=scored)
    return pack(total, parameters.kind, parameters.currency)


def answer(connection: Connection[Any], parameters: ReportParameters) -> Answer:
    """Compute a report on a connection whose search path is the tenant's schema."""
    source = queries.Source.of(parameters)
    kind = parameters.kind
    rows = queries.grouped_rows(connection, source)
    if parameters.grouped_by_project:
        for row in rows:
            row["classification"] = classification(row["project"])
    ranked = 0
    if parameters.filter_limit and rows:
        found = queries.ranks(connection, source)
        ranked = len(found)
        ranking = Ranking(
            parameters.groups, parameters.filter_limit, parameters.filter_offset, found, parameters.grouped_by_project
        )
        rows = ranking.apply(rows)
    capacity = _capacity(connection, source)
    scored = not parameters.tagged and len(parameters.groups) <= 1
    figures = queries.total_row(connection, source) | (capacity.total() if capacity else {})
    for row in rows:
        if capacity:
            capacity.complete(row)
    meta = dict(parameters.meta)
    if parameters.delta:
        meta["delta"] = add_deltas(connection, parameters, rows, figures)
    total = _total(source, figures, scored=scored)
    rows = _ordered(parameters, rows)
    if kind.score:
        for row in rows:
            row["score"] = pack_score(row, parameters.currency, computed=scored)
    meta |= {"total": total}
    if kind.distributed == "parts":
        meta["distributed_overhead"] = queries.distributed_overhead(connection, source)
    buckets = parameters.span.buckets(parameters.resolution)
    return Answer(meta, data(buckets, parameters.groups, rows, kind, parameters.currency), ranked)
