"""The control source of a run: made once, looked at beside every scenario, removed at the end."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from aftermath import left_behind
from nested import MODES, TODAY, Ended, furnish, quick, run, start

from e2e_validator.access.koku import KokuApi
from e2e_validator.deployment import Target

pytestmark = pytest.mark.embedded

NEIGHBOUR = "neighbour-source"


def removed(ended: Ended) -> list[dict[str, Any]]:
    """The neighbours that the run had, and has no more."""
    return [json.loads(path.read_text()) for path in sorted((ended.reports / NEIGHBOUR).glob("removed-*.json"))]


def is_gone(target: Target, ended: Ended) -> bool:
    """Whether Koku knows none of them, and nothing of them is left."""
    known = [KokuApi(target).source(one["source"]["uuid"]) for one in removed(ended)]
    return not any(known) and left_behind(target, ended) == {}


@pytest.mark.parametrize("mode", MODES)
def test_a_run_has_one_neighbour_which_does_not_change_and_goes(
    tmp_path: Path, target_file: Path, stack_target: Target, mode: str
) -> None:
    furnish(tmp_path, {name: quick(name) for name in ("one", "two", "three")})
    ended = run(tmp_path, "scenarios", "--target", str(target_file), "--today", TODAY, *MODES[mode])
    assert ended.code == 0, ended.text
    for name in ("one", "two", "three"):
        for phase in ("api", "cleanup"):
            assert ended.phases[name][phase]["data"]["neighbour"].endswith("figures of the neighbour unchanged")
        assert "another organisation sees nothing" in ended.phases[name]["api"]["data"]["tenants"]
    assert len(removed(ended)) == 1
    assert is_gone(stack_target, ended)


@pytest.mark.parametrize(
    ("name", "phase", "says"),
    [
        ("neighbour_charged", "api", "changed beside this scenario: line items -> daily summary"),
        ("neighbour_inactive", "api", "changed beside this scenario: api_provider.active is false"),
        ("neighbour_rows_deleted", "cleanup", "changed after the cleanup of this scenario: payload -> line items"),
    ],
)
def test_a_neighbour_that_changes_fails_its_scenario(
    tmp_path: Path, target_file: Path, stack_target: Target, name: str, phase: str, says: str
) -> None:
    furnish(tmp_path, {name: quick(name), "z_after": quick("z_after")})
    args = ("--target", str(target_file), "--today", TODAY, "-p", "tampering", "--keep", "none")
    ended = run(tmp_path, "scenarios", *args)
    assert ended.code == 1, ended.text
    failed = ended.phases[name][phase]
    assert (failed["verdict"], failed["cause"]) == ("FAILED", "neighbour_changed")
    assert says in failed["headline"]
    assert f"the neighbour {removed(ended)[0]['source']['key']}" in failed["headline"]
    # Only the first is to blame; of what comes after it, nothing can be said.
    assert set(ended.verdicts("z_after").values()) == {"PASSED"}
    assert ended.phases["z_after"]["api"]["data"]["neighbour"] == f"the neighbour not looked at: {name} had changed it"
    assert is_gone(stack_target, ended)


def test_a_neighbour_of_an_interrupted_run_goes_too(tmp_path: Path, target_file: Path, stack_target: Target) -> None:
    furnish(tmp_path, {"one": quick("one"), "two": quick("two")})
    running = start(tmp_path, "scenarios", "--target", str(target_file), "--today", TODAY)
    try:
        running.wait_for_event('"phase": "summary"')
        running.process.send_signal(signal.SIGINT)
        ended = running.ended()
    finally:
        running.end()
    assert ended.code == 2, ended.text
    assert len(removed(ended)) == 1
    assert is_gone(stack_target, ended)


def test_a_neighbour_of_a_killed_run_is_taken_up(tmp_path: Path, target_file: Path, stack_target: Target) -> None:
    furnish(tmp_path, {"one": quick("one")})
    args = ("scenarios", "--target", str(target_file), "--today", TODAY)
    running = start(tmp_path, *args)
    try:
        running.wait_for_event('"phase": "convert"')
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
    finally:
        running.end()
    before = json.loads((tmp_path / "reports" / "latest" / NEIGHBOUR / "neighbour.json").read_text())
    ended = run(tmp_path, *args, "--resume")
    assert ended.code == 0, ended.text
    (gone,) = removed(ended)
    assert gone["source"]["uuid"] == before["source"]["uuid"]
    assert is_gone(stack_target, ended)


def test_a_scenario_with_faults_has_no_neighbour_on_its_stack(tmp_path: Path) -> None:
    fault = "faults: [{fault: api_slow, before: api, times: 3, options: {path: reports/, delay_s: 0.1}}]\n"
    furnish(tmp_path, {"slow": quick("slow") + fault})
    ended = run(tmp_path, "scenarios", "--today", TODAY)
    assert ended.code == 0, ended.text
    assert "neighbour" not in ended.phases["slow"]["api"]["data"]
    assert not (ended.reports / NEIGHBOUR).exists()
