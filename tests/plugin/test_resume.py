"""However a run is killed, it goes on where it was: nothing is sent twice, the totals are right, nothing is left."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from aftermath import left_behind
from killing import COUNTS
from nested import MODES, TODAY, Ended, furnish, quick, run, shipped, start
from psycopg import sql

from e2e_validator.access.masu import Masu
from e2e_validator.deployment import Target
from e2e_validator.plugin.run_lock import RunLock
from e2e_validator.providers.ocp.flow import FLOW

pytestmark = pytest.mark.embedded
BOTH = pytest.mark.parametrize("mode", MODES)
KEPT = "kept: done in the run before"
PRICED = """
enable_tags: [environment]
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      tag_rates: {tag_key: environment, tag_values: [{tag_value: prod, unit: USD, value: 2, default: false}]}
"""
# Each is where one process ends, in the order in which a scenario comes there.
MIDDLES = (
    "preflight soon",
    "source unasked",
    "source unanswered",
    "source waited",
    "source keys",
    "source model",
    "source unread",
    "generate unwritten",
    "upload put",
    "ingest unannounced",
    "ingest announced",
    "download waited",
    "convert waited",
    "summary waited",
    "cost waited",
    "manifest waited",
    "api report",
    "cleanup model-gone",
    "cleanup source-gone",
)
Run = Callable[..., Ended]


@pytest.fixture
def pytest_run(tmp_path: Path, target_file: Path) -> Run:
    """A run on the session's stack."""

    def one(*args: str, kill: str = "", env: dict[str, str] | None = None) -> Ended:
        more = {"E2E_KILL": kill} | (env or {})
        return run(tmp_path, "scenarios", "-p", "killing", "--target", str(target_file), *args, env=more)

    return one


def check(ended: Ended, target: Target, *, payloads: dict[str, int], money: int = 0) -> None:
    """The run is green and whole, each scenario did everything once, and nothing of it is left."""
    assert ended.code == 0, ended.text
    assert set(ended.phases) == set(payloads)
    for scenario, count in payloads.items():
        assert list(ended.verdicts(scenario)) == list(FLOW.phases(count, negative=False))
        assert set(ended.verdicts(scenario).values()) == {"PASSED"}
        assert json.loads((ended.reports / scenario / COUNTS).read_text(encoding="utf-8")) == {
            "sources": 1,
            "manifests": count,
            "cost models": money,
            "announced": [f"payload-{number}.tar.gz" for number in range(1, count + 1)],
        }
    assert ended.results["warnings"] == []
    assert left_behind(target, ended) == {}


@pytest.mark.parametrize(
    ("moment", "recording", "payloads"),
    [("before", "one_pod_day", 1), pytest.param("after", "two_months", 2, marks=pytest.mark.long)],
)
def test_killed_at_each_phase_boundary_it_goes_on(
    tmp_path: Path, pytest_run: Run, stack_target: Target, moment: str, recording: str, payloads: int
) -> None:
    furnish(tmp_path, {"quick": quick("quick", recording)})
    args: tuple[str, ...] = ("--today", TODAY)
    whole = FLOW.phases(payloads, negative=False)
    # The first of several payloads is like an only one.
    for phase in [name for name in whole if payloads == 1 or f"{name}[2]" not in whole]:
        ended = pytest_run(*args, kill=f"{moment} {phase}")
        assert ended.code == -signal.SIGKILL, f"{moment} {phase}: {ended.text}"
        args = ("--resume",)
    ended = pytest_run(*args)
    kept = whole if moment == "after" else whole[:-1]
    assert ended.text.count(KEPT) == len(kept)
    check(ended, stack_target, payloads={"quick": payloads})


def test_killed_in_the_middle_of_each_phase_it_goes_on_each_time(
    tmp_path: Path, pytest_run: Run, stack_target: Target
) -> None:
    furnish(tmp_path, {"priced": quick("priced", "team_cluster") + PRICED})
    args: tuple[str, ...] = ("--today", TODAY)
    for point in MIDDLES:
        ended = pytest_run(*args, kill=point)
        assert ended.code == -signal.SIGKILL, f"{point}: {ended.text}"
        args = ("--resume",)
    check(pytest_run(*args), stack_target, payloads={"priced": 1}, money=1)
    assert Masu(stack_target).enabled_tags("OCP") == []


