"""What pytest and CI are told of a run in which something was repaired: the category of a phase, and the exit code."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from e2e_validator.errors import RepairNotAllowed
from e2e_validator.events import Event, PhaseFinished, Repaired, RunStarted
from e2e_validator.plugin import terminal
from e2e_validator.plugin.finish import finish_run
from e2e_validator.plugin.repaired import Tries, refusal, with_reason
from e2e_validator.plugin.run_identity import RunIdentity
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.plugin.settings import Options

AT = "2026-11-21T09:00:00+00:00"
REPAIR = Repaired(
    AT, "one", "convert", "stuck_report", "report_stuck", 1, 2, "announced again", "worked", 1.0, False, "-", "one/1"
)


def ended(verdict: str, *tries: dict[str, Any], phase: str = "convert") -> PhaseFinished:
    return PhaseFinished(AT, "one", phase, verdict, 1.5, facts="6 of 6 files done", repairs=tries)


def a_try(effect: str = "worked", *, expected: bool = False) -> dict[str, Any]:
    fields = asdict(REPAIR) | {"effect": effect, "expected": expected}
    return {name: value for name, value in fields.items() if name not in ("at", "scenario", "phase")}


def own_session(folder: Path, *, fail_on_repair: bool) -> RunSession:
    options = Options(
        target_file=None,
        reports=folder,
        fixtures=folder,
        today=date(2026, 11, 21),
        keep=None,
        fail_on_repair=fail_on_repair,
    )
    session = RunSession(options, RunIdentity("r", folder / "r", options.today, options.today, folder / "no-workers"))
    session.used = True
    return session


@pytest.mark.parametrize(
    ("verdict", "failed", "name", "word"),
    [
        ("PASSED", False, "passed", "PASSED"),
        ("REPAIRED", False, "repaired", "REPAIRED"),
        ("REPAIRED", True, "failed", "REPAIRED"),
        ("FAILED", True, "failed", "FAILED"),
        ("SKIPPED", False, "skipped", "SKIPPED"),
    ],
)
def test_a_repaired_phase_has_neither_passed_nor_failed(verdict: str, failed: bool, name: str, word: str) -> None:
    report = SimpleNamespace(e2e_finished=json.dumps(asdict(ended(verdict))), failed=failed)
    running, summary = (
        terminal.category(report, cast("pytest.Config", SimpleNamespace(stash={terminal.SUMMARISING: summarising})))
        for summarising in (False, True)
    )
    assert running == (name, "", ("", {}))
    assert summary is not None
    assert (summary[0], summary[2][0]) == (name, word)
    assert summary[2][1].get("green", False) is (verdict == "PASSED")


@pytest.mark.parametrize(
    ("finished", "fail_on_repair", "refused"),
    [
        (ended("REPAIRED", a_try()), True, True),
        (ended("REPAIRED", a_try()), False, False),
        (ended("REPAIRED", a_try(expected=True)), True, False),
        (ended("REPAIRED", a_try(expected=True), a_try()), True, True),
        (ended("PASSED", a_try("no effect")), True, False),
        (ended("FAILED", a_try()), True, False),
    ],
)
def test_fail_on_repair_refuses_what_worked_unasked(
    tmp_path: Path, finished: PhaseFinished, fail_on_repair: bool, refused: bool
) -> None:
    error = refusal(finished, own_session(tmp_path, fail_on_repair=fail_on_repair))
    assert (error is not None) is refused
    if error is not None:
        assert str(error) == "repaired, which --fail-on-repair does not allow: stuck_report"
        assert with_reason(finished, error).headline == str(error)


def test_a_failure_keeps_its_own_reason() -> None:
    finished = ended("FAILED")
    assert with_reason(finished, AssertionError("x")) is finished
    assert with_reason(finished, RepairNotAllowed("y")).headline == "y"


def test_tries_are_kept_and_every_event_is_passed_on() -> None:
    told: list[Event] = []
    tries = Tries(told.append)
    for event in (REPAIR, ended("REPAIRED")):
        tries(event)
    assert (tries.made, told) == ([REPAIR], [REPAIR, ended("REPAIRED")])


def code_of_run(
    folder: Path,
    *events: Event,
    fail_on_repair: bool = True,
    failures: int = 0,
    interrupted: bool = False,
) -> int:
    """The exit code of a run of one scenario, of which pytest has counted so many failures."""
    usual = pytest.ExitCode.TESTS_FAILED if failures else pytest.ExitCode.OK
    pytest_code = pytest.ExitCode.INTERRUPTED if interrupted else usual
    own = own_session(folder, fail_on_repair=fail_on_repair)
    phases = [event.phase for event in events if isinstance(event, PhaseFinished)]
    own.emit(RunStarted(AT, "r", "embedded", "2026-11-21", {}, {"one": [*phases]}, "r"))
    for event in events:
        own.emit(event)
    config = SimpleNamespace(option=SimpleNamespace(allure_report_dir=None))
    session = SimpleNamespace(exitstatus=pytest_code, testsfailed=failures, shouldfail=False, config=config)
    finish_run(cast("pytest.Session", session), own)
    results = json.loads((folder / "r" / "results.json").read_text(encoding="utf-8"))
    assert results["run"]["exit_code"] == session.exitstatus == own.exit_code
    return int(session.exitstatus)


def test_a_repaired_run_ends_with_0_or_by_option_with_11(tmp_path: Path) -> None:
    events: list[Event] = [ended("PASSED", phase="ingest"), REPAIR, ended("REPAIRED", a_try())]
    assert code_of_run(tmp_path / "a", *events, fail_on_repair=False) == 0
    assert code_of_run(tmp_path / "b", *events, failures=1) == 11


def test_an_expected_repair_ends_with_0(tmp_path: Path) -> None:
    assert code_of_run(tmp_path, ended("REPAIRED", a_try(expected=True))) == 0


def test_a_repair_that_had_no_effect_is_none(tmp_path: Path) -> None:
    assert code_of_run(tmp_path, ended("PASSED", a_try("no effect"))) == 0


@pytest.mark.parametrize(
    ("verdict", "code"), [("FAILED", 1), ("ERROR", 3), ("INCONCLUSIVE", 12), ("BLOCKED", 10), ("UNCLEAN", 13)]
)
def test_every_other_verdict_is_worse_than_a_repair(tmp_path: Path, verdict: str, code: int) -> None:
    events = [ended("REPAIRED", a_try()), ended(verdict, phase="api")]
    assert code_of_run(tmp_path, *events, failures=2) == code


def test_a_failed_test_that_is_no_phase_is_worse_than_a_repair(tmp_path: Path) -> None:
    events = [ended("REPAIRED", a_try())]
    assert code_of_run(tmp_path, *events, failures=2) == 1


def test_a_scenario_without_an_end_is_worse_than_a_repair(tmp_path: Path) -> None:
    events = [ended("REPAIRED", a_try()), ended("SKIPPED", phase="api")]
    assert code_of_run(tmp_path / "a", *events, failures=1) == 12
    assert code_of_run(tmp_path / "b", *events, fail_on_repair=False) == 12


def test_an_interrupt_keeps_its_code(tmp_path: Path) -> None:
    events = [ended("REPAIRED", a_try())]
    assert code_of_run(tmp_path, *events, interrupted=True) == 2


def test_a_repair_in_a_phase_that_failed_afterwards_is_a_failure(tmp_path: Path) -> None:
    assert code_of_run(tmp_path, ended("FAILED", a_try()), failures=1) == 1
