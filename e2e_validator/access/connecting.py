"""A connection to PostgreSQL, made again where it was cut while it was being made."""

from __future__ import annotations

from typing import Any

import psycopg

# A port-forward that is cut takes its connections along, and the next one is good again.
TRIES = 3
# What libpq says of a server that took the connection and ended it without a word. A refusal has words of its own.
_CUT = ("closed the connection", "reset by peer", "EOF detected", "broken pipe")


def connect(dsn: str, **options: Any) -> psycopg.Connection[Any]:
    """``psycopg.connect``, tried three times where the connection was cut on the way.

    Raises:
        psycopg.OperationalError: nobody listens, we are not let in, or it was cut each time.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            return psycopg.connect(dsn, **options)
        except psycopg.OperationalError as error:
            if not tries_left or not any(words.lower() in str(error).lower() for words in _CUT):
                raise
    raise AssertionError
