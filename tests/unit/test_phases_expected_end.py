"""A scenario's word on its own end: repairs that must happen, a phase that must not pass, and what a kill leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attended import Attended, attended, scenario

from e2e_validator.engine.context import Context
from e2e_validator.engine.expected_end import Ending, as_expected, repaired
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import GaveUp, PhaseFailed
from e2e_validator.events import PhaseFinished, Repaired
from e2e_validator.plugin.registry import PHASES
from e2e_validator.scenario.model import Fails
from e2e_validator.verdict import Verdict

OUTCOME = Outcome("all is there")
PASSED = Ending(Verdict.PASSED, "", OUTCOME, None)
MENDED = Ending(Verdict.REPAIRED, "", OUTCOME, None)
NAMED = GaveUp("summary: the summary was lost", detail="last seen")
FAILED = Ending(Verdict.FAILED, "summary_lost", None, NAMED)
FAILS = Fails(phase="summary", cause="summary_lost")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attended:
    return attended(tmp_path, monkeypatch)


def record(repair: str = "lost_summary", effect: str = "worked", phase: str = "summary") -> dict[str, Any]:
    return {
        "repair": repair, "effect": effect, "phase": phase, "cause": "summary_lost", "number": 1, "limit": 2, "did": "",
        "undo": "", "seconds": 0.0, "expected": False, "folder": f"scenario_x/repairs/1-{repair}-{effect}-{phase}",
    }  # fmt: skip


def ended(context: Context, ending: Ending, *records: dict[str, Any], **expect: Any) -> Any:
    context.state.repairs = list(records)
    return as_expected(scenario(context, expect=expect), ending)


# -- a scenario that must fail


def test_a_scenario_that_must_fail_and_fails_of_that_passes(here: Attended) -> None:
    verdict, outcome, error = ended(here.context, FAILED, fails=FAILS)
    assert (verdict, error) == (Verdict.PASSED, None)
    assert outcome.facts == ("ended as it must, FAILED with cause summary_lost: summary: the summary was lost")
    assert outcome.attachments == {"failure.txt": "summary: the summary was lost\nlast seen"}


@pytest.mark.parametrize("ending", [PASSED, MENDED])
def test_a_scenario_that_must_fail_and_passes_has_failed(here: Attended, ending: Ending) -> None:
    verdict, outcome, error = ended(here.context, ending, fails=FAILS)
    assert (verdict, outcome) == (Verdict.FAILED, None)
    assert str(error).startswith("must end FAILED with cause summary_lost, and passed")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (FAILED._replace(cause="in_work"), "ended FAILED with cause in_work"),
        (FAILED._replace(cause=""), "ended FAILED with cause unknown"),
        (FAILED._replace(verdict=Verdict.INCONCLUSIVE), "ended INCONCLUSIVE with cause summary_lost"),
        (FAILED._replace(verdict=Verdict.BLOCKED), "ended BLOCKED with cause summary_lost"),
    ],
)
def test_another_cause_or_verdict_has_failed(here: Attended, ending: Ending, words: str) -> None:
    verdict, _, error = ended(here.context, ending, fails=FAILS)
    assert verdict is Verdict.FAILED
    assert str(error).startswith(f"must end FAILED with cause summary_lost; {words}")
    assert "the summary was lost" in str(error)


def test_the_verdict_that_it_must_end_with_can_be_another(here: Attended) -> None:
    fails = Fails(phase="summary", cause="not_readable", verdict="INCONCLUSIVE")
    ending = FAILED._replace(verdict=Verdict.INCONCLUSIVE, cause="not_readable")
    assert ended(here.context, ending, fails=fails)[0] is Verdict.PASSED


@pytest.mark.parametrize("ending", [PASSED, FAILED])
def test_other_phases_of_a_scenario_that_must_fail_end_as_ever(here: Attended, ending: Ending) -> None:
    fails = Fails(phase="convert", cause="summary_lost")
    assert ended(here.context, ending, fails=fails) == (ending.verdict, ending.outcome, ending.error)


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.SKIPPED])
def test_a_bug_of_ours_or_a_skip_is_never_what_must_happen(here: Attended, verdict: Verdict) -> None:
    ending = FAILED._replace(verdict=verdict)
    assert ended(here.context, ending, fails=FAILS) == (verdict, None, NAMED)


@pytest.mark.parametrize(
    ("wanted", "records", "verdict"),
    [
        (None, [record()], Verdict.PASSED),
        ((), [], Verdict.PASSED),
        ((), [record(effect="no effect")], Verdict.PASSED),
        ((), [record()], Verdict.FAILED),
        (("stale_lock",), [], Verdict.FAILED),
        (("stale_lock",), [record("stale_lock")], Verdict.PASSED),
    ],
)
def test_what_must_fail_must_have_just_the_repairs_it_names(
    here: Attended, wanted: Any, records: list[dict[str, Any]], verdict: Verdict
) -> None:
    assert ended(here.context, FAILED, *records, fails=FAILS, repaired=wanted)[0] is verdict


# -- the repairs that must happen


@pytest.mark.parametrize(
    ("wanted", "records", "words"),
    [
        (("lost_summary",), [], "must be repaired by lost_summary; was repaired by nothing"),
        ((), [record()], "must be repaired by nothing; was repaired by lost_summary"),
        (
            ("lost_summary",),
            [record(), record("lost_completion", phase="manifest")],
            "must be repaired by lost_summary; was repaired by lost_completion, lost_summary",
        ),
        (
            ("lost_completion", "lost_summary"),
            [record()],
            "must be repaired by lost_completion, lost_summary; was repaired by lost_summary",
        ),
        (("lost_summary",), [record(effect="no effect")], "must be repaired by lost_summary; was repaired by nothing"),
        (("lost_summary",), [record(effect="failed")], "must be repaired by lost_summary; was repaired by nothing"),
        (("lost_summary",), [record("stale_lock")], "must be repaired by lost_summary; was repaired by stale_lock"),
    ],
)
@pytest.mark.parametrize("ending", [PASSED, MENDED])
def test_other_repairs_than_these_have_failed(
    here: Attended, ending: Ending, wanted: tuple[str, ...], records: list[dict[str, Any]], words: str
) -> None:
    here.context.phase = "api"
    verdict, outcome, error = ended(here.context, ending, *records, repaired=wanted)
    assert (verdict, outcome, str(error)) == (Verdict.FAILED, None, words)
    assert isinstance(error, PhaseFailed)


@pytest.mark.parametrize(
    ("wanted", "records"),
    [
        (None, [record(), record("stale_lock")]),
        ((), []),
        (("lost_summary",), [record()]),
        (("lost_summary",), [record(effect="no effect"), record()]),
        (("lost_summary",), [record(), record(phase="summary[2]")]),
        (("lost_completion", "lost_summary"), [record(), record("lost_completion", phase="manifest")]),
    ],
)
def test_with_just_these_repairs_it_ends_as_it_does(here: Attended, wanted: Any, records: list[dict[str, Any]]) -> None:
    here.context.phase = "api"
    assert ended(here.context, PASSED, *records, repaired=wanted) == (Verdict.PASSED, OUTCOME, None)


@pytest.mark.parametrize("phase", ["summary", "manifest", "cleanup"])
def test_before_the_end_a_repair_may_still_come(here: Attended, phase: str) -> None:
    here.context.phase = phase
    assert ended(here.context, MENDED, repaired=("stale_lock",))[0] is Verdict.REPAIRED


def test_a_phase_that_failed_stays_so_whatever_was_repaired(here: Attended) -> None:
    here.context.phase = "api"
    assert ended(here.context, FAILED, record(), repaired=("lost_summary",)) == (Verdict.FAILED, None, NAMED)


# -- whether a phase was repaired


@pytest.mark.parametrize(
    ("records", "was"),
    [
        ([], False),
        ([record()], True),
        ([record(effect="no effect"), record()], True),
        ([record(effect="no effect")], False),
        ([record(effect="failed"), record(effect="declined")], False),
        ([record(phase="summary[2]")], False),
        ([record(phase="cost")], False),
    ],
)
def test_a_phase_is_repaired_if_a_repair_of_its_own_has_worked(
    here: Attended, records: list[dict[str, Any]], was: bool
) -> None:
    here.context.state.repairs = records
    assert repaired(here.context) is was
    assert here.context.state.repairs == records


def test_a_repair_begun_before_a_kill_counts_when_it_passes(here: Attended) -> None:
    """Nobody can say that it did nothing; and what counts is noted as what it counts for."""
    here.context.state.repairs = [record("stale_lock", "begun", "cost"), record(effect="begun")]
    assert repaired(here.context)
    assert [(one["repair"], one["effect"]) for one in ScenarioState.load(here.context.state.path.parent).repairs] == [
        ("stale_lock", "begun"), ("lost_summary", "worked")
    ]  # fmt: skip
    (event,) = here.events(Repaired)
    assert (event.repair, event.effect) == ("lost_summary", "worked")


def test_killed_in_a_repair_and_resumed_the_phase_is_repaired(here: Attended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHASES, "summary", lambda _context: OUTCOME)
    context = scenario(here.context, expect={"repaired": ("lost_summary",)})
    context.state.verdicts = dict.fromkeys(context.plan.phases[: context.plan.phases.index("summary")], "PASSED")
    context.state.repairs = [record(effect="begun")]
    finished, outcome, error = run_phase(context, PHASES[context.base])
    assert (finished.verdict, outcome, error) == ("REPAIRED", OUTCOME, None)
    assert [(one["repair"], one["effect"]) for one in finished.repairs] == [("lost_summary", "worked")]
    context.phase = "api"
    assert as_expected(context, PASSED)[0] is Verdict.PASSED


def test_killed_in_a_repair_a_resumed_failure_says_it_was_vain(here: Attended, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_context: Context) -> Outcome:
        raise NAMED

    monkeypatch.setitem(PHASES, "summary", fails)
    context = here.context
    context.state.verdicts = dict.fromkeys(context.plan.phases[: context.plan.phases.index("summary")], "PASSED")
    context.state.repairs = [record(effect="begun")]
    finished, _, _ = run_phase(context, PHASES[context.base])
    assert (finished.verdict, finished.cause) == ("FAILED", "given_up")
    assert [one["effect"] for one in finished.repairs] == ["no effect"]
    assert isinstance(finished, PhaseFinished)


def test_what_was_repaired_before_a_kill_stays_repaired(here: Attended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHASES, "summary", lambda _context: OUTCOME)
    context = here.context
    context.state.verdicts = dict.fromkeys(context.plan.phases[: context.plan.phases.index("summary")], "PASSED")
    context.state.repairs = [record()]
    finished, _, _ = run_phase(context, PHASES[context.base])
    assert (finished.verdict, finished.repairs) == ("REPAIRED", ())
