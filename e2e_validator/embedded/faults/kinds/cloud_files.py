"""Files of a cloud source that are lost on their way, cut off, or refused (docs/contract/clouds.md 4, 12, 13)."""

from __future__ import annotations

import csv
import gzip
import io
import time
from typing import Any

from e2e_validator.embedded.faults.fault import Fault, Happening
from e2e_validator.embedded.faults.kinds.killed import kill_this_process
from e2e_validator.embedded.faults.kinds.messages import is_that_task, lose_task
from e2e_validator.embedded.faults.kinds.polls import CHECK_REPORT_UPDATES
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import connect
from e2e_validator.embedded.standin.objects import ObjectStore
from e2e_validator.embedded.standin.queues import Task, send

GET_REPORT_FILES = "masu.processor.tasks.get_report_files"
_REFUSED_AS = "not-the-secret"
_RUNNING = ("file processing is in progress", "manifest processing tasks queued: False")


def forget_chord(now: Happening) -> bool:
    """Delete what Redis knows of the chord: the results of its files lead to nothing."""
    from e2e_validator.embedded.standin.classic.chord import PREFIX

    now.facts["valkey"].delete(f"{PREFIX}{now.facts['chord']}")
    return False


def leave_entries(now: Happening) -> bool:
    """Write the entries that a worker writes before it works on a file, without a worker that will remove them."""
    from e2e_validator.embedded.standin.classic import worker_cache

    for entry in now.facts["entries"]:
        worker_cache.add(now.facts["conn"], Clock(now.config.today, now.config.shift_seconds), entry)
    return False


def drop_column(now: Happening) -> bool:
    """Write the cost files of the source's bucket anew, without the column."""
    from e2e_validator.embedded.standin.classic.provider import find_provider

    with connect(now.config) as conn:
        provider = find_provider(conn, now.facts["source"])
    assert provider is not None
    store = ObjectStore(now.config)
    for key in [key for key in store.keys(provider.bucket, "") if key.endswith(".csv.gz")]:
        rows = list(csv.reader(io.StringIO(gzip.decompress(store.get(provider.bucket, key)).decode("utf-8"))))
        at = rows[0].index(now.option("column"))
        out = io.StringIO(newline="")
        csv.writer(out).writerows([*row[:at], *row[at + 1 :]] for row in rows)
        store.put(provider.bucket, key, gzip.compress(out.getvalue().encode(), mtime=0))
    return False


def be_slow(now: Happening) -> bool:
    """Work on for a while without a sign of it, as on a large file."""
    time.sleep(float(now.option("seconds")))
    return False


def refuse_store(now: Happening) -> bool:
    """Give the worker's client another secret until it is through with this file."""
    now.afterwards(now.facts["store"].sign_with(_REFUSED_AS))
    return False


def refuse_store_and_poll(now: Happening) -> bool:
    """The same, and poll the source again when the file has failed, as the schedule does."""
    valkey, source = now.facts["valkey"], now.facts["source"]

    def poll() -> None:
        send(valkey, "celery", Task(CHECK_REPORT_UPDATES, [], {"provider_uuid": source}))

    now.afterwards(poll)
    return refuse_store(now)


def _cloud(name: str, does: str, *symptoms: str, **more: Any) -> Fault:
    return Fault(name, does, "docs/contract/clouds.md 4, 12, 13", symptoms, classic_only=True, **more)


FAULTS = (
    _cloud(
        "download_queue_lost",
        "The message of a file's task is deleted from its list in Valkey before a worker sees it.",
        "manifest processing tasks queued: True", "file 3 without celery_task_id, queues empty",
        points=(Point.SENDING,), act=lose_task, options={"task": GET_REPORT_FILES}, fits=is_that_task,
    ),
    _cloud(
        "chord_lost",
        "What Redis knows of the chord is deleted: its callback is lost.",
        "every file 1, bill without summary times, state without summary, queues empty",
        points=(Point.CHORD_OPENED,), act=forget_chord,
    ),
    _cloud(
        "worker_killed_downloading", "SIGKILL for the worker that has just begun to fetch a file.",
        "file 3 with celery_task_id, no etag, no day CSV", *_RUNNING,
        points=(Point.RECORDED,), act=kill_this_process,
    ),
    _cloud(
        "worker_killed_converting",
        "SIGKILL for the worker that is about to convert a file, or has converted a day of it.",
        "file 4 with celery_task_id and etag, no bill", *_RUNNING,
        points=(Point.DAY_CLEARED, Point.DAY_WRITTEN), act=kill_this_process,
    ),
    _cloud(
        "worker_slow_converting",
        "The worker is at a day of a file, or at a fetched file, for `seconds` without a sign of it. Not a fault of"
        " Koku's.",
        "file 4, or 3, with celery_task_id; its entry in the worker cache; nothing changes",
        points=(Point.DAY_WRITTEN, Point.RECORDED), act=be_slow, options={"seconds": 8.0},
    ),
    _cloud(
        "file_lock_left", "The files' entries in the worker cache have outlived their worker.",
        *_RUNNING, "file 3 without celery_task_id",
        points=(Point.FILES_LISTED,), act=leave_entries,
    ),
    _cloud(
        "task_succeeded_without_effect",
        "The worker signs with a wrong secret while it archives a file: get_report_files says what went wrong in the"
        " log alone, and succeeds.",
        "Unknown downloader exception: ...", "celery SUCCESS, file 3 with celery_task_id, state.download.start",
        points=(Point.FETCHED,), act=refuse_store,
    ),
    _cloud(
        "conversion_fails",
        "The worker signs with a wrong secret while it writes a file's parquet.",
        "could not write parquet to temp file", "failed to convert files to parquet",
        "file 2 with failed_status 4, state.processing.failed, no bill",
        points=(Point.DAY_CLEARED,), act=refuse_store,
    ),
    _cloud(
        "false_done",
        "As conversion_fails, and the source is polled again afterwards: the file was fetched, so nothing is split.",
        "no split files to convert to parquet", "file 1 and completed with failed_status 4, no bill, no rows",
        points=(Point.DAY_CLEARED,), act=refuse_store_and_poll,
    ),
    _cloud(
        "file_column_missing", "The files in the source's bucket lose the `column` before they are fetched.",
        "could not write parquet to temp file (KeyError: 'lineitem_usagetype')", "failed to convert files to parquet",
        "file 2 with failed_status 4, state.processing.failed, no bill",
        "Unknown downloader exception: Usecols do not match columns, columns expected but not found: [...] (InvoiceId)",
        points=(Point.POLLED,), act=drop_column, options={"column": "lineItem/UsageType"},
    ),
)  # fmt: skip
