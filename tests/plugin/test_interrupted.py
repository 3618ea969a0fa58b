"""However a run is cut short, it cleans up, writes its reports and ends within seconds; what it began is not green."""

from __future__ import annotations

import json
import os
import signal
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from aftermath import left_behind
from interrupts.moment import Moment
from interrupts.trial import Trial, processes_in
from nested import MODES, TODAY, furnish, quick, run, shipped, start
from patience import came

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.plugin.early_end import needs_cleanup, wait_for_cleanups

CRASHING = """
import os
def pytest_e2e_phase_started(scenario, phase):
    if scenario == "crashing" and phase == "convert":
        os._exit(7)
"""
SLOW_CLEANUP = """
import time
from e2e_validator.access.koku import KokuApi
KokuApi.delete_source = lambda *_: time.sleep(60)
"""
RAISING = """
def pytest_e2e_phase_finished(scenario, phase):
    if phase == "source":
        raise LookupError("a mistake of somebody's plugin")
"""


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("mode", "number", "whole_group"),
    [
        ("plain", signal.SIGINT, True),
        ("plain", signal.SIGTERM, False),
        ("xdist", signal.SIGINT, True),
        ("xdist", signal.SIGTERM, True),
        ("xdist", signal.SIGTERM, False),
    ],
)
def test_an_interrupted_run_cleans_up_and_reports(
    tmp_path: Path, target_file: Path, stack_target: Target, mode: str, number: signal.Signals, *, whole_group: bool
) -> None:
    furnish(tmp_path, {"object_lost": quick("object_lost")})
    target = ("--target", str(target_file), "--today", TODAY)
    running = start(tmp_path, "scenarios", *target, "-p", "tampering", *MODES[mode])
    try:
        running.wait_for_event("no manifest row")
        (os.killpg if whole_group else os.kill)(running.process.pid, number)
        ended = running.ended()
    finally:
        running.end()
    assert ended.code == 2, ended.text
    verdicts = ended.verdicts("object_lost")
    assert verdicts["ingest"] == "PASSED"
    assert verdicts["download"] == "INTERRUPTED"
    assert verdicts["api"] == "SKIPPED"
    assert verdicts["cleanup"] == "PASSED"
    assert ended.results["run"]["exit_code"] == 2
    assert "verdict   INTERRUPTED (exit code 2)" in ended.text
    assert left_behind(stack_target, ended) == {}


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("mode", "phase", "number", "whole_group"),
    [
        ("xdist", "generate", signal.SIGINT, True),  # nise is at work
        ("plain", "cleanup", signal.SIGINT, True),
        pytest.param("plain", "generate", signal.SIGINT, True, marks=pytest.mark.long),
        pytest.param("plain", "source", signal.SIGTERM, False, marks=pytest.mark.long),
        pytest.param("xdist", "source", signal.SIGTERM, False, marks=pytest.mark.long),
        pytest.param("xdist", "cleanup", signal.SIGINT, True, marks=pytest.mark.long),
    ],
)
def test_every_report_says_that_a_run_was_interrupted(
    tmp_path: Path, target_file: Path, stack_target: Target, mode: str, phase: str, number: int, *, whole_group: bool
) -> None:
    furnish(tmp_path, {"one_pod_day": shipped("one_pod_day")})
    # So that nise is at work, whatever was made before.
    args = ("scenarios", "--target", str(target_file), "--today", TODAY, "--no-nise-cache", *MODES[mode])
    running = start(tmp_path, *args)
    try:
        running.wait_until(lambda: begun(tmp_path, phase), f"{phase} begins")
        (os.killpg if whole_group else os.kill)(running.process.pid, number)
        ended = running.ended()
    finally:
        running.end()
    assert ended.reports.stat().st_mode & 0o077 == 0
    moment = Moment(mode, signal.Signals(number), whole_group, 1.0)
    trial = Trial(tmp_path, moment, ended.code, ended.text, True, 0.0, processes_in(tmp_path))
    assert trial.complaints(None) == []
    verdicts = ended.verdicts("one_pod_day")
    # In its first phase the run may still be at its control source: then there is nothing of the scenario.
    noted = ended.reports / "one_pod_day" / "state.json"
    made = phase != "source" or (noted.exists() and json.loads(noted.read_text())["source"] is not None)
    assert verdicts["cleanup"] == ("PASSED" if made else "SKIPPED")
    assert (verdicts[phase] == "INTERRUPTED") is (phase != "cleanup")
    if phase != "cleanup":  # which may be through before anybody could say so
        assert f"{signal.Signals(number).name}: the run stops and cleans up" in ended.text
    if made:
        assert left_behind(stack_target, ended) == {}


