"""A database that restarts, is full, or waits for a lock: the real one, so that the whole stack feels it."""

from __future__ import annotations

import contextlib
import re
import signal
import threading

import psycopg
from psycopg import sql

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Release
from e2e_validator.embedded.faults.plant import Plant, keep_down, until
from e2e_validator.embedded.standin.database import connect
from e2e_validator.slowness import scaled

_PART = "postgres"
_WITHIN_S = 15
_FULL = re.compile("too many clients|remaining connection slots")


def restart(plant: Plant, _armed: Armed) -> Release:
    """Shut the server down ("fast": sessions are ended) and keep it down until released; the keeper starts it again."""
    return keep_down(plant, _PART, signal.SIGINT, lambda: _answers(plant), _WITHIN_S)


def _answers(plant: Plant) -> bool:
    try:
        connect(plant.config).close()
    except psycopg.OperationalError:
        return False
    return True


def take_all_connections(plant: Plant, _armed: Armed) -> Release:
    """Open idle connections until the server has none left, and take those that others give back."""
    held: list[psycopg.Connection] = []
    full, end = threading.Event(), threading.Event()

    def take() -> None:
        while not end.is_set():
            try:
                held.append(psycopg.connect(plant.config.dsn))
            except psycopg.OperationalError as error:
                if _FULL.search(str(error)):
                    full.set()
                    end.wait(0.05)

    takers = [threading.Thread(target=take, daemon=True) for _ in range(4)]
    for taker in takers:
        taker.start()

    def release() -> None:
        end.set()
        for taker in takers:
            taker.join()
        for connection in held:
            connection.close()
        until(lambda: _answers(plant), _WITHIN_S)

    if not full.wait(scaled(_WITHIN_S)):
        release()
        raise TimeoutError(f"{len(held)} connections do not fill the server")
    return release


def lock_table(plant: Plant, armed: Armed) -> Release:
    """Hold a lock on a table in a session of the control process: every session that reads or writes it waits."""
    conn = connect(plant.config)
    table = sql.Identifier(str(armed.options["table"]))
    conn.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(table))

    def release() -> None:
        with contextlib.suppress(psycopg.OperationalError):  # the server may have gone meanwhile, and the lock with it
            conn.rollback()
        conn.close()

    return release


FAULTS = (
    Fault(
        "database_restarts",
        "PostgreSQL is shut down (fast) and started again by the keeper after `seconds`.",
        "docs/contract/koku.md 7.2",
        (
            "terminating connection due to administrator command",
            "[listen_for_messages] Database error. Error: ... Retrying...",
            "connection refused",
        ),
        scope="stack",
        begin=restart,
        options={"seconds": 0.5},
    ),
    Fault(
        "database_full",
        "Idle connections take all that PostgreSQL allows, the superuser's too, for `seconds`.",
        "docs/contract/koku.md 7.2",
        ("FATAL: sorry, too many clients already",),
        scope="stack",
        begin=take_all_connections,
        options={"seconds": 2.0},
    ),
    Fault(
        "database_slow",
        "A session holds an exclusive lock on `table` for `seconds`.",
        "docs/contract/koku.md 7.2",
        ("statements on the table wait; pg_stat_activity: wait_event_type Lock",),
        scope="stack",
        begin=lock_table,
        options={"table": "reporting_ocpusagelineitem_daily_summary", "seconds": 2.0},
    ),
)
