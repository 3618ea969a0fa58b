"""What the database shows of one source when something is wrong: every row that tells how far its ingest came.

Everything is JSON-ready: it is compared with an earlier look, and kept with a repair as its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from e2e_validator.access.database import Database
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.access.worker_entries import HOSTS, own_entries

Evidence = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A session of another process in Koku's database; times are by the server's clock."""

    pid: int
    application: str
    address: str
    state: str
    opened: datetime | None
    changed: datetime | None

    def __str__(self) -> str:
        """In a few words, without the statement: it may hold a secret."""
        return f"session {self.pid} ({self.application or 'no name'}, {self.state or 'hidden'})"


def read_evidence(database: SourceDatabase, provider_uuid: str) -> Evidence:
    """Manifests, files, trackers, periods, locks and rows by table and day of one source.

    See docs/contract/koku.md 1, 2, 3.7; docs/contract/clouds.md 4.
    """
    tables = database.names.tables
    counted = [
        sql.SQL(
            "SELECT {} AS name, usage_start::text AS day, count(*) AS n FROM {}"
            " WHERE source = %(uuid)s::text GROUP BY 2"
        ).format(sql.Literal(name), database.table(name))
        for name in database.line_item_tables()
    ]
    statement = sql.SQL(_EVIDENCE).format(
        tenant=database.table("reporting_tenant_api_provider"),
        period=database.table(tables.periods),
        start=sql.Identifier(tables.period_start),
        summary=database.table(tables.summary),
        rows=sql.SQL(" UNION ALL ").join(counted or [sql.SQL(_NO_ROWS).format()]),
    )
    found: dict[str, Any] = database.rows(statement, {"uuid": provider_uuid, "hosts": HOSTS})[0]["found"]
    return found | {"file_locks": _own_files(found.pop("workers"), provider_uuid)}


def _own_files(workers: Mapping[str, str], provider_uuid: str) -> dict[str, list[str] | None]:
    """The files of a source that a worker's host says it is busy with, by the host's key; None: unreadable."""
    found: dict[str, list[str] | None] = {}
    for key, value in workers.items():
        try:
            own = own_entries(value, provider_uuid)
        except LookupError:
            found[key] = None
        else:
            if own:
                found[key] = own
    return found


def read_sessions(database: Database) -> tuple[list[Session], datetime]:
    """All sessions but the validators' own, and the server's time."""
    rows = database.rows(sql.SQL(_SESSIONS))
    now = database.value(sql.SQL("SELECT clock_timestamp()"))
    sessions = [
        Session(
            row["pid"],
            row["application_name"] or "",
            str(row["client_addr"] or ""),
            row["state"] or "",
            row["backend_start"],
            row["state_change"],
        )
        for row in rows
    ]
    return sessions, now


# Koku keeps line items in PostgreSQL on-premise alone.
_NO_ROWS = "SELECT ''::text AS name, ''::text AS day, 0 AS n WHERE false"
_EVIDENCE = """
SELECT json_build_object(
  'provider', (SELECT to_json(p) FROM (SELECT uuid, name, type, active, paused, setup_complete, data_updated_timestamp,
     polling_timestamp FROM public.api_provider WHERE uuid = %(uuid)s::uuid) p),
  'tenant_copies', (SELECT count(*) FROM {tenant} WHERE uuid = %(uuid)s::uuid),
  'manifests', (SELECT coalesce(json_agg(json_build_object(
      'id', m.id, 'assembly_id', m.assembly_id, 'num_total_files', m.num_total_files, 'state', m.state,
      'creation_datetime', m.creation_datetime, 'completed_datetime', m.completed_datetime,
      's3_parquet_cleared_tracker', m.s3_parquet_cleared_tracker,
      'reports', (SELECT coalesce(json_agg(json_build_object(
            'report_name', r.report_name, 'status', r.status, 'failed_status', r.failed_status,
            'started_datetime', r.started_datetime, 'completed_datetime', r.completed_datetime,
            'celery_task_id', r.celery_task_id, 'etag', r.etag) ORDER BY r.id), '[]')
          FROM public.reporting_common_costusagereportstatus r WHERE r.manifest_id = m.id)) ORDER BY m.id), '[]')
     FROM public.reporting_common_costusagereportmanifest m WHERE m.provider_id = %(uuid)s::uuid),
  'periods', (SELECT coalesce(json_agg(json_build_object(
      'report_period_start', p.{start}, 'summary_data_updated_datetime', p.summary_data_updated_datetime,
      'derived_cost_datetime', p.derived_cost_datetime) ORDER BY p.{start}), '[]')
     FROM {period} p WHERE p.provider_id = %(uuid)s::uuid),
  'locks', (SELECT coalesce(json_object_agg(cache_key, json_build_object('value', value, 'expires', expires)), '{{}}')
     FROM public.worker_cache_table WHERE strpos(cache_key, %(uuid)s::text) > 0),
  'workers', (SELECT coalesce(json_object_agg(cache_key, value), '{{}}')
     FROM public.worker_cache_table WHERE cache_key LIKE %(hosts)s),
  'summary_rows', (SELECT count(*) FROM {summary} WHERE source_uuid = %(uuid)s::uuid),
  'line_items', (SELECT coalesce(json_object_agg(name, days), '{{}}')
     FROM (SELECT name, json_object_agg(day, n) AS days FROM ({rows}) AS counted GROUP BY name) AS tables)
) AS found
"""

_SESSIONS = """
SELECT pid, application_name, client_addr::text, state, backend_start, state_change FROM pg_stat_activity
WHERE datname = current_database() AND coalesce(backend_type, 'client backend') = 'client backend'
  AND NOT starts_with(coalesce(application_name, ''), 'e2e_validator')
ORDER BY backend_start
"""
