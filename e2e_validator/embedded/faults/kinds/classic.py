"""Faults that only the classic stack (cloud sources, Trino) can have: named now, built with that stack."""

from __future__ import annotations

from e2e_validator.embedded.faults.fault import Fault


def _classic(name: str, contract: str, does: str, *symptoms: str) -> Fault:
    return Fault(name, does, contract, symptoms, given_by="the classic stack", classic_only=True)


FAULTS = (
    _classic(
        "polling_frozen", "docs/contract/koku.md 2.3",
        "polling_timestamp is later than data_updated_timestamp: the source is not polled.",
        "processing currently in progress for provider", "no accounts to be polled",
    ),
    _classic(
        "chord_lost", "docs/contract/koku.md 1.5", "The callback of the download group is lost with Redis.",
        "every file 1, state without summary, queues empty",
    ),
    _classic(
        "download_queue_lost", "docs/contract/koku.md 7.1", "The download tasks are lost with their queue.",
        "files 3 with celery_task_id, queues empty", "manifest processing tasks queued: True",
    ),
    _classic(
        "worker_killed_downloading", "docs/contract/koku.md 7.1", "The worker is killed while it downloads a file.",
        "files 3 with celery_task_id", "file processing is in progress", "manifest processing tasks queued: False",
    ),
    _classic(
        "worker_killed_converting", "docs/contract/koku.md 7.1",
        "The worker is killed while it converts a file to parquet.",
        "file 4 with celery_task_id", "file processing is in progress",
    ),
    _classic(
        "file_lock_left", "docs/contract/koku.md 2.4, 7.1", "The file's entry in the worker cache outlives its worker.",
        "file processing is in progress", "manifest processing tasks queued: False",
    ),
    _classic(
        "task_succeeded_without_effect", "docs/contract/koku.md 7.1",
        "get_report_files swallows its error and reports success.",
        "Unknown downloader exception: ...", "celery SUCCESS, file 3 or 4",
    ),
)  # fmt: skip
