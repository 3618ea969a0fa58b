"""Messages that are lost, and a worker that is not there to take them."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from typing import Any

import redis

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.faults.plant import Plant, child_hold, child_pid, kill_and_wait, until
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.queues import ANNOUNCEMENTS, RUNNING
from e2e_validator.embedded.standin.tasks.summarize import (
    MARK_MANIFEST_COMPLETE,
    SUMMARIZE_REPORTS,
    UPDATE_COST_MODEL_COSTS,
    UPDATE_SUMMARY_TABLES,
)

_WORKER = "worker-0"
_IDLE_WITHIN_S = 5.0


def is_that_task(armed: Armed, facts: dict[str, Any]) -> bool:
    """Whether the task that is being queued is the one to be lost."""
    return bool(facts["task"].task == armed.options["task"])


def lose_task(now: Happening) -> bool:
    """Queue the task and delete it from its list before any worker can see it."""
    _pass_through(now.facts["valkey"], now.facts["queue"], now.facts["task"].text())
    return True


def lose_announcement(now: Happening) -> bool:
    """The same for an announcement."""
    _pass_through(now.facts["valkey"], ANNOUNCEMENTS, json.dumps(now.facts["message"]))
    return True


def _pass_through(valkey: redis.Redis, queue: str, text: str) -> None:
    # In one transaction: the readers that wait for the list are served after its end, when it is empty again.
    pipe = valkey.pipeline(transaction=True)
    pipe.rpush(queue, text)
    pipe.lrem(queue, 1, text)
    pipe.execute()


def hold_worker(now: Happening) -> bool:
    """Take the worker down, once it is idle, and keep it down; the task is then queued and waits."""
    take_worker_down(now.config, now.facts["valkey"])
    if (seconds := now.option("seconds")) is not None:
        text = now.facts["task"].text() if now.option("lose") else None
        timer = threading.Timer(float(seconds), _end_hold, [now.config, now.facts["valkey"], now.facts["queue"], text])
        timer.daemon = True
        timer.start()
    return False


def take_worker_down(config: StandinConfig, valkey: redis.Redis) -> None:
    """Kill the worker and leave the file that keeps it dead."""
    hold = child_hold(config, _WORKER)
    if hold.exists():
        return
    with contextlib.suppress(TimeoutError):  # then what it is busy with is lost, as it would be on a real Koku
        until(lambda: not valkey.hlen(RUNNING), _IDLE_WITHIN_S)
    hold.touch()
    kill_and_wait(child_pid(config, _WORKER), signal.SIGKILL)


def _end_hold(config: StandinConfig, valkey: redis.Redis, queue: str, lost: str | None) -> None:
    if lost is not None:
        valkey.lrem(queue, 1, lost)
    child_hold(config, _WORKER).unlink(missing_ok=True)


def let_worker_come_back(plant: Plant, _armed: Armed) -> None:
    """Remove the file that keeps the worker dead."""
    child_hold(plant.config, _WORKER).unlink(missing_ok=True)


def _lost(name: str, task: str, symptom: str) -> Fault:
    return Fault(
        name,
        f"The message of {task.rpartition('.')[2]} is deleted from its list in Valkey before a worker sees it.",
        "1.5, recorded fault D",
        (symptom,),
        points=(Point.SENDING,),
        act=lose_task,
        options={"task": task},
        fits=is_that_task,
    )


FAULTS = (
    _lost(
        "summary_message_lost",
        SUMMARIZE_REPORTS,
        "every file 1, state without summary, queues empty, completed_datetime NULL for ever",
    ),
    _lost(
        "month_summary_lost",
        UPDATE_SUMMARY_TABLES,
        "every file 1, state without summary, queues empty, completed_datetime NULL for ever",
    ),
    _lost(
        "cost_step_lost",
        UPDATE_COST_MODEL_COSTS,
        "state summary: end, rows in the summary, derived_cost_datetime NULL, completed_datetime NULL for ever",
    ),
    _lost(
        "completion_lost",
        MARK_MANIFEST_COMPLETE,
        "summary and costs are there, derived_cost_datetime is set, completed_datetime NULL for ever",
    ),
    Fault(
        "announcement_lost",
        "The announcement of an uploaded payload is deleted from its list in Valkey before the listener sees it.",
        "docs/contract/koku.md 3.1, 7.1",
        ("202 for the upload, the object is in the bucket, no manifest row, no log line of the listener",),
        points=(Point.ANNOUNCING,),
        act=lose_announcement,
    ),
    Fault(
        "worker_held",
        "The worker is killed before the summary is queued and not started again (file koku-worker-0.hold) for"
        " `seconds`, or until the fault is cleared; the task waits in queue ocp. Not a fault of Koku's.",
        "1.5, recorded fault D",
        ('celery_queue_lengths/ {"ocp": 1}', "every file 1, state without summary"),
        scope="stack",
        points=(Point.SENDING,),
        act=hold_worker,
        undo=let_worker_come_back,
        options={"task": SUMMARIZE_REPORTS, "seconds": None, "lose": False},
        fits=is_that_task,
    ),
    Fault(
        "queue_lost",
        "As worker_held, but when the worker comes back after `seconds`, the task is deleted from its list first, as by"
        " a Redis that restarts.",
        "1.5, recorded fault D",
        ('first celery_queue_lengths/ {"ocp": 1}, then 0; completed_datetime NULL for ever',),
        scope="stack",
        points=(Point.SENDING,),
        act=hold_worker,
        undo=let_worker_come_back,
        options={"task": SUMMARIZE_REPORTS, "seconds": 1.0, "lose": True},
        fits=is_that_task,
    ),
)
