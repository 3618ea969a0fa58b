"""The faults that a scenario may ask for: what their names are, whom they hit, and what can be chosen.

The faults themselves belong to the embedded stack, which this room does not know; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FaultName:
    """A fault that can be armed.

    ``scope`` is what it hits: the armed ``source`` alone, or all on the ``stack``. ``options`` are the names of
    what can be chosen; with ``points``, the moments of Koku's work that it can wait for, so can ``point`` and ``skip``.
    """

    name: str
    scope: Literal["source", "stack"]
    options: tuple[str, ...] = ()
    points: tuple[str, ...] = ()

    @property
    def known_options(self) -> tuple[str, ...]:
        """Everything that ``options`` may hold."""
        return (*self.options, *(("point", "skip") if self.points else ()))


_ANSWERED = ("door", "path", "method", "seconds")
_ASKED = ("http.request",)
_SENT = ("queue.sending",)
_MID_FILE = ("listener.day_written", "listener.day_cleared", "listener.raw_written")

ARMABLE: dict[str, FaultName] = {
    fault.name: fault
    for fault in (
        FaultName("listener_killed_on_announcement", "source", points=("listener.announced",)),
        FaultName("listener_killed_unpacking", "source", points=("listener.archived", "listener.recorded")),
        FaultName("listener_killed_mid_file", "source", points=_MID_FILE),
        FaultName("listener_killed_after_first_file", "source", points=("listener.file_done",)),
        FaultName("announcement_redelivered", "source", points=(*_MID_FILE, "listener.archived", "listener.file_done")),
        FaultName(
            "listener_stopped", "stack", points=("listener.day_written", "listener.file_started", "listener.archived")
        ),
        FaultName("worker_killed_before_summary", "source", ("task",), ("worker.received",)),
        FaultName("worker_killed_during_summary", "source", points=("summary.computing", "summary.started")),
        FaultName("worker_killed_before_cost", "source", ("task",), ("worker.received",)),
        FaultName("worker_killed_during_cost", "source", points=("cost.priced", "cost.started")),
        FaultName("worker_out_of_memory", "source", points=("summary.computing", "cost.priced")),
        FaultName("summary_message_lost", "source", ("task",), _SENT),
        FaultName("month_summary_lost", "source", ("task",), _SENT),
        FaultName("cost_step_lost", "source", ("task",), _SENT),
        FaultName("completion_lost", "source", ("task",), _SENT),
        FaultName("announcement_lost", "source", points=("announcing",)),
        FaultName("worker_held", "stack", ("task", "seconds", "lose"), _SENT),
        FaultName("queue_lost", "stack", ("task", "seconds", "lose"), _SENT),
        FaultName("tenant_row_never_made", "source", points=("source.created",)),
        FaultName("tenant_row_deleted_on_ingest", "source", points=("listener.source_found",)),
        FaultName("file_failed", "source", points=("listener.file_started",)),
        FaultName("file_done_without_rows", "source", points=("listener.file_started",)),
        FaultName("cost_step_fails", "source", points=("cost.started",)),
        FaultName("stale_lock", "source", ("seconds",), _SENT),
        FaultName("payload_sent_twice", "source", ("delay_s",), ("listener.finished",)),
        FaultName("stale_views", "stack", points=("views.invalidating",)),
        FaultName("api_500", "stack", _ANSWERED, _ASKED),
        FaultName("api_502", "stack", _ANSWERED, _ASKED),
        FaultName("api_503", "stack", _ANSWERED, _ASKED),
        FaultName("api_424", "stack", _ANSWERED, _ASKED),
        FaultName("api_401", "stack", _ANSWERED, _ASKED),
        FaultName("api_slow", "stack", (*_ANSWERED, "delay_s"), _ASKED),
        FaultName("masu_down", "stack", ("seconds",)),
        FaultName("koku_down", "stack", ("seconds",)),
        FaultName("s3_unavailable", "stack", ("bucket", "seconds")),
        FaultName("s3_slow", "stack", ("seconds",)),
        FaultName("s3_credentials_refused", "stack", ("seconds",)),
        FaultName("s3_bucket_gone", "stack", ("bucket", "seconds")),
        FaultName("koku_s3_secret_wrong", "source", points=("listener.source_found", "listener.announced")),
        FaultName("database_restarts", "stack", ("seconds",)),
        FaultName("database_full", "stack", ("seconds",)),
        FaultName("database_slow", "stack", ("table", "seconds")),
        FaultName("poll_lost", "source", ("task",), _SENT),
        FaultName("poll_not_due", "source", points=_SENT),
        FaultName("poll_finds_nothing", "source", points=("manifest.completed",)),
        FaultName("polling_frozen", "source", points=("poll.begun",)),
        FaultName("tenant_row_deleted_on_poll", "source", points=("poll.begun",)),
        FaultName("download_queue_lost", "source", ("task",), _SENT),
        FaultName("chord_lost", "source", points=("poll.chord_opened",)),
        FaultName("worker_killed_downloading", "source", points=("listener.recorded",)),
        FaultName("worker_killed_converting", "source", points=("listener.day_cleared", "listener.day_written")),
        FaultName("worker_slow_converting", "source", ("seconds",), ("listener.day_written", "listener.recorded")),
        FaultName("file_lock_left", "source", points=("poll.files_listed",)),
        FaultName("task_succeeded_without_effect", "source", points=("file.fetched",)),
        FaultName("conversion_fails", "source", points=("listener.day_cleared",)),
        FaultName("false_done", "source", points=("listener.day_cleared",)),
        FaultName("file_column_missing", "source", ("column",), ("poll.begun",)),
        FaultName("parquet_object_lost", "source", ("kind",), ("file.converted",)),
        FaultName("parquet_object_damaged", "source", ("kind",), ("file.converted",)),
        FaultName("partition_not_synced", "source", points=("file.syncing",)),
        FaultName("trino_down", "stack", ("seconds",)),
        FaultName("trino_tls", "stack", ("seconds",)),
        FaultName("trino_schema_missing", "stack", points=_SENT),
        FaultName("hive_without_s3", "stack", ("seconds",)),
        FaultName("hive_password_wrong", "stack", ("seconds",)),
    )
}

_DAMAGED = "it is in the payload: write uploads: [{{damage: {}}}] and expect.rejected"

# Faults of the registry that are had in another way, with that way.
GIVEN: dict[str, str] = {
    "payload_without_manifest": _DAMAGED.format("no_manifest"),
    "payload_names_with_dot": _DAMAGED.format("dot_slash"),
    "payload_column_missing": _DAMAGED.format("'drop_column:<column>'"),
    "payload_file_missing": _DAMAGED.format("missing_file"),
    "payload_rows_garbled": _DAMAGED.format("garbage_csv"),
    "payload_without_dates": _DAMAGED.format("no_dates"),
    "payload_truncated": _DAMAGED.format("truncated"),
    "payload_no_archive": _DAMAGED.format("not_gzip"),
    "payload_of_no_source": "it is the scenario's source: write source: {create: false} and expect.rejected",
    "payload_outside_retention": "it is in the scenario's days: write an old period and expect.rejected",
    "clock_skew": "the stack's clock is the run's: start 'e2e-validator embedded up --today' on another day",
}
