"""``get_report_files``: one file from the source to parquet (docs/contract/clouds.md 4, 12, 13)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.classic import archive, chord, worker_cache
from e2e_validator.embedded.standin.classic.convert import ConversionError, Converted, convert
from e2e_validator.embedded.standin.classic.keys import SourceKeys
from e2e_validator.embedded.standin.classic.manifest_rows import (
    DownloadRow,
    mark_parquet_cleared,
    set_start_date,
    start_date,
)
from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.provider import CloudProvider, find_provider
from e2e_validator.embedded.standin.classic.reading import UnreadableReportError, read_report, unpack
from e2e_validator.embedded.standin.classic.report_store import ReportNotFoundError, store_of
from e2e_validator.embedded.standin.classic.splitting import DayFile, NoIntervalError, is_final, split
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import ReportStatus, update_state
from e2e_validator.embedded.standin.pace import wait
from e2e_validator.embedded.standin.tasks.context import Work


class NotDownloadedError(Exception):
    """The file is marked as failed in its download."""


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file of a manifest."""

    provider: CloudProvider
    manifest_id: int
    month: BillMonth
    file: str
    path: str
    tracing_id: str
    create_table: bool

    @property
    def status_name(self) -> str:
        """Of its row."""
        return f"{self.tracing_id}-{self.file}"


def get_report_files(
    work: Work,
    _schema: str,
    provider_uuid: str,
    manifest_id: int,
    month: str,
    file: str,
    *,
    task_id: str,
    path: str,
    tracing_id: str,
    create_table: bool,
    chord_id: str | None,
) -> None:
    """Fetch, split and convert; what comes of it goes to the chord, which goes on whether it failed or not."""
    provider = find_provider(work.conn, provider_uuid)
    result: dict[str, Any] | None = None
    if provider is not None:
        bill = BillMonth.of(date.fromisoformat(month))
        task = FileTask(provider, manifest_id, bill, file, path, tracing_id, create_table)
        full = store_of(provider, work.store).full_name(path)
        with _cached(work, f"{provider_uuid}:{full}"):
            result = _work_on(work, task, task_id, full)
        reached(Point.FILE_ENDED, source=provider_uuid, valkey=work.valkey, month=month)
    if chord_id is not None:
        chord.add_result(work.valkey, chord_id, file, result)


@contextmanager
def _cached(work: Work, entry: str) -> Iterator[None]:
    worker_cache.add(work.conn, work.clock, entry)
    try:
        yield
    finally:
        worker_cache.remove(work.conn, work.clock, entry)


def _work_on(work: Work, task: FileTask, task_id: str, full: str) -> dict[str, Any] | None:
    update_state(work.conn, work.clock, task.manifest_id, "download", "start")
    row = DownloadRow(work.conn, task.manifest_id, task.status_name)
    row.started(task_id)
    reached(Point.RECORDED, source=task.provider.uuid, store=work.store)
    try:
        days = _download(work, task, row, full)
        reached(Point.ARCHIVED, source=task.provider.uuid)
        converted = _process(work, task, days)
    except NotDownloadedError:
        log("no report to be processed", tracing_id=task.tracing_id)
        return None
    except (ReportNotFoundError, UnreadableReportError, MinioException, HTTPError) as error:
        log(f"Unknown downloader exception: {error}", tracing_id=task.tracing_id, level=logging.ERROR, error=error)
        return None
    except ConversionError as error:
        text = f"Report processing error: Unknown processor error: {error}"
        log(text, tracing_id=task.tracing_id, level=logging.ERROR, error=error)
        log(f"Unknown downloader exception: {error}", tracing_id=task.tracing_id, level=logging.ERROR)
        return None
    if converted is None:
        log("no report files processed, skipping summary", tracing_id=task.tracing_id)
        work.conn.execute(
            "UPDATE api_provider SET data_updated_timestamp = %s WHERE uuid = %s",
            [work.clock.now(), task.provider.uuid],
        )
        return None
    return {
        "schema_name": task.provider.schema,
        "provider_type": task.provider.type,
        "provider_uuid": task.provider.uuid,
        "manifest_id": task.manifest_id,
        "manifest_uuid": task.tracing_id,
        "start": str(converted.first),
        "end": str(converted.last),
    }


