"""What comes after the files: a lock that was left, and summary, costs or completion that nothing will make."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.diagnose.sessions import at_work
from e2e_validator.finding import Finding


def lock_left(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """The lock is there, unchanged, the summary has not ended, and no worker can be at it.

    A healthy summary holds the same row; what tells them apart is that its worker has a session in the database.
    """
    manifest, key = observed.manifest, observed.summary_lock(expected.month if expected else "")
    if manifest is None or key is None or not observed.still_seconds or not _converted(observed, expected):
        return None
    if manifest.step("summary") & {"end", "failed"} or at_work(observed, expected, before_files_were_done=False):
        return None
    return Finding(
        "lock_left",
        "the worker cache says that this month is being summarised, and no worker has a session since it was locked",
        {
            "lock": {key: observed.evidence["locks"][key]},
            "state": manifest.states(),
            "queued": list(observed.queued or ()),
        },
        "delete that key alone; truncating the cache would let files that are being processed run twice",
        "docs/contract/koku.md 2.4, 7.5",
    )


def summary_lost(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Files done and compared, the summary not begun or begun and not ended, no task waits, no lock, no worker."""
    manifest = observed.manifest
    if manifest is None or not observed.still_seconds or not _converted(observed, expected):
        return None
    words = manifest.step("summary")
    if words & {"end", "failed"} or not manifest.reports or not all(report.done for report in manifest.reports):
        return None
    if observed.summary_lock(expected.month if expected else "") is not None or not observed.nobody_will():
        return None
    how = "was begun and never ended" if words else "was never begun"
    return Finding(
        "summary_lost",
        f"every file is done, the summary {how}, and no task for this source waits or runs",
        {"status": manifest.statuses(), "state": manifest.states(), "queued": list(observed.queued or ())},
        "masu's report_data/ makes summary and costs anew; the manifest then stays open and is closed after both agree",
        "docs/contract/koku.md 1.5, 5.1",
    )


def cost_step_lost(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """The summary has ended and agrees, the cost step has not run since, no task waits, no worker is at one."""
    manifest = observed.manifest
    if manifest is None or expected is None or "summary" not in expected.good:
        return None
    if not observed.still_seconds or not observed.nobody_will():
        return None
    _, after_summary = observed.state.costed(manifest, expected.month)
    if "end" not in manifest.step("summary") or after_summary:
        return None
    return Finding(
        "cost_step_lost",
        "the summary has ended, the cost step has not run since, and no task for this source waits or runs",
        {"state": manifest.states(), "periods": observed.evidence["periods"]},
        "apply the cost model again; if it fails again, the worker's log says why (PostgreSQL 15 fails it, for one)",
        "docs/contract/koku.md 1.5, 5.1, 7.3",
    )


def completion_lost(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Summary and costs have passed, the manifest is open, no task waits, and no worker is at one."""
    manifest = observed.manifest
    if manifest is None or expected is None or not {"summary", "cost"} <= expected.good or not observed.still_seconds:
        return None
    if manifest.completed is not None or not observed.nobody_will():
        return None
    return Finding(
        "completion_lost",
        "summary and costs agree with the data, the manifest is still open, and no task for this source waits or runs",
        {"state": manifest.states(), "periods": observed.evidence["periods"], "completed_datetime": None},
        "stamp completed_datetime, after summary and costs have been compared once more",
        "docs/contract/koku.md 1.5",
    )


def _converted(observed: ObservedSource, expected: ExpectedSource | None) -> bool:
    """Whether the files are through: compared by the run, or as far as their rows say it."""
    if expected is not None:
        return bool({"convert", "parquet"} & expected.good)
    manifest = observed.manifest
    return manifest is not None and bool(manifest.reports) and all(report.done for report in manifest.reports)
