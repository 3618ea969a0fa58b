"""Runs that were stopped and continued, and what was repaired in them: never greener than what happened."""

from __future__ import annotations

from typing import Any

import pytest

from e2e_validator.events import Event, PhaseFinished, PhaseStarted, Repaired, RunFinished, RunStarted, as_json
from e2e_validator.finding import Finding
from e2e_validator.report.fold import fold
from e2e_validator.report.model import Results

AT = "2026-11-21T09:00:00+00:00"
PLAN = ["upload", "ingest", "api", "cleanup"]


def run_started(*, resumed: bool = False, **scenarios: list[str]) -> RunStarted:
    return RunStarted(AT, "r", "embedded", "2026-11-21", {}, scenarios, "reports/r", resumed=resumed)


def finished(phase: str, verdict: str = "PASSED", *, scenario: str = "one", **fields: Any) -> PhaseFinished:
    return PhaseFinished(AT, scenario, phase, verdict, 1.5, **fields)


def repaired(phase: str = "ingest", effect: str = "worked", *, number: int = 1, expected: bool = False) -> Repaired:
    folder = f"one/repairs/{number}-stuck_report"
    return Repaired(
        AT,
        "one",
        phase,
        "stuck_report",
        "report_stuck",
        number,
        2,
        "announced again",
        effect,
        3.2,
        expected,
        "-",
        folder,
    )


def a_try(event: Repaired) -> dict[str, Any]:
    """What ``PhaseFinished`` carries of it."""
    return {name: value for name, value in as_json(event).items() if name not in ("event", "at", "scenario", "phase")}


def told(*events: Event) -> Results:
    return fold([as_json(event) for event in events])


def verdicts(results: Results, scenario: str = "one") -> dict[str, str]:
    (found,) = [one for one in results.scenarios if one.name == scenario]
    return {phase.name: phase.verdict for phase in found.phases}


CUT_OFF: tuple[Event, ...] = (
    run_started(one=PLAN),
    PhaseStarted(AT, "one", "upload"),
    finished("upload"),
    PhaseStarted(AT, "one", "ingest"),
)
GOES_ON = run_started(one=PLAN, resumed=True)


def test_a_continued_run_keeps_what_passed_alone() -> None:
    results = told(*CUT_OFF, GOES_ON)
    assert verdicts(results) == {"upload": "PASSED", "ingest": "SKIPPED", "api": "SKIPPED", "cleanup": "SKIPPED"}
    assert (results.run.resumed, results.run.exit_code, results.warnings) == (1, None, [])


def test_a_continued_run_ends_as_its_last_part_did() -> None:
    results = told(
        *CUT_OFF,
        finished("ingest", "FAILED"),
        finished("api", "SKIPPED"),
        finished("cleanup"),
        RunFinished("2026-11-21T09:00:09+00:00", "r", 1, 9),
        GOES_ON,
        *(event for phase in PLAN[1:] for event in (PhaseStarted(AT, "one", phase), finished(phase))),
        RunFinished("2026-11-21T09:01:00+00:00", "r", 0, 4),
    )
    assert set(verdicts(results).values()) == {"PASSED"}
    assert results.scenarios[0].verdict == "PASSED"
    assert results.warnings == []
    run = results.run
    assert (run.started, run.finished, run.seconds, run.exit_code, run.resumed) == (
        AT,
        "2026-11-21T09:01:00+00:00",
        4.0,
        0,
        1,
    )


def test_a_run_cut_off_again_has_no_end() -> None:
    run = told(*CUT_OFF, RunFinished(AT, "r", 2, 9), GOES_ON, GOES_ON).run
    assert (run.finished, run.seconds, run.exit_code, run.resumed) == (None, None, None, 2)


