"""Named queries on the state of Koku's database as a whole.

They only read, and show no statement: one may hold a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from e2e_validator.access.database import Database


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A query; ``%(uuids)s`` are the sources that are asked about."""

    what: str
    query: str


# Every one has an end: a table of a real deployment can have millions of rows.
SNAPSHOTS: dict[str, Snapshot] = {
    "server": Snapshot(
        "version, connections and limits",
        "SELECT current_setting('server_version') AS version, current_setting('max_connections')::int AS allowed,"
        " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connected,"
        " pg_is_in_recovery() AS recovering, pg_database_size(current_database()) AS bytes,"
        " pg_postmaster_start_time() AS started, clock_timestamp() AS now",
    ),
    "sessions": Snapshot(
        "all sessions, and which others they wait for",
        "SELECT pid, application_name, client_addr::text, usename::text, state, wait_event_type, wait_event,"
        " backend_start, xact_start, query_start, state_change, pg_blocking_pids(pid) AS blocked_by"
        " FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        " ORDER BY xact_start NULLS LAST LIMIT 200",
    ),
    "locks": Snapshot(
        "locks that are waited for, and the sessions that hold them",
        "SELECT l.pid, l.locktype, l.mode, l.granted, l.relation::regclass::text AS relation, l.objid, l.waitstart"
        " FROM pg_locks l WHERE (l.locktype, coalesce(l.relation, 0), coalesce(l.objid, 0)) IN (SELECT locktype,"
        " coalesce(relation, 0), coalesce(objid, 0) FROM pg_locks WHERE NOT granted) OR l.locktype = 'advisory'"
        " ORDER BY l.granted, l.pid LIMIT 200",
    ),
    "worker_cache": Snapshot(
        "Koku's own task locks (docs/contract/koku.md 2.5)",
        "SELECT cache_key, value, expires FROM public.worker_cache_table ORDER BY expires DESC LIMIT 200",
    ),
    "delayed_tasks": Snapshot(
        "tasks that were put off",
        "SELECT * FROM public.delayed_celery_tasks ORDER BY 1 DESC LIMIT 100",
    ),
    "manifests": Snapshot(
        "the last manifests of any source: whether the others come through",
        "SELECT m.*, m.provider_id::text = ANY(%(uuids)s) AS ours"
        " FROM public.reporting_common_costusagereportmanifest m ORDER BY m.id DESC LIMIT 50",
    ),
    "unfinished_files": Snapshot(
        "files that no worker has finished, of any source",
        "SELECT r.manifest_id, r.report_name, r.status, r.failed_status, r.started_datetime, r.completed_datetime"
        " FROM public.reporting_common_costusagereportstatus r WHERE r.completed_datetime IS NULL"
        " ORDER BY r.id DESC LIMIT 100",
    ),
    "migrations": Snapshot(
        "the last migrations of each application",
        "SELECT app, max(name) AS last, count(*) AS applied, max(applied) AS at FROM public.django_migrations"
        " GROUP BY app ORDER BY app",
    ),
}


def read_snapshot(database: Database, name: str, uuids: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a query.

    Raises:
        Unreachable: the database does not answer.
        psycopg.Error: this Koku has no such table or column.
    """
    return database.rows(sql.SQL(SNAPSHOTS[name].query), {"uuids": list(uuids)})
