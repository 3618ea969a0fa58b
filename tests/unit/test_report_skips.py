"""What was not looked at is listed with its reason, and --fail-on-skip makes a failure of it."""

from __future__ import annotations

from typing import Any

from e2e_validator.events import LeftOut, PhaseFinished, RunFinished, RunStarted, as_json
from e2e_validator.report.console import closing
from e2e_validator.report.fold import fold
from e2e_validator.report.model import Results
from e2e_validator.report.skips import skips_block

AT = "2026-11-21T09:00:00.000+00:00"
KAFKA = {"not_looked_at": {"topics and readers": "Kafka cannot be reached from here; give --set kafka.bootstrap"}}


def finished(scenario: str, phase: str, verdict: str = "PASSED", **more: Any) -> PhaseFinished:
    return PhaseFinished(AT, scenario, phase, verdict, 1.0, **more)


def results(*events: Any, code: int = 0) -> Results:
    plan = RunStarted(AT, "run", "namespace ns", "2026-11-21", {}, {}, "reports/run/")
    return fold(as_json(event) for event in (plan, *events, RunFinished(AT, "run", code, 2.0)))


def test_what_was_looked_at_is_not_listed() -> None:
    seen = results(finished("one", "preflight"), finished("one", "cleanup"))
    assert seen.skips == []
    assert skips_block(seen.skips) == ""


def test_scenarios_checks_and_phases_are_listed_with_reasons() -> None:
    seen = results(
        LeftOut(AT, ["api_401", "api_424"], "faults are put to an embedded stack alone, not to --namespace"),
        finished("one", "preflight", data=KAFKA),
        finished("one", "cleanup", "SKIPPED", headline="kept, as --keep all says: source 7\nkubectl delete"),
        finished("two", "preflight", data=KAFKA),
    )
    assert skips_block(seen.skips).splitlines() == [
        "skipped   2 scenarios left out: faults are put to an embedded stack alone, not to --namespace",
        "            api_401, api_424",
        "          1 check of preflight not looked at:",
        "            topics and readers: Kafka cannot be reached from here; give --set kafka.bootstrap",
        "          1 phase skipped:",
        "            one cleanup: kept, as --keep all says: source 7",
        "          with --fail-on-skip the exit code is 14",
    ]
    assert skips_block(seen.skips, red=True).splitlines()[-1].strip() == "--fail-on-skip does not allow it"


def test_phases_behind_one_that_did_not_pass_are_no_skips() -> None:
    seen = results(finished("one", "convert", "FAILED"), finished("one", "summary", "SKIPPED", headline="convert"))
    assert seen.skips == []


def test_the_last_line_of_a_refused_run_does_not_read_as_green() -> None:
    seen = results(finished("one", "preflight", data=KAFKA), code=14)
    assert closing(seen).startswith("verdict   SKIPPED (exit code 14)")
    assert closing(results(finished("one", "preflight"), code=14)).startswith("verdict   ERROR (exit code 14)")
