"""Scenarios with faults run on stacks of their own: nobody else feels them, they end with the scenario, all is told."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from nested import MODES, TODAY, Ended, files_with, furnish, quick, run, start
from patience import came
from test_interrupted import alive, descendants, stack_folders

pytestmark = pytest.mark.embedded
BOTH = pytest.mark.parametrize("mode", MODES)
# A worker that is not there; a healthy scenario on the same stack would never be summarised.
HELD = (
    quick("held", limits="summary: 4s", tags="fault")
    + "faults: [{fault: worker_held, before: ingest, until: cleanup}]\n"
    + "expect: {fails: {phase: summary, cause: not_taken}}\n"
)
# Koku's API is gone for good, for this scenario alone.
GONE = (
    quick("gone", limits="api: 2s", tags="fault")
    + "faults: [{fault: koku_down, before: api, until: cleanup, options: {seconds: 60}}]\n"
    + "expect: {fails: {phase: api, cause: not_readable, verdict: INCONCLUSIVE}}\n"
)
NEVER = quick("never") + "faults: [{fault: payload_sent_twice, before: summary}]\n"
HEALTHY = quick("healthy")
# Writes what must not be seen into every scenario's folder, and tells the test outside of the project.
LEAKING = """
import json, os, time
from pathlib import Path
from e2e_validator.plugin.faults import OwnStack

told = OwnStack.secrets

def secrets(self):
    found = told(self)
    Path(os.environ["E2E_TOLD"], f"{os.getpid()}-{time.monotonic_ns()}.json").write_text(json.dumps(found))
    return found

OwnStack.secrets = secrets

def pytest_e2e_phase_finished(scenario, phase, folder, target):
    (folder / "leak.txt").write_text(f"{phase}: {target.dsn} {target.s3_secret_key}")
"""
RUN = Callable[[str], Ended]


def project(folder: Path, *texts: str) -> Path:
    names = [match[1] for text in texts if (match := re.search(r"^name: (\w+)$", text, re.MULTILINE))]
    return furnish(folder, dict(zip(names, texts, strict=True)))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the nested runs tell the secrets of stacks."""
    return tmp_path_factory.mktemp("told")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, secrets: Path) -> RUN:
    """One run per mode of a healthy scenario between disturbed ones."""

    @cache
    def in_mode(mode: str) -> Ended:
        folder = project(tmp_path_factory.mktemp("faults"), HELD, GONE, HEALTHY)
        (folder / "conftest.py").write_text(LEAKING, encoding="utf-8")
        (secrets / mode).mkdir()
        return run(folder, "scenarios", "--today", TODAY, *MODES[mode], env={"E2E_TOLD": str(secrets / mode)})

    return in_mode


@BOTH
def test_faults_hit_their_own_scenario_and_nobody_beside_it(ran: RUN, mode: str) -> None:
    ended = ran(mode)
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("healthy").values()) == {"PASSED"}
    for name, phase, cause in (("held", "summary", "not_taken"), ("gone", "api", "not_readable")):
        assert list(ended.verdicts(name))[-2:] == [phase, "cleanup"]
        assert set(ended.verdicts(name).values()) == {"PASSED"}
        assert ended.phases[name][phase]["cause"] == cause


@BOTH
def test_the_report_can_say_when_a_fault_happened(ran: RUN, mode: str) -> None:
    ended = ran(mode)
    told = json.loads((ended.reports / "held" / "faults.json").read_text())
    (fired,) = told["fired"]
    assert (fired["fault"], fired["point"], fired["process"]) == ("worker_held", "queue.sending", "listener")
    (armed,) = told["armed"]
    assert armed["at"] < fired["at"] < armed["taken_back"]
    assert armed["source_key"] is None
    assert not (ended.reports / "healthy" / "faults.json").exists()


@BOTH
def test_no_secret_of_a_scenarios_own_stack_is_in_any_report(ran: RUN, secrets: Path, mode: str) -> None:
    ended = ran(mode)
    told = [json.loads(path.read_text()) for path in (secrets / mode).iterdir()]
    assert len({tuple(found) for found in told}) == 2
    for secret in {secret for found in told for secret in found}:
        assert secret not in ended.text
        assert files_with(ended.folder, secret) == []
    assert "***" in (ended.reports / "gone" / "leak.txt").read_text()


