"""Two runs on one deployment: tag keys and cost models that both need, runs that want to be alone, runs that died."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aftermath import left_behind
from nested import MODES, TODAY, Ended, Running, furnish, quick, start
from patience import ANSWER_SECONDS, came

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target

pytestmark = pytest.mark.embedded

# Waits before a phase until a file is there, and says that it waits.
PAUSING = """
import os, time
from pathlib import Path

def pytest_e2e_phase_started(scenario, phase):
    if f"{scenario}:{phase}" == os.environ.get("E2E_PAUSE"):
        Path("paused").touch()
        while not Path("go on").exists():
            time.sleep(0.02)
"""
PRICED = """
enable_tags: [{tags}]
cost_model:
  rates:
    - metric: {{name: cpu_core_usage_per_hour}}
      cost_type: Supplementary
      tag_rates: {{tag_key: {key}, tag_values: [{{tag_value: prod, unit: USD, value: 2, default: true}}]}}
"""


def priced(name: str, *tags: str) -> str:
    """A scenario that enables the tag keys and charges by the first."""
    return quick(name, "team_cluster") + PRICED.format(tags=", ".join(tags), key=tags[0])


SCENARIOS = {
    "run-a": {"both": priced("both", "environment", "app"), "only_a": priced("only_a", "environment")},
    "run-b": {"both": priced("both", "app", "environment"), "only_b": priced("only_b", "team", "app")},
}


@dataclass
class Side:
    """One of two runs, in a folder of its own."""

    running: Running
    folder: Path

    def paused(self) -> Side:
        self.running.wait_until((self.folder / "paused").exists, "a run that waits")
        return self

    def go_on(self) -> Ended:
        (self.folder / "go on").touch()
        return self.running.ended()


Begin = Callable[..., Side]


@pytest.fixture
def begin(tmp_path: Path, target_file: Path) -> Iterator[Begin]:
    """Starts runs on the session's stack; none outlives the test."""
    sides: list[Side] = []

    def begin_one(name: str, scenarios: dict[str, str], *args: str, pause: str = "") -> Side:
        folder = tmp_path / name
        if not folder.exists():
            folder.mkdir()
            furnish(folder, scenarios)
            (folder / "conftest.py").write_text(PAUSING, encoding="utf-8")
        (folder / "go on").unlink(missing_ok=True)
        target = ("--target", str(target_file), "--today", TODAY)
        sides.append(Side(start(folder, "scenarios", *target, *args, env={"E2E_PAUSE": pause}), folder))
        return sides[-1]

    yield begin_one
    for side in sides:
        with suppress(ProcessLookupError):
            os.killpg(side.running.process.pid, 9)
        side.running.end()


def enabled(target: Target) -> set[str]:
    """The tag keys that are enabled for the organisation."""
    return set(Masu(target).enabled_tags("OCP"))


def green(ended: Ended) -> None:
    """Everything passed."""
    assert ended.code == 0, ended.text
    assert {phase["verdict"] for phases in ended.phases.values() for phase in phases.values()} == {"PASSED"}


# --- tag keys and cost models ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [pytest.param("plain", marks=pytest.mark.long), "xdist"])
@pytest.mark.parametrize("again", [1, pytest.param(2, marks=pytest.mark.long)])
def test_two_runs_side_by_side_do_not_disturb_each_other(
    begin: Begin, stack_target: Target, mode: str, again: int
) -> None:
    sides = [begin(name, scenarios, *MODES[mode]) for name, scenarios in SCENARIOS.items()]
    ended = [side.running.ended() for side in sides]
    for one in ended:
        green(one)
    assert left_behind(stack_target, *ended) == {}
    assert enabled(stack_target) == set(), again


@pytest.mark.parametrize(
    "where", ["cost", *(pytest.param(one, marks=pytest.mark.long) for one in ("upload", "cleanup"))]
)
def test_a_run_that_ends_leaves_keys_to_their_first_run(begin: Begin, stack_target: Target, where: str) -> None:
    first = begin("run-a", SCENARIOS["run-a"], pause=f"both:{where}").paused()
    second = begin("run-b", SCENARIOS["run-b"]).running.ended()
    green(second)
    assert enabled(stack_target) == {"environment", "app"}
    assert "app, environment still enabled for another run" in second.phases["both"]["cleanup"]["facts"]
    ended = first.go_on()
    green(ended)
    assert enabled(stack_target) == set()
    assert left_behind(stack_target, ended, second) == {}


@pytest.mark.parametrize("where", ["cost", pytest.param("upload", marks=pytest.mark.long)])
def test_the_run_that_enabled_keys_leaves_them_to_a_later_one(begin: Begin, stack_target: Target, where: str) -> None:
    first = begin("run-a", SCENARIOS["run-a"], pause="both:upload").paused()
    second = begin("run-b", SCENARIOS["run-b"], pause=f"both:{where}").paused()
    green(first.go_on())
    assert enabled(stack_target) == {"environment", "app"}
    green(second.go_on())
    assert enabled(stack_target) == set()


@pytest.mark.long
def test_a_key_of_the_user_is_left_alone_by_both(begin: Begin, stack_target: Target) -> None:
    masu = Masu(stack_target)
    masu.change_tags("OCP", "create", ["app"])
    try:
        first = begin("run-a", SCENARIOS["run-a"], pause="both:upload").paused()
        green(begin("run-b", SCENARIOS["run-b"]).running.ended())
        green(first.go_on())
        assert enabled(stack_target) == {"app"}
    finally:
        masu.change_tags("OCP", "delete", ["app"])