@pytest.mark.long
def test_killed_during_tag_discovery_it_makes_them_known_once(
    tmp_path: Path, pytest_run: Run, stack_target: Target
) -> None:
    production = {"E2E_PRODUCTION": "1"}
    with psycopg.connect(stack_target.dsn, autocommit=True) as connection:
        table = sql.Identifier(stack_target.schema_name, "reporting_enabledtagkeys")
        connection.execute(sql.SQL("DELETE FROM {} WHERE key = 'environment'").format(table))
    furnish(tmp_path, {"priced": quick("priced", "team_cluster") + PRICED})
    args: tuple[str, ...] = ("--today", TODAY)
    for point in ("source unasked", "source put", "source announced", "source switched"):
        ended = pytest_run(*args, kill=point, env=production)
        assert ended.code == -signal.SIGKILL, f"{point}: {ended.text}"
        args = ("--resume",)
    assert pytest_run(*args, "--until-phase", "upload", env=production).code == 0
    ended = pytest_run(*args, env=production)
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("priced").values()) == {"PASSED"}
    counted = json.loads((ended.reports / "priced" / COUNTS).read_text(encoding="utf-8"))
    assert (counted["manifests"], counted["manifests of the control payload"]) == (1, 1)
    assert left_behind(stack_target, ended) == {}
    assert Masu(stack_target).enabled_tags("OCP") == []


def test_killed_while_nise_generates_it_begins_with_fresh_data(
    tmp_path: Path, pytest_run: Run, stack_target: Target
) -> None:
    furnish(tmp_path, {"one_pod_day": shipped("one_pod_day")})
    killed = pytest_run("--today", TODAY, "--no-nise-cache", kill="generate soon")
    assert killed.code == -signal.SIGKILL, killed.text
    ended = pytest_run("--resume")
    assert "one_pod_day at generate: going on" in ended.text
    check(ended, stack_target, payloads={"one_pod_day": 1})


def test_killed_with_its_workers_it_goes_on_with_workers(tmp_path: Path, pytest_run: Run, stack_target: Target) -> None:
    furnish(tmp_path, {"first": quick("first"), "second": quick("second", "two_months")})
    group = {"E2E_KILL_GROUP": "1", "E2E_KILL_SCENARIO": "second"}
    killed = pytest_run("--today", TODAY, "-n", "2", kill="ingest[2] announced", env=group)
    assert killed.code == -signal.SIGKILL, killed.text
    ended = pytest_run("-n", "2", "--resume")
    assert ended.text.count(KEPT) >= len(FLOW.phases(2, negative=False)) // 2
    check(ended, stack_target, payloads={"first": 1, "second": 2})


def test_a_rejection_is_believed_after_kills_on_the_way_to_it(
    tmp_path: Path, pytest_run: Run, stack_target: Target
) -> None:
    rejected = "uploads: [{damage: not_gzip}]\nexpect: {rejected: {manifest: absent, summary_rows: 0}}\n"
    furnish(tmp_path, {"refused": quick("refused") + rejected})
    args: tuple[str, ...] = ("--today", TODAY)
    for point in ("ingest announced", "rejection soon"):
        assert pytest_run(*args, kill=point).code == -signal.SIGKILL
        args = ("--resume",)
    ended = pytest_run(*args)
    assert ended.code == 0, ended.text
    assert list(ended.verdicts("refused")) == list(FLOW.phases(1, negative=True))
    assert left_behind(stack_target, ended) == {}


@pytest.mark.parametrize("again", [(), ("--from-phase", "upload")], ids=["on", "again"])
def test_until_a_phase_all_stays_and_from_a_phase_it_is_redone(
    tmp_path: Path, pytest_run: Run, stack_target: Target, again: tuple[str, ...]
) -> None:
    furnish(tmp_path, {"quick": quick("quick")})
    mode = () if again else ("-n", "2")
    first = pytest_run("--today", TODAY, "--until-phase", "convert", *mode)
    assert first.code == 0, first.text
    whole = FLOW.phases(1, negative=False)
    assert list(first.verdicts("quick")) == list(whole[: whole.index("convert") + 1])
    assert "until     convert; nothing is cleaned up" in first.text
    assert "verdict   PASSED up to convert (exit code 0)" in first.text
    assert (first.results["run"]["verdict"], first.results["run"]["until"]) == ("PASSED up to convert", "convert")
    assert left_behind(stack_target, first)
    sent = [first.state("quick")["payloads"][0][name] for name in ("uuid", "announced_at", "request_id")]
    ended = pytest_run("--resume", *again, *mode)
    at = again[-1] if again else "summary"
    assert f"quick at {at}: going on" in ended.text
    assert ended.text.count(KEPT) == whole.index(at)
    if again:
        assert "announced before the interruption" in ended.phases["quick"]["ingest"]["facts"]
    assert [ended.state("quick")["payloads"][0][name] for name in ("uuid", "announced_at", "request_id")] == sent
    check(ended, stack_target, payloads={"quick": 1})


