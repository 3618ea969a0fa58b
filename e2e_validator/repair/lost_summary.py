"""The summary was lost: every file is done, nothing summarises them and nothing ever will.

The message was lost with its queue, or its worker was killed. Announcing again changes nothing; masu's
``report_data/`` makes the summary and the costs, and leaves the manifest open (docs/contract/koku.md 1.5;
docs/contract/faults.md D).
"""

from __future__ import annotations

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Ask masu for the summary of the payload's days."""
    tools.masu.summarise(case.observed.provider_uuid, case.expected.first_day, case.expected.last_day)
    return RepairResult(
        f"asked masu to summarise {case.expected.first_day} to {case.expected.last_day}",
        "not needed: the summary of a day replaces the one before it",
    )


def took(before: Case, now: SourceState) -> bool:
    """Whether the month was summarised since."""
    period, old = now.period(before.expected.month), before.observed.state.period(before.expected.month)
    stamp = period.summarised if period else None
    return stamp is not None and stamp != (old.summarised if old else None)


REPAIR = Repair(
    name="lost_summary",
    phases=("summary",),
    causes=("summary_lost",),
    action="masu report_data/ for the payload's days; summary and costs are then compared like any others",
    writes="nothing itself; Koku writes the daily summary and the costs of these days anew",
    undo="not needed: the summary of a day replaces the one before it",
    contract="docs/contract/koku.md 1.5, 5.1",
    limit=2,
    effect_seconds=600.0,
    apply=apply,
    took=took,
)