@pytest.mark.parametrize("verdict", ["FAILED", "BLOCKED", "INCONCLUSIVE", "ERROR", "SKIPPED", "UNCLEAN"])
def test_what_did_not_pass_and_did_not_run_again_is_not_green(verdict: str) -> None:
    results = told(*CUT_OFF, finished("ingest", verdict), finished("api", "SKIPPED"), finished("cleanup"), GOES_ON)
    assert verdicts(results)["ingest"] == "SKIPPED"
    assert verdicts(results)["cleanup"] == "SKIPPED"
    assert results.scenarios[0].verdict == "SKIPPED"


def test_warnings_about_a_forgotten_phase_are_forgotten_alone() -> None:
    damaged = {"event": "JournalDamaged", "at": AT, "file": "main.ndjson", "line": 7}
    events = [as_json(event) for event in (*CUT_OFF, finished("ingest", "FAILED"), finished("ingest", "ERROR"))]
    assert len(fold([*events, damaged]).warnings) == 2
    assert len(fold([*events, damaged, as_json(GOES_ON)]).warnings) == 1


def test_a_scenario_that_was_through_stays_so_until_it_runs() -> None:
    through: tuple[Event, ...] = (run_started(one=PLAN), *(finished(phase) for phase in PLAN), GOES_ON)
    assert told(*through).scenarios[0].verdict == "PASSED"
    again = told(*through, PhaseStarted(AT, "one", "api"))
    assert verdicts(again) == {"upload": "PASSED", "ingest": "PASSED", "api": "INTERRUPTED", "cleanup": "SKIPPED"}
    failed = told(*through, finished("api", "FAILED"), finished("cleanup"))
    assert verdicts(failed) == {"upload": "PASSED", "ingest": "PASSED", "api": "FAILED", "cleanup": "PASSED"}
    assert failed.warnings == []


def test_a_scenario_kept_on_request_was_through() -> None:
    kept = finished("cleanup", "SKIPPED", headline="keep: all")
    results = told(run_started(one=PLAN), *(finished(phase) for phase in PLAN[:-1]), kept, GOES_ON)
    assert results.scenarios[0].verdict == "PASSED"


def test_a_scenario_that_is_left_out_keeps_its_verdict() -> None:
    results = told(run_started(one=["api"], two=["api"]), finished("api", "FAILED", scenario="two"), GOES_ON)
    assert verdicts(results, "two") == {"api": "FAILED"}


def test_a_phase_that_ends_twice_counts_as_the_worse() -> None:
    results = told(*CUT_OFF, GOES_ON, finished("ingest"), finished("ingest", "FAILED"))
    assert verdicts(results)["ingest"] == "FAILED"
    assert results.warnings == ["one: ingest ended twice (PASSED, then FAILED); the worse one counts."]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (["upload", "ingest", "cleanup"], PLAN),
        (["upload", "ingest"], PLAN),
        (["upload", "ingest", "cleanup"], ["api", "cleanup"]),
        (["upload", "ingest"], ["api", "cleanup"]),
        (["ingest", "cleanup"], PLAN),
        (PLAN, ["ingest"]),
    ],
)
def test_phases_stand_in_the_plans_order_whatever_part_ran(first: list[str], then: list[str]) -> None:
    assert list(verdicts(told(run_started(one=first), run_started(one=then, resumed=True)))) == PLAN


def test_a_repair_is_told_once_though_two_events_tell_it() -> None:
    tries = [repaired(effect="no effect"), repaired(number=2)]
    end = finished("ingest", "REPAIRED", repairs=[a_try(one) for one in tries])
    results = told(run_started(one=PLAN), *tries, end)
    assert [(one.scenario, one.phase, one.number, one.effect) for one in results.repairs] == [
        ("one", "ingest", 1, "no effect"),
        ("one", "ingest", 2, "worked"),
    ]
    assert results.counts.repairs == {"worked": 1, "no effect": 1}
    phase = results.scenarios[0].phases[1]
    assert (phase.verdict, phase.cause, [one.at for one in phase.repairs]) == ("REPAIRED", "report_stuck", [AT, AT])


