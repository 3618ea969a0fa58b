"""``check_report_updates``: which sources are polled, and which of their files are new (docs/contract/clouds.md 3)."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.classic import chord, worker_cache
from e2e_validator.embedded.standin.classic.cur_manifest import CurManifest, read_manifest
from e2e_validator.embedded.standin.classic.manifest_rows import record_manifest
from e2e_validator.embedded.standin.classic.months import BillMonth
from e2e_validator.embedded.standin.classic.provider import CloudProvider, due_providers, find_provider
from e2e_validator.embedded.standin.classic.report_store import ReportNotFoundError, store_of
from e2e_validator.embedded.standin.classic.task_names import GET_REPORT_FILES, SUMMARIZE_REPORTS
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import is_processed, record_files
from e2e_validator.embedded.standin.pace import wait_in
from e2e_validator.embedded.standin.queues import Task, send
from e2e_validator.embedded.standin.tasks.context import Work

POLLING_TIMER = timedelta(days=1)
PROCESSING_WAIT_TIMER = timedelta(days=3)
_NEW = timedelta(days=1)


def check_report_updates(
    work: Work, *, provider_uuid: str | None = None, bill_date: str | None = None, summarize_reports: bool = True
) -> None:
    """Poll one source, timer and pause or not, or all that are due."""
    log("checking for report updates", provider_uuid=provider_uuid)
    now = work.clock.now()
    if provider_uuid:
        asked = find_provider(work.conn, provider_uuid)
        found = [asked] if asked else []
    else:
        found = due_providers(work.conn, now - POLLING_TIMER)
    polled = [provider for provider in found if _may_poll(work, provider, now)]
    if not polled:
        log("no accounts to be polled")
    for provider in polled:
        reached(Point.POLLED, source=provider.uuid)
        log("polling for account", provider_uuid=provider.uuid, schema=provider.schema)
        for month in _months(work.clock.today(), bill_date):
            _poll_month(work, provider, month, summarize=summarize_reports)


def _may_poll(work: Work, provider: CloudProvider, now: datetime) -> bool:
    """Whether nothing seems to run; the timestamp moves in any case."""
    work.conn.execute("UPDATE api_provider SET polling_timestamp = %s WHERE uuid = %s", [now, provider.uuid])
    if not is_processing(provider, now):
        return True
    log("processing currently in progress for provider", provider_uuid=provider.uuid, schema=provider.schema)
    return False


def is_processing(provider: CloudProvider, now: datetime) -> bool:
    """What Koku takes for a run that is not over: it looks at timestamps alone (docs/contract/koku.md 2.3)."""
    if provider.polling is None:
        return False
    if provider.data_updated is not None:
        return provider.polling > provider.data_updated > now - PROCESSING_WAIT_TIMER
    return now - PROCESSING_WAIT_TIMER < provider.created <= now - _NEW


def _months(today: date, bill_date: str | None) -> list[BillMonth]:
    if bill_date:
        return [BillMonth.of(date.fromisoformat(bill_date[:10]))]
    return [BillMonth.of(today), BillMonth.of(today, -1)]


def _poll_month(work: Work, provider: CloudProvider, month: BillMonth, *, summarize: bool) -> None:
    log(f"getting {month.first:%B %Y} report files", provider_uuid=provider.uuid)
    log("starting manifest processing", provider_uuid=provider.uuid)
    queued = False
    try:
        manifest = read_manifest(store_of(provider, work.store), month)
    except ReportNotFoundError as error:
        log(f"Unable to get report manifest. Reason: {error}", provider_uuid=provider.uuid)
    except (ValueError, KeyError) as error:
        text = f"Unexpected manifest processing error for provider: {provider.uuid}. Error: {error}."
        log(text, level=logging.ERROR, error=error)
        return
    else:
        queued = _queue_files(work, provider, month, manifest, summarize=summarize)
    log(f"manifest processing tasks queued: {queued}", provider_uuid=provider.uuid)
    if queued:
        log("updating account aliases", provider_uuid=provider.uuid)
        text = (
            f"Unexpected manifest processing error for provider: {provider.uuid}. Error: Unable to locate credentials."
        )
        log(text, level=logging.ERROR)


def _queue_files(
    work: Work, provider: CloudProvider, month: BillMonth, manifest: CurManifest, *, summarize: bool
) -> bool:
    """Queue a task for each file that is neither done nor being worked on; whether there is one."""
    conn, tracing_id = work.conn, manifest.assembly_id
    log("found manifests", tracing_id=tracing_id, provider_uuid=provider.uuid)
    manifest_id = record_manifest(conn, work.clock, provider, manifest)
    record_files(conn, manifest_id, [manifest.status_name(file) for file in manifest.files])
    wait_in(conn, work.pace.recorded)
    store = store_of(provider, work.store)
    names = {file: f"{provider.uuid}:{store.full_name(manifest.path(file))}" for file in manifest.files}
    reached(Point.FILES_LISTED, source=provider.uuid, conn=conn, entries=list(names.values()))
    wanted = []
    for file in manifest.files:
        if is_processed(conn, manifest_id, manifest.status_name(file), tracing_id):
            log("file was already processed", tracing_id=tracing_id, filename=file)
        elif worker_cache.is_running(conn, names[file]):
            log("file processing is in progress", tracing_id=tracing_id, filename=file)
        else:
            log("queueing download", tracing_id=tracing_id, filename=file)
            wanted.append(file)
            log("download queued", tracing_id=tracing_id, filename=file)
    if not wanted:
        return False
    log("created manifest list", tracing_id=tracing_id)
    key = chord.open_chord(work.valkey, len(wanted), "summary", SUMMARIZE_REPORTS) if summarize else None
    reached(Point.CHORD_OPENED, source=provider.uuid, valkey=work.valkey, chord=key)
    log("created chord with group", tracing_id=tracing_id, provider_uuid=provider.uuid)
    for file in wanted:
        task = Task(GET_REPORT_FILES, [provider.schema, provider.uuid, manifest_id, str(month.first), file])
        # Only the last file of the manifest makes tables and bill.
        last = file == manifest.files[-1]
        task.kwargs.update(
            task_id=task.id, path=manifest.path(file), tracing_id=tracing_id, create_table=last, chord_id=key
        )
        send(work.valkey, "download", task)
    log(f"Manifest Processing Async ID: {key}", tracing_id=tracing_id)
    return True
