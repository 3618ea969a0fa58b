"""The queues as masu shows and clears them (docs/contract/koku.md 5.1)."""

from __future__ import annotations

import json

from starlette.responses import Response

from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson, error
from e2e_validator.embedded.standin.queues import QUEUES, RUNNING, waiting


def running_tasks(context: Context, _call: Call) -> Response:
    """The ids of the tasks that workers are busy with."""
    running = context.valkey.hvals(RUNNING)
    return DrfJson({"active_tasks": [json.loads(str(entry))["id"] for entry in running]})


def queued_tasks(context: Context, call: Call) -> Response:
    """What waits in one queue, or in all, perhaps only tasks of one name."""
    queue = call.query.get("queue")
    if queue and queue not in QUEUES:
        return error("Must provide a valid queue to search.")
    name = call.query.get("task")
    found = {
        key: [
            {"name": task.task, "id": task.id, "args": repr(tuple(task.args)), "kwargs": repr(task.kwargs)}
            for task in waiting(context.valkey, key)
            if not name or task.task == name
        ]
        for key in ([queue] if queue else QUEUES)
    }
    return DrfJson({"queued_tasks": found})


def lengths(context: Context, _call: Call) -> Response:
    """How many tasks wait in each queue."""
    return DrfJson(_lengths(context))


def clear(context: Context, call: Call) -> Response:
    """Empty one queue, or everything in Valkey."""
    purged = 0
    if call.query.get("clear_all"):
        purged = sum(_lengths(context).values())
        context.valkey.flushall()
    queue = call.query.get("queue")
    if queue:
        if queue not in QUEUES:
            return error("Must provide a valid queue to clear.")
        purged += _lengths(context)[queue]
        context.valkey.delete(queue)
    log(f"Celery purged tasks: {purged}")
    return DrfJson({"purged_tasks": purged})


def _lengths(context: Context) -> dict[str, int]:
    return {queue: int(context.valkey.llen(queue)) for queue in QUEUES}
