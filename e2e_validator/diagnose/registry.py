"""The detectors, in the one order in which they are asked. Adding one: a function, and an entry here."""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.diagnose import (
    archive,
    containers,
    months,
    payload,
    polled,
    report_files,
    said,
    summary,
    tasks,
    tenant_copy,
    views,
)
from e2e_validator.diagnose.detector import Detector
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding

_NOBODY = "no database session of a worker that could be at it"
_POLLS = "the payload at its source, no manifest row of it, no task of this source in any queue, "
# Of sources that Koku polls, whose phases these are.
_POLLED = ("download", "parquet", "summary")
# What can be repaired comes first: it says more than that a process may be at work.
DETECTORS: tuple[Detector, ...] = (
    Detector(
        tenant_copy.CAUSE,
        tenant_copy.missing_before_data,
        "the provider exists, its row in the tenant's schema does not, and no manifest was ever recorded",
        phases=("source",),
    ),
    Detector(
        "bill_without_provider",
        polled.bill_without_provider,
        "a file FAILED, or DONE with no bill of its month, and the provider's row in the tenant's schema is missing",
        phases=_POLLED,
    ),
    *(
        Detector(
            known.cause,
            said.recogniser(known),
            f"a file or a step that failed, and in a log of the workers, Trino or Hive: {known.text.pattern}",
            phases=_POLLED,
        )
        for known in said.KNOWN
    ),
    Detector(
        "polling_locked",
        polled.polling_locked,
        f"{_POLLS}polling_timestamp newer than data_updated_timestamp by less than 3 days, and {_NOBODY}",
        phases=("download",),
        needs_expectation=True,
    ),
    Detector(
        "poll_unheard",
        polled.poll_unheard,
        f"{_POLLS}polling_timestamp NULL or not newer than data_updated_timestamp, and {_NOBODY}",
        phases=("download",),
        needs_expectation=True,
    ),
    Detector(
        "poll_without_result",
        polled.poll_without_result,
        f"{_POLLS}a polling_timestamp, data_updated_timestamp NULL, and {_NOBODY}",
        phases=("download",),
        needs_expectation=True,
    ),
    Detector(
        "file_lock_left",
        polled.file_lock_left,
        f"files in status 3, their entries in a worker's list of files in worker_cache_table, and {_NOBODY}",
        phases=_POLLED,
    ),
    Detector(
        "file_not_fetched",
        polled.file_not_fetched,
        f"files in status 3 that are in no queue and in no worker's list, and {_NOBODY}",
        phases=_POLLED,
    ),
    Detector(
        "conversion_cut",
        polled.conversion_cut,
        f"files in status 4 of which nothing changes, no task of this source in any queue, and {_NOBODY}",
        phases=_POLLED,
    ),
    Detector(
        "conversion_failed",
        polled.conversion_failed,
        "a file FAILED while it was processed, the provider's row in the tenant's schema is there, and no log says why",
        phases=_POLLED,
    ),
    Detector(
        "false_done",
        archive.false_done,
        "every file done, its day CSVs in the archive, and no bill of its month or no parquet of its manifest",
        phases=_POLLED,
    ),
    Detector(
        "archive_damaged",
        archive.archive_damaged,
        "every file done, and a parquet object of the manifest that is no parquet file",
        phases=_POLLED,
    ),
    Detector(
        "archive_incomplete",
        archive.archive_incomplete,
        "every file done, and a day CSV of the manifest without its raw or daily parquet",
        phases=_POLLED,
    ),
    Detector(
        "callback_lost",
        archive.callback_lost,
        "every file done and whole in the archive, state without summary, no task of this source in any queue, and"
        f" {_NOBODY}",
        phases=_POLLED,
    ),
    Detector(
        tenant_copy.CAUSE,
        tenant_copy.missing_after_failure,
        "a file FAILED while it was processed, state.processing failed, and the provider's row in the tenant's schema"
        " is missing",
        phases=("convert",),
    ),
    Detector(
        "payload_lost",
        payload.payload_lost,
        "no manifest row for the payload's uuid, the object still in the bucket, no message in Kafka that the listener"
        " has not committed, and no database session of a process that could be at work on it or on those before it",
        phases=("download",),
        needs_expectation=True,
    ),
    Detector(
        "report_stuck",
        report_files.report_stuck,
        "files in status 3 or 4 of which nothing changes, no failure noted, no message in Kafka that the listener has"
        " not committed, and no database session of a process that could be at work on them",
        phases=("download", "convert"),
    ),
    Detector(
        "lock_left",
        summary.lock_left,
        "the lock of this source's month in worker_cache_table, unchanged, state.summary without an end, and no"
        " database session of a worker that could hold it",
        phases=("summary",),
    ),
    Detector(
        "summary_lost",
        summary.summary_lost,
        "every file done and compared, state.summary without an end, no task of this source in any queue, no lock of"
        f" its month in the worker cache, and {_NOBODY}",
        phases=("summary",),
    ),
    Detector(
        "cost_step_lost",
        summary.cost_step_lost,
        "state.summary ended and the summary agrees, derived_cost_datetime older or NULL, no task of this source in"
        f" any queue, and {_NOBODY}",
        phases=("cost",),
        needs_expectation=True,
    ),
    Detector(
        "completion_lost",
        summary.completion_lost,
        "summary and costs have passed, completed_datetime is NULL, no task of this source in any queue, and"
        f" {_NOBODY}",
        phases=("manifest",),
        needs_expectation=True,
    ),
    Detector("file_failed", report_files.file_failed, "a file in status 2"),
    Detector(
        "container_killed",
        containers.container_killed,
        "a container of the deployment that ended with exit code 137 since the payload was announced",
    ),
    Detector("not_taken", tasks.not_taken, "a task of this source in a queue, for as long as nothing changes"),
    Detector(
        "file_unread",
        report_files.file_unread,
        "a file in status 3, all others done, both steps ended, and no database session at a statement",
        phases=("convert",),
    ),
    Detector("in_work", report_files.in_work, "nothing changes, and a database session may be at work on the source"),
    Detector(
        "month_unsummarised",
        months.month_unsummarised,
        "state.summary ended, a month of the payload without a summary since, no task of this source in any queue, and"
        f" {_NOBODY}",
        phases=("summary",),
        needs_expectation=True,
    ),
    Detector(
        "not_read",
        tasks.not_read,
        "messages in Kafka that the listener has not committed, and no database session at work",
        phases=("download", "convert"),
    ),
    Detector(
        "partition_missing",
        archive.partition_missing,
        "figures differ, parquet objects of the month are there, and Trino knows no partition of them",
        figures=True,
    ),
    Detector(
        "counted_twice",
        report_files.counted_twice,
        "more raw line items of a day than the payload has",
        figures=True,
        needs_expectation=True,
    ),
    Detector(
        "done_without_rows",
        report_files.done_without_rows,
        "every file done, and no raw line item of a day that the payload has",
        figures=True,
        needs_expectation=True,
    ),
    Detector(
        "views_stale",
        views.views_stale,
        "the reports differ from the data while all stages before them agree; asked with another limit= they are"
        " right, asked the same again still wrong, and with yet another limit= right",
        phases=("api",),
        figures=True,
    ),
)


def recognise(
    observed: ObservedSource,
    expected: ExpectedSource,
    *,
    figures: bool = False,
    detectors: Sequence[Detector] | None = None,
) -> Finding | None:
    """What is wrong with a payload of a run: the first finding, asked of the detectors of its phase.

    ``figures``: figures are not those of the data; else a phase waits and nothing changes. ``detectors`` are all of
    the registry unless others are given.
    """
    asked = (
        one
        for one in (DETECTORS if detectors is None else detectors)
        if one.figures == figures and (not one.phases or expected.phase in one.phases)
    )
    return next(filter(None, (one.detect(observed, expected) for one in asked)), None)