def test_a_repair_whose_own_event_was_lost_is_told_by_the_phase() -> None:
    results = told(finished("ingest", "REPAIRED", repairs=[a_try(repaired(expected=True))]))
    assert [(one.repair, one.phase, one.at) for one in results.repairs] == [("stuck_report", "ingest", "")]
    assert results.counts.repairs == {"worked, as expected": 1}


def test_a_repair_in_a_phase_that_never_ended_is_told() -> None:
    assert [one.phase for one in told(*CUT_OFF, repaired()).repairs] == ["ingest"]


def test_a_phase_repaired_before_the_cut_is_never_passed() -> None:
    results = told(*CUT_OFF, repaired(), GOES_ON, finished("ingest"), finished("api"), finished("cleanup"))
    assert verdicts(results)["ingest"] == "REPAIRED"
    assert results.scenarios[0].verdict == "REPAIRED"
    assert results.counts.phases == {"REPAIRED": 1, "PASSED": 3}
    assert results.scenarios[0].phases[1].cause == "report_stuck"


@pytest.mark.parametrize("verdict", ["FAILED", "ERROR", "SKIPPED"])
def test_a_repair_makes_no_phase_better(verdict: str) -> None:
    results = told(*CUT_OFF, repaired(), GOES_ON, finished("ingest", verdict))
    assert verdicts(results)["ingest"] == verdict


def test_a_try_that_mended_nothing_leaves_a_later_pass_as_it_is() -> None:
    assert verdicts(told(*CUT_OFF, repaired(effect="no effect"), GOES_ON, finished("ingest")))["ingest"] == "PASSED"


def test_a_repaired_phase_that_ran_again_stays_repaired() -> None:
    tries = [a_try(repaired())]
    results = told(*CUT_OFF, repaired(), finished("ingest", "REPAIRED", repairs=tries), GOES_ON, finished("ingest"))
    assert verdicts(results)["ingest"] == "REPAIRED"
    assert len(results.repairs) == 1


def test_numbers_begun_anew_in_the_later_part_are_other_tries() -> None:
    end = finished("ingest", "REPAIRED", repairs=[a_try(repaired())])
    assert len(told(*CUT_OFF, repaired(), GOES_ON, repaired(), end).repairs) == 2
    assert len(told(*CUT_OFF, repaired(), GOES_ON, end).repairs) == 2


def test_a_try_that_says_too_little_is_told_and_unexpected() -> None:
    (one,) = told(
        finished("ingest", "REPAIRED", repairs=[{"repair": "x", "effect": "worked", "expected": "yes"}])
    ).repairs
    assert (one.repair, one.effect, one.expected, one.limit) == ("x", "worked", False, 0)


def test_a_phase_that_says_it_passed_after_repair_is_believed() -> None:
    end = finished("ingest", repairs=[a_try(repaired())], finding=Finding("summary_doubled", "s"))
    results = told(run_started(one=PLAN), repaired(), end)
    assert verdicts(results)["ingest"] == "PASSED"
    assert results.counts.repairs == {"worked": 1}


def test_what_lies_behind_the_last_phase_waits_for_the_next_run() -> None:
    """A run that was cut off in its first phase goes on up to the second one, and later to its end."""
    up_to = as_json(run_started(one=PLAN[:2], resumed=True)) | {"until": "ingest"}
    paused = [*map(as_json, CUT_OFF), up_to, as_json(finished("upload")), as_json(finished("ingest"))]
    assert verdicts(fold(paused)) == {"upload": "PASSED", "ingest": "PASSED"}
    goes_on = fold([*paused, as_json(run_started(one=PLAN, resumed=True)), as_json(finished("api"))])
    assert verdicts(goes_on) == {"upload": "PASSED", "ingest": "PASSED", "api": "PASSED", "cleanup": "SKIPPED"}


def test_without_that_wish_what_never_ran_is_missed() -> None:
    seen = told(*CUT_OFF, run_started(one=PLAN[:2], resumed=True), finished("upload"), finished("ingest"))
    assert verdicts(seen)["api"] == "SKIPPED"