def _local(work: Work, task: FileTask) -> Path:
    assert work.config.classic is not None
    name = task.provider.bucket.replace("/", "_")
    folder = work.config.classic.data_dir / "processing" / task.provider.schema / task.provider.type.lower() / name
    return folder / task.path.replace("/", "_")


def _download(work: Work, task: FileTask, row: DownloadRow, full: str) -> list[DayFile]:
    """The file's days, archived; none where the file was fetched before and lies on this worker's disk."""
    store = store_of(task.provider, work.store)
    local = _local(work, task)
    try:
        etag = store.etag(task.path)
    except ReportNotFoundError as error:
        if store.whole_keys:
            raise _given_up(work, task, row, error) from error
        raise
    days: list[DayFile] = []
    if etag != row.etag() or not local.is_file():
        found = store.read(task.path)
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(found.content)
        reached(Point.FETCHED, source=task.provider.uuid, store=work.store)
        days = _archived(work, task, found.content, row)
    log(f"Download complete for {full}", tracing_id=task.tracing_id)
    row.fetched(etag)
    update_state(work.conn, work.clock, task.manifest_id, "download", "end")
    return days


def _archived(work: Work, task: FileTask, content: bytes, row: DownloadRow) -> list[DayFile]:
    report = read_report(unpack(content))
    keys = SourceKeys.of(task.provider, task.month)
    bucket, today = work.config.bucket_archive, work.clock.today()
    whole = not task.provider.setup_complete or (is_final(report) and not task.month.has(today))
    first = start_date(work.conn, task.manifest_id)
    if first is None:
        first = task.month.first if whole else archive.first_day(work.store, bucket, keys, task.month, today)
        set_start_date(work.conn, task.manifest_id, first)
    if not whole and mark_parquet_cleared(work.conn, task.manifest_id):
        archive.remove_from(work.store, bucket, keys, first, today, task.manifest_id)
    try:
        days = list(split(report, task.file, task.manifest_id, first, today))
    except NoIntervalError as error:
        log(f"unable to create daily archives from: {task.file}", tracing_id=task.tracing_id)
        raise _given_up(work, task, row, error) from error
    for file in days:
        wait(work.pace.archived_file)
        metadata = {archive.METADATA: str(task.manifest_id)}
        work.store.put(bucket, f"{keys.csv}{file.stem}.csv", file.as_csv(), metadata)
    return days


def _given_up(work: Work, task: FileTask, row: DownloadRow, error: Exception) -> NotDownloadedError:
    """Say of a file that it could not be fetched; what is raised then."""
    text = f"Unable to download report file: {task.path}. Reason: {error}"
    log(text, tracing_id=task.tracing_id, level=logging.WARNING)
    row.failed()
    update_state(work.conn, work.clock, task.manifest_id, "download", "failed")
    return NotDownloadedError()


def _process(work: Work, task: FileTask, days: list[DayFile]) -> Converted | None:
    """Convert what was split, around it the life cycle of the row.

    Raises:
        ConversionError: a day could not be converted; the row is 2, and the fetched file stays on the disk.
    """
    status = ReportStatus(work.conn, work.clock, task.manifest_id, task.status_name)
    status.start()
    update_state(work.conn, work.clock, task.manifest_id, "processing", "start")
    reached(Point.DAY_CLEARED, source=task.provider.uuid, store=work.store, valkey=work.valkey)
    try:
        converted = convert(work, task.provider, task.month, task.manifest_id, days, create_table=task.create_table)
    except Exception:
        status.fail()
        update_state(work.conn, work.clock, task.manifest_id, "processing", "failed")
        raise
    reached(Point.CONVERTED, source=task.provider.uuid)
    _local(work, task).unlink(missing_ok=True)
    status.complete(lambda: _set_up(work, task))
    update_state(work.conn, work.clock, task.manifest_id, "processing", "end")
    return converted


def _set_up(work: Work, task: FileTask) -> None:
    work.conn.execute("UPDATE api_provider SET setup_complete = true WHERE uuid = %s", [task.provider.uuid])
