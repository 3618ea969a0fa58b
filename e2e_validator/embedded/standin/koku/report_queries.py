"""The statements of a report, and the rows they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from e2e_validator.embedded.standin.koku.conditions import where
from e2e_validator.embedded.standin.koku.measures import distinct_lists, measures, node_measures
from e2e_validator.embedded.standin.koku.report_kinds import DAILY_SUMMARY, GROUP_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from e2e_validator.embedded.standin.koku.parameters import ReportParameters

Row = dict[str, Any]
# One name for both spellings of a cluster, as the answers show it.
CLUSTER = sql.SQL("COALESCE(cluster_alias, cluster_id)")
_CLUSTERS = sql.SQL("array_agg(DISTINCT COALESCE(cluster_alias, cluster_id)) AS clusters")
_SOURCES = sql.SQL(
    "COALESCE(array_agg(DISTINCT source_uuid::text) FILTER (WHERE source_uuid IS NOT NULL), '{}') AS source_uuid"
)
_COST_GROUP = sql.SQL(
    "(SELECT c.name FROM reporting_ocp_cost_category AS c WHERE c.id = r.cost_category_id) AS cost_group"
)


@dataclass(frozen=True, slots=True)
class Source:
    """The table and the condition of one request."""

    parameters: ReportParameters
    table: str
    condition: sql.Composable

    @classmethod
    def of(cls, parameters: ReportParameters) -> Source:
        """Choose the table."""
        table = parameters.kind.table(parameters.table_keys)
        return cls(parameters, table, where(parameters, table))

    def select(self, columns: Sequence[sql.Composable], tail: sql.Composable, table: str = "") -> sql.Composed:
        """``SELECT columns FROM table AS r WHERE condition tail``."""
        template = sql.SQL("SELECT {} FROM {} AS r WHERE {} {}")
        return template.format(sql.SQL(", ").join(columns), sql.Identifier(table or self.table), self.condition, tail)


def group_column(key: str, tag_column: str) -> sql.Composable:
    """The column or tag value that a group key stands for."""
    if key.startswith("tag:"):
        return sql.SQL("({} ->> {})").format(sql.Identifier(tag_column), sql.Literal(key.removeprefix("tag:")))
    return sql.Identifier(GROUP_COLUMNS[key])


def named(expression: sql.Composable, name: str) -> sql.Composed:
    """``expression AS name``."""
    return sql.SQL("{} AS {}").format(expression, sql.Identifier(name))


def fetch(connection: Connection[Any], statement: sql.Composed) -> list[Row]:
    """Run a statement and return its rows as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _groups(source: Source) -> list[sql.Composable]:
    """The group columns, each under its key."""
    tag_column = source.parameters.kind.tag_column
    return [named(group_column(key, tag_column), key) for key in source.parameters.groups]


def _figures(source: Source) -> list[sql.Composable]:
    """Every figure and list of a row of the answer."""
    kind = source.parameters.kind
    found = measures(kind) | distinct_lists(kind)
    if source.parameters.grouped_by_node and kind.quantities:
        found |= node_measures(kind.quantities)
    return [named(expression, name) for name, expression in found.items()]


def grouped_rows(connection: Connection[Any], source: Source) -> list[Row]:
    """One row per date and group, with ``date``, the group keys, figures, ``clusters`` and ``source_uuid``."""
    form = "YYYY-MM" if source.parameters.resolution == "monthly" else "YYYY-MM-DD"
    keys = [named(sql.SQL("to_char(usage_start, {})").format(sql.Literal(form)), "date"), *_groups(source)]
    if source.parameters.kind.distributed == "parts":
        keys.append(_COST_GROUP)
    columns = [*keys, *_figures(source), _CLUSTERS, _SOURCES]
    numbers = sql.SQL(", ").join(sql.SQL(str(i + 1)) for i in range(len(keys)))
    return fetch(connection, source.select(columns, sql.SQL("GROUP BY {}").format(numbers)))