@pytest.mark.embedded
@pytest.mark.parametrize("mode", MODES)
def test_a_second_interrupt_ends_the_cleanup_and_tells_the_rest(
    tmp_path: Path, target_file: Path, stack_target: Target, mode: str
) -> None:
    furnish(tmp_path, {"object_lost": quick("object_lost")})
    (tmp_path / "conftest.py").write_text(SLOW_CLEANUP, encoding="utf-8")
    args = ("scenarios", "--target", str(target_file), "--today", TODAY, "-p", "tampering", *MODES[mode])
    running = start(tmp_path, *args)
    try:
        running.wait_for_event("no manifest row")
        running.process.send_signal(signal.SIGINT)
        running.wait_until(lambda: begun(tmp_path, "cleanup"), "the cleanup begins")
        time.sleep(1.0)
        running.process.send_signal(signal.SIGINT)
        ended = running.ended()
    finally:
        running.end()
    assert ended.code == 2, ended.text
    assert ended.verdicts("object_lost")["cleanup"] == "INTERRUPTED"
    state = ended.state("object_lost")
    for text in (
        ended.text,
        ended.phases["object_lost"]["cleanup"]["detail"],
        ET.tostring(ended.junit_root()).decode(),
    ):
        assert f"sources/{state['source']['uuid']}/" in text
        assert state["payloads"][0]["object_key"] in text
    assert "left      object_lost: the cleanup was interrupted by SIGINT; 1 source, 1 object may be left" in ended.text
    assert "left      neighbour-source: a second signal ended its removal; 1 source, 1 object may be left" in ended.text
    neighbour = json.loads((ended.reports / "neighbour-source" / "neighbour.json").read_text(encoding="utf-8"))
    objects = Objects(stack_target)
    for made in (state, neighbour):
        KokuApi(stack_target).delete_source(made["source"]["uuid"])
        objects.remove(objects.ingress, made["payloads"][0]["object_key"])


def begun(folder: Path, phase: str) -> bool:
    """Whether the phase has begun in the latest run."""
    lines = [line for path in (folder / "reports").glob("latest/events/*") for line in path.read_text().splitlines()]
    events = [json.loads(line) for line in lines if line.endswith("}")]
    return any((event["event"], event.get("phase")) == ("PhaseStarted", phase) for event in events)


@pytest.mark.embedded
def test_a_killed_run_takes_its_stack_along(tmp_path: Path) -> None:
    furnish(tmp_path, {"object_lost": quick("object_lost")})
    running = start(tmp_path, "scenarios", "--embedded", "--today", TODAY, "-p", "tampering", env={"E2E_MARK": "kill"})
    try:
        running.wait_for_event("no manifest row")
        family = descendants(running.process.pid)
        folders = {folder for pid in family for folder in stack_folders(pid)}
        assert len(family) > 4
        assert len(folders) == 1
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        came(lambda: not any(map(alive, family)) and not any(map(Path.exists, folders)))
        assert [pid for pid in family if alive(pid)] == []
        assert [folder for folder in folders if folder.exists()] == []
    finally:
        running.end()


