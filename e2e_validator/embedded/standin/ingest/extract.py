"""The download step: from the announced object to daily files in the archive (docs/contract/koku.md 3.3, 3.5, 3.6)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import psycopg
from minio.error import MinioException
from psycopg.types.json import Jsonb
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.standin.archive import daily_key
from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.ingest.daily_files import (
    DailyFile,
    EmptyFileError,
    read_rows,
    split_by_day,
    whole,
)
from e2e_validator.embedded.standin.ingest.manifest import Manifest
from e2e_validator.embedded.standin.ingest.payload import extract, read_manifest
from e2e_validator.embedded.standin.ingest.source import Source, find_source, outside_retention
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import ReportStatus, is_processed, record_files, update_state
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.pace import Pace, wait


class UploadError(Exception):
    """The archive could not be written; the payload is given up, its files stay in status 3."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """What the listener works with."""

    config: StandinConfig
    clock: Clock
    pace: Pace
    conn: Connection
    store: ObjectStore


@dataclass(slots=True)
class ReportMeta:
    """One file of the payload on its way: what to process, and for whom."""

    name: str
    manifest: Manifest
    manifest_id: int
    source: Source
    files: list[DailyFile] = field(default_factory=list)
    complete: bool = False


def extract_payload(ingest: Ingest, data: bytes, request_id: str, org_id: str) -> tuple[list[ReportMeta] | None, str]:
    """Take a tarball apart; returns the files that still need processing and the manifest's uuid.

    None instead of files: the payload is not one to take (no such source, or too old).

    Raises:
        KafkaMsgHandlerError: the archive or its manifest is unusable; nothing was written to the database.
        Exception: a file cannot be split or archived; the manifest and its status rows (3) stay behind.
    """
    conn, clock = ingest.conn, ingest.clock
    manifest = read_manifest(request_id, data)
    uuid, cluster = str(manifest.uuid), manifest.cluster_id
    log(
        f"Payload with the request id {request_id} from cluster {cluster}"
        f" is part of the report with manifest id {uuid}",
        tracing_id=request_id,
    )
    source = find_source(conn, cluster, org_id)
    if source is None:
        log(f"Received unexpected OCP report from {cluster}", tracing_id=uuid, level=logging.WARNING)
        return None, uuid
    log("found provider for cluster-id", provider_uuid=source.provider_uuid, cluster_id=cluster)
    reached(Point.SOURCE_FOUND, cluster=cluster, source=source.provider_uuid, store=ingest.store)
    if outside_retention(conn, clock, manifest):
        text = f"Received OCP data outside our retention period for {cluster}, skipping processing"
        log(text, tracing_id=uuid, level=logging.WARNING)
        return None, uuid
    members = extract(request_id, data)
    manifest_id = record_manifest(conn, clock, source, manifest)
    update_state(conn, clock, manifest_id, "download", "start")
    _ship_ros_files(ingest, manifest, manifest_id, source, members)
    wait(ingest.pace.recorded)
    metas = []
    for name in manifest.files:
        if name not in members:
            log(f"File {name} has not downloaded yet.", tracing_id=uuid, level=logging.DEBUG)
            continue
        record_files(conn, manifest_id, manifest.files)
        reached(Point.RECORDED, cluster=cluster)
        if is_processed(conn, manifest_id, name, uuid):
            continue
        log(f"Successfully extracted OCP for {cluster}/{manifest.month}", tracing_id=uuid)
        meta = ReportMeta(name, manifest, manifest_id, source)
        try:
            meta.files = archive_daily_files(ingest, meta, members[name])
        except EmptyFileError:
            ReportStatus(conn, clock, manifest_id, name).complete()
            meta.complete = True
            log(f"File {name} is empty.", tracing_id=uuid, level=logging.WARNING)
        metas.append(meta)
        reached(Point.ARCHIVED, cluster=cluster)
    update_state(conn, clock, manifest_id, "download", "end")
    return metas, uuid


def record_manifest(conn: Connection, clock: Clock, source: Source, manifest: Manifest) -> int:
    """The manifest's row: new, or the one of an earlier payload with the same uuid, unchanged."""
    log("processing the manifest", tracing_id=str(manifest.uuid))
    facts: dict[str, Any] = manifest.operator_facts | {
        "assembly_id": str(manifest.uuid),
        "provider_id": source.provider_uuid,
        "billing_period_start_datetime": manifest.billing_start,
        "num_total_files": len(manifest.files),
        "export_datetime": manifest.date,
        "creation_datetime": clock.now(),
        "s3_csv_cleared": False,
        "s3_parquet_cleared": False,
        "report_tracker": {},
        "s3_parquet_cleared_tracker": {},
        "state": {},
    }
    found = _manifest_id(conn, source, manifest)
    if found is not None:
        return found
    values = [Jsonb(value) if isinstance(value, dict) else value for value in facts.values()]
    marks = ", ".join(["%s"] * len(facts))
    conn.execute(
        f"INSERT INTO reporting_common_costusagereportmanifest ({', '.join(facts)}) VALUES ({marks})"
        " ON CONFLICT (provider_id, assembly_id) DO NOTHING",
        values,
    )
    found = _manifest_id(conn, source, manifest)
    if found is None:
        raise LookupError(f"manifest {manifest.uuid} vanished while it was recorded")
    return found


