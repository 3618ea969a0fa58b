"""What a scenario says of its own end: which repairs must happen, or which phase must not pass, and why.

A scenario that must fail is one for testing the validator itself: it passes only if it fails there, of that.
"""

from __future__ import annotations

from typing import NamedTuple

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.repair_runner import BEGUN, RepairRunner
from e2e_validator.errors import PhaseFailed, first_line
from e2e_validator.verdict import GOOD, Verdict


class Ending(NamedTuple):
    """How a phase ended, before the scenario's own word on it."""

    verdict: Verdict
    cause: str
    outcome: Outcome | None
    error: BaseException | None


def repaired(context: Context) -> bool:
    """Whether a repair of this phase, which has just passed, has worked: in this process or before an interruption.

    One that was begun before it, and whose phase then passes, counts as one that worked, and is noted as such: that it
    did nothing cannot be said.
    """
    here = [record for record in context.state.repairs if record["phase"] == context.phase]
    for record in here:
        if record["effect"] == BEGUN:
            RepairRunner(context).note(record | {"effect": "worked"})
    return any(record["effect"] in {"worked", BEGUN} for record in here)


def as_expected(context: Context, ending: Ending) -> tuple[Verdict, Outcome | None, BaseException | None]:
    """The verdict with the scenario's expectations in it."""
    if context.base == "cleanup" or ending.verdict in {Verdict.SKIPPED, Verdict.ERROR}:
        return ending.verdict, ending.outcome, ending.error
    fails = context.loaded.scenario.expect.fails
    if fails is not None and context.phase == fails.phase:
        return _failing(context, ending)
    if ending.verdict in GOOD and _last(context):
        wrong = _other_repairs(context)
        if wrong is not None:
            return Verdict.FAILED, None, wrong
    return ending.verdict, ending.outcome, ending.error


def _failing(context: Context, ending: Ending) -> tuple[Verdict, Outcome | None, BaseException | None]:
    fails = context.loaded.scenario.expect.fails
    if fails is None:
        raise AssertionError("asked for a scenario that need not fail")
    wanted = f"{fails.verdict} with cause {fails.cause}"
    if ending.error is None:
        error = PhaseFailed(f"must end {wanted}, and passed", detail=f"found       {ending.outcome}")
        return Verdict.FAILED, None, error
    if (str(ending.verdict), ending.cause) == (fails.verdict, fails.cause):
        wrong = _other_repairs(context)
        if wrong is not None:
            return Verdict.FAILED, None, wrong
        headline = first_line(str(ending.error))
        facts = f"ended as it must, {wanted}: {headline}"
        return Verdict.PASSED, Outcome(facts, {"cause": ending.cause}, {"failure.txt": str(ending.error)}), None
    error = PhaseFailed(
        f"must end {wanted}; ended {ending.verdict} with cause {ending.cause or 'unknown'}", detail=str(ending.error)
    )
    return Verdict.FAILED, None, error


def _last(context: Context) -> bool:
    """Whether this is the last phase before the cleanup."""
    before = [name for name in context.plan.phases if name != "cleanup"]
    return bool(before) and context.phase == before[-1]


def _other_repairs(context: Context) -> PhaseFailed | None:
    """What is wrong with the repairs that happened; None when they are just those that the scenario expects."""
    expected = context.loaded.scenario.expect.repaired
    if expected is None:
        return None
    happened = {record["repair"] for record in context.state.repairs if record["effect"] == "worked"}
    if happened == set(expected):
        return None
    return PhaseFailed(
        f"must be repaired by {', '.join(sorted(expected)) or 'nothing'};"
        f" was repaired by {', '.join(sorted(happened)) or 'nothing'}"
    )
