"""The WHERE clause of a report, from its filters, group-by values and exclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from e2e_validator.embedded.standin.koku.report_kinds import (
    DAILY_SUMMARY,
    GROUP_COLUMNS,
    UNALLOCATED_EXCLUDED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from e2e_validator.embedded.standin.koku.parameters import ReportParameters

_FALSE = sql.SQL("FALSE")
_AND, _OR = " AND ", " OR "


def joined(parts: Iterable[sql.Composable], operator: str) -> sql.Composable:
    """The conditions in one pair of brackets; none is TRUE for AND."""
    found = list(parts)
    glue = sql.SQL(" OR ") if operator == _OR else sql.SQL(" AND ")
    return sql.SQL("({})").format(glue.join(found)) if found else sql.SQL("TRUE")


def _contains(column: sql.Composable, value: str, *, exact: bool) -> sql.Composed:
    """``column`` equals the value, or contains it in whatever case."""
    if exact:
        return sql.SQL("{} = {}").format(column, sql.Literal(value))
    pattern = "%" + value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return sql.SQL("{} ILIKE {}").format(column, sql.Literal(pattern))


def matches(key: str, value: str, tag_column: str, *, exact: bool = False) -> sql.Composable:
    """One value of one key: resources match on part of the name, a cluster by its alias or its id."""
    if key == "cluster":
        columns = [sql.Identifier(name) for name in ("cluster_alias", "cluster_id")]
        return joined((_contains(column, value, exact=exact) for column in columns), _OR)
    if key == "infrastructures":
        return _FALSE  # no cluster of an on-prem Koku runs on a known cloud
    if key == "category":
        template = sql.SQL("cost_category_id IN (SELECT id FROM reporting_ocp_cost_category WHERE {})")
        return template.format(_contains(sql.Identifier("name"), value, exact=exact))
    if key.startswith("tag:"):
        tag = sql.Literal(key.removeprefix("tag:"))
        column = sql.SQL("({} ->> {})").format(sql.Identifier(tag_column), tag)
        return _contains(column, value, exact=exact)
    return _contains(sql.Identifier(GROUP_COLUMNS[key]), value, exact=exact)


def _has_tag(key: str, tag_column: str) -> sql.Composed:
    """The row carries the tag key."""
    return sql.SQL("{} ? {}").format(sql.Identifier(tag_column), sql.Literal(key.removeprefix("tag:")))


def _positive(parameters: ReportParameters, key: str) -> list[sql.Composable]:
    """Conditions of one key: plain and exact values OR-ed, then those of the operators AND-ed to them."""
    tag_column = parameters.kind.tag_column
    plain = parameters.filter.get(key, [])
    exact = parameters.filter.get(f"exact:{key}", [])
    if not plain and not exact:
        plain = parameters.group_by.get(key, [])
    elif "*" in plain and key.startswith("tag:"):
        return [_has_tag(key, tag_column)]
    options = [matches(key, value, tag_column) for value in plain] if "*" not in plain else []
    options += [matches(key, value, tag_column, exact=True) for value in exact]
    found = [joined(options, _OR)] if options else []
    for operator, glue in (("and:", _AND), ("or:", _OR)):
        values = [*parameters.group_by.get(operator + key, []), *parameters.filter.get(operator + key, [])]
        if values and "*" not in values:
            found.append(joined((matches(key, value, tag_column) for value in values), glue))
    return found


def _excluded(parameters: ReportParameters, key: str) -> list[sql.Composable]:
    """What one key's exclusions hit: a row that matches any of them.

    Koku takes ``exclude[exact:...]`` and does nothing with it.
    """
    tag_column = parameters.kind.tag_column
    hits: list[sql.Composable] = []
    for prefix in ("", "or:"):
        values = parameters.exclude.get(prefix + key, [])
        hits += [matches(key, value, tag_column) for value in values]
    if values := parameters.exclude.get("and:" + key, []):
        hits.append(joined((matches(key, value, tag_column) for value in values), _AND))
    return hits


def where(parameters: ReportParameters, table: str) -> sql.Composable:
    """The whole condition for ``table``, the one the report reads.

    Capacity is read from the daily summary under the same condition.
    """
    span = parameters.span
    found: list[sql.Composable] = [
        sql.SQL("usage_start BETWEEN {} AND {}").format(sql.Literal(span.first), sql.Literal(span.last))
    ]
    if parameters.kind.data_source:
        found.append(sql.SQL("data_source = {}").format(sql.Literal(parameters.kind.data_source)))
    for key in sorted(parameters.table_keys):
        found += _positive(parameters, key)
        # NULL is not excluded: NOT alone would drop rows without the column.
        found += [sql.SQL("NOT COALESCE({}, FALSE)").format(hit) for hit in _excluded(parameters, key)]
    if table == DAILY_SUMMARY and parameters.kind.data_source == "Pod":
        names = sql.SQL(", ").join(sql.Literal(name) for name in UNALLOCATED_EXCLUDED)
        found.append(sql.SQL("(namespace IS NULL OR namespace NOT IN ({}))").format(names))
    return joined(found, _AND)
