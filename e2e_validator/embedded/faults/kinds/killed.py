"""Processes that are killed, or stopped, at a given moment of their work (SIGKILL, SIGSTOP)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import Any, NoReturn

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.faults.plant import Plant
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.queues import ANNOUNCEMENTS, open_valkey
from e2e_validator.embedded.standin.tasks.summarize import (
    SUMMARIZE_REPORTS,
    UPDATE_COST_MODEL_COSTS,
    UPDATE_SUMMARY_TABLES,
)


def kill_this_process(_now: Happening) -> NoReturn:
    """Die here, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("survived SIGKILL")


def deliver_again_and_die(now: Happening) -> NoReturn:
    """Die before the announcement is acknowledged: the broker delivers it to the listener's successor."""
    open_valkey(now.config.valkey_url).lpush(ANNOUNCEMENTS, json.dumps(now.message))
    kill_this_process(now)


def stop_this_process(_now: Happening) -> bool:
    """Stand still here, alive, until SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return False


def let_listener_go_on(plant: Plant, _armed: Armed) -> None:
    """Continue a stopped listener."""
    with contextlib.suppress(ProcessLookupError):
        plant.signal_child("listener", signal.SIGCONT)


def asked_task(armed: Armed, facts: dict[str, Any]) -> bool:
    """Whether the worker has got the task that the fault waits for."""
    return facts.get("task") is None or facts["task"].task == armed.options["task"]


_MID_FILE = (Point.DAY_WRITTEN, Point.DAY_CLEARED, Point.RAW_WRITTEN)
_STUCK = ("files in 3 and 4 for ever; no log line",)

FAULTS = (
    Fault(
        "listener_killed_on_announcement",
        "SIGKILL for the listener when it has the announcement and has done nothing with it: the payload is lost.",
        "docs/contract/koku.md 7.1, 3.1",
        ("no manifest row", "Downloading Payload for msg: ... is the last of it, or not even that"),
        points=(Point.ANNOUNCED,),
        act=kill_this_process,
    ),
    Fault(
        "listener_killed_unpacking",
        "SIGKILL for the listener when one file is archived and none is processed (recorded: A).",
        "docs/contract/koku.md 1.3, 7.1",
        (*_STUCK, "status 3 x files, state download: start, tracker empty, no rows"),
        points=(Point.ARCHIVED, Point.RECORDED),
        act=kill_this_process,
    ),
    Fault(
        "listener_killed_mid_file",
        "SIGKILL for the listener when the first day of the first file is written (recorded: B), or at another point:"
        " its day cleared and nothing written, or raw rows without daily ones.",
        "docs/contract/koku.md 1.3, 7.1",
        (*_STUCK, "one file 4, the rest 3, tracker 1 key, state processing: start, rows of one day"),
        points=_MID_FILE,
        act=kill_this_process,
    ),
    Fault(
        "listener_killed_after_first_file",
        "SIGKILL for the listener when the first file is done.",
        "docs/contract/koku.md 1.3, 7.1",
        (*_STUCK, "one file 1, the rest 3"),
        points=(Point.FILE_DONE,),
        act=kill_this_process,
    ),
    Fault(
        "announcement_redelivered",
        "As listener_killed_mid_file, but the announcement was not acknowledged: the listener's successor gets it again"
        " and counts the written day twice (recorded: B).",
        "docs/contract/koku.md 1.5, 3.5, 7.4",
        ("every file 1, manifest completed, tracker full; one day doubled in raw, daily and summary",),
        points=(*_MID_FILE, Point.ARCHIVED, Point.FILE_DONE),
        act=deliver_again_and_die,
    ),
    Fault(
        "listener_stopped",
        "SIGSTOP for the listener in the middle of a file: it lives and does nothing; cleared, it goes on.",
        "docs/contract/koku.md 1.3",
        ("one file 4 with started_datetime, nothing changes any more; announcements of all sources wait",),
        scope="stack",
        points=(Point.DAY_WRITTEN, Point.FILE_STARTED, Point.ARCHIVED),
        act=stop_this_process,
        undo=let_listener_go_on,
    ),
    Fault(
        "worker_killed_before_summary",
        "SIGKILL for the worker that has just taken the summary task, which is lost with it.",
        "1.5, recorded fault D",
        ("every file 1, state without summary, queues empty, completed_datetime NULL for ever",),
        points=(Point.RECEIVED,),
        act=kill_this_process,
        options={"task": SUMMARIZE_REPORTS},
        fits=asked_task,
    ),
    Fault(
        "worker_killed_during_summary",
        "SIGKILL for the worker when the days' rows are deleted and not written again; its lock stays for an hour.",
        "docs/contract/koku.md 1.5, 2.4",
        (
            "state summary: start without end; no summary rows; a live row in worker_cache_table",
            f"Task {UPDATE_SUMMARY_TABLES} already running for [...]. Requeuing. (when it is tried again)",
        ),
        points=(Point.SUMMARY_COMPUTING, Point.SUMMARY_STARTED),
        act=kill_this_process,
    ),
    Fault(
        "worker_killed_before_cost",
        "SIGKILL for the worker that has just taken the cost step, which is lost with it, completion included.",
        "docs/contract/koku.md 1.5",
        ("state summary: end; derived_cost_datetime NULL; completed_datetime NULL for ever",),
        points=(Point.RECEIVED,),
        act=kill_this_process,
        options={"task": UPDATE_COST_MODEL_COSTS},
        fits=asked_task,
    ),
    Fault(
        "worker_killed_during_cost",
        "SIGKILL for the worker when the daily summary is priced and the reports' tables are not refreshed.",
        "docs/contract/koku.md 1.5, 3.10",
        ("state summary: end; derived_cost_datetime NULL; costs in the daily summary, none in the reports",),
        points=(Point.COST_PRICED, Point.COST_STARTED),
        act=kill_this_process,
    ),
    Fault(
        "worker_out_of_memory",
        "What the kernel's out-of-memory killer does: SIGKILL in the middle of the summary; the supervisor's log says"
        " exit 137, as the container's status would.",
        "docs/contract/koku.md 7.1",
        ("exit code 137; no text of Koku's",),
        points=(Point.SUMMARY_COMPUTING, Point.COST_PRICED),
        act=kill_this_process,
    ),
)
