"""A connection to PostgreSQL, made again where it was cut: a port-forward that is cut takes its connections along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

from e2e_validator.deployment.retry_on_disconnect import retry_on_disconnect

# What libpq says of a server that took the connection and ended it without a word. A refusal has words of its own.
_CUT = ("closed the connection", "reset by peer", "eof detected", "broken pipe")
T = TypeVar("T")


def connect(dsn: str, **options: Any) -> psycopg.Connection[Any]:
    """``psycopg.connect``, tried three times where the connection was cut while it was being made.

    Raises:
        psycopg.OperationalError: no server listens, the login is refused, or it was cut each time.
    """
    return retry_on_disconnect(lambda: psycopg.connect(dsn, **options), _cut)


def asked(dsn: str, ask: Callable[[psycopg.Connection[Any]], T], **options: Any) -> T:
    """What ``ask`` makes of a connection that can only read; asked again where it was cut in the middle.

    Raises:
        psycopg.Error: as ``connect``, and whatever the server says to the question.
    """

    def once() -> T:
        with psycopg.connect(dsn, application_name="e2e_validator", **options) as connection:
            connection.read_only = True
            return ask(connection)

    return retry_on_disconnect(once, _cut)


def _cut(error: Exception) -> bool:
    return isinstance(error, psycopg.OperationalError) and any(words in str(error).lower() for words in _CUT)