# --- the organisation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["plain", pytest.param("xdist", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("first", "second"), [((), ("--exclusive",)), pytest.param(("--exclusive",), (), marks=pytest.mark.long)]
)
def test_a_run_that_wants_to_be_alone_refuses_and_is_refused(
    begin: Begin, stack_target: Target, mode: str, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    holder = begin("run-a", {"one": quick("one")}, *first, *MODES[mode], pause="one:upload").paused()
    run_id = (holder.folder / "reports" / "latest").resolve().name
    refused = begin("run-b", {"two": quick("two")}, *second, *MODES[mode]).running.ended()
    assert refused.code == 10, refused.text
    assert refused.verdicts("two") | {"cleanup": ""} == {"preflight": "BLOCKED", "cleanup": ""} | dict.fromkeys(
        ("source", "generate", "upload", "ingest", "download", "convert", "summary", "cost", "manifest", "api"),
        "SKIPPED",
    )
    blocked = refused.phases["two"]["preflight"]
    assert f"The organisation {stack_target.schema_name} is held by run {run_id} of " in blocked["headline"]
    assert "@" in blocked["headline"]
    assert "SELECT pg_terminate_backend(" in blocked["detail"]
    green(holder.go_on())


def test_who_waits_for_the_lock_begins_when_it_is_free(begin: Begin) -> None:
    holder = begin("run-a", {"one": quick("one")}, "--exclusive", pause="one:upload").paused()
    waiting = begin("run-b", {"two": quick("two")}, "--wait-for-lock", "60s")
    waiting.running.wait_until(lambda: "waiting up to 60 s for run " in _said(waiting), "that it waits")
    green(holder.go_on())
    green(waiting.running.ended())


def _said(side: Side) -> str:
    return (side.folder / "output.txt").read_text(encoding="utf-8")


# --- runs that died --------------------------------------------------------------------------------------------------


def test_a_killed_runs_rest_is_listed_with_removing_commands(begin: Begin, stack_target: Target) -> None:
    killed = begin("run-a", {"both": priced("both", "environment")}, pause="both:api").paused()
    os.killpg(killed.running.process.pid, 9)
    killed.running.process.wait()
    ended = begin("run-b", {"two": quick("two")}, "--exclusive").running.ended()
    green(ended)
    dead = Ended(-9, "", killed.folder)
    dead.__dict__["phases"] = {"both": {}}  # it wrote no results
    source = dead.state("both")["source"]
    listed = (ended.reports / "two" / "preflight.preflight.txt").read_text(encoding="utf-8")
    assert "left by earlier runs: 2 sources, 1 cost model, 1 price list, 2 objects" in listed
    assert f'sources/{source["uuid"]}/\' -H "x-rh-identity: $IDENTITY"' in listed
    commands = [line.split("  ")[-1] for line in listed.splitlines() if "curl" in line]
    for command in commands:
        _shell(stack_target, command)
    _wait_until(lambda: left_behind(stack_target, dead) == {"objects": 2})
    _remove_listed_objects(stack_target, listed)
    assert left_behind(stack_target, dead) == {}
    assert _named(stack_target, source["key"]) == []
    Masu(stack_target).change_tags("OCP", "delete", ["environment"])


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
def test_a_killed_run_that_goes_on_shares_its_keys(begin: Begin, stack_target: Target, mode: str) -> None:
    killed = begin("run-a", {"both": priced("both", "environment")}, *MODES[mode], pause="both:upload").paused()
    os.killpg(killed.running.process.pid, 9)
    killed.running.process.wait()
    (killed.folder / "paused").unlink()
    between = begin("run-b", SCENARIOS["run-b"], pause="both:upload").paused()
    resumed = begin("run-a", {}, *MODES[mode], "--resume", pause="both:summary").paused()
    green(between.go_on())
    assert "environment" in enabled(stack_target)
    ended = resumed.go_on()
    green(ended)
    assert enabled(stack_target) == set()
    assert left_behind(stack_target, ended) == {}


def test_what_a_run_that_is_at_work_has_is_not_listed(begin: Begin) -> None:
    first = begin("run-a", {"one": quick("one")}, pause="one:cleanup").paused()
    ended = begin("run-b", {"two": quick("two")}).running.ended()
    green(ended)
    assert "left by earlier runs" not in (ended.reports / "two" / "preflight.preflight.txt").read_text()
    green(first.go_on())


def _shell(target: Target, command: str) -> None:
    """Run a command as the report prints it."""
    environment = {"PATH": os.environ["PATH"], "IDENTITY": str(KokuApi(target)._http._session.headers["x-rh-identity"])}
    subprocess.run(["bash", "-c", f"{command} --fail --silent"], env=environment, check=True, timeout=ANSWER_SECONDS)


def _remove_listed_objects(target: Target, listed: str) -> None:
    """What ``aws s3 rm --recursive`` does, which is not installed everywhere."""
    objects = Objects(target)
    for line in listed.splitlines():
        bucket, _, prefix = line.rpartition("rm --recursive s3://")[2].partition("/")
        for key in list(objects.keys(bucket, prefix)) if "rm --recursive" in line else []:
            objects.remove(bucket, key)


def _named(target: Target, name: str) -> list[Any]:
    """Cost models and price lists of that name."""
    statement = (
        f"SELECT name FROM {target.schema_name}.cost_model WHERE position(%(name)s in name) > 0"
        f" UNION ALL SELECT name FROM {target.schema_name}.price_list WHERE position(%(name)s in name) > 0"
    )
    with psycopg.connect(target.dsn) as connection:
        return connection.execute(statement, {"name": name}).fetchall()


def _wait_until(condition: Callable[[], bool]) -> None:
    assert came(condition)
