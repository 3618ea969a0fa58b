"""The list of files a worker host is busy with: one row of ``worker_cache_table`` (docs/contract/koku.md 2.4)."""

from __future__ import annotations

import base64
import io
import pickle
from datetime import timedelta
from typing import Any

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection

HOST = "worker-0"
_KEY = f":{HOST}:worker"
_TIMEOUT = timedelta(hours=1)


class _TextsOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} has no place in the worker cache")


def is_running(conn: Connection, task: str) -> bool:
    """Whether a host says that it is busy with that file; an entry does not grow old."""
    return any(task in _texts(row["value"]) for row in _rows(conn))


def add(conn: Connection, clock: Clock, task: str) -> None:
    """Say that this host is busy with the file."""
    _change(conn, clock, lambda tasks: [*tasks, task])


def remove(conn: Connection, clock: Clock, task: str) -> None:
    """Say that it is not any more."""
    _change(conn, clock, lambda tasks: [one for one in tasks if one != task])


def _change(conn: Connection, clock: Clock, change: Any) -> None:
    expires = clock.now() + _TIMEOUT
    with conn.transaction():
        # A row that is not there cannot be locked: two that begin at one moment would both begin with none.
        conn.execute(
            "INSERT INTO worker_cache_table (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [_KEY, _value([]), expires],
        )
        row = conn.execute("SELECT value FROM worker_cache_table WHERE cache_key = %s FOR UPDATE", [_KEY]).fetchone()
        tasks = change(_texts(row["value"]) if row else [])
        conn.execute(
            "UPDATE worker_cache_table SET value = %s, expires = %s WHERE cache_key = %s",
            [_value(tasks), expires, _KEY],
        )


def _value(tasks: list[str]) -> str:
    """As Django's cache in the database keeps a value."""
    return base64.b64encode(pickle.dumps(tasks)).decode()


def _rows(conn: Connection) -> list[dict[str, Any]]:
    return conn.execute("SELECT value FROM worker_cache_table WHERE cache_key LIKE '%:worker'").fetchall()


def _texts(value: str) -> list[str]:
    found = _TextsOnly(io.BytesIO(base64.b64decode(value))).load()
    return [str(item) for item in found] if isinstance(found, list) else []
