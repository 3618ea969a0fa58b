"""Sources at which Koku looks for data itself: polls that came to nothing, and files that were cut off.

A process at work on such a source has a session, and a poll or a file that waits stands in a queue; so none of these is
said as long as one may be at it (docs/contract/clouds.md 3, 4, 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.half_written import count_of
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding

_POLLING = "docs/contract/clouds.md 3, 13"
_FILES = "docs/contract/clouds.md 4, 13"
# Koku polls a source that was updated longer ago than this, whatever its timestamps say.
_WAIT = timedelta(days=3)
_DOWNLOADING = 3


def polling_locked(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """No manifest row, and by the provider's timestamps Koku takes the source for one that is being processed."""
    if expected is None or not _nothing_came(observed, expected):
        return None
    polled, updated = _polled(observed), _updated(observed)
    if polled is None or updated is None or not timedelta(0) < polled - updated < _WAIT:
        return None
    return Finding(
        "polling_locked",
        f"polling_timestamp is {_shortly(polled - updated)} newer than data_updated_timestamp, so Koku refuses every"
        " poll for 3 days, and nothing runs",
        _times(observed),
        "set polling_timestamp back below data_updated_timestamp and poll again; polling alone moves it further",
        _POLLING,
    )


def poll_unheard(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """No manifest row, and no poll has come since the last payload was completed: not even its timestamp has moved."""
    if expected is None or not _nothing_came(observed, expected):
        return None
    polled, updated = _polled(observed), _updated(observed)
    if polled is not None and (updated is None or polled > updated):
        return None
    return Finding(
        "poll_unheard",
        f"Koku was asked to poll the source {expected.announced_seconds:.0f} s ago, and polling_timestamp has not"
        " moved since the last payload",
        _times(observed),
        "poll again, with the source's uuid: without it sources are passed by that are not due",
        _POLLING,
    )


def poll_without_result(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """No manifest row, although a source of which nothing is known yet was polled."""
    if expected is None or not _nothing_came(observed, expected):
        return None
    if _polled(observed) is None or _updated(observed) is not None:
        return None
    return Finding(
        "poll_without_result",
        "Koku has polled the source and recorded no manifest, and nothing runs",
        _times(observed),
        "poll again; if nothing comes of it, look for 'Unable to get report manifest' in the worker's log",
        "docs/contract/clouds.md 3, 12",
    )


def bill_without_provider(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """The provider's row in the tenant's schema is missing, and a file has failed of it or says done without a bill."""
    manifest = observed.manifest
    if manifest is None or not _still(observed) or observed.state.tenant_copy or not observed.state.exists:
        return None
    failed = [report for report in manifest.reports if report.status == "FAILED"]
    done = [report for report in manifest.reports if report.done]
    if not (failed or done) or _bill(observed, expected):
        return None
    return Finding(
        "bill_without_provider",
        f"{count_of(len(failed) or len(done), manifest.files)} {'FAILED' if failed else 'DONE'} without a bill, and the"
        f" provider has no row in {observed.schema}.reporting_tenant_api_provider",
        {"status": manifest.statuses(), "state": manifest.states(), "tenant copies": 0},
        "insert the row, then have the files read again with their etag forgotten; a poll alone ends in a false DONE",
        _FILES,
    )


def file_lock_left(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Files in 3 that a worker's host says it is busy with, and no worker is."""
    waiting = _waiting(observed)
    locks = observed.file_locks
    if not waiting or not locks:
        return None
    return Finding(
        "file_lock_left",
        f"{waiting} DOWNLOADING, the worker cache says that they are in work, and no worker has a session",
        {"entries": locks},
        "take these entries out of the worker cache and poll again; a poll alone passes over the files, and deleting"
        " entries that are older than their time does not help",
        _FILES,
    )


def file_not_fetched(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Files in 3 that are in no queue, with no worker, and in no worker's list: their task was lost or gave up."""
    waiting = _waiting(observed)
    if not waiting or observed.file_locks != {}:
        return None
    begun = sum(1 for one in _reports(observed) if one["status"] == _DOWNLOADING and one.get("celery_task_id"))
    how = f"{begun} of them with a task that has ended" if begun else "their tasks were lost"
    return Finding(
        "file_not_fetched",
        f"{waiting} DOWNLOADING, {how}, and no process works on them",
        {"files": _reports(observed)},
        "poll again: a file that is neither done nor in work is queued anew; if it gives up again, its log says why",
        _FILES,
    )


def conversion_cut(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Files in 4 and no process at them: fetched, so a poll alone would take them for done."""
    manifest = observed.manifest
    if manifest is None or not _still(observed):
        return None
    cut = [report.name for report in manifest.reports if report.status == "PROCESSING"]
    if not cut or any(report.status == "FAILED" for report in manifest.reports) or observed.file_locks is None:
        return None
    return Finding(
        "conversion_cut",
        f"{count_of(len(cut), manifest.files)} PROCESSING, and no process works on them",
        {"files": _reports(observed), "entries": observed.file_locks},
        "forget their etag and take them out of the worker cache, then poll again; without the first a poll ends in a"
        " false DONE",
        _FILES,
    )


def conversion_failed(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Files that FAILED while they were converted, though the provider is whole and no log says why."""
    manifest = observed.manifest
    if manifest is None or not _still(observed) or not observed.state.tenant_copy:
        return None
    failed = [report for report in manifest.reports if report.status == "FAILED"]
    if not failed or any(report.failed_status != "PROCESSING" for report in failed) or observed.file_locks is None:
        return None
    return Finding(
        "conversion_failed",
        f"{count_of(len(failed), manifest.files)} FAILED while it was converted, for a reason that no log names",
        {"files": _reports(observed), "state": manifest.states()},
        "forget their etag and poll again; without the first a poll takes them for done (false DONE)",
        "docs/contract/clouds.md 12, 13",
    )


def _waiting(observed: ObservedSource) -> str:
    """How many files are in 3 and stay there, in words; empty where there are none, or others say more."""
    manifest = observed.manifest
    if manifest is None or not _still(observed):
        return ""
    if any(report.status in {"FAILED", "PROCESSING"} for report in manifest.reports):
        return ""
    count = sum(report.status == "DOWNLOADING" for report in manifest.reports)
    return count_of(count, manifest.files) if count else ""


def _nothing_came(observed: ObservedSource, expected: ExpectedSource) -> bool:
    """Whether a payload that stands at its source was not recorded, and nothing can be about to."""
    if not _still(observed) or observed.manifest is not None or not observed.state.exists:
        return False
    return expected.announced_seconds >= observed.still_seconds and expected.object_there()


def _still(observed: ObservedSource) -> bool:
    """Whether it is a source of this kind of which nothing changes and nothing will."""
    return observed.names.polled and observed.quiet()


def _bill(observed: ObservedSource, expected: ExpectedSource | None) -> bool:
    """Whether the month has its bill; without an expectation, any month."""
    if expected is None:
        return bool(observed.state.periods)
    return observed.state.period(expected.month) is not None


def _provider(observed: ObservedSource) -> Mapping[str, Any]:
    return observed.evidence["provider"] or {}


def _polled(observed: ObservedSource) -> datetime | None:
    return _moment(_provider(observed).get("polling_timestamp"))


def _updated(observed: ObservedSource) -> datetime | None:
    return _moment(_provider(observed).get("data_updated_timestamp"))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _times(observed: ObservedSource) -> dict[str, Any]:
    names = ("polling_timestamp", "data_updated_timestamp")
    return {name: _provider(observed).get(name) or "NULL" for name in names} | {"manifest": "none"}


def _shortly(time: timedelta) -> str:
    return f"{time.total_seconds():.1f} s"


def _reports(observed: ObservedSource) -> list[Mapping[str, Any]]:
    return list((observed.manifest_row or {"reports": []})["reports"])
