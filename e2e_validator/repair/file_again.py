"""Files of a source that Koku polls are read again: those that were never fetched, were cut off, or are falsely DONE.

What decides is the etag: a row that has it, and a file that lies on the worker's disk, make a poll end in a false DONE.
So rows of files that were fetched forget it. Objects of the same manifest and file have the same key, so nothing is
doubled (docs/contract/clouds.md 13: what was tried, and what became of the totals).
"""

from __future__ import annotations

from collections.abc import Callable

from e2e_validator.access.source_state import ReportStatus
from e2e_validator.access.writing import Transaction
from e2e_validator.diagnose.case import Case
from e2e_validator.errors import counted
from e2e_validator.repair.half_written import hold
from e2e_validator.repair.polled import forget, release, taken_again, unlock
from e2e_validator.repair.repair import Repair, RepairResult, Tools
from e2e_validator.repair.tenant_sync import insert_copy, undo_of_copy

_PHASES = ("download", "parquet", "summary")


def _fetched(report: ReportStatus) -> bool:
    return report.status != "DOWNLOADING"


def _again(
    case: Case, tools: Tools, *, forgotten: Callable[[ReportStatus], bool], first: Callable[[Transaction], str] | None
) -> RepairResult:
    """Do all of it in one transaction, then have the source polled."""
    manifest = case.observed.manifest
    if manifest is None:
        raise LookupError("there is no manifest")
    names = [report.name for report in manifest.reports if forgotten(report)]
    did, undo = [], []
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        if first is not None:
            undo.append(first(transaction))
            did.append("inserted the provider's row")
        if names:
            undo += forget(case, transaction, names)
            did.append(f"had {counted(len(names), 'file')} forget that it was fetched")
        released = release(case, transaction)
        if released:
            undo += released
            did.append("took the source's files out of the worker cache")
        unlocked = unlock(case, transaction)
        if unlocked:
            undo += unlocked
            did.append("set polling_timestamp back")
        result = RepairResult(", ".join(did) or "wrote nothing", "\n".join(undo) or "nothing was written")
        tools.keep(result)
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult(f"{result.did}, then asked Koku to poll the source again", result.undo)


def apply_released(case: Case, tools: Tools) -> RepairResult:
    """For files that were never fetched: what keeps them from being queued goes."""
    return _again(case, tools, forgotten=lambda _report: False, first=None)


def apply(case: Case, tools: Tools) -> RepairResult:
    """For files that were: their rows forget it."""
    return _again(case, tools, forgotten=_fetched, first=None)


def apply_with_copy(case: Case, tools: Tools) -> RepairResult:
    """The same, after the provider's row in the tenant's schema."""

    def insert(transaction: Transaction) -> str:
        insert_copy(case, transaction)
        return undo_of_copy(case)

    return _again(case, tools, forgotten=_fetched, first=insert)


_WRITES = "status, times, task and etag of this manifest's files; this source's entries in the workers' lists of files;"
_UNDO = "UPDATE statements that put the old values back"

FILE_RELEASED = Repair(
    name="file_released",
    phases=_PHASES,
    causes=("file_lock_left", "file_not_fetched"),
    action="takes this source's files, and no others, out of the workers' lists in the worker cache, sets"
    " polling_timestamp back if a poll would be refused, and asks masu to poll the source again",
    writes="this source's entries in the workers' lists of files; polling_timestamp of the provider",
    undo=_UNDO,
    contract="docs/contract/clouds.md 4, 13",
    apply=apply_released,
    took=taken_again,
)
FILE_AGAIN = Repair(
    name="file_again",
    phases=_PHASES,
    causes=(
        "conversion_cut",
        "conversion_failed",
        "false_done",
        "archive_damaged",
        "archive_incomplete",
        "callback_lost",
    ),
    action="sets the rows of this manifest's files that were fetched to 3, without times, task and etag, takes its"
    " entries out of the worker cache, and sets polling_timestamp back if a poll would be refused, in one transaction;"
    " then asks masu to poll the source again",
    writes=f"{_WRITES} polling_timestamp of the provider",
    undo=_UNDO,
    contract="docs/contract/clouds.md 13",
    effect_seconds=300.0,
    after_failure=True,
    apply=apply,
    took=taken_again,
)
PROVIDER_COPIED = Repair(
    name="provider_copied",
    phases=_PHASES,
    causes=("bill_without_provider",),
    action="inserts the provider's row into the tenant's schema and does what file_again does, in one transaction; then"
    " asks masu to poll the source again",
    writes=f"one row of reporting_tenant_api_provider; {_WRITES} polling_timestamp of the provider",
    undo=f"{_UNDO}, and a DELETE of the row",
    contract="docs/contract/clouds.md 13",
    effect_seconds=300.0,
    after_failure=True,
    apply=apply_with_copy,
    took=taken_again,
)
