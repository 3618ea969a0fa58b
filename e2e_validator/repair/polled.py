"""What repairs of a source that Koku polls have in common: each part was seen to help (docs/contract/clouds.md 13).

Nothing here says that work was done. A poll is allowed by setting the time of the last one back, not by saying that
data came; a file is read again because its row forgets that it was fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from e2e_validator.access.source_state import SourceState
from e2e_validator.access.worker_entries import entries_without
from e2e_validator.access.writing import Transaction
from e2e_validator.diagnose.case import Case

_UNLOCK = """
UPDATE public.api_provider SET polling_timestamp = data_updated_timestamp - interval '1 second'
WHERE uuid = %(uuid)s::uuid AND polling_timestamp > data_updated_timestamp
  AND polling_timestamp = %(polled)s::timestamptz AND data_updated_timestamp = %(updated)s::timestamptz
RETURNING uuid
"""
_FORGET = """
UPDATE public.reporting_common_costusagereportstatus r
SET status = 3, started_datetime = NULL, completed_datetime = NULL, celery_task_id = NULL, etag = NULL
FROM public.reporting_common_costusagereportmanifest m
WHERE m.id = r.manifest_id AND m.provider_id = %s::uuid AND m.assembly_id = %s AND r.report_name = ANY (%s)
RETURNING r.id
"""


def unlock(case: Case, transaction: Transaction) -> list[str]:
    """Set the time of the last poll back below that of the last data, if Koku would refuse a poll; how to undo it.

    Raises:
        LookupError: the provider was polled, or had data, since it was looked at.
    """
    provider = case.observed.evidence["provider"]
    polled, updated = provider["polling_timestamp"], provider["data_updated_timestamp"]
    if polled is None or updated is None or polled <= updated:
        return []
    uuid = case.observed.provider_uuid
    if not transaction.change(sql.SQL(_UNLOCK), {"uuid": uuid, "polled": polled, "updated": updated}):
        raise LookupError("the provider was polled since it was looked at")
    return [f"UPDATE public.api_provider SET polling_timestamp = '{polled}' WHERE uuid = '{uuid}';"]


def forget(case: Case, transaction: Transaction, names: Iterable[str]) -> list[str]:
    """Have these files' rows forget that they were fetched, begun and done; how to undo it."""
    seen, wanted = case.observed, set(names)
    rows = [row for row in (seen.manifest_row or {"reports": []})["reports"] if row["report_name"] in wanted]
    done = transaction.change(sql.SQL(_FORGET), [seen.provider_uuid, seen.manifest_uuid, sorted(wanted)])
    if len(done) != len(wanted):
        raise LookupError(f"{len(done)} of {len(wanted)} files are there")
    return [_restored(case, row) for row in rows]


def _restored(case: Case, row: dict[str, Any]) -> str:
    names = ("started_datetime", "completed_datetime", "celery_task_id", "etag")
    old = ", ".join(f"{name} = {_literal(row[name])}" for name in names)
    return (
        f"UPDATE public.reporting_common_costusagereportstatus SET status = {row['status']}, {old}"
        f" WHERE report_name = {_literal(row['report_name'])} AND manifest_id IN"
        " (SELECT id FROM public.reporting_common_costusagereportmanifest"
        f" WHERE provider_id = '{case.observed.provider_uuid}' AND assembly_id = '{case.observed.manifest_uuid}');"
    )


def release(case: Case, transaction: Transaction) -> list[str]:
    """Take this source's files out of the workers' lists that name them; how to undo it.

    Raises:
        LookupError: a list has other files of the source than were seen, or cannot be read.
    """
    undo = []
    for key, entries in (case.observed.file_locks or {}).items():
        rows = transaction.change(
            sql.SQL("SELECT value FROM public.worker_cache_table WHERE cache_key = %s FOR UPDATE"), [key]
        )
        if not rows:
            continue
        before = str(rows[0]["value"])
        after = entries_without(before, entries)
        transaction.change(
            sql.SQL(
                "UPDATE public.worker_cache_table SET value = %s WHERE cache_key = %s AND value = %s RETURNING 1 AS n"
            ),
            [after, key, before],
        )
        undo.append(
            f"UPDATE public.worker_cache_table SET value = {_literal(before)}"
            f" WHERE cache_key = {_literal(key)} AND value = {_literal(after)};"
        )
    return undo


def _literal(value: Any) -> str:
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def taken_again(before: Case, now: SourceState) -> bool:
    """Whether a worker has begun to fetch a file of the manifest since."""
    uuid = before.observed.manifest_uuid
    old, new = before.observed.manifest, now.manifest(uuid)
    if old is None or new is None:
        return False
    started = new.step_time("download", "start")
    return started is not None and started != old.step_time("download", "start")
