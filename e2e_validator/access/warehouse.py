"""Trino, which Koku's classic stack reads its parquet objects with; asked through its own client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.optional import needed
from e2e_validator.deployment import Target
from e2e_validator.errors import first_line

_CATALOG = "hive"
_USER = "e2e-validator"
_SECONDS = 60.0
_NO_SCHEMA = "SCHEMA_NOT_FOUND"


class NoSchemaError(Refused):
    """Trino has no schema of the tenant: Koku makes it when it converts the first file."""


class Warehouse:
    """The tenant's schema in Trino."""

    def __init__(self, target: Target) -> None:
        """Nothing is asked yet; the target names its Trino."""
        assert target.trino_url is not None
        self._url = target.trino_url
        self._schema = target.schema_name
        self._verify = target.verify

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, in which ``?`` stands for a parameter.

        Raises:
            Blocked: the client is not installed.
            Unreachable: there is no answer.
            Refused: Trino says that it cannot do so; has its words.
        """
        trino = needed("trino", "Trino")
        errors = needed("trino.exceptions", "Trino")
        try:
            with self._connected(trino) as connection:
                cursor = connection.cursor()
                cursor.execute(statement, list(parameters) or None)
                return [tuple(row) for row in cursor.fetchall()]
        except errors.TrinoQueryError as error:
            refusal = NoSchemaError if error.error_name == _NO_SCHEMA else Refused
            raise refusal(f"Trino cannot answer: {error.message}", 200, str(error.message)) from error
        except (errors.TrinoConnectionError, errors.HttpError, OSError) as error:
            raise Unreachable(f"Trino at {self._url} did not answer: {first_line(error)[:300]}") from error

    def tables(self) -> tuple[str, ...]:
        """The names of the tables; none where there is no schema yet."""
        try:
            return tuple(str(row[0]) for row in self.rows("SHOW TABLES"))
        except NoSchemaError:
            return ()

    @contextmanager
    def _connected(self, trino: Any) -> Iterator[Any]:
        url, session = urlsplit(self._url), requests.Session()
        session.trust_env = False
        connection = trino.dbapi.connect(
            host=url.hostname,
            port=url.port or (443 if url.scheme == "https" else 8080),
            http_scheme=url.scheme,
            user=_USER,
            catalog=_CATALOG,
            schema=self._schema,
            verify=self._verify,
            http_session=session,
            request_timeout=_SECONDS,
            max_attempts=1,
        )
        try:
            yield connection
        finally:
            connection.close()
