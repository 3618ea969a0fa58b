"""It passes when everything is right: with the right reports, and with nothing left behind."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg
import pytest
from aftermath import left_behind
from jsonschema import Draft202012Validator
from nested import CHECKOUT, MODES, TODAY, Ended, files_with, furnish, quick, run, shipped, start

from e2e_validator.deployment import Target

pytestmark = pytest.mark.embedded
BOTH = pytest.mark.parametrize("mode", MODES)
SCENARIOS = ("one_pod_day", "two_months")
Passed = Callable[[str], Ended]


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory, target_file: Path) -> Passed:
    """One run per mode of two shipped scenarios, with data that nise makes."""

    @cache
    def in_mode(mode: str) -> Ended:
        folder = furnish(tmp_path_factory.mktemp("passes"), {name: shipped(name) for name in SCENARIOS})
        return run(folder, "scenarios", "--target", str(target_file), "--today", TODAY, *MODES[mode])

    return in_mode


@BOTH
def test_a_healthy_deployment_is_green(passed: Passed, mode: str) -> None:
    ended = passed(mode)
    assert ended.code == 0, ended.text
    assert set(ended.phases) == set(SCENARIOS)
    for name in SCENARIOS:
        assert set(ended.verdicts(name).values()) == {"PASSED"}


@BOTH
def test_every_phase_has_a_line_and_the_table_its_scenarios(passed: Passed, mode: str) -> None:
    ended = passed(mode)
    for scenario, phases in ended.phases.items():
        for phase in phases:
            lines = re.findall(rf"^\d\d:\d\d:\d\d  {scenario} +{re.escape(phase)} +PASS .*$", ended.text, re.MULTILINE)
            assert len(lines) == 1, phase
        assert re.search(rf"^{scenario}\b.* PASSED$", ended.text, re.MULTILINE)
    assert "72 CSV rows as planned" in ended.text
    assert re.search(r"convert\[2\] +PASS .* 6 of 6 files done, 432 line items", ended.text)
    assert re.search(r"^verdict +PASSED \(exit code 0\)", ended.text, re.MULTILINE)


@BOTH
def test_junit_has_a_testcase_with_properties_per_phase(passed: Passed, mode: str) -> None:
    ended = passed(mode)
    cases = ended.junit()
    assert set(cases) == {f"{name}::{phase}" for name, phases in ended.phases.items() for phase in phases}
    case = cases["two_months::summary[2]"]
    properties = {entry.attrib["name"]: entry.attrib["value"] for entry in case.iter("property")}
    expected = {"run_id": ended.reports.name, "scenario": "two_months", "phase": "summary", "payload": "2"}
    assert properties.items() >= expected.items()
    assert properties["verdict"] == "PASSED"
    assert not [entry for entry in case if entry.tag in {"failure", "error", "skipped"}]


@BOTH
def test_the_results_are_valid_and_complete(passed: Passed, mode: str) -> None:
    ended = passed(mode)
    schema = json.loads((CHECKOUT / "e2e_validator" / "report" / "results.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(ended.results)
    assert ended.results["run"]["id"] == ended.reports.name
    assert ended.results["run"]["exit_code"] == 0
    assert ended.results["run"]["today"] == TODAY
    assert ended.results["counts"]["scenarios"] == {"PASSED": 2}
    assert ended.results["warnings"] == []


@BOTH
def test_allure_has_one_result_per_phase(passed: Passed, mode: str) -> None:
    ended = passed(mode)
    results = [json.loads(path.read_text()) for path in (ended.reports / "allure-results").glob("*-result.json")]
    assert {result["status"] for result in results} == {"passed"}
    labels = [label for result in results for label in result["labels"]]
    per_scenario = Counter(label["value"] for label in labels if label["name"] == "suite")
    assert per_scenario == {name: len(phases) for name, phases in ended.phases.items()}


@BOTH
def test_nothing_is_left_on_the_target(passed: Passed, mode: str, stack_target: Target) -> None:
    assert left_behind(stack_target, passed(mode)) == {}


@BOTH
def test_no_secret_of_the_target_is_written(passed: Passed, mode: str, stack_target: Target) -> None:
    ended = passed(mode)
    for secret in stack_target.secrets():
        assert secret not in ended.text
        assert files_with(ended.folder, secret) == []


def test_verdicts_do_not_depend_on_workers(passed: Passed) -> None:
    plain, xdist = (passed(mode) for mode in MODES)
    assert {name: plain.verdicts(name) for name in SCENARIOS} == {name: xdist.verdicts(name) for name in SCENARIOS}
    for name in SCENARIOS:
        assert plain.phases[name]["api"]["facts"] == xdist.phases[name]["api"]["facts"]


def test_three_runs_side_by_side_do_not_see_each_other(tmp_path: Path, target_file: Path, stack_target: Target) -> None:
    folders = [tmp_path / name for name in "abc"]
    running = []
    for folder in folders:
        folder.mkdir()
        furnish(folder, {"quick": quick("quick"), "twice": quick("twice", "same_payload_twice")})
        running.append(start(folder, "scenarios", "--target", str(target_file), "--today", TODAY))
    ended = [one.ended() for one in running]
    assert [one.code for one in ended] == [0, 0, 0], "\n".join(one.text for one in ended)
    assert ended[0].verdicts("twice") == ended[1].verdicts("twice") == ended[2].verdicts("twice")
    assert len({one.state("quick")["token"] for one in ended}) == 3
    assert left_behind(stack_target, *ended) == {}


def test_a_rejected_payload_is_looked_for_on_shown_days_alone(
    tmp_path: Path, target_file: Path, stack_target: Target
) -> None:
    # The chart keeps three months, Koku by itself four.
    rejected = "uploads: [{damage: not_gzip}]\nexpect: {rejected: {manifest: absent, summary_rows: 0}}\n"
    folder = furnish(tmp_path, {"refused": quick("refused") + rejected})
    settings = f"{stack_target.schema_name}.tenant_settings"
    with psycopg.connect(stack_target.dsn, autocommit=True) as connection:
        connection.execute(f"INSERT INTO {settings} (singleton, data_retention_months) VALUES (true, 3)")
        try:
            ended = run(folder, "scenarios", "--target", str(target_file), "--today", TODAY)
        finally:
            connection.execute(f"DELETE FROM {settings}")
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("refused").values()) == {"PASSED"}


def test_without_a_target_the_run_has_a_stack_of_its_own(tmp_path: Path) -> None:
    furnish(tmp_path, {"quick": quick("quick")})
    ended = run(tmp_path, "scenarios/quick.yaml", "--today", TODAY, "--run-dir", "elsewhere")
    assert ended.code == 0, ended.text
    assert "target    embedded stack" in ended.text
    assert not ended.has_run()
    assert (tmp_path / "elsewhere" / "latest" / "results.json").exists()
