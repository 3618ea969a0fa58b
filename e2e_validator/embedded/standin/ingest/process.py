"""The processing step: one file's status life cycle around the loading of its days.

See docs/contract/koku.md 1.3, 3.7, 7.4.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.ingest.daily_files import DailyFile
from e2e_validator.embedded.standin.ingest.extract import Ingest, ReportMeta, is_database_error
from e2e_validator.embedded.standin.ingest.line_items import LineItems, add_tag_keys, delete_older_day, describe
from e2e_validator.embedded.standin.ingest.report_types import ReportType
from e2e_validator.embedded.standin.ingest.source import Source
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import ReportStatus, update_state
from e2e_validator.embedded.standin.pace import wait
from e2e_validator.embedded.standin.partitions import SUMMARY, ensure_month


class ReportProcessorError(Exception):
    """A file failed; the rest of the payload is left alone."""


class ParquetReportProcessorError(Exception):
    """A day of a file failed; the name stems from the classic stack and appears in Koku's log on-premise too."""


class ReportsAlreadyProcessedError(Exception):
    """The day is there already, for at least as many hours: a success without new rows."""


def process_report(ingest: Ingest, meta: ReportMeta) -> None:
    """Load one file of a payload.

    Raises:
        ReportProcessorError: it failed; its status is 2 and the manifest's ``state`` says so.
        psycopg.OperationalError: the database went away.
    """
    uuid = str(meta.manifest.uuid)
    files = {
        file.stem: {"meta_reportdatestart": str(file.day), "meta_reportnumhours": str(file.hours)}
        for file in meta.files
    }
    context: dict[str, Any] = {
        "provider_uuid": meta.source.provider_uuid,
        "schema": meta.source.schema,
        "file": meta.name,
    }
    log("processing report", tracing_id=uuid, **context, ocp_files_to_process=files)
    status = ReportStatus(ingest.conn, ingest.clock, meta.manifest_id, meta.name)
    status.start()
    update_state(ingest.conn, ingest.clock, meta.manifest_id, "processing", "start")
    log("converting csv files to parquet", **context)
    try:
        _load_files(ingest, meta)
    except ReportsAlreadyProcessedError:
        log("report already processed", **context)
    except Exception as error:
        if is_database_error(error):
            raise
        status.fail()
        update_state(ingest.conn, ingest.clock, meta.manifest_id, "processing", "failed")
        raise ReportProcessorError(f"Unknown processor error: {error}") from error
    status.complete()
    ingest.conn.execute("UPDATE api_provider SET setup_complete = true WHERE uuid = %s", [meta.source.provider_uuid])
    update_state(ingest.conn, ingest.clock, meta.manifest_id, "processing", "end")


def _load_files(ingest: Ingest, meta: ReportMeta) -> None:
    reached(Point.FILE_STARTED, cluster=meta.source.cluster_id, meta=meta)
    if not meta.files:
        log("no split files to convert to parquet", provider_uuid=meta.source.provider_uuid, file=meta.name)
    for file in meta.files:
        _clear_day(ingest.conn, meta, file)
        reached(Point.DAY_CLEARED, cluster=meta.source.cluster_id, day=file.day)
        if file.kind is None:
            log("Unknown report type, skipping file processing", level=logging.WARNING, filename=file.name)
            return
        wait(ingest.pace.written_file if file.rows else ingest.pace.header_only)
        _convert(ingest, meta, file, file.kind)
        reached(Point.DAY_WRITTEN, cluster=meta.source.cluster_id, day=file.day)


def _clear_day(conn: Connection, meta: ReportMeta, file: DailyFile) -> None:
    """Make room for a day that has grown; the tracker is set before anything is written, as on Koku."""
    row = conn.execute(
        "SELECT operator_daily_reports AS daily, s3_parquet_cleared_tracker AS tracker"
        " FROM reporting_common_costusagereportmanifest WHERE id = %s",
        [meta.manifest_id],
    ).fetchone()
    if row is None or not row["daily"] or row["tracker"].get(file.cleared_key):
        return
    # Koku looks up the table of an unknown type here, and fails with the bare key.
    if file.kind is None:
        raise KeyError(None)
    deleted, remain = delete_older_day(conn, file.kind, meta.source.provider_uuid, file.day, file.hours)
    if not deleted and remain:
        log("existing data has equal or greater reportnumhours", start_date=str(file.day))
        raise ReportsAlreadyProcessedError
    conn.execute(
        "UPDATE reporting_common_costusagereportmanifest"
        " SET s3_parquet_cleared_tracker = s3_parquet_cleared_tracker || %s WHERE id = %s",
        [Jsonb({file.cleared_key: True}), meta.manifest_id],
    )
    log("removed partitions and marked manifest s3_parquet_cleared", manifest_id=meta.manifest_id)


def _convert(ingest: Ingest, meta: ReportMeta, file: DailyFile, kind: ReportType) -> None:
    conn, uuid = ingest.conn, str(meta.manifest.uuid)
    log("converting csv to parquet", tracing_id=uuid, file_name=file.name)
    if not file.rows:
        log("finalizing post processing", tracing_id=uuid, file_name=file.name)
        return
    items = LineItems(conn, file, kind, meta.source.provider_uuid)
    failed = False
    staged = False
    try:
        items.stage()
        staged = True
        ensure_month(conn, meta.source.schema, (SUMMARY, kind.raw_table, kind.daily_table), file.day)
        create_report_period(conn, meta.source, file.day)
        items.write_raw()
        reached(Point.RAW_WRITTEN, cluster=meta.source.cluster_id, day=file.day)
        log("finalizing post processing", tracing_id=uuid, file_name=file.name)
        add_tag_keys(conn, items.tag_keys)
    except psycopg.Error as error:
        if is_database_error(error):
            raise
        log(
            "could not write parquet to temp file", tracing_id=uuid, level=logging.WARNING, error=error,
            exception=describe(error), file_name=file.name, provider_uuid=meta.source.provider_uuid,
        )  # fmt: skip
        failed = True
    if staged:
        items.write_daily()
    items.close()
    if failed:
        text = "failed to convert files to parquet"
        log(text, tracing_id=uuid, level=logging.WARNING, failed_file=file.name)
        raise ParquetReportProcessorError(text)


def create_report_period(conn: Connection, source: Source, day: date) -> None:
    """The month's report period, unless it is there; its foreign key is checked at commit, so that is where it fails.

    Raises:
        psycopg.errors.ForeignKeyViolation: the provider has no row in the tenant's copy (docs/contract/koku.md 7.4).
    """
    start = datetime(day.year, day.month, 1, tzinfo=UTC)
    end = (start + timedelta(days=31)).replace(day=1)
    log("getting or creating bill", cluster_id=source.cluster_id, provider_uuid=source.provider_uuid)
    with conn.transaction():
        found = conn.execute(
            "SELECT id, cluster_alias FROM reporting_ocpusagereportperiod WHERE cluster_id = %s"
            " AND report_period_start = %s AND report_period_end = %s AND provider_id = %s",
            [source.cluster_id, start, end, source.provider_uuid],
        ).fetchone()
        if found is None:
            conn.execute(
                "INSERT INTO reporting_ocpusagereportperiod (cluster_id, cluster_alias, report_period_start,"
                " report_period_end, provider_id) VALUES (%s, %s, %s, %s, %s)",
                [source.cluster_id, source.name, start, end, source.provider_uuid],
            )
        elif found["cluster_alias"] != source.name:
            conn.execute(
                "UPDATE reporting_ocpusagereportperiod SET cluster_alias = %s WHERE id = %s", [source.name, found["id"]]
            )
