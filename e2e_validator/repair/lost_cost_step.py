"""The cost step was lost after the summary: usage is right, money is missing, the manifest stays open."""

from __future__ import annotations

from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def recognise(case: Case) -> Finding | None:
    """The summary has ended and agrees, the cost step has not run since, no task waits, no worker is at one."""
    manifest = case.manifest
    if manifest is None or "summary" not in case.good or not case.still_seconds or not case.nobody_will():
        return None
    _, after_summary = case.state.costed(manifest, case.month)
    if "end" not in manifest.step("summary") or after_summary:
        return None
    return Finding(
        "cost_step_lost",
        "the summary has ended, the cost step has not run since, and no task for this source waits or runs",
        {"state": manifest.states(), "periods": case.evidence["periods"]},
        "apply the cost model again; if it fails again, the worker's log says why (PostgreSQL 15 fails it, for one)",
    )


def apply(case: Case, tools: Tools) -> RepairResult:
    """Ask masu for the costs of the payload's days; where it does not offer that, for the summary with the costs."""
    days = f"{case.first_day} to {case.last_day}"
    if tools.masu.apply_costs(case.provider_uuid, case.first_day, case.last_day):
        did = f"asked masu to apply the cost model to {days}"
    else:
        tools.masu.summarise(case.provider_uuid, case.first_day, case.last_day)
        did = f"asked masu to summarise and price {days}"
    return RepairResult(did, "not needed: the costs of a day replace those before")


def took(before: Case, now: SourceState) -> bool:
    """Whether the month was costed since."""
    period, old = now.period(before.month), before.state.period(before.month)
    stamp = period.cost_derived if period else None
    return stamp is not None and stamp != (old.cost_derived if old else None)


REPAIR = Repair(
    name="lost_cost_step",
    phases=("cost",),
    detection="state.summary ended and the summary agrees, derived_cost_datetime older or NULL, no task of this source"
    " in any queue, and no database session of a worker that could be at it",
    action="masu update_cost_model_costs/ for the payload's days, or report_data/ where that is not offered; the costs"
    " are then compared like any others",
    writes="nothing itself; Koku writes the costs of these days anew",
    undo="not needed: the costs of a day replace those before",
    contract="docs/contract/koku.md 1.5, 5.1",
    limit=1,
    effect_seconds=300.0,
    recognise=recognise,
    apply=apply,
    took=took,
)
