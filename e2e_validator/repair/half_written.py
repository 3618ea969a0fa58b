"""Removing what an interrupted or failed ingest has half written, so that announcing again does not add to it.

Koku skips the deletion of a day whose key stands in the manifest's tracker and appends to what is there: announcing
again without this counts the day twice (docs/contract/koku.md 7.4; docs/contract/faults.md B, C).
"""

from __future__ import annotations

import json
from typing import Any

from psycopg import sql

from e2e_validator.access.writing import Transaction
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.half_written import half_written
from e2e_validator.errors import counted


def clear(case: Case, transaction: Transaction) -> dict[str, list[dict[str, Any]]]:
    """Delete the half-written rows of this manifest's days and their keys in the tracker; the rows, by table."""
    keys = half_written(case.observed, case.expected)
    removed: dict[str, list[dict[str, Any]]] = {}
    for kind, day in sorted(set(keys.values())):
        for suffix in ("", "_daily"):
            name = case.observed.names.tables.line_items_of(kind, suffix)
            statement = sql.SQL("DELETE FROM {} WHERE source = %s AND usage_start = %s::date RETURNING *")
            rows = transaction.change(statement.format(transaction.table(name)), [case.observed.provider_uuid, day])
            if rows:
                removed.setdefault(name, []).extend(rows)
    if keys:
        transaction.change(
            sql.SQL(
                "UPDATE public.reporting_common_costusagereportmanifest"
                " SET s3_parquet_cleared_tracker = s3_parquet_cleared_tracker - %s::text[]"
                " WHERE provider_id = %s::uuid AND assembly_id = %s"
            ),
            [list(keys), case.observed.provider_uuid, case.observed.manifest_uuid],
        )
    return removed


def cleared(removed: dict[str, list[dict[str, Any]]]) -> str:
    """What ``clear`` did, in words."""
    count = sum(map(len, removed.values()))
    return f"removed {counted(count, 'half-written row')}" if count else "found no half-written row"


def hold(case: Case, transaction: Transaction) -> None:
    """Lock the manifest's and its files' rows, and make sure that they still are what the evidence shows.

    Raises:
        psycopg.errors.LockNotAvailable: a session holds one of them, so it is at work.
        LookupError: something has moved since the evidence was read.
    """
    rows = transaction.change(
        sql.SQL(
            "SELECT m.state, m.s3_parquet_cleared_tracker, m.completed_datetime"
            " FROM public.reporting_common_costusagereportmanifest m"
            " WHERE m.provider_id = %s::uuid AND m.assembly_id = %s FOR UPDATE"
        ),
        [case.observed.provider_uuid, case.observed.manifest_uuid],
    )
    files = transaction.change(
        sql.SQL(
            "SELECT r.report_name, r.status FROM public.reporting_common_costusagereportstatus r"
            " JOIN public.reporting_common_costusagereportmanifest m ON m.id = r.manifest_id"
            " WHERE m.provider_id = %s::uuid AND m.assembly_id = %s ORDER BY r.id FOR UPDATE OF r"
        ),
        [case.observed.provider_uuid, case.observed.manifest_uuid],
    )
    known = case.observed.manifest_row
    there = bool(rows) == (known is not None)
    if there and known is not None:
        there = (
            rows[0]["state"] == _plain(known["state"])
            and rows[0]["s3_parquet_cleared_tracker"] == _plain(known["s3_parquet_cleared_tracker"])
            and [(file["report_name"], file["status"]) for file in files]
            == [(report["report_name"], report["status"]) for report in known["reports"]]
        )
    if not there:
        raise LookupError("the manifest has moved since it was looked at")


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def undo_text(case: Case, removed: dict[str, list[dict[str, Any]]]) -> str:
    """How to put back what ``clear`` removed: needed only if the payload is not announced again."""
    if not half_written(case.observed, case.expected):
        return "nothing was removed"
    tracker = json.dumps(case.observed.tracker).replace("'", "''")
    update = (
        "UPDATE public.reporting_common_costusagereportmanifest"
        f" SET s3_parquet_cleared_tracker = '{tracker}'::jsonb"
        f" WHERE provider_id = '{case.observed.provider_uuid}' AND assembly_id = '{case.observed.manifest_uuid}';"
    )
    lines = [update]
    lines += [
        f"INSERT INTO {case.observed.schema}.{table} SELECT * FROM"
        f" json_populate_recordset(NULL::{case.observed.schema}.{table}, '<rows of removed-{table}.json>');"
        for table in removed
    ]
    return "\n".join(lines)
