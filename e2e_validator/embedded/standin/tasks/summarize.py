"""``summarize_reports`` and ``update_summary_tables`` (docs/contract/koku.md 1.5, 2.5, 3.8)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Any

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.ingest.manifest import months_before
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.manifests import ready_for_summary, update_state
from e2e_validator.embedded.standin.pace import wait_in
from e2e_validator.embedded.standin.queues import Task, send
from e2e_validator.embedded.standin.single_tasks import lock_key, release_lock, take_lock
from e2e_validator.embedded.standin.summary.daily import ProviderNotFoundError, summarise
from e2e_validator.embedded.standin.summary.range import by_month
from e2e_validator.embedded.standin.tasks.context import Work
from e2e_validator.embedded.standin.view_cache import invalidate_views

SUMMARIZE_REPORTS = "masu.processor.tasks.summarize_reports"
UPDATE_SUMMARY_TABLES = "masu.processor.tasks.update_summary_tables"
UPDATE_COST_MODEL_COSTS = "masu.processor.tasks.update_cost_model_costs"
MARK_MANIFEST_COMPLETE = "masu.processor.tasks.mark_manifest_complete"
VALIDATE_DAILY_DATA = "masu.processor.tasks.validate_daily_data"
INITIAL_MONTHS = 3


class Requeued(Exception):  # noqa: N818 - not an error
    """The same task runs already, or a lock says so: this one goes back to the end of its queue."""

    def __init__(self, queue: str, task: Task) -> None:
        super().__init__(queue)
        self.queue = queue
        self.task = task


def months_to_summarise(today: date, start: date | None, end: date | None) -> list[tuple[date, date]]:
    """The months of a range, nothing older than the first day three months ago; no end means up to today."""
    first = months_before(today, INITIAL_MONTHS)
    if start is None or start < first:
        start = first
    if end is None or end < first:
        end = today
    return by_month(start, end)


def summarize_reports(work: Work, reports: list[dict[str, Any]], queue_name: str | None = None) -> None:
    """Queue one summary per month of each manifest whose files are all done."""
    log("deduplicating reports", tracing_id="summarize_reports")
    for report in reports:
        tracing_id = report["manifest_uuid"]
        if not ready_for_summary(work.conn, report["manifest_id"]):
            log("manifest not ready for summary", tracing_id=tracing_id, report=report)
            continue
        log("report to summarize", tracing_id=tracing_id, report=report)
        start, end = (date.fromisoformat(report[key]) if report[key] else None for key in ("start", "end"))
        if not (start and end):
            end = work.clock.today()
            start = end.replace(day=max(end.day - 2, 1))
        for first, last in months_to_summarise(work.clock.today(), start, end):
            queue = queue_name or "summary"
            named = {"manifest_id": report["manifest_id"], "tracing_id": tracing_id, "queue_name": queue}
            owner = (report["schema_name"], report["provider_type"], report["provider_uuid"])
            send(work.valkey, queue, summary_task(owner, first, last, **named))


def summary_task(owner: tuple[str, str, str], start: date, end: date, **named: Any) -> Task:
    """The message that asks for one month's summary; ``owner`` is schema, provider type and provider uuid."""
    return Task(UPDATE_SUMMARY_TABLES, list(owner), {"start_date": str(start), "end_date": str(end), **named})


def update_summary_tables(
    work: Work,
    schema: str,
    provider_type: str,
    provider_uuid: str,
    *,
    start_date: str,
    end_date: str,
    manifest_id: int | None = None,
    tracing_id: str | None = None,
    queue_name: str | None = None,
) -> None:
    """Summarise one month, then chain cost step, completion and validation.

    Without a manifest (masu's ``report_data/``) nothing is completed at the end.

    Raises:
        Requeued: a lock says that this source and month are being summarised.
    """
    wait_in(work.conn, work.pace.queued)
    owner = (schema, provider_type, provider_uuid)
    key = lock_key(UPDATE_SUMMARY_TABLES, *owner, start_date[:7])
    if not take_lock(work.conn, work.clock, key):
        text = f"Task {UPDATE_SUMMARY_TABLES} already running for {[*owner, start_date[:7]]}. Requeuing."
        log(text, tracing_id=tracing_id)
        named = {"manifest_id": manifest_id, "tracing_id": tracing_id, "queue_name": queue_name}
        again = summary_task(owner, date.fromisoformat(start_date), date.fromisoformat(end_date), **named)
        raise Requeued(queue_name or "summary", again)
    try:
        _summarise_month(work, owner, (start_date, end_date), manifest_id, tracing_id)
    finally:
        release_lock(work.conn, key)