def total_row(connection: Connection[Any], source: Source) -> Row:
    """The figures over everything; all integer 0, lists included, when there is no row (as Koku answers)."""
    kind = source.parameters.kind
    found = measures(kind) | distinct_lists(kind)
    columns = [named(sql.SQL("COUNT(*)"), "row_count")]
    columns += [named(expression, name) for name, expression in found.items()]
    row = fetch(connection, source.select(columns, sql.SQL("")))[0]
    return row if row.pop("row_count") else dict.fromkeys(found, 0)


def ranks(connection: Connection[Any], source: Source) -> list[Row]:
    """The groups over the whole span, best first, with the figure they are ranked by under its name."""
    parameters = source.parameters
    figures = measures(parameters.kind)
    by_key = parameters.filter_offset is not None and parameters.order_field in parameters.groups
    order = parameters.order_field
    descending = parameters.descending
    if not by_key and order not in figures:
        order, descending = parameters.kind.default_order, True
    keys = _groups(source)
    columns = [*keys, _CLUSTERS, _SOURCES]
    ranking: sql.Composable = group_column(order, parameters.kind.tag_column) if by_key else figures[order]
    if not by_key:
        columns.append(named(figures[order], order))
    numbers = sql.SQL(", ").join(sql.SQL(str(i + 1)) for i in range(len(keys)))
    tail = sql.SQL("GROUP BY {0} ORDER BY {1} {2}, {0}").format(
        numbers, ranking, sql.SQL("DESC") if descending else sql.SQL("ASC")
    )
    return fetch(connection, source.select(columns, tail))


def distributed_overhead(connection: Connection[Any], source: Source) -> bool:
    """Whether platform or worker cost was distributed over these projects."""
    columns: list[sql.Composable] = [sql.SQL("1")]
    tail = sql.SQL("AND cost_model_rate_type IN ('platform_distributed', 'worker_distributed') LIMIT 1")
    return bool(fetch(connection, source.select(columns, tail)))


def daily_capacity(connection: Connection[Any], source: Source) -> list[Row]:
    """Capacity per day and cluster: ``usage_start``, ``cluster``, ``capacity``. Empty for volumes."""
    amounts = source.parameters.kind.quantities
    if not amounts or not amounts.cluster_capacity:
        return []
    value = sql.SQL("MAX({})").format(sql.Identifier(amounts.cluster_capacity))
    columns = [sql.SQL("usage_start"), named(CLUSTER, "cluster"), named(value, "capacity")]
    tail = sql.SQL("GROUP BY usage_start, cluster_id, 2")
    return fetch(connection, source.select(columns, tail, DAILY_SUMMARY))


def daily_node_counts(connection: Connection[Any], source: Source) -> list[Row]:
    """Cores or GiB per day, cluster and node: ``usage_start``, ``cluster``, ``node``, ``capacity_count``."""
    amounts = source.parameters.kind.quantities
    if not amounts:
        return []
    columns = [sql.SQL("usage_start"), named(CLUSTER, "cluster"), sql.SQL("node")]
    columns += [named(expression, name) for name, expression in node_measures(amounts).items()]
    tail = sql.SQL("AND node IS NOT NULL GROUP BY usage_start, 2, node")
    return fetch(connection, source.select(columns, tail, DAILY_SUMMARY))


def daily_node_capacity(connection: Connection[Any], source: Source) -> list[Row]:
    """Capacity per day and node: ``usage_start``, ``node``, ``capacity``, ``capacity_count``."""
    amounts = source.parameters.kind.quantities
    if not amounts:
        return []
    template = sql.SQL("SUM(COALESCE({}, 0))") if amounts.node_capacity_sums else sql.SQL("MAX({})")
    value = template.format(sql.Identifier(amounts.node_capacity))
    columns = [sql.SQL("usage_start"), sql.SQL("node"), named(value, "capacity")]
    columns += [named(expression, name) for name, expression in node_measures(amounts).items()]
    tail = sql.SQL("AND node IS NOT NULL GROUP BY usage_start, node")
    return fetch(connection, source.select(columns, tail, DAILY_SUMMARY))
