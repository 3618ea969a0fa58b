"""Allure's own files, made by a real run of items like ours, plainly and on two workers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from patience import ANSWER_SECONDS

from e2e_validator import errors
from e2e_validator.report import allure, allure_repairs

PLUGIN = """
import pytest
from pathlib import Path
from e2e_validator.errors import Blocked, NumbersDiffer, HarnessError, RepairNotAllowed
from e2e_validator.events import Recognised, Repaired
from e2e_validator.finding import Finding
from e2e_validator.report import allure, allure_repairs
from e2e_validator.report.redact import Redactor
from e2e_validator.report.repairs import read_try

PHASES = ["ingest", "ingest[2]", "api", "preflight", "broken", "late", "convert", "convert[2]"]
AT = "2026-11-21T09:00:00+00:00"
FOUND = Finding("report_stuck", "3 of 6 files are not done", {"files": 3}, "announce it again", "koku.md 1.3")
STEPS = [
    Recognised(AT, "x", "convert", FOUND, "stuck_report", 31.0),
    Repaired(AT, "x", "convert", "stuck_report", "report_stuck", 1, 2, "announced again", "worked", 1.0, False,
             "DELETE FROM x;", "x/repairs/1"),
]


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".yaml":
        return File.from_parent(parent, path=file_path)


class File(pytest.File):
    def collect(self):
        yield Scenario.from_parent(self, name="two-months")


class Scenario(pytest.Collector):
    def collect(self):
        for phase in PHASES:
            yield Phase.from_parent(self, name=phase)


class Phase(pytest.Item):
    def runtest(self):
        allure.label("two-months", self.name, ["smoke", "ocp"], "Two months in one upload.")
        with allure.step("1s  0 of 9 files done"):
            with allure.step("inner"):
                allure.attach_text("poll", "GET /x")
        allure.attach_json("facts", {"files": 9})
        if self.name == "api":
            raise NumbersDiffer("2 of 24 figures differ.")
        if self.name == "preflight":
            raise Blocked("No connection.")
        if self.name == "broken":
            raise HarnessError("A bug.")
        if self.name.startswith("convert"):
            allure_repairs.fault_step(STEPS[0], Redactor())
            allure_repairs.repair_step(STEPS[1], Path(__file__).parent, Redactor())
            allure_repairs.label_repaired([read_try({"repair": "stuck_report"}), read_try({"repair": "stuck_report"})])
        if self.name == "convert[2]":
            raise RepairNotAllowed("repaired, which --fail-on-repair does not allow: stuck_report")
        if self.name == "late":
            pytest.skip("api did not pass")

    def reportinfo(self):
        return self.path, 0, self.name
"""

EXPECTED = {
    "two-months: ingest": "passed",
    "two-months: ingest[2]": "passed",
    "two-months: api": "failed",
    "two-months: preflight": "broken",
    "two-months: broken": "broken",
    "two-months: late": "skipped",
    "two-months: convert": "passed",
    "two-months: convert[2]": "failed",
}


@pytest.fixture(
    scope="module",
    params=[pytest.param([], id="plain", marks=pytest.mark.long), pytest.param(["-n", "2"], id="xdist")],
)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The folder and the results of a run of the plugin above."""
    root = tmp_path_factory.mktemp("allure")
    (root / "conftest.py").write_text(PLUGIN)
    (root / "pytest.ini").write_text("[pytest]\n")
    evidence = root / "x" / "repairs" / "1"
    evidence.mkdir(parents=True)
    (evidence / "before.json").write_text('{"files": 3}')
    (evidence / "after.json").write_text("half a fi")
    (evidence / "undo.sql").write_text("DELETE FROM x;")
    (root / "scenarios").mkdir()
    (root / "scenarios" / "x.yaml").write_text("")
    options = ["-q", "-p", "no:e2e_validator.plugin", "-p", "no:cacheprovider", "--alluredir", "out", *request.param]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "scenarios"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=ANSWER_SECONDS,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    allure_repairs.explain_repaired(root / "out")
    return root / "out", [json.loads(path.read_text()) for path in sorted((root / "out").glob("*-result.json"))]


def test_every_phase_has_one_result_with_its_status(results: tuple[Path, list[Any]]) -> None:
    assert sorted((one["name"], one["status"]) for one in results[1]) == sorted(EXPECTED.items())


def test_results_have_suites_tags_and_description(results: tuple[Path, list[Any]]) -> None:
    for one in results[1]:
        labels = [(label["name"], label["value"]) for label in one["labels"]]
        assert [value for name, value in labels if name == "parentSuite"] == ["end-to-end validation"]
        assert [value for name, value in labels if name == "suite"] == ["two-months"]
        payload = "payload 2" if "[2]" in one["name"] else "payload 1"
        assert [value for name, value in labels if name == "subSuite"] == [payload]
        assert [value for name, value in labels if name == "tag"] == [
            *("smoke", "ocp"),
            *(["repaired"] if "convert" in one["name"] else []),
        ]
        assert one["description"] == "Two months in one upload."


