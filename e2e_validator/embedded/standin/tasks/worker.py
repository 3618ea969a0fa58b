"""The worker: takes tasks from the queues, one at a time (docs/contract/koku.md 2.5)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.deletion import DELETE_ARCHIVED_DATA, delete_archived_data
from e2e_validator.embedded.standin.logs import log
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.pace import Pace
from e2e_validator.embedded.standin.queues import QUEUES, RUNNING, Task, open_valkey, send
from e2e_validator.embedded.standin.tasks.complete import mark_manifest_complete, validate_daily_data
from e2e_validator.embedded.standin.tasks.context import Work
from e2e_validator.embedded.standin.tasks.cost import update_cost_model_costs
from e2e_validator.embedded.standin.tasks.summarize import (
    MARK_MANIFEST_COMPLETE,
    SUMMARIZE_REPORTS,
    UPDATE_COST_MODEL_COSTS,
    UPDATE_SUMMARY_TABLES,
    VALIDATE_DAILY_DATA,
    Requeued,
    summarize_reports,
    update_summary_tables,
)

Tasks = dict[str, Callable[..., Any]]
TASKS: Tasks = {
    SUMMARIZE_REPORTS: summarize_reports,
    UPDATE_SUMMARY_TABLES: update_summary_tables,
    UPDATE_COST_MODEL_COSTS: update_cost_model_costs,
    MARK_MANIFEST_COMPLETE: mark_manifest_complete,
    VALIDATE_DAILY_DATA: validate_daily_data,
    DELETE_ARCHIVED_DATA: delete_archived_data,
}
REQUEUE_PAUSE_S = 0.1


def work(config: StandinConfig, clock: Clock, name: str) -> None:
    """Run tasks for ever. A task that fails is logged and gone, and so is what was chained to it."""
    valkey = open_valkey(config.valkey_url)
    store = ObjectStore(config)
    tasks = TASKS | _classic_tasks(config)
    valkey.hdel(RUNNING, name)
    log(f"{name} ready.")
    requeued = ""
    while True:
        # A task that comes back at once must not keep this worker from the queues after its own.
        popped = valkey.blpop(sorted(QUEUES, key=lambda queue: queue == requeued), timeout=0)
        requeued = ""
        if popped is None:
            continue
        task = Task.read(str(popped[1]))
        valkey.hset(RUNNING, name, json.dumps({"id": task.id, "name": task.task}))
        log(f"Task {task.task}[{task.id}] received", queue=popped[0])
        reached(Point.RECEIVED, valkey=valkey, task=task)
        try:
            with connect(config) as conn:
                conn.autocommit = True
                tasks[task.task](
                    Work(config, clock, Pace.named(config.pace), conn, valkey, store), *task.args, **task.kwargs
                )
        except Requeued as again:
            time.sleep(REQUEUE_PAUSE_S)
            send(valkey, again.queue, again.task)
            requeued = again.queue
        except Exception as error:  # noqa: BLE001 - one task must not stop the worker
            log(f"Task {task.task}[{task.id}] raised unexpected: {error!r}", level=logging.ERROR, error=error)
        else:
            log(f"Task {task.task}[{task.id}] succeeded")
            if task.chain:
                (queue, link), *rest = task.chain
                send(valkey, queue, Task(**link, chain=rest))
        finally:
            valkey.hdel(RUNNING, name)


def _classic_tasks(config: StandinConfig) -> Tasks:
    """Those of cloud sources; their libraries are loaded where they are needed only."""
    if config.classic is None:
        return {}
    from e2e_validator.embedded.standin.classic.get_report_files import get_report_files
    from e2e_validator.embedded.standin.classic.polling import check_report_updates
    from e2e_validator.embedded.standin.classic.task_names import CHECK_REPORT_UPDATES, GET_REPORT_FILES

    return {CHECK_REPORT_UPDATES: check_report_updates, GET_REPORT_FILES: get_report_files}
