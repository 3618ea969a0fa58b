"""A lock that a dead worker left in the worker cache: the month's summary goes round in its queue for an hour.

A healthy summary holds the same row; what tells them apart is that the healthy one's worker has a session in the
database. Only this month's key of this source is deleted, never the table (docs/contract/koku.md 2.4, 7.5).
"""

from __future__ import annotations

from psycopg import sql

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Delete the key, if it still has the value and the expiry that were seen."""
    key = case.observed.summary_lock(case.expected.month)
    if key is None:
        raise LookupError("the lock is gone")
    lock = case.observed.evidence["locks"][key]
    with tools.writing.transaction() as transaction:
        rows = transaction.change(
            sql.SQL(
                "DELETE FROM public.worker_cache_table"
                " WHERE cache_key = %s AND value = %s AND expires = %s::timestamptz RETURNING *"
            ),
            [key, lock["value"], lock["expires"]],
        )
        if not rows:
            raise LookupError("the lock has changed since it was looked at")
        value = str(lock["value"]).replace("'", "''")
        result = RepairResult(
            "deleted the lock of this month's summary from the worker cache",
            "INSERT INTO public.worker_cache_table (cache_key, value, expires)"
            f" VALUES ('{key}', '{value}', '{lock['expires']}');",
            {"worker_cache_table": rows},
        )
        tools.keep(result)
    return result


def took(before: Case, now: SourceState) -> bool:
    """Whether the earlier lock no longer stands in the way: the summary has moved, or its row is gone.

    That the row is gone is known from the deletion itself; whether the summary then runs is for the phase to see.
    """
    del before, now
    return True


REPAIR = Repair(
    name="stale_lock",
    phases=("summary",),
    causes=("lock_left",),
    action="deletes that one key, if value and expiry are still those that were seen",
    writes="one row of worker_cache_table",
    undo="an INSERT of that row",
    contract="docs/contract/koku.md 2.4, 7.5",
    effect_seconds=10.0,
    apply=apply,
    took=took,
)
