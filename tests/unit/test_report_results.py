"""``results.json``: whole, valid, and never greener than the run."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

import e2e_validator.report
from e2e_validator.errors import E2EError
from e2e_validator.events import Event, PhaseFinished, PhaseStarted, RunFinished, RunStarted, as_json
from e2e_validator.report.model import Word
from e2e_validator.report.outcome import INTERRUPTED, WORST_FIRST, worst
from e2e_validator.report.results import build_results, fold, results_schema, schema_text, write_results
from e2e_validator.verdict import Verdict

SCHEMA_FILE = Path(e2e_validator.report.__file__).with_name("results.schema.json")
AT = "2026-11-21T09:00:00+00:00"


def run_started(**scenarios: list[str]) -> RunStarted:
    return RunStarted(
        at=AT,
        run_id="2026-11-21-quiet-heron",
        target="embedded",
        today="2026-11-21",
        versions={"pytest": "9.2.0"},
        scenarios={name.replace("_", "-"): phases for name, phases in scenarios.items()},
        out_dir="reports/r",
    )


def finished(scenario: str, phase: str, verdict: str = "PASSED", **fields: Any) -> PhaseFinished:
    return PhaseFinished(AT, scenario, phase, verdict, fields.pop("seconds", 1.5), **fields)


def build(*events: Event) -> dict[str, Any]:
    results = build_results([as_json(event) for event in events])
    jsonschema.validate(results, results_schema(), cls=jsonschema.Draft202012Validator)
    return results


def phase(name: str, verdict: str = "PASSED", **fields: Any) -> dict[str, Any]:
    texts = {"facts": "", "headline": "", "detail": "", "cause": ""}
    return {
        "name": name,
        "verdict": verdict,
        "seconds": 1.5,
        **texts,
        "data": {},
        "finding": None,
        "repairs": [],
    } | fields


def test_results_of_a_pass() -> None:
    end = RunFinished("2026-11-21T09:00:09+00:00", "2026-11-21-quiet-heron", 0, 9.25)
    facts = {"compared": 24, "largest_difference": Decimal("0E-9")}
    assert build(
        run_started(one_pod=["upload", "api"]),
        finished("one-pod", "upload", facts="1 archive, 1,204 bytes"),
        finished("one-pod", "api", facts="24 of 24 figures are equal", data=facts),
        end,
    ) == {
        "format": "e2e-validator/results",
        "version": 1,
        "run": {
            "id": "2026-11-21-quiet-heron",
            "started": AT,
            "finished": "2026-11-21T09:00:09+00:00",
            "seconds": 9.25,
            "target": "embedded",
            "today": "2026-11-21",
            "versions": {"pytest": "9.2.0"},
            "exit_code": 0,
            "resumed": 0,
            "verdict": "PASSED",
            "until": "",
            "interrupted": "",
        },
        "counts": {"scenarios": {"PASSED": 1}, "phases": {"PASSED": 2}, "repairs": {}},
        "scenarios": [
            {
                "name": "one-pod",
                "verdict": "PASSED",
                "seconds": 3.0,
                "phases": [
                    phase("upload", facts="1 archive, 1,204 bytes"),
                    phase(
                        "api",
                        facts="24 of 24 figures are equal",
                        data={"compared": 24, "largest_difference": "0E-9"},
                    ),
                ],
            }
        ],
        "repairs": [],
        "deviations": [],
        "skips": [],
        "warnings": [],
    }


def test_results_of_a_fail_keep_headline_and_detail() -> None:
    results = build(
        run_started(one=["ingest", "api", "cleanup"]),
        finished("one", "ingest", "FAILED", headline="The report ended as FAILED.", detail="line 1\nline 2"),
        finished("one", "api", "SKIPPED", headline="ingest did not pass.", seconds=0),
        finished("one", "cleanup"),
        RunFinished(AT, "r", 1, 5),
    )
    assert results["counts"] == {
        "scenarios": {"FAILED": 1},
        "phases": {"FAILED": 1, "SKIPPED": 1, "PASSED": 1},
        "repairs": {},
    }
    assert results["scenarios"][0]["phases"] == [
        phase("ingest", "FAILED", headline="The report ended as FAILED.", detail="line 1\nline 2"),
        phase("api", "SKIPPED", headline="ingest did not pass.", seconds=0),
        phase("cleanup"),
    ]


def test_results_of_a_blocked_scenario() -> None:
    results = build(
        run_started(one=["preflight", "api"]),
        finished("one", "preflight", "BLOCKED", headline="No connection to the API."),
        finished("one", "api", "SKIPPED"),
        RunFinished(AT, "r", 10, 5),
    )
    assert results["scenarios"][0]["verdict"] == "BLOCKED"
    assert results["run"]["exit_code"] == 10


def test_results_of_two_payloads_keep_them_apart() -> None:
    results = build(
        run_started(two=["ingest", "ingest[2]"]),
        finished("two", "ingest", seconds=2),
        finished("two", "ingest[2]", seconds=3),
        RunFinished(AT, "r", 0, 5),
    )
    assert [(one["name"], one["seconds"]) for one in results["scenarios"][0]["phases"]] == [
        ("ingest", 2.0),
        ("ingest[2]", 3.0),
    ]
    assert results["scenarios"][0]["seconds"] == 5.0


def test_results_of_an_interrupted_run_list_what_never_began() -> None:
    results = build(
        run_started(one=["upload", "ingest", "api"], two=["upload"]),
        PhaseStarted(AT, "one", "upload"),
        finished("one", "upload"),
        PhaseStarted(AT, "one", "ingest"),
    )
    assert results["run"]["finished"] is None
    assert results["run"]["exit_code"] is None
    assert results["counts"] == {
        "scenarios": {"INTERRUPTED": 1, "SKIPPED": 1},
        "phases": {"INTERRUPTED": 1, "SKIPPED": 2, "PASSED": 1},
        "repairs": {},
    }
    assert results["scenarios"][0] == {
        "name": "one",
        "verdict": "INTERRUPTED",
        "seconds": 1.5,
        "phases": [
            phase("upload"),
            phase(
                "ingest",
                "INTERRUPTED",
                seconds=None,
                headline="The phase began, but the run was cut off before it ended.",
            ),
            phase("api", "SKIPPED", seconds=None, headline="The phase did not run: it left no event."),
        ],
    }


def test_a_scenario_whose_last_phase_never_ran_is_not_passed() -> None:
    results = build(run_started(one=["upload", "api"]), finished("one", "upload"), RunFinished(AT, "r", 0, 5))
    assert results["scenarios"][0]["verdict"] == "SKIPPED"


def test_a_cleanup_skipped_on_request_leaves_the_scenario_passed() -> None:
    results = build(
        run_started(one=["api", "cleanup"]),
        finished("one", "api"),
        finished("one", "cleanup", "SKIPPED", headline="keep: all"),
    )
    assert results["scenarios"][0]["verdict"] == "PASSED"


def test_a_cleanup_that_never_ran_does_not() -> None:
    results = build(run_started(one=["api", "cleanup"]), finished("one", "api"))
    assert results["scenarios"][0]["verdict"] == "SKIPPED"


@pytest.mark.parametrize("order", [("FAILED", "PASSED"), ("PASSED", "FAILED")])
def test_a_phase_that_ended_twice_counts_as_the_worse(order: tuple[str, str]) -> None:
    results = build(run_started(one=["api"]), *(finished("one", "api", verdict) for verdict in order))
    assert results["scenarios"][0]["verdict"] == "FAILED"
    assert results["warnings"] == [f"one: api ended twice ({order[0]}, then {order[1]}); the worse one counts."]


def test_an_unknown_verdict_counts_as_error() -> None:
    results = build(run_started(one=["api"]), finished("one", "api", "FINE"))
    assert results["scenarios"][0]["verdict"] == "ERROR"
    assert results["warnings"] == ["one: api ended with the unknown verdict 'FINE', counted as ERROR."]


def test_a_damaged_journal_line_is_a_warning() -> None:
    damaged = {"event": "JournalDamaged", "at": AT, "file": "gw0.ndjson", "line": 7}
    assert fold([damaged]).warnings == ["Line 7 of gw0.ndjson cannot be read; its event is missing here."]


def test_a_phase_outside_the_plan_and_a_second_start_are_kept() -> None:
    results = build(run_started(one=["api"]), run_started(two=["api"]), finished("three", "upload"))
    assert [one["name"] for one in results["scenarios"]] == ["one", "two", "three"]


def test_no_events_give_valid_results_that_claim_nothing() -> None:
    assert build()["counts"] == {"scenarios": {}, "phases": {}, "repairs": {}}


def test_verdicts_are_ranked_worst_first_and_unknown_as_worst() -> None:
    assert worst(["PASSED", "SKIPPED"]) == "SKIPPED"
    assert worst(["PASSED", "UNCLEAN", "INTERRUPTED"]) == "INTERRUPTED"
    assert worst(["FAILED", "WHAT"]) == "ERROR"
    assert worst([]) == "SKIPPED"


def test_every_verdict_is_known_to_the_results() -> None:
    assert set(WORST_FIRST) == {*Verdict, INTERRUPTED} == set(get_args(Word))


def test_the_shipped_schema_is_the_models() -> None:
    assert SCHEMA_FILE.read_text() == schema_text(), (
        f"write e2e_validator.report.results.schema_text() to {SCHEMA_FILE.name}"
    )
    jsonschema.Draft202012Validator.check_schema(results_schema())


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"extra": 1}, {"format": "other"}, {"counts": None}, {"scenarios": [{"name": "x"}]}],
)
def test_the_schema_refuses_other_documents(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(build() | change, results_schema())


def test_results_are_written_whole_and_replace_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.json"
    events = [as_json(run_started(one=["api"])), as_json(finished("one", "api"))]
    write_results(path, events[:1])
    written = write_results(path, events)
    assert json.loads(path.read_text()) == written
    assert written["scenarios"][0]["verdict"] == "PASSED"
    assert [file.name for file in path.parent.iterdir()] == ["results.json"]


def test_unwritable_results_are_one_sentence_and_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(E2EError) as caught:
        write_results(tmp_path / "results.json", [])
    assert str(caught.value) == f"Cannot write {tmp_path}/results.json: Is a directory; choose another output folder."
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]
