"""The summary was lost: every file is done, nothing summarises them and nothing ever will.

The message was lost with its queue, or its worker was killed. Announcing again changes nothing; masu's
``report_data/`` makes the summary and the costs, and leaves the manifest open (docs/contract/koku.md 1.5;
docs/contract/faults.md D).
"""

from __future__ import annotations

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def recognise(case: Case) -> Finding | None:
    """Files done and compared, the summary not begun or begun and not ended, no task waits, no lock, no worker."""
    manifest = case.manifest
    if manifest is None or "convert" not in case.good or not case.still_seconds:
        return None
    words = manifest.step("summary")
    if words & {"end", "failed"} or not all(report.done for report in manifest.reports):
        return None
    if case.summary_lock is not None or not case.nobody_will():
        return None
    how = "was begun and never ended" if words else "was never begun"
    return Finding(
        "summary_lost",
        f"every file is done, the summary {how}, and no task for this source waits or runs",
        {"status": manifest.statuses(), "state": manifest.states(), "queued": list(case.queued or ())},
        "masu's report_data/ makes summary and costs anew; the manifest then stays open and is closed after both agree",
    )


def apply(case: Case, tools: Tools) -> RepairResult:
    """Ask masu for the summary of the payload's days."""
    tools.masu.summarise(case.provider_uuid, case.first_day, case.last_day)
    return RepairResult(
        f"asked masu to summarise {case.first_day} to {case.last_day}",
        "not needed: the summary of a day replaces the one before it",
    )


def took(before: Case, now: SourceState) -> bool:
    """Whether the month was summarised since."""
    period, old = now.period(before.month), before.state.period(before.month)
    stamp = period.summarised if period else None
    return stamp is not None and stamp != (old.summarised if old else None)


REPAIR = Repair(
    name="lost_summary",
    phases=("summary",),
    detection="every file done and compared, state.summary without an end, no task of this source in any queue, no"
    " lock of its month in the worker cache, and no database session of a worker that could be at it",
    action="masu report_data/ for the payload's days; summary and costs are then compared like any others",
    writes="nothing itself; Koku writes the daily summary and the costs of these days anew",
    undo="not needed: the summary of a day replaces the one before it",
    contract="docs/contract/koku.md 1.5, 5.1",
    limit=2,
    effect_seconds=600.0,
    recognise=recognise,
    apply=apply,
    took=took,
)
