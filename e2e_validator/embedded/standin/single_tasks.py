"""The lock that keeps a task from running twice at once: a row of ``worker_cache_table``.

See docs/contract/koku.md 2.4.
"""

from __future__ import annotations

from datetime import timedelta

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection

TIMEOUT_S = 3600
_VALUE = "gASILg=="  # True, as Django's cache in the database writes it


def lock_key(task: str, *args: str) -> str:
    """The row's key, with the prefix that Django gives to all."""
    return ":".join((":1", task, *args))


def take_lock(conn: Connection, clock: Clock, key: str) -> bool:
    """Take the lock for an hour; False if a process has it, one that is long dead included."""
    now = clock.now()
    taken = conn.execute(
        "INSERT INTO worker_cache_table AS old (cache_key, value, expires) VALUES (%s, %s, %s)"
        " ON CONFLICT (cache_key) DO UPDATE SET expires = excluded.expires WHERE old.expires < %s RETURNING cache_key",
        [key, _VALUE, now + timedelta(seconds=TIMEOUT_S), now],
    ).fetchone()
    return taken is not None


def release_lock(conn: Connection, key: str) -> None:
    """Give it back."""
    conn.execute("DELETE FROM worker_cache_table WHERE cache_key = %s", [key])
