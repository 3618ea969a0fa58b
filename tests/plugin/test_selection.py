"""Which phases run: as users of pytest expect, and never less than a verdict needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from aftermath import left_behind
from nested import MODES, TODAY, Ended, furnish, quick, run

from e2e_validator.deployment import Target

pytestmark = pytest.mark.embedded
BOTH = pytest.mark.parametrize("mode", MODES)
FIRST, SECOND = "scenarios/first.yaml::first", "scenarios/line_item_changed.yaml::line_item_changed"
Run = Callable[..., Ended]
RERUNS = "def pytest_addoption(parser):\n    parser.addoption('--reruns', type=int)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two scenarios; the second fails when it is tampered with."""
    scenarios = {
        "first": quick("first", tags="quick, alpha"),
        "line_item_changed": quick("line_item_changed", tags="quick, beta"),
    }
    return furnish(tmp_path, scenarios)


@pytest.fixture
def pytest_run(project: Path, target_file: Path) -> Run:
    """A run in the project on the session's stack."""

    def one(*args: str, env: dict[str, str] | None = None) -> Ended:
        return run(project, "--target", str(target_file), "--today", TODAY, "--keep", "none", *args, env=env)

    return one


def verdicts(ended: Ended) -> dict[str, set[str]]:
    """The phases of each scenario that ran to an end."""
    return {
        name: {phase for phase, verdict in ended.verdicts(name).items() if verdict != "SKIPPED"}
        for name in ended.phases
    }


@pytest.mark.parametrize(
    "selection",
    [("scenarios", "-m", "alpha"), (FIRST,)],
    ids=["tag", "node id"],
)
def test_a_selected_scenario_runs_whole_and_alone(pytest_run: Run, selection: tuple[str, ...]) -> None:
    ended = pytest_run(*selection)
    assert ended.code == 0, ended.text
    assert list(ended.phases) == ["first"]
    assert set(ended.verdicts("first").values()) == {"PASSED"}
    assert list(ended.verdicts("first"))[-2:] == ["api", "cleanup"]


@pytest.mark.parametrize(
    ("mode", "selection"), [("plain", ("scenarios", "-k", "first and convert")), ("xdist", (f"{FIRST}::convert",))]
)
def test_a_selected_phase_brings_its_bases_and_the_cleanup(
    pytest_run: Run, stack_target: Target, mode: str, selection: tuple[str, ...]
) -> None:
    ended = pytest_run(*selection, *MODES[mode])
    assert ended.code == 0, ended.text
    phases = ["preflight", "source", "generate", "upload", "ingest", "download", "convert", "cleanup"]
    assert list(ended.verdicts("first")) == phases
    assert set(ended.verdicts("first").values()) == {"PASSED"}
    assert left_behind(stack_target, ended) == {}


@BOTH
def test_x_stops_at_the_first_failure_and_cleans_up(pytest_run: Run, stack_target: Target, mode: str) -> None:
    ended = pytest_run(f"{SECOND}", FIRST, "-x", "-p", "tampering", *MODES[mode])
    assert ended.code == 1, ended.text
    assert ended.verdicts("line_item_changed")["api"] == "FAILED"
    assert ended.verdicts("line_item_changed")["cleanup"] == "PASSED"
    if mode == "plain":
        assert set(ended.verdicts("first").values()) == {"SKIPPED"}
    assert left_behind(stack_target, ended) == {}


@BOTH
def test_collecting_starts_nothing(project: Path, mode: str) -> None:
    ended = run(project, "scenarios", "--target", "/there/is/no/target.yaml", "--collect-only", "-q", *MODES[mode])
    assert ended.code == 0, ended.text
    ids = [line for line in ended.text.splitlines() if "::" in line]
    assert ids[0] == f"{FIRST}::preflight"
    assert ids[-1] == f"{SECOND}::cleanup"
    assert not ended.has_run()


def test_collecting_verbosely_tells_what_a_scenario_is_for(project: Path) -> None:
    ended = run(project, "scenarios", "--collect-only", "-v")
    assert "One recorded day." in ended.text
    assert not ended.has_run()


@BOTH
def test_nothing_selected_is_no_green_run(pytest_run: Run, mode: str) -> None:
    ended = pytest_run("scenarios", "-k", "nosuch", *MODES[mode])
    assert ended.code == 5, ended.text
    (case,) = ended.junit().values()
    assert case.find("error") is not None


def test_lf_repeats_the_whole_scenario_that_failed(pytest_run: Run) -> None:
    failed = pytest_run("scenarios", "-p", "tampering")
    assert failed.code == 1, failed.text
    again = pytest_run("scenarios", "-p", "tampering", "--lf", env={"E2E_HANDS_OFF": "1"})
    assert again.code == 0, again.text
    assert list(again.phases) == ["line_item_changed"]
    assert again.verdicts("line_item_changed").keys() == failed.verdicts("line_item_changed").keys()
    assert set(again.verdicts("line_item_changed").values()) == {"PASSED"}


@BOTH
def test_reruns_are_refused(project: Path, pytest_run: Run, mode: str) -> None:
    (project / "conftest.py").write_text(RERUNS, encoding="utf-8")
    ended = pytest_run("scenarios", "--reruns", "1", *MODES[mode])
    assert ended.code == 4, ended.text
    assert "ERROR: --reruns repeats a phase without the ones before it" in ended.text
    assert "INTERNALERROR" not in ended.text


def test_dist_each_is_refused(pytest_run: Run) -> None:
    ended = pytest_run("scenarios", "-n", "2", "--dist", "each")
    assert ended.code == 4, ended.text
    assert "ERROR: --dist=each would run every scenario several times at once" in ended.text


@pytest.mark.parametrize("dist", ["loadgroup", "loadscope"])
def test_the_phases_of_a_scenario_stay_on_one_worker(pytest_run: Run, dist: str) -> None:
    ended = pytest_run("scenarios", "-n", "2", "--dist", dist, "-k", "preflight or source")
    assert ended.code == 0, ended.text
    journals = [path.read_text() for path in (ended.reports / "events").glob("gw*.ndjson")]
    for name in ended.phases:
        assert sum(f'"scenario": "{name}"' in journal for journal in journals) == 1


@BOTH
def test_a_wrong_file_ends_the_run_with_all_problems(project: Path, pytest_run: Run, mode: str) -> None:
    wrong = quick("wrong").replace("description:", "descripton:").replace("one_pod_day", "no_such_day")
    (project / "scenarios" / "wrong.yaml").write_text(wrong, encoding="utf-8")
    (project / "scenarios" / "odd.yaml").write_text(quick("odd").replace("version: 1", "version: 7"), encoding="utf-8")
    ended = pytest_run("scenarios", *MODES[mode])
    assert ended.code == 2, ended.text
    assert re.search(r"wrong\.yaml:4:1  unknown key 'descripton'.*did you mean 'description'", ended.text)
    assert re.search(r"wrong\.yaml:\d+:\d+  missing key 'description'", ended.text)
    assert re.search(r"wrong\.yaml:6:\d+  data\.payloads: there is no folder", ended.text)
    assert re.search(r"odd\.yaml:2:\d+ .*7 is not a version", ended.text)
    assert "PASS" not in ended.text
    assert "Traceback" not in ended.text
    assert not (ended.reports / "first").exists()
    assert [case.find("error") is not None for case in ended.junit().values()] == [True, True]
