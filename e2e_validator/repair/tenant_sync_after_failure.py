"""The same row is missing, and an ingest has failed of it: inserting it and sending again doubles the first type.

The failed ingest has written daily rows of the first file and noted the day in the tracker; so these go first, in the
same transaction that inserts the row (docs/contract/koku.md 7.4: the remedies that were tried, and what became of the
totals).
"""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.repair.half_written import clear, cleared, hold, undo_text
from e2e_validator.repair.repair import Repair, RepairResult, Tools
from e2e_validator.repair.tenant_sync import insert_copy, undo_of_copy


def apply(case: Case, tools: Tools) -> RepairResult:
    """Remove what the failed ingest left and insert the copy, in one transaction; then announce the same object."""
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        removed = clear(case, transaction)
        insert_copy(case, transaction)
        did = f"{cleared(removed)}, inserted the provider's row"
        undo = f"{undo_text(case, removed)}\n{undo_of_copy(case)}"
        tools.keep(RepairResult(did, undo, removed))
    tools.transport.announce(case.expected.object_key, case.expected.tarball)
    return RepairResult(f"{did}, then announced the payload again", undo, removed)


REPAIR = Repair(
    name="tenant_sync_after_failure",
    phases=("convert",),
    causes=("tenant_copy_missing",),
    action="deletes the line items of the days that unfinished files have begun with their keys in the tracker and"
    " inserts the row, in one transaction; then announces the same payload again",
    writes="raw and daily line items, of this source's own days, and the tracker; one row of"
    " reporting_tenant_api_provider",
    undo="the removed rows and the tracker are kept with the run; statements put them back and delete the row",
    contract="docs/contract/koku.md 7.4",
    after_failure=True,
    apply=apply,
)