@BOTH
def test_a_scenario_that_was_cleaned_up_begins_anew(
    tmp_path: Path, target_file: Path, stack_target: Target, mode: str
) -> None:
    furnish(tmp_path, {"object_lost": quick("object_lost")})
    target = ("scenarios", "--target", str(target_file), *MODES[mode])
    running = start(tmp_path, *target, "--today", TODAY, "--keep", "none", "-p", "tampering")
    try:
        running.wait_for_event("no manifest row")
        running.process.send_signal(signal.SIGTERM)
        stopped = running.ended()
    finally:
        running.end()
    assert stopped.code == 2, stopped.text
    assert stopped.verdicts("object_lost")["cleanup"] == "PASSED"
    assert (stopped.reports / "STOP").exists()
    before = stopped.state("object_lost")["token"]

    ended = run(tmp_path, *target, "--resume")
    assert ended.reports == stopped.reports
    assert "object_lost: cleaned up before everything had passed, so it starts again" in ended.text
    assert ended.state("object_lost")["token"] != before
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("object_lost").values()) == {"PASSED"}
    assert left_behind(stack_target, ended) == {}


def test_a_scenario_killed_in_cleanup_is_cleaned_and_begins_anew(
    tmp_path: Path, pytest_run: Run, stack_target: Target
) -> None:
    furnish(tmp_path, {"line_item_changed": quick("line_item_changed")})
    args = ("--today", TODAY, "--keep", "none", "-p", "tampering")
    killed = pytest_run(*args, kill="cleanup source-gone")
    assert killed.code == -signal.SIGKILL, killed.text
    cleaned = pytest_run("--resume")
    assert cleaned.code != 0, cleaned.text
    assert "line_item_changed: its cleanup was cut short, so only that is done" in cleaned.text
    verdicts = cleaned.verdicts("line_item_changed")
    assert (verdicts["ingest"], verdicts["api"], verdicts["cleanup"]) == ("PASSED", "SKIPPED", "PASSED")
    assert "the cleanup of the run before was cut short" in cleaned.phases["line_item_changed"]["api"]["headline"]
    assert left_behind(stack_target, cleaned) == {}
    ended = pytest_run("--resume")
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("line_item_changed").values()) == {"PASSED"}
    assert left_behind(stack_target, ended) == {}


def test_what_makes_it_another_run_is_refused(tmp_path: Path, pytest_run: Run) -> None:
    furnish(tmp_path, {"quick": quick("quick")})
    nothing = pytest_run("--resume")
    assert (nothing.code, "there is no run in" in nothing.text) == (4, True), nothing.text
    first = pytest_run("--today", TODAY, "--until-phase", "upload")
    reports, scenario = first.reports, tmp_path / "scenarios" / "quick.yaml"

    swallowed = run(tmp_path, "--resume", "scenarios")
    refusals = {
        "put --resume last (pytest scenarios --resume)": swallowed,
        f"the run {reports.name} goes on at its own day": pytest_run("--resume", reports.name, "--today", "2026-11-20"),
        "give its file with --target": run(tmp_path, "scenarios", "--resume"),
    }
    refusals["--from-phase manifest: quick did not pass its ingest"] = pytest_run(
        "--resume", "--from-phase", "manifest"
    )
    lock = RunLock(reports)
    lock.take()
    refusals["is still at work"] = pytest_run("--resume", f"reports/{reports.name}")
    lock.release()
    text = scenario.read_text(encoding="utf-8")
    scenario.write_text(text.replace("One recorded day.", "Another."), encoding="utf-8")
    refusals["quick is not what it was"] = pytest_run("--resume", "-n", "1")
    scenario.write_text(text, encoding="utf-8")
    for words, refused in refusals.items():
        assert refused.code == 4, refused.text
        assert words in refused.text
        assert "Traceback" not in refused.text
    ended = pytest_run("--resume", reports.name, "--today", TODAY)
    assert ended.code == 0, ended.text
