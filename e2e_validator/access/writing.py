"""The one way in which the validator writes into Koku's database: a repair's transaction, guarded row by row.

Everything else reads (``database.py``), and the server itself refuses to let it write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from e2e_validator.access.database import STATEMENT_TIMEOUT_MS, Query, Rows
from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target
from e2e_validator.deployment.postgresql import connect
from e2e_validator.errors import first_line

# A session that holds one of the rows is at work on them: that is no moment for a repair.
LOCK_TIMEOUT_MS = 2_000


class Writing:
    """One transaction at a time; what it changes is all or nothing."""

    def __init__(self, target: Target, run_id: str) -> None:
        """``run_id`` stands in the session's name, so that a database's owner sees what writes."""
        self._dsn = target.dsn
        self._name = f"e2e_validator repair {run_id}"
        self._schema = target.schema_name

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that is committed at the end of the block, and rolled back when anything is raised in it.

        Raises:
            Unreachable: the server is gone.
            psycopg.Error: anything else, a row that another session holds included (after 2 s).
        """
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"
        try:
            with connect(
                self._dsn, connect_timeout=10, application_name=self._name, options=options, row_factory=dict_row
            ) as connection:
                yield Transaction(connection, self._schema)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            raise
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unreachable(f"PostgreSQL did not answer: {first_line(error)}") from error


class Transaction:
    """The statements of one repair."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]], schema: str) -> None:
        """Made by ``Writing.transaction``."""
        self._connection = connection
        self._schema = schema

    def table(self, name: str) -> sql.Identifier:
        """A table of the tenant's schema."""
        return sql.Identifier(self._schema, name)

    def change(self, statement: Query, parameters: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        """Run one statement and return the rows it names with RETURNING, JSON-ready."""
        cursor = self._connection.execute(statement, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return [{name: json.loads(json.dumps(value, default=str)) for name, value in row.items()} for row in rows]
