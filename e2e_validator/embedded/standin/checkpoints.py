"""Places in the stand-in's work where something may go wrong from outside.

Nothing watches them in a stand-in without a control port, and then passing one costs a look at a variable. A watcher
(``embedded/faults``) may do there what happens to a real Koku: kill the process, delete a row, lose a message.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any


class Point(StrEnum):
    """A place; the facts told there name the source in one of these: ``cluster``, ``source``, ``task``, ``message``."""

    SOURCE_CREATED = "source.created"
    ANNOUNCING = "announcing"
    """Before the announcement is queued; taken over: it is not."""
    ANNOUNCED = "listener.announced"
    """The listener has the announcement, and no other process has it."""
    SOURCE_FOUND = "listener.source_found"
    RECORDED = "listener.recorded"
    """Manifest and status rows are there."""
    ARCHIVED = "listener.archived"
    """One file of the payload is split and archived."""
    FILE_STARTED = "listener.file_started"
    """The file's status is 4; nothing is loaded."""
    DAY_CLEARED = "listener.day_cleared"
    """The tracker names the day; nothing of it is written."""
    RAW_WRITTEN = "listener.raw_written"
    DAY_WRITTEN = "listener.day_written"
    FILE_DONE = "listener.file_done"
    LISTENER_FINISHED = "listener.finished"
    """The listener is through with a message, whatever became of it."""
    SENDING = "queue.sending"
    """Before a task is queued; taken over: it is not."""
    RECEIVED = "worker.received"
    """The worker has the task, and no other process has it."""
    SUMMARY_STARTED = "summary.started"
    SUMMARY_COMPUTING = "summary.computing"
    """The rows of the days are deleted and not yet written again."""
    COST_STARTED = "cost.started"
    COST_PRICED = "cost.priced"
    """The summary has costs; the reports' tables have not."""
    INVALIDATING = "views.invalidating"
    """Before cached pages are deleted; taken over: they are not."""
    MANIFEST_COMPLETED = "manifest.completed"
    """A manifest has its completion time, and so has its provider."""
    POLLED = "poll.begun"
    """A source is polled: its timestamp has moved, nothing was looked at."""
    FILES_LISTED = "poll.files_listed"
    """A poll has found a manifest and recorded its files; none is queued."""
    CHORD_OPENED = "poll.chord_opened"
    """What follows the last file is noted, and no file is queued."""
    FETCHED = "file.fetched"
    """A file of a polled report lies on the worker's disk, and none of its days is in the archive."""
    CONVERTED = "file.converted"
    """All days of a file are converted; its row does not say so yet."""
    SYNCING = "file.syncing"
    """Before the partitions of a table are made known; taken over: they are not."""
    FILE_ENDED = "file.ended"
    """A file of a cloud is through, whatever became of it."""
    REQUEST = "http.request"


Watcher = Callable[[Point, dict[str, Any]], bool]
_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Have this process's checkpoints watched; the last watcher counts."""
    _watchers[:] = [watcher]


def reached(point: Point, **facts: Any) -> bool:
    """Tell the watcher; whether it has taken over what would come next."""
    return bool(_watchers) and _watchers[0](point, facts)