def _manifest_id(conn: Connection, source: Source, manifest: Manifest) -> int | None:
    row = conn.execute(
        "SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s AND assembly_id = %s",
        [source.provider_uuid, str(manifest.uuid)],
    ).fetchone()
    return int(row["id"]) if row else None


def archive_daily_files(ingest: Ingest, meta: ReportMeta, content: bytes) -> list[DailyFile]:
    """Split one CSV by day and write each part into the archive bucket."""
    manifest = meta.manifest
    report = read_rows(content)
    files = []
    # Reports of an operator that does not make daily ones add up over the month and cannot be split.
    if manifest.daily_reports or not manifest.operator_version:

        def next_counter(prefix: str) -> int:
            return _count(ingest.conn, meta.manifest_id, prefix)

        files = split_by_day(report, meta.manifest_id, manifest.hours_per_day, next_counter)
    files = files or [whole(meta.name, report, manifest.date.date())]
    for file in files:
        key = daily_key(meta.source.schema, meta.source.provider_uuid, file.day, file.name)
        _archive(ingest, key, file.text.encode(), meta)
        wait(ingest.pace.archived_file)
    return files


def _archive(ingest: Ingest, key: str, data: bytes, meta: ReportMeta) -> None:
    text = "unable to copy data to bucket"
    try:
        ingest.store.put(ingest.config.bucket_archive, key, data, {"manifestid": str(meta.manifest_id)})
    except (MinioException, HTTPError) as error:
        log(text, tracing_id=str(meta.manifest.uuid), upload_key=key, error=error)
        raise UploadError(text) from error


def _count(conn: Connection, manifest_id: int, prefix: str) -> int:
    with conn.transaction():
        row = conn.execute(
            "SELECT report_tracker FROM reporting_common_costusagereportmanifest WHERE id = %s FOR UPDATE",
            [manifest_id],
        ).fetchone()
        if row is None:
            raise LookupError("CostUsageReportManifest matching query does not exist.")
        tracker: dict[str, int] = row["report_tracker"] or {}
        counter = tracker.get(prefix, 0)
        conn.execute(
            "UPDATE reporting_common_costusagereportmanifest SET report_tracker = %s WHERE id = %s",
            [Jsonb(tracker | {prefix: counter + 1}), manifest_id],
        )
    return counter


def _ship_ros_files(
    ingest: Ingest, manifest: Manifest, manifest_id: int, source: Source, members: dict[str, bytes]
) -> None:
    names = [name for name in manifest.resource_optimization_files if name in members]
    if not names:
        log("No ROS reports to handle in the current payload.", tracing_id=str(manifest.uuid))
        return
    prefix = f"{source.schema}/source={source.provider_uuid}/date={ingest.clock.today()}"
    for name in names:
        ingest.store.put(ingest.config.bucket_ros, f"{prefix}/{name}", members[name], {"ManifestId": str(manifest_id)})
    log("ROS report handling disabled - not sending kafka msg", tracing_id=str(manifest.uuid))


def is_database_error(error: BaseException) -> bool:
    """Whether the connection is at fault rather than the payload."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
