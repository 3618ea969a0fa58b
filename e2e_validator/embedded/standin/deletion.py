"""Deleting a source: its rows at once, its line items and archived files later.

See docs/contract/koku.md 5.5, ``DELETE``.
"""

from __future__ import annotations

import redis

from e2e_validator.embedded.standin.archive import source_prefix
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.ingest.report_types import REPORT_TYPES
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.partitions import SUMMARY, UI_TABLES
from e2e_validator.embedded.standin.queues import Task, send
from e2e_validator.embedded.standin.summary.daily import LABEL_TABLES, STAGING, remove_unused_tag_values
from e2e_validator.embedded.standin.tasks.context import Work
from e2e_validator.embedded.standin.view_cache import REPORT_FAMILIES, SOURCES_FAMILY, invalidate_views

DELETE_ARCHIVED_DATA = "masu.celery.tasks.delete_archived_data"


def delete_provider(conn: Connection, config: StandinConfig, valkey: redis.Redis, provider_uuid: str) -> bool:
    """Delete provider, source, tenant copy, manifests, periods, summary and report rows in one transaction.

    To be called with no transaction open. Returns False if there is no such provider. What is archived goes later, in
    the task this queues after the commit.
    """
    with conn.transaction():
        if config.classic is not None:
            from e2e_validator.embedded.standin.classic.deletion import delete_rows

            delete_rows(conn, provider_uuid)
        provider_type = _delete_rows(conn, provider_uuid)
    if provider_type is None:
        return False
    log("provider removed", provider_uuid=provider_uuid)
    send(valkey, "celery", Task(DELETE_ARCHIVED_DATA, [config.schema, provider_type, provider_uuid]))
    invalidate_views(valkey, config.schema, (*REPORT_FAMILIES, SOURCES_FAMILY))
    return True


def _delete_rows(conn: Connection, provider_uuid: str) -> str | None:
    provider = conn.execute(
        "SELECT type, authentication_id AS auth, billing_source_id AS billing FROM api_provider WHERE uuid = %s"
        " FOR UPDATE",
        [provider_uuid],
    ).fetchone()
    if provider is None:
        return None
    periods = "report_period_id IN (SELECT id FROM reporting_ocpusagereportperiod WHERE provider_id = %s)"
    clusters = "cluster_id IN (SELECT uuid FROM reporting_ocp_clusters WHERE provider_id = %s)"
    manifests = "manifest_id IN (SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s)"
    deletions = (
        *((table, "source_uuid = %s") for table in (*UI_TABLES, "rates_to_usage", SUMMARY)),
        *((table, periods) for table in (*LABEL_TABLES, "reporting_ocpcosts_summary", SUMMARY)),
        ("reporting_ocpusagereportperiod", "provider_id = %s"),
        *((table, clusters) for table in ("reporting_ocp_nodes", "reporting_ocp_pvcs", "reporting_ocp_projects")),
        ("reporting_ocp_clusters", "provider_id = %s"),
        ("cost_model_map", "provider_uuid = %s"),
        ("reporting_common_costusagereportstatus", manifests),
        ("reporting_common_costusagereportmanifest", "provider_id = %s"),
        ("delayed_celery_tasks", "provider_uuid = %s"),
        ("reporting_tenant_api_provider", "provider_id = %s"),
        ("api_sources", "source_uuid = %s"),
        ("api_provider", "uuid = %s"),
    )
    for table, where in deletions:
        conn.execute(f"DELETE FROM {table} WHERE {where}", [provider_uuid])
    _delete_unreferenced(conn, "api_providerauthentication", "authentication_id", provider["auth"])
    _delete_unreferenced(conn, "api_providerbillingsource", "billing_source_id", provider["billing"])
    return str(provider["type"])


def _delete_unreferenced(conn: Connection, table: str, column: str, key: int) -> None:
    conn.execute(
        f"DELETE FROM {table} WHERE id = %s AND NOT EXISTS (SELECT 1 FROM api_provider WHERE {column} = %s)", [key, key]
    )


def delete_archived_data(work: Work, schema: str, provider_type: str, provider_uuid: str) -> None:
    """The worker's part: line items, staging rows, tag values that no source has any more, and the archived objects."""
    log(f"Deleting S3 data for {provider_type} provider {provider_uuid} in account {schema}.")
    if provider_type != "OCP":
        from e2e_validator.embedded.standin.classic.deletion import delete_objects

        delete_objects(work, schema, provider_type, provider_uuid)
        return
    prefix = source_prefix(schema, provider_uuid)
    log(f"Attempting to delete our archived data in S3 under {prefix}")
    bucket = work.config.bucket_archive
    if keys := list(work.store.keys(bucket, prefix)):
        work.store.remove(bucket, keys)
    for kind in REPORT_TYPES:
        for table in (kind.raw_table, kind.daily_table):
            work.conn.execute(f"DELETE FROM {table} WHERE source = %s", [provider_uuid])
    work.conn.execute(f"DELETE FROM {STAGING} WHERE source = %s", [provider_uuid])
    remove_unused_tag_values(work.conn)
