"""Polls of a cloud source that are lost, miss it, or leave it locked (docs/contract/clouds.md 3, 13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.faults.kinds.killed import kill_this_process
from e2e_validator.embedded.faults.kinds.messages import is_that_task, lose_task
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.queues import Task, send

# As in classic/task_names.py, which an on-premise stack does not load.
CHECK_REPORT_UPDATES = "masu.celery.tasks.check_report_updates"
_REFUSED = ("processing currently in progress for provider", "no accounts to be polled")


def poll_once_more(now: Happening) -> bool:
    """Poll the source, as the schedule does."""
    task = Task(CHECK_REPORT_UPDATES, [], {"provider_uuid": now.facts["source"]})
    send(now.facts["valkey"], "celery", task)
    return False


def name_no_source(now: Happening) -> bool:
    """Queue the poll without the source: whatever is due is polled."""
    task = now.facts["task"]
    send(now.facts["valkey"], now.facts["queue"], replace(task, kwargs={}))
    return True


def is_poll_of_a_source(armed: Armed, facts: dict[str, Any]) -> bool:
    """Whether it is a poll that names its source."""
    del armed
    return bool(facts["task"].task == CHECK_REPORT_UPDATES and facts["task"].kwargs.get("provider_uuid"))


def delete_copy(now: Happening) -> bool:
    """Delete the provider's row in the tenant's schema, in a session of its own."""
    with connect(now.config) as conn:
        conn.execute("DELETE FROM reporting_tenant_api_provider WHERE uuid = %s", [now.facts["source"]])
    return False


def _cloud(name: str, does: str, *symptoms: str, **more: Any) -> Fault:
    return Fault(name, does, "docs/contract/clouds.md 3, 13", symptoms, classic_only=True, **more)


FAULTS = (
    _cloud(
        "poll_lost",
        "The message of the poll is deleted from its list in Valkey before a worker sees it.",
        "200 with a task id; polling_timestamp as it was, no manifest row, no log line",
        points=(Point.SENDING,), act=lose_task, options={"task": CHECK_REPORT_UPDATES}, fits=is_that_task,
    ),
    _cloud(
        "poll_not_due",
        "The poll arrives without the uuid of its source, as behind a gateway that drops the query: only sources that"
        " are due are polled, and this one was polled less than POLLING_TIMER ago.",
        "200 with a task id; polling_timestamp as it was", "no accounts to be polled",
        points=(Point.SENDING,), act=name_no_source, fits=is_poll_of_a_source,
    ),
    _cloud(
        "poll_finds_nothing",
        "The schedule polls the source as soon as a manifest is completed: nothing is new, and polling_timestamp moves"
        " beyond data_updated_timestamp.",
        "file was already processed", "manifest processing tasks queued: False",
        *(f"{text} (at the next poll, for 3 days)" for text in _REFUSED),
        points=(Point.MANIFEST_COMPLETED,), act=poll_once_more,
    ),
    _cloud(
        "polling_frozen",
        "SIGKILL for the worker that has just been let poll the source and has looked at nothing: the poll is lost,"
        " polling_timestamp is newer than data_updated_timestamp.",
        "no manifest row", *(f"{text} (at the next poll, for 3 days)" for text in _REFUSED),
        points=(Point.POLLED,), act=kill_this_process,
    ),
    _cloud(
        "tenant_row_deleted_on_poll",
        "The provider's row in the tenant's schema is deleted when the source is polled: the bill has a foreign key"
        " to it.",
        "could not write parquet to temp file",
        'insert or update on table "reporting_awscostentrybill" violates foreign key constraint',
        'is not present in table "reporting_tenant_api_provider"',
        "file 2 with failed_status 4, no bill; after the next poll 1 and completed, no bill, no rows",
        points=(Point.POLLED,), act=delete_copy,
    ),
)  # fmt: skip
