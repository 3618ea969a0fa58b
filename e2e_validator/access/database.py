"""Koku's PostgreSQL, read only: the server itself refuses to write in our sessions."""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import set_json_loads

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target
from e2e_validator.deployment.postgresql import connect
from e2e_validator.deployment.retry_on_disconnect import TRIES
from e2e_validator.errors import first_line

Query = sql.SQL | sql.Composed
Rows = list[dict[str, Any]]

# Our own patience: a statement that takes longer says something of the database, not of the product.
STATEMENT_TIMEOUT_MS = 60_000


class Database:
    """A read-only connection, opened when first used and again after it broke."""

    def __init__(self, target: Target) -> None:
        """Remember where; nothing is opened yet."""
        self.schema = target.schema_name
        self._dsn = target.dsn
        self._connection: psycopg.Connection[Any] | None = None

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, statement: Query, parameters: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        """The rows of a SELECT.

        Raises:
            Unreachable: the server is gone, starting, or out of connections.
            psycopg.Error: anything else; the statement and the database do not fit.
        """
        rows: Rows = self._asked(statement, parameters, dict_row, lambda cursor: cursor.fetchall())
        return rows

    def value(self, statement: Query, parameters: Sequence[Any] = ()) -> Any:
        """The one value of a SELECT; raises as ``rows`` does."""
        return self._asked(statement, parameters, scalar_row, lambda cursor: cursor.fetchone())

    def table(self, name: str) -> sql.Identifier:
        """A table of the tenant's schema."""
        return sql.Identifier(self.schema, name)

    def server_version(self) -> int:
        """For example 160014."""
        return int(self.value(sql.SQL("SELECT current_setting('server_version_num')")))

    def tenants(self) -> list[str]:
        """The schemas of every organisation that Koku has served; empty on a deployment that was never used."""
        statement = sql.SQL(
            "SELECT schema_name AS name FROM public.api_tenant"
            " WHERE schema_name NOT IN ('public', 'template0') ORDER BY 1"
        )
        return [row["name"] for row in self.rows(statement)]

    def schema_exists(self) -> bool:
        """Whether the tenant's schema is there."""
        statement = sql.SQL("SELECT count(*) FROM pg_namespace WHERE nspname = %s")
        return int(self.value(statement, [self.schema])) > 0

    def _asked(self, statement: Query, parameters: Any, row_factory: Any, take: Callable[[Any], Any]) -> Any:
        """What ``take`` makes of the answer; asked again on a new connection where an old one was lost on the way.

        Nothing can be done twice by that: the session is read only, and each statement a transaction of its own.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                with self._connected().cursor(row_factory=row_factory) as cursor:
                    return take(cursor.execute(statement, parameters))
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                lost = self._connection is not None and self._connection.closed
                self.close()
                if not lost or not tries_left:
                    raise Unreachable(f"PostgreSQL did not answer: {first_line(error)}") from error
        raise AssertionError

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = connect(
                self._dsn,
                autocommit=True,
                connect_timeout=10,
                application_name="e2e_validator",
                options=f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_TIMEOUT_MS}"
                " -c timezone=UTC",
            )
            set_json_loads(lambda text: json.loads(text, parse_float=decimal.Decimal), self._connection)
        return self._connection
