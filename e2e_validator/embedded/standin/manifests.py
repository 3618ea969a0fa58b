"""Manifest and report status rows, and how they move (docs/contract/koku.md 1.3, 1.4, 1.5).

Every function here is its own transaction on an autocommit connection: observers must see each step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.logs import log

Step = Literal["download", "processing", "summary"]
Word = Literal["start", "end", "failed"]


class Status(IntEnum):
    """What ``reporting_common_costusagereportstatus.status`` holds."""

    DONE = 1
    FAILED = 2
    DOWNLOADING = 3
    PROCESSING = 4
    OCP_CLOUD_PROCESSING = 5

    @property
    def label(self) -> str:
        """The word masu's JSON shows."""
        return "OCP Cloud Processing" if self is Status.OCP_CLOUD_PROCESSING else self.name.capitalize()


def update_state(conn: Connection, clock: Clock, manifest_id: int | None, step: Step, word: Word) -> None:
    """Write one word of one step into the manifest's ``state``; a new ``start`` forgets what the step said before."""
    if manifest_id is None:
        return
    with conn.transaction():
        row = conn.execute(
            "SELECT state FROM reporting_common_costusagereportmanifest WHERE id = %s FOR UPDATE", [manifest_id]
        ).fetchone()
        if row is None:
            log("manifest not found, skipping state update", level=logging.WARNING, manifest_id=manifest_id)
            return
        now = clock.now()
        state: dict[str, Any] = row["state"] or {}
        entry = {} if word == "start" else state.get(step, {})
        entry[word] = now.isoformat()
        if word != "start" and "start" in entry:
            entry["time_taken_seconds"] = int((now - datetime.fromisoformat(entry["start"])).total_seconds())
        state[step] = entry
        conn.execute(
            "UPDATE reporting_common_costusagereportmanifest SET state = %s WHERE id = %s", [Jsonb(state), manifest_id]
        )


def record_files(conn: Connection, manifest_id: int, files: list[str]) -> None:
    """Give every file of the payload its status row (3), unless it has one."""
    for name in files:
        found = conn.execute(
            "SELECT 1 FROM reporting_common_costusagereportstatus WHERE report_name = %s AND manifest_id = %s",
            [name, manifest_id],
        ).fetchone()
        if found is None:
            conn.execute(
                "INSERT INTO reporting_common_costusagereportstatus (report_name, manifest_id, status)"
                " VALUES (%s, %s, %s)",
                [name, manifest_id, Status.DOWNLOADING],
            )


def is_processed(conn: Connection, manifest_id: int, name: str, tracing_id: str) -> bool:
    """Whether that file was completed before; says so in the log."""
    row = conn.execute(
        "SELECT completed_datetime FROM reporting_common_costusagereportstatus"
        " WHERE manifest_id = %s AND report_name = %s",
        [manifest_id, name],
    ).fetchone()
    done = row is not None and row["completed_datetime"] is not None
    text = f"Report {name} has already been processed." if done else f"Recording stats entry for {name}"
    log(text, tracing_id=tracing_id)
    return done


class ReportStatus:
    """The status row of one file, moved as Koku moves it."""

    def __init__(self, conn: Connection, clock: Clock, manifest_id: int, name: str) -> None:
        self._conn = conn
        self._clock = clock
        self._where = [manifest_id, name]

    def _set(self, assignment: str, *values: Any) -> None:
        self._conn.execute(
            f"UPDATE reporting_common_costusagereportstatus SET {assignment}"
            " WHERE manifest_id = %s AND report_name = %s",
            [*values, *self._where],
        )

    def start(self) -> None:
        """3 (or what it was) becomes 4, then the start time is written."""
        self._set("status = %s", Status.PROCESSING)
        self._set("started_datetime = %s", self._clock.now())

    def complete(self, between: Callable[[], None] = lambda: None) -> None:
        """The completion time is written, then 4 becomes 1; an old ``failed_status`` stays."""
        self._set("completed_datetime = %s", self._clock.now())
        between()
        self._set("status = %s", Status.DONE)

    def fail(self) -> None:
        """Becomes 2; remembers that it failed while processing and forgets when it started."""
        self._set("failed_status = %s, status = %s, started_datetime = NULL", Status.PROCESSING, Status.FAILED)


def recorded_files(conn: Connection, manifest_id: int) -> tuple[int, int]:
    """How many status rows the manifest has, and how many of them have a completion time."""
    row = conn.execute(
        "SELECT count(*) AS rows, count(completed_datetime) AS completed FROM reporting_common_costusagereportstatus"
        " WHERE manifest_id = %s",
        [manifest_id],
    ).fetchone()
    return (row["rows"], row["completed"]) if row else (0, 0)


def ready_for_summary(conn: Connection, manifest_id: int) -> bool:
    """At least one status row, and all of them completed."""
    rows, completed = recorded_files(conn, manifest_id)
    return rows > 0 and rows == completed


def mark_completed(conn: Connection, clock: Clock, manifest_ids: list[int]) -> None:
    """Write ``completed_datetime``: the last thing that happens to a manifest."""
    for manifest_id in manifest_ids:
        log("marking manifest complete", manifest_id=manifest_id)
        conn.execute(
            "UPDATE reporting_common_costusagereportmanifest SET completed_datetime = %s WHERE id = %s",
            [clock.now(), manifest_id],
        )
        log("manifest marked complete", manifest_id=manifest_id)