def descendants(root: int) -> list[tuple[int, str]]:
    """Every process below ``root``, with its start time: numbers are used again."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (columns := stat(int(entry.name))):
            parents[int(entry.name)] = int(columns[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return [(pid, columns[19]) for pid in found[1:] if (columns := stat(pid))]


def stat(pid: int) -> list[str]:
    """State, parent, ... (proc(5), from the third column on); empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def alive(process: tuple[int, str]) -> bool:
    """Whether it is still the same process and no zombie."""
    columns = stat(process[0])
    return bool(columns) and columns[19] == process[1] and columns[0] != "Z"


def stack_folders(process: tuple[int, str]) -> set[Path]:
    """The folders of embedded stacks on the process's command line."""
    words = Path(f"/proc/{process[0]}/cmdline").read_bytes().decode().replace("=", "\0").split("\0")
    parents = {parent for word in words if word.startswith("/") for parent in (Path(word), *Path(word).parents)}
    return {parent for parent in parents if parent.name.startswith("e2ev-")}


@pytest.mark.embedded
def test_a_worker_that_dies_leaves_red_and_the_rest_cleaned(
    tmp_path: Path, target_file: Path, stack_target: Target
) -> None:
    furnish(tmp_path, {"crashing": quick("crashing"), "quick": quick("quick")})
    (tmp_path / "conftest.py").write_text(CRASHING, encoding="utf-8")
    ended = run(tmp_path, "scenarios", "--target", str(target_file), "--today", TODAY, "--keep", "none", "-n", "2")
    assert ended.code == 3, ended.text
    verdicts = ended.verdicts("crashing")
    assert verdicts["download"] == "PASSED"
    assert verdicts["convert"] == "ERROR"
    assert "crashed while running" in ended.phases["crashing"]["convert"]["headline"]
    assert {verdicts[name] for name in ("summary", "manifest", "api")} == {"SKIPPED"}
    assert verdicts["cleanup"] == "PASSED"
    assert set(ended.verdicts("quick").values()) == {"PASSED"}
    assert left_behind(stack_target, ended) == {}


@pytest.mark.embedded
@pytest.mark.parametrize("mode", MODES)
def test_a_mistake_in_a_hook_is_no_failure_of_the_product(tmp_path: Path, target_file: Path, mode: str) -> None:
    furnish(tmp_path, {"quick": quick("quick")})
    (tmp_path / "conftest.py").write_text(RAISING, encoding="utf-8")
    args = ("--target", str(target_file), "--today", TODAY, "--keep", "none", "-k", "source", *MODES[mode])
    ended = run(tmp_path, "scenarios", *args)
    assert ended.code == 3, ended.text
    source = ended.phases["quick"]["source"]
    assert source["verdict"] == "ERROR"
    assert source["headline"] == "LookupError: a mistake of somebody's plugin"
    assert ended.verdicts("quick")["cleanup"] == "PASSED"


@pytest.mark.parametrize(
    ("verdicts", "made", "needed"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"download": "INTERRUPTED"}, True, True),
        ({"cleanup": "INTERRUPTED"}, True, True),
        ({"cleanup": "PASSED"}, True, False),
        ({"cleanup": "UNCLEAN"}, True, False),
        ({"cleanup": "SKIPPED"}, True, False),
    ],
)
def test_a_scenario_that_made_something_needs_a_cleanup(
    tmp_path: Path, verdicts: dict[str, str], *, made: bool, needed: bool
) -> None:
    state = ScenarioState(tmp_path / "state.json", "0", verdicts, {"id": "1"} if made else None)
    state.save()
    assert needs_cleanup(tmp_path) is needed


def test_a_run_with_its_cleanups_done_is_not_waited_for(tmp_path: Path) -> None:
    whole = Run("id", tmp_path)
    ScenarioState(whole.scenario_folder("a") / "state.json", "0", {"cleanup": "PASSED"}, {"id": "1"}).save()
    wait_for_cleanups(whole)
    wait_for_cleanups(Run("id", tmp_path / "never made"))
    assert not whole.stopped()
