"""A report stuck in DOWNLOADING or PROCESSING, because the process that ingested it was killed.

Announcing again is what helps, and counts a day twice if the killed process had begun it; so what is half written is
cleared first (docs/contract/faults.md A, B, C; docs/contract/koku.md 7.4).
"""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.repair.half_written import clear, cleared, hold, undo_text
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Clear what is half written in one transaction, then announce the same object under the same uuid."""
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        removed = clear(case, transaction)
        undo = undo_text(case, removed)
        tools.keep(RepairResult(cleared(removed), undo, removed))
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult(f"{cleared(removed)}, then announced the payload again", undo, removed)


REPAIR = Repair(
    name="stuck_report",
    phases=("download", "convert"),
    causes=("report_stuck",),
    action="deletes the line items of the days that unfinished files have begun, with their keys in the manifest's"
    " tracker, in one transaction; then announces the same payload again",
    writes="raw and daily line items, of this source's own days, and the manifest's s3_parquet_cleared_tracker",
    undo="the removed rows and the tracker are kept with the run; the undo statement puts them back",
    contract="docs/contract/koku.md 1.3, 7.4",
    limit=2,
    apply=apply,
)
