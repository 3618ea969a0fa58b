"""The statements of an AWS report."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

from e2e_validator.embedded.standin.classic.api.kinds import COLUMNS, COST_TYPES, DAILY
from e2e_validator.embedded.standin.classic.api.parameters import AwsParameters
from e2e_validator.embedded.standin.koku.report_fields import strip_operator

Row = dict[str, Any]
_JSON = {"tag": "tags", "aws_category": "cost_category"}


def column_of(key: str) -> sql.Composable:
    """The column of a key; a tag or category is a value of its JSON."""
    kind, _, name = key.partition(":")
    if name:
        return sql.SQL("({} ->> {})").format(sql.Identifier(_JSON[kind]), sql.Literal(name))
    return sql.Identifier(COLUMNS[key])


def _matches(key: str, value: str, *, exact: bool = False) -> sql.Composable:
    if value == "*":
        return sql.SQL("TRUE") if ":" not in key else sql.SQL("{} IS NOT NULL").format(column_of(key))
    if exact:
        return sql.SQL("{} = {}").format(column_of(key), sql.Literal(value))
    pattern = "%" + value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return sql.SQL("{} ILIKE {}").format(column_of(key), sql.Literal(pattern))


def _one_of(parts: list[sql.Composable], glue: str) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(glue).join(parts))


def where(parameters: AwsParameters) -> sql.Composable:
    """The whole condition."""
    span = parameters.span
    found: list[sql.Composable] = [
        sql.SQL("usage_start BETWEEN {} AND {}").format(sql.Literal(span.first), sql.Literal(span.last))
    ]
    if parameters.table == DAILY:
        found.append(sql.SQL(parameters.report.where))
    for given in (parameters.filter, parameters.group_by):
        for key, values in given.items():
            if given is parameters.group_by and "*" in values:
                continue
            bare = strip_operator(key)
            glue = " AND " if key.startswith("and:") else " OR "
            found.append(_one_of([_matches(bare, value, exact=key.startswith("exact:")) for value in values], glue))
    for key, values in parameters.exclude.items():
        hit = _one_of([_matches(strip_operator(key), value) for value in values], " OR ")
        # NULL is not excluded: NOT alone would drop rows without the column.
        found.append(sql.SQL("NOT COALESCE({}, FALSE)").format(hit))
    return sql.SQL(" AND ").join(found)


def _figures(parameters: AwsParameters) -> list[sql.Composable]:
    cost, markup = COST_TYPES[parameters.cost_type]
    if parameters.report.falls_back:
        text = "SUM(CASE WHEN COALESCE({0}, 0) = 0 THEN COALESCE({1}, 0) ELSE {0} END)"
        raw = sql.SQL(text).format(sql.Identifier(cost), sql.Identifier("unblended_cost"))
        more = sql.SQL(text).format(sql.Identifier(markup), sql.Identifier("markup_cost"))
    else:
        raw = sql.SQL("SUM(COALESCE({}, 0))").format(sql.Identifier(cost))
        more = sql.SQL("SUM(COALESCE({}, 0))").format(sql.Identifier(markup))
    found: list[sql.Composable] = [sql.SQL("{} AS cost_raw").format(raw), sql.SQL("{} AS cost_markup").format(more)]
    if parameters.report.unit:
        found.append(
            sql.SQL("SUM(usage_amount) AS usage, COALESCE(MAX(unit), {}) AS usage_units").format(
                sql.Literal(parameters.report.unit)
            )
        )
    return found


def _date(parameters: AwsParameters) -> sql.SQL:
    form = "YYYY-MM" if parameters.resolution == "monthly" else "YYYY-MM-DD"
    return sql.SQL(f"to_char(usage_start, '{form}')")


def _run(connection: Connection[Any], parameters: AwsParameters, keys: list[sql.Composable], tail: str) -> list[Row]:
    chosen = sql.SQL(", ").join([*keys, *_figures(parameters)])
    statement = sql.SQL("SELECT {}, array_agg(DISTINCT source_uuid) AS source_uuid, COUNT(*) AS n FROM {} WHERE {} {}")
    query = statement.format(chosen, sql.Identifier(parameters.table), where(parameters), sql.SQL(tail))
    rows = [dict(row) for row in connection.execute(query).fetchall()]
    return [_completed(row) for row in rows if row["n"]]


def _completed(row: Row) -> Row:
    row.pop("n")
    return row | {"cost_total": row["cost_raw"] + row["cost_markup"]}


def grouped_rows(connection: Connection[Any], parameters: AwsParameters) -> list[Row]:
    """A row per date and group."""
    keys = [sql.SQL("{} AS {}").format(_date(parameters), sql.Identifier("date"))]
    keys += [sql.SQL("{} AS {}").format(column_of(group), sql.Identifier(group)) for group in parameters.groups]
    numbers = ", ".join(str(number + 1) for number in range(len(keys)))
    return _run(connection, parameters, list(keys), f"GROUP BY {numbers}")


def ranked_groups(connection: Connection[Any], parameters: AwsParameters) -> list[Row]:
    """The groups over the whole span."""
    keys = [sql.SQL("{} AS {}").format(column_of(group), sql.Identifier(group)) for group in parameters.groups]
    numbers = ", ".join(str(number + 1) for number in range(len(keys)))
    return _run(connection, parameters, list(keys), f"GROUP BY {numbers}")


def total_row(connection: Connection[Any], parameters: AwsParameters) -> Row | None:
    """Everything together; None where there is nothing."""
    found = _run(connection, parameters, [], "")
    return found[0] if found else None