def test_results_have_nested_steps_and_attachments(results: tuple[Path, list[Any]]) -> None:
    folder, found = results
    for one in found:
        step = one["steps"][0]
        assert step["name"] == "1s  0 of 9 files done"
        (inner,) = step["steps"]
        (poll,) = inner["attachments"]
        (facts,) = one["attachments"]
        assert (folder / poll["source"]).read_text() == "GET /x"
        assert json.loads((folder / facts["source"]).read_text()) == {"files": 9}
        assert (poll["type"], facts["type"]) == ("text/plain", "application/json")


def test_results_of_a_repaired_phase_have_steps_and_evidence(results: tuple[Path, list[Any]]) -> None:
    folder, found = results
    for one in found:
        steps = one["steps"][1:]
        if "convert" not in one["name"]:
            assert steps == []
            continue
        assert [step["name"] for step in steps] == [
            "fault report_stuck: 3 of 6 files are not done",
            "REPAIR stuck_report worked (1 of 2): announced again",
        ]
        bodies = {at["name"]: (folder / at["source"]).read_text() for step in steps for at in step["attachments"]}
        assert json.loads(bodies["evidence"]) == json.loads(bodies["before.json"]) == {"files": 3}
        assert bodies["after.json"] == "half a fi"
        assert bodies["repair"].splitlines() == [
            "cause     report_stuck",
            "did       announced again",
            "effect    worked",
            "expected  no",
            "undo      DELETE FROM x;",
            "evidence  x/repairs/1",
        ]


def test_repaired_results_carry_the_repairs_as_label(results: tuple[Path, list[Any]]) -> None:
    for one in results[1]:
        repairs = [label["value"] for label in one["labels"] if label["name"] == "repaired"]
        assert repairs == (["stuck_report"] if "convert" in one["name"] else [])


def test_only_repaired_results_that_passed_get_a_message(results: tuple[Path, list[Any]]) -> None:
    said = {one["name"]: one["statusDetails"]["message"] for one in results[1] if one.get("statusDetails")}
    assert said["two-months: convert"] == "repaired: stuck_report"
    assert "which --fail-on-repair does not allow" in said["two-months: convert[2]"]
    assert "two-months: ingest" not in said


def test_a_result_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a-result.json").write_text("{")
    with pytest.raises(errors.E2EError, match=r"Cannot read .*a-result\.json: "):
        allure_repairs.explain_repaired(tmp_path)


def test_no_result_is_taken_for_a_retry_of_another(results: tuple[Path, list[Any]]) -> None:
    history = [one["historyId"] for one in results[1]]
    assert len(set(history)) == len(history) == len(EXPECTED)


def _category(status: str, message: str) -> str:
    """The category that Allure gives: the first whose status and whole-message expression match."""
    for category in allure.CATEGORIES:
        if status in category["matchedStatuses"] and re.fullmatch(
            category.get("messageRegex", ".*"), message, re.DOTALL
        ):
            return str(category["name"])
    return ""


def test_real_messages_fall_into_their_categories(results: tuple[Path, list[Any]]) -> None:
    names = {
        one["name"].split()[-1]: _category(one["status"], one["statusDetails"]["message"])
        for one in results[1]
        if one.get("statusDetails")
    }
    assert names == {
        "api": "The product gave wrong numbers",
        "preflight": "The environment was not ready (says nothing of the product)",
        "broken": "A bug in the validator",
        "late": "Not run, because an earlier phase did not pass",
        "convert": "Repaired: a product fault was worked around",
        "convert[2]": "Repaired: a product fault was worked around",
    }


def test_categories_name_only_errors_that_exist() -> None:
    named = {
        name for category in allure.CATEGORIES for name in re.findall(r"[A-Z]\w+", category.get("messageRegex", ""))
    }
    assert named
    assert all(hasattr(errors, name) for name in named)


def test_categories_file_is_what_allure_reads(tmp_path: Path) -> None:
    allure.write_categories(tmp_path / "new")
    assert json.loads((tmp_path / "new" / "categories.json").read_text()) == list(allure.CATEGORIES)


def test_an_interrupted_run_has_a_broken_result_of_its_own(tmp_path: Path) -> None:
    allure.write_interrupt(tmp_path, "The run was interrupted by SIGINT.")
    (path,) = tmp_path.glob("*-result.json")
    result = json.loads(path.read_text())
    assert (result["status"], result["name"]) == ("broken", "the run")
    assert _category("broken", result["statusDetails"]["message"]) == "Interrupted (says nothing of the product)"


def test_environment_file_is_a_java_properties_file(tmp_path: Path) -> None:
    environment = {"koku url": "http://127.0.0.1:1/", "path": "a\\b\nc", "name": "grün", "astral": "🙂"}
    allure.write_environment(tmp_path, environment)
    assert (tmp_path / "environment.properties").read_text() == (
        "koku\\ url=http://127.0.0.1:1/\npath=a\\\\b\\nc\nname=gr\\u00fcn\nastral=\\ud83d\\ude42\n"
    )


def test_without_allure_nothing_is_written_and_nothing_fails(tmp_path: Path) -> None:
    code = (
        "from e2e_validator.report import allure\n"
        "allure.label('one', 'api[2]', ['smoke'], 'x')\n"
        "allure.attach_text('a', 'b')\n"
        "allure.attach_json('a', {})\n"
        "with allure.step('a'): pass\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, check=True, timeout=ANSWER_SECONDS)
    assert list(tmp_path.iterdir()) == []