@BOTH
def test_a_fault_that_never_happens_is_an_error_of_the_harness(tmp_path: Path, mode: str) -> None:
    ended = run(project(tmp_path, NEVER), "scenarios", "--today", TODAY, *MODES[mode])
    assert ended.code == 3, ended.text
    api = ended.phases["never"]["api"]
    assert api["verdict"] == "ERROR"
    assert api["headline"] == "The fault payload_sent_twice never happened; the scenario shows nothing."
    assert ended.verdicts("never")["cleanup"] == "PASSED"
    assert ended.results["warnings"] == []
    assert api["headline"] in ended.text
    assert ended.junit()["never::api"].find("failure") is not None
    assert json.loads((ended.reports / "never" / "faults.json").read_text())["fired"] == []


@BOTH
def test_on_a_deployment_that_is_not_ours_they_are_left_out(tmp_path: Path, target_file: Path, mode: str) -> None:
    folder = project(tmp_path, HELD, GONE, HEALTHY)
    args = ("--target", str(target_file), "--today", TODAY, "--keep", "none", *MODES[mode])
    ended = run(folder, "scenarios", *args)
    assert ended.code == 0, ended.text
    assert list(ended.phases) == ["healthy"]
    said = " ".join(ended.text.split())
    assert "skipped 2 scenarios left out: faults are put to an embedded stack alone, not to --target;" in said
    assert "gone, held with --fail-on-skip the exit code is 14" in said
    assert [skip["name"] for skip in ended.results["skips"]] == ["gone", "held"]
    if mode == "plain":
        assert "left out  2 scenarios with faults: faults are put to an embedded stack alone" in ended.text
        assert "21 deselected / 12 selected" in ended.text


@pytest.mark.parametrize("mode", ["plain", pytest.param("xdist", marks=pytest.mark.long)])
def test_strict_does_not_let_them_be_left_out(tmp_path: Path, target_file: Path, mode: str) -> None:
    folder = project(tmp_path, HELD, HEALTHY)
    args = ("--target", str(target_file), "--today", TODAY, "--keep", "none", "--fail-on-skip", *MODES[mode])
    ended = run(folder, "scenarios", *args)
    assert ended.code == 14, ended.text
    assert set(ended.verdicts("healthy").values()) == {"PASSED"}
    assert "verdict   SKIPPED (exit code 14)" in ended.text
    assert run(folder, "scenarios", *args, "-m", "not fault").code == 0
    # Nor is the word unknown where there is none of them.
    (folder / "scenarios" / "held.yaml").unlink()
    assert run(folder, "scenarios", *args, "-m", "not fault").code == 0


@BOTH
@pytest.mark.parametrize(
    ("selected", "said"),
    [(("held",), "the scenario held has faults"), (("held", "gone"), "the 2 scenarios have faults")],
)
def test_alone_they_are_refused_there(
    tmp_path: Path, target_file: Path, mode: str, selected: tuple[str, ...], said: str
) -> None:
    folder = project(tmp_path, HELD, GONE, HEALTHY)
    files = [f"scenarios/{name}.yaml" for name in selected]
    ended = run(folder, *files, "--target", str(target_file), "--today", TODAY, *MODES[mode])
    assert ended.code == 4, ended.text
    sentence = f"ERROR: --target: {said}, which are put to an embedded stack alone; run without --target."
    assert sentence in ended.text
    assert "INTERNALERROR" not in ended.text


@pytest.mark.parametrize(
    ("mode", "number"),
    [
        ("plain", signal.SIGINT),
        pytest.param("plain", signal.SIGKILL, marks=pytest.mark.long),
        pytest.param("xdist", signal.SIGINT, marks=pytest.mark.long),
        ("xdist", signal.SIGKILL),
    ],
)
def test_however_the_run_ends_its_stacks_end_too(tmp_path: Path, mode: str, number: signal.Signals) -> None:
    running = start(project(tmp_path, HELD.replace("4s", "60s")), "scenarios", "--today", TODAY, *MODES[mode])
    try:
        running.wait_for_event("summary not started")
        family = descendants(running.process.pid)
        folders = {folder for process in family for folder in stack_folders(process)}
        assert len(folders) == 2  # the run's stack and the scenario's own
        os.kill(running.process.pid, number)
        ended = running.ended()
        if number == signal.SIGINT:
            assert ended.code == 2, ended.text
            assert ended.verdicts("held")["summary"] == "INTERRUPTED"
            assert ended.verdicts("held")["cleanup"] == "PASSED"
            told = json.loads((ended.reports / "held" / "faults.json").read_text())
            assert told["armed"][0]["taken_back"] is not None
        came(lambda: not any(map(alive, family)) and not any(map(Path.exists, folders)))
        assert [process for process in family if alive(process)] == []
        assert [folder for folder in folders if folder.exists()] == []
    finally:
        running.end()
