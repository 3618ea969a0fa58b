"""The cost step was lost after the summary: usage is right, money is missing, the manifest stays open."""

from __future__ import annotations

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(case: Case, tools: Tools) -> RepairResult:
    """Ask masu for the costs of the payload's days; where it does not offer that, for the summary with the costs."""
    days = f"{case.expected.first_day} to {case.expected.last_day}"
    if tools.masu.apply_costs(case.observed.provider_uuid, case.expected.first_day, case.expected.last_day):
        did = f"asked masu to apply the cost model to {days}"
    else:
        tools.masu.summarise(case.observed.provider_uuid, case.expected.first_day, case.expected.last_day)
        did = f"asked masu to summarise and price {days}"
    return RepairResult(did, "not needed: the costs of a day replace those before")


def took(before: Case, now: SourceState) -> bool:
    """Whether the month was costed since."""
    period, old = now.period(before.expected.month), before.observed.state.period(before.expected.month)
    stamp = period.cost_derived if period else None
    return stamp is not None and stamp != (old.cost_derived if old else None)


REPAIR = Repair(
    name="lost_cost_step",
    phases=("cost",),
    causes=("cost_step_lost",),
    action="masu update_cost_model_costs/ for the payload's days, or report_data/ where that is not offered; the costs"
    " are then compared like any others",
    writes="nothing itself; Koku writes the costs of these days anew",
    undo="not needed: the costs of a day replace those before",
    contract="docs/contract/koku.md 1.5, 5.1",
    limit=1,
    effect_seconds=300.0,
    apply=apply,
    took=took,
)
