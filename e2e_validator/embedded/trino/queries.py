"""Queries: Trino's dialect read, the tables they name loaded, DuckDB asked."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from e2e_validator.embedded.trino.failure import StatementError
from e2e_validator.embedded.trino.hive_statements import HiveStatements
from e2e_validator.embedded.trino.metastore import HiveTable, Metastore
from e2e_validator.embedded.trino.objects import ParquetObjects
from e2e_validator.embedded.trino.result import Result
from e2e_validator.embedded.trino.session import Session
from e2e_validator.embedded.trino.values import plain, type_of

_PARTITIONS = "$partitions"
_LINE = re.compile(r"column \"?([\w$]+)\"? .*not found|Referenced column \"([^\"]+)\" not found", re.IGNORECASE)


class Queries:
    """Answers queries; each has a database of its own, in memory."""

    def __init__(self, metastore: Metastore, objects: ParquetObjects, hive: HiveStatements) -> None:
        self._metastore = metastore
        self._objects = objects
        self._hive = hive

    def run(self, session: Session, statement: str) -> Result:
        """The rows of a query.

        Raises:
            StatementError: It cannot be read or answered.
        """
        try:
            tree = sqlglot.parse_one(statement, read="trino")
        except SqlglotError as error:
            raise StatementError("SYNTAX_ERROR", f"line 1:1: mismatched input. {_first_line(error)}") from error
        if not isinstance(tree, exp.Query):
            raise StatementError("NOT_SUPPORTED", f"line 1:1: {statement.split(None, 1)[0]} is not supported here")
        loaded = self._load(session, tree)
        with duckdb.connect(":memory:", config={"threads": 1}) as database:
            for name, table in loaded.items():
                database.register(name, table)
            try:
                found: pa.Table = database.sql(tree.sql(dialect="duckdb")).to_arrow_table()
            except duckdb.Error as error:
                raise _failure(error) from error
        columns = [(field.name, type_of(field.type)) for field in found.schema]
        values = [column.to_pylist() for column in found.columns]
        rows: list[list[Any]] = [[plain(value) for value in row] for row in zip(*values, strict=True)]
        return Result(columns, rows)

    def _load(self, session: Session, tree: exp.Query) -> dict[str, pa.Table]:
        """Name of each table in the database -> its rows; the query is changed to these names."""
        ctes = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
        loaded: dict[str, pa.Table] = {}
        for number, named in enumerate(list(tree.find_all(exp.Table))):
            if not isinstance(named.this, exp.Identifier) or (named.name in ctes and not named.db):
                continue
            own = f"t{number}"
            shown = named.alias or named.name
            loaded[own] = self._rows(session, named, tree)
            named.replace(exp.alias_(exp.to_table(own), shown, table=True))
        return loaded

    def _rows(self, session: Session, named: exp.Table, tree: exp.Query) -> pa.Table:
        full = ".".join(f'"{part}"' for part in (named.catalog, named.db, named.name) if part)
        if named.db == "information_schema":
            return self._information(named.name)
        if named.name.endswith(_PARTITIONS):
            schema, name = self._hive.place(session, full.replace(_PARTITIONS, ""))
            table = self._metastore.table(schema, name)
            return pa.table(
                {
                    column: pa.array([one[column] for one in table.partitions], pa.string())
                    for column in table.partitioned_by
                }
            )
        table = self._metastore.table(*self._hive.place(session, full))
        return self._objects.rows(table, _needed(table, tree))

    def _information(self, name: str) -> pa.Table:
        rows: list[dict[str, Any]] = []
        for schema in self._metastore.schemas():
            for table in self._metastore.tables(schema):
                place = {"table_catalog": "hive", "table_schema": schema, "table_name": table}
                if name == "columns":
                    found = self._metastore.table(schema, table)
                    named = [*found.columns, *((column, "varchar") for column in found.partitioned_by)]
                    rows += [
                        place | {"column_name": column, "ordinal_position": number, "data_type": kind}
                        for number, (column, kind) in enumerate(named, 1)
                    ]
                else:
                    rows.append(place | {"table_type": "BASE TABLE"})
        if name == "schemata":
            rows = [{"catalog_name": "hive", "schema_name": schema} for schema in self._metastore.schemas()]
        empty = {"schemata": ["catalog_name", "schema_name"]}.get(
            name, ["table_catalog", "table_schema", "table_name", "table_type"]
        )
        return pa.Table.from_pylist(rows) if rows else pa.table({column: pa.array([], pa.string()) for column in empty})


def _needed(table: HiveTable, tree: exp.Query) -> list[dict[str, str]]:
    """The partitions that a query over one table can mean; of several tables, all."""
    tables = [found for found in tree.find_all(exp.Table) if isinstance(found.this, exp.Identifier)]
    where = tree.find(exp.Where)
    if len(tables) != 1 or where is None or tree.find(exp.Subquery):
        return table.partitions
    wanted: dict[str, str] = {}
    for condition in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
        if isinstance(condition, exp.EQ) and isinstance(condition.left, exp.Column):
            value = condition.right
            if condition.left.name in table.partitioned_by and isinstance(value, exp.Literal) and value.is_string:
                wanted[condition.left.name] = value.name
    return [one for one in table.partitions if wanted.items() <= one.items()]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _failure(error: duckdb.Error) -> StatementError:
    text = _first_line(error)
    if isinstance(error, duckdb.ParserException):
        return StatementError("SYNTAX_ERROR", f"line 1:1: {text}")
    if match := _LINE.search(text):
        column = match.group(1) or match.group(2)
        return StatementError("COLUMN_NOT_FOUND", f"line 1:1: Column '{column}' cannot be resolved")
    return StatementError("GENERIC_USER_ERROR", text)
