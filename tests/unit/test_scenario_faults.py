"""Faults, repairs and the expected end in a scenario file: the names there are, and the sentence for each mistake."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from e2e_validator.embedded.faults.registry import REGISTRY
from e2e_validator.errors import ScenarioError
from e2e_validator.repair.registry import REPAIRS
from e2e_validator.scenario.description import describe
from e2e_validator.scenario.document import parse_document
from e2e_validator.scenario.fault_names import ARMABLE, GIVEN, FaultName
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.scenario.repair_names import REPAIR_NAMES
from e2e_validator.scenario.schema import schema

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
GOOD = """\
version: 1
name: x
description: Why.
period: {start: month-1m+4d, end: month-1m+5d}
data: {template: one_pod.yml}
faults:
  - {fault: listener_killed_mid_file, before: ingest, until: summary, times: 1, options: {skip: 0}}
repairs: [stuck_report, lost_completion]
look_before: true
expect:
  repaired: [stuck_report]
"""


def load(folder: Path, text: str) -> LoadedScenario:
    (folder / "x.yaml").write_text(text)
    return load_scenario(folder / "x.yaml", fixtures=FIXTURES, today=TODAY)


def complaints(folder: Path, text: str) -> list[str]:
    """The problems of ``text`` without the path."""
    with pytest.raises(ScenarioError) as caught:
        load(folder, text)
    return [str(problem).removeprefix(f"{folder}/x.yaml:") for problem in caught.value.problems]


def test_the_names_are_the_registrys_with_scope_and_options() -> None:
    built = {
        fault.name: FaultName(fault.name, fault.scope, tuple(fault.options), tuple(map(str, fault.points)))
        for fault in REGISTRY
        if fault.built
    }
    assert built == ARMABLE
    assert {fault.name for fault in REGISTRY if not fault.built} == set(GIVEN)


def test_the_names_of_repairs_are_those_there_are() -> None:
    assert sorted(repair.name for repair in REPAIRS) == sorted(REPAIR_NAMES)


def test_the_file_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    document = parse_document(tmp_path / "x.yaml", GOOD)
    assert list(Draft202012Validator(schema()).iter_errors(document.data)) == []


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("listener_killed_mid_file", "listener_kiled_mid_file", "7:13  faults[0].fault: there is no fault 'listener_kiled_mid_file'; did you mean 'listener_killed_mid_file'?"),
        ("listener_killed_mid_file", "zzz", "7:13  faults[0].fault: there is no fault 'zzz'; 'e2e-validator schema' lists them"),
        ("listener_killed_mid_file", "payload_truncated", "7:13  faults[0].fault: 'payload_truncated' cannot be armed; it is in the payload: write uploads: [{damage: truncated}] and expect.rejected"),
        ("fault: listener_killed_mid_file", "fault: ''", "7:13  faults[0].fault: is empty"),
        ("before: ingest", "before: ingst", "7:47  faults[0].before: the scenario has no phase 'ingst'; did you mean 'ingest'?"),
        ("before: ingest", "before: 'convert[2]'", "7:47  faults[0].before: the scenario has no phase 'convert[2]'; did you mean 'convert'?"),
        ("until: summary", "until: rejektion", "7:62  faults[0].until: the scenario has no phase 'rejektion'; known: preflight, source, generate, upload, ingest, download, convert, summary, cost, manifest, api, cleanup"),
        ("until: summary", "until: ingest", "7:62  faults[0].until: 'ingest' is not after 'ingest'; name a later phase"),
        ("before: ingest, until: summary", "until: preflight", "7:46  faults[0].until: 'preflight' is not after 'source'; name a later phase"),
        ("times: 1", "times: 0", "7:78  faults[0].times: 0 is neither a whole number from 1 on nor 'always'"),
        ("times: 1", "times: allways", "7:78  faults[0].times: 'allways' is neither a whole number from 1 on nor 'always'; did you mean 'always'?"),
        ("skip: 0", "skp: 0", "7:91  listener_killed_mid_file has no option 'skp'; did you mean 'skip'?"),
        ("skip: 0", "seconds: 1", "7:91  listener_killed_mid_file has no option 'seconds'; known: point, skip"),
        ("skip: 0", "skip: -1", "7:97  faults[0].options.skip: -1 is not a whole number from 0 on"),
        ("skip: 0", "skip: true", "7:97  faults[0].options.skip: true is not a whole number from 0 on"),
        ("skip: 0", "point: announcing", "7:98  faults[0].options.point: 'announcing' is not one of listener.day_written, listener.day_cleared, listener.raw_written"),
        ("skip: 0", "point: [a]", "7:98  faults[0].options.point: a list is not one of listener.day_written, listener.day_cleared, listener.raw_written"),
        ("repairs: [stuck_report, lost", "repairs: [stuck_report, los", "8:25  repairs[1]: there is no repair 'los_completion'; did you mean 'lost_completion'?"),
        ("repairs: [stuck_report, lost_completion]", "repairs: [stuck_report, stuck_report]", "8:25  repairs[1]: 'stuck_report' is given twice"),
        ("repairs: [stuck_report, lost_completion]", "repairs: none", "11:14  expect.repaired[0]: 'stuck_report' is expected, but repairs is none; allow it"),
        ("repairs: [stuck_report, lost_completion]", "repairs: [lost_completion]", "11:14  expect.repaired[0]: 'stuck_report' is expected, but repairs is without it; allow it"),
        ("repairs: [stuck_report, lost_completion]", "repairs: nothing", "8:10  repairs: 'nothing' is neither 'none' nor a list of names; 'e2e-validator repairs' lists them"),
        ("repairs: [stuck_report, lost_completion]", "repairs: [stuck_report, 5]", "8:10  repairs: this is neither 'none' nor a list of names; 'e2e-validator repairs' lists them"),
        ("look_before: true", "look_before: maybe", "9:14  look_before: 'maybe' is not true or false"),
        ("  repaired: [stuck_report]", "  fails: {phase: convrt, cause: in_work}", "11:18  expect.fails.phase: the scenario has no phase 'convrt'; did you mean 'convert'?"),
        ("  repaired: [stuck_report]", "  fails: {phase: cleanup, cause: in_work}", "11:18  expect.fails.phase: the cleanup ends every scenario; name the phase before it"),
        ("  repaired: [stuck_report]", "  fails: {phase: convert, cause: in_work}", "7:62  faults[0].until: 'summary' is not run: convert must not pass; write 'cleanup', or leave the key out"),
        ("  repaired: [stuck_report]", "  fails: {phase: summary, cause: in_work, verdict: PASSED}", "11:52  expect.fails.verdict: 'PASSED' is not one of FAILED, BLOCKED, INCONCLUSIVE"),
        ("  repaired: [stuck_report]", "  fails: {phase: summary}", "11:10  missing key 'cause' in expect.fails; the cause that it must name"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tmp_path: Path, written: str, instead: str, complaint: str) -> None:
    assert written in GOOD
    assert complaints(tmp_path, GOOD.replace(written, instead)) == [complaint]


def test_an_unknown_repair_like_no_other_gets_the_list(tmp_path: Path) -> None:
    found = complaints(tmp_path, GOOD.replace("[stuck_report, lost_completion]", "[stuck_report, zzz]"))
    assert found == [f"8:25  repairs[1]: there is no repair 'zzz'; known: {', '.join(REPAIR_NAMES)}"]


@pytest.mark.parametrize("end", ["repaired: [stuck_report]", "fails: {phase: ingest, cause: in_work}"])
def test_a_rejection_excludes_another_end(tmp_path: Path, end: str) -> None:
    text = GOOD.replace("until: summary", "until: cleanup").replace("repaired: [stuck_report]", end)
    key = end.partition(":")[0]
    found = complaints(tmp_path, f"{text}  rejected: {{manifest: absent}}\n")
    assert found == [f"11:3  expect.{key} excludes expect.rejected; one scenario, one end"]


def test_what_repairs_forbids_may_be_expected_not_to_happen(tmp_path: Path) -> None:
    load(tmp_path, GOOD.replace("[stuck_report, lost_completion]", "none").replace("[stuck_report]", "[]"))


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("worker_held", "{seconds: 0.5, lose: false, task: x.y}"),
        ("worker_held", "{seconds: null}"),
        ("api_slow", "{door: both, path: sources, method: GET, seconds: 2, delay_s: 0.1, skip: 3}"),
        ("api_500", "{method: null}"),
        ("s3_bucket_gone", "{bucket: archive}"),
        ("database_slow", "{table: api_provider}"),
        ("stale_lock", "{}"),
    ],
)
def test_what_a_fault_lets_one_choose_may_be_chosen(tmp_path: Path, fault: str, options: str) -> None:
    load(tmp_path, GOOD.replace("listener_killed_mid_file", fault).replace("{skip: 0}", options))


@pytest.mark.parametrize(
    ("fault", "options", "complaint"),
    [
        ("worker_held", "{seconds: 0}", "seconds: 0 is not a number of seconds above 0, or null for no end"),
        ("worker_held", "{seconds: 2s}", "seconds: '2s' is not a number of seconds above 0, or null for no end"),
        ("worker_held", "{lose: 1}", "lose: 1 is not true or false"),
        ("worker_held", "{task: ''}", "task: '' is not the name of a task"),
        ("api_slow", "{delay_s: .inf}", "delay_s: inf is not a number of seconds above 0"),
        ("api_slow", "{door: s3}", "door: 's3' is not one of koku, masu, both"),
        ("api_slow", "{method: get}", "method: 'get' is not one of GET, POST, PUT, PATCH, DELETE"),
        ("api_slow", "{path: 5}", "path: 5 is not a part of a URL"),
        ("s3_bucket_gone", "{bucket: koku}", "bucket: 'koku' is not one of ingress, archive, ros"),
        ("database_slow", "{table: 5}", "table: 5 is not the name of a table"),
    ],
)
def test_a_choice_that_is_none_is_told(tmp_path: Path, fault: str, options: str, complaint: str) -> None:
    text = GOOD.replace("listener_killed_mid_file", fault).replace("{skip: 0}", options)
    (found,) = complaints(tmp_path, text)
    assert found.endswith(f"faults[0].options.{complaint}")


def test_the_phases_of_two_tarballs_may_be_named(tmp_path: Path) -> None:
    text = GOOD.replace("month-1m+4d", "month-1m-1d").replace("month-1m+5d", "month-1m+1d")
    load(tmp_path, text.replace("before: ingest, until: summary", "before: 'ingest[2]', until: 'summary[2]'"))


def test_a_period_that_is_wrong_hides_no_wrong_fault(tmp_path: Path) -> None:
    found = complaints(tmp_path, GOOD.replace("month-1m+5d", "tomorow").replace("listener_killed_mid_file", "zzz"))
    assert len(found) == 2


def test_after_a_phase_that_must_not_pass_only_cleanup_follows(tmp_path: Path) -> None:
    text = GOOD.replace("until: summary", "until: cleanup")
    text = text.replace("month-1m+4d", "month-1m-1d").replace("month-1m+5d", "month-1m+1d")
    text = text.replace("repaired: [stuck_report]", "fails: {phase: 'download[2]', cause: in_work}")
    (tmp_path / "x.yaml").write_text(text)
    the_plan = plan(load_scenario(tmp_path / "x.yaml", fixtures=FIXTURES, today=TODAY), TODAY)
    assert the_plan.phases == (
        *("preflight", "source", "generate", "upload"),
        *("ingest", "download", "convert", "summary", "cost", "manifest"),
        *("ingest[2]", "download[2]", "cleanup"),
    )
    assert len(the_plan.payloads) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            GOOD.replace("times: 1", "times: 2"),
            {
                "faults": "listener_killed_mid_file before ingest until summary (2 times, skip 0)",
                "repairs": "only stuck_report, lost_completion",
                "expected": "repaired by stuck_report",
            },
        ),
        (
            GOOD.replace("[stuck_report, lost_completion]", "none").replace("[stuck_report]", "[]"),
            {
                "faults": "listener_killed_mid_file before ingest until summary (skip 0)",
                "repairs": "none is allowed",
                "expected": "passes, nothing repaired",
            },
        ),
        (
            GOOD.partition("faults")[0] + "expect: {fails: {phase: convert, cause: in_work, verdict: BLOCKED}}",
            {"expected": "convert ends BLOCKED, cause in_work"},
        ),
        (
            GOOD.partition("faults")[0] + "expect: {rejected: {manifest: absent}}",
            {"expected": "rejected, manifest absent"},
        ),
        (GOOD.partition("faults")[0], {}),
    ],
    ids=["repaired", "nothing repaired", "fails", "rejected", "ordinary"],
)
def test_what_a_scenario_does_is_told_in_words(tmp_path: Path, text: str, words: dict[str, str]) -> None:
    assert describe(load(tmp_path, text).scenario) == words
