"""A lock that a dead worker has left in the worker cache (docs/contract/koku.md 2.4)."""

from __future__ import annotations

from datetime import timedelta

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.faults.plant import Plant
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.single_tasks import lock_key, take_lock
from e2e_validator.embedded.standin.tasks.summarize import UPDATE_SUMMARY_TABLES


def leave_lock(now: Happening) -> bool:
    """Write the row that a worker writes before it summarises this month, without a worker that will delete it."""
    task = now.facts["task"]
    key = lock_key(UPDATE_SUMMARY_TABLES, *task.args, task.kwargs["start_date"][:7])
    with connect(now.config) as conn:
        take_lock(conn, Clock(now.config.today, now.config.shift_seconds), key)
        if (seconds := now.option("seconds")) is not None:
            expires = Clock(now.config.today, now.config.shift_seconds).now() + timedelta(seconds=float(seconds))
            conn.execute("UPDATE worker_cache_table SET expires = %s WHERE cache_key = %s", [expires, key])
    return False


def is_summary(_armed: Armed, facts: dict[str, object]) -> bool:
    """Whether the summary of a month is being queued."""
    return getattr(facts["task"], "task", "") == UPDATE_SUMMARY_TABLES


def remove_locks(plant: Plant, armed: Armed) -> None:
    """Delete the locks of the armed source, or all if it was armed for the first source that comes."""
    with connect(plant.config) as conn:
        conn.execute(
            "DELETE FROM worker_cache_table WHERE cache_key LIKE %s AND (%s::text IS NULL AND %s::text IS NULL"
            " OR split_part(cache_key, ':', 6) IN (SELECT p.uuid::text FROM api_provider p"
            " JOIN api_providerauthentication a ON a.id = p.authentication_id"
            " WHERE a.credentials ->> 'cluster_id' = %s OR p.uuid::text = %s))",
            [f":1:{UPDATE_SUMMARY_TABLES}:%", armed.key, armed.source, armed.key, armed.source],
        )


FAULTS = (
    Fault(
        "stale_lock",
        "A row of worker_cache_table says that the month is being summarised, and no task does; the row is valid for"
        " an hour, or `seconds`. The task goes round in its queue.",
        "docs/contract/koku.md 2.4, 7.3",
        (
            f"Task {UPDATE_SUMMARY_TABLES} already running for [...]. Requeuing.",
            f"worker_cache_table: :1:{UPDATE_SUMMARY_TABLES}:<schema>:OCP:<provider uuid>:<YYYY-MM>",
            "every file 1, state without summary, queue ocp not empty for long",
        ),
        points=(Point.SENDING,),
        act=leave_lock,
        undo=remove_locks,
        options={"seconds": None},
        fits=is_summary,
    ),
)