def _summarise_month(
    work: Work, owner: tuple[str, str, str], days: tuple[str, str], manifest_id: int | None, tracing_id: str | None
) -> None:
    schema, provider_type, provider_uuid = owner
    start_date, end_date = days
    update_state(work.conn, work.clock, manifest_id, "summary", "start")
    context = {
        "schema": schema,
        "provider_type": provider_type,
        "provider_uuid": provider_uuid,
        "manifest_id": manifest_id,
    }
    log(
        "starting summary table update",
        tracing_id=tracing_id,
        context=context,
        start_date=start_date,
        end_date=end_date,
    )
    log("summary processing starting", tracing_id=tracing_id, context=context)
    reached(Point.SUMMARY_STARTED, source=provider_uuid)
    try:
        if provider_type != "OCP" and work.config.classic is not None:
            _summarise_cloud(work, owner, days, manifest_id, tracing_id)
            return
        start, end = summarise(
            work.conn, work.clock, work.pace, schema=schema, source=provider_uuid,
            start=date.fromisoformat(start_date), end=date.fromisoformat(end_date),
        )  # fmt: skip
    except ProviderNotFoundError as error:
        text = "possible source/provider delete during processing - halting processing"
        log(text, tracing_id=tracing_id, level=logging.WARNING, error=error)
        update_state(work.conn, work.clock, manifest_id, "summary", "failed")
        return
    except Exception:
        update_state(work.conn, work.clock, manifest_id, "summary", "failed")
        raise
    log("summary processing complete", tracing_id=tracing_id, context=context)
    if not reached(Point.INVALIDATING, source=provider_uuid):
        invalidate_views(work.valkey, schema)
    update_state(work.conn, work.clock, manifest_id, "summary", "end")
    log("Queue OCP cost model/manifest complete tasks", tracing_id=tracing_id, context=context)
    complete, validate = _completion(owner, (str(start), str(end)), manifest_id, tracing_id)
    cost = Task(
        UPDATE_COST_MODEL_COSTS,
        [schema, provider_uuid],
        {"start_date": str(start), "end_date": str(end), "tracing_id": tracing_id},
        chain=[["priority", complete.link()], ["priority", validate.link()]],
    )
    send(work.valkey, "cost_model", cost)


def _completion(
    owner: tuple[str, str, str], days: tuple[str, str], manifest_id: int | None, tracing_id: str | None
) -> tuple[Task, Task]:
    """The end of the chain; without a manifest nothing is completed."""
    schema, provider_type, provider_uuid = owner
    manifests = [manifest_id] if manifest_id is not None else None
    complete = Task(MARK_MANIFEST_COMPLETE, list(owner), {"manifest_list": manifests, "tracing_id": tracing_id})
    context = {"schema": schema, "provider_type": provider_type, "provider_uuid": provider_uuid}
    validate = Task(
        VALIDATE_DAILY_DATA, [schema, *days, provider_uuid], {"context": context | {"manifest_id": manifest_id}}
    )
    return complete, validate


def _summarise_cloud(
    work: Work, owner: tuple[str, str, str], days: tuple[str, str], manifest_id: int | None, tracing_id: str | None
) -> None:
    """A cloud source's month; without a cost step: the markup is in its summary (docs/contract/clouds.md 1)."""
    from e2e_validator.embedded.standin.classic.summary.month import summarise_cloud

    schema, _, provider_uuid = owner
    summarise_cloud(work, provider_uuid, date.fromisoformat(days[0]), date.fromisoformat(days[1]))
    log("summary processing complete", tracing_id=tracing_id, provider_uuid=provider_uuid)
    if not reached(Point.INVALIDATING, source=provider_uuid):
        invalidate_views(work.valkey, schema)
    log("ocp on cloud infra map empty, skipping ocp cloud summary", tracing_id=tracing_id)
    update_state(work.conn, work.clock, manifest_id, "summary", "end")
    log("Queue Cloud manifest complete tasks", tracing_id=tracing_id)
    complete, validate = _completion(owner, days, manifest_id, tracing_id)
    send(work.valkey, "priority", replace(complete, chain=[["priority", validate.link()]]))
