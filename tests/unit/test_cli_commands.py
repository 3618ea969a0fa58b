"""The command line: what it prints, and the code it ends with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from e2e_validator import __version__, cli
from e2e_validator.errors import Blocked, E2EError, HarnessError, Inconclusive, Problem, ScenarioError, UsageError

CHECKOUT = Path(__file__).parents[2]
DAY = ("--today", "2026-11-21")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.cli, [str(word) for word in words])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good scenario and its template, which is the current one."""
    (tmp_path / "scenarios").mkdir()
    shutil.copytree(CHECKOUT / "fixtures" / "nise", tmp_path / "fixtures" / "nise")
    shutil.copy(CHECKOUT / "scenarios" / "one_pod_day.yaml", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def break_name(project: Path) -> None:
    path = project / "scenarios" / "one_pod_day.yaml"
    path.write_text(path.read_text().replace("name: one_pod_day", "name: one_pot_day"))


def test_good_scenarios_have_no_problems(project: Path) -> None:
    for paths in ((), ("scenarios",), (project / "scenarios",), ("scenarios/one_pod_day.yaml",)):
        result = run("lint", *paths, *DAY)
        assert (result.exit_code, result.output) == (0, "No problems found.\n")


def test_a_problem_has_its_place_and_ends_with_2(project: Path) -> None:
    break_name(project)
    result = run("lint", *DAY)
    first, last = result.output.splitlines()
    assert first.startswith("scenarios/one_pod_day.yaml:3:7  name: 'one_pot_day' is not the name of the file;")
    assert (last, result.exit_code) == ("1 problem found.", 2)


def test_the_problems_of_all_files_are_told_at_once(project: Path) -> None:
    break_name(project)
    (project / "scenarios" / "two.yaml").write_text("version: 2\nnam: two\n")
    result = run("lint", *DAY)
    *problems, last = result.output.splitlines()
    assert {problem.split(":")[0] for problem in problems} == {"scenarios/one_pod_day.yaml", "scenarios/two.yaml"}
    assert last == f"{len(problems)} problems found."
    assert len(problems) > 2


def test_a_missing_path_is_a_problem_with_a_suggestion(project: Path) -> None:
    result = run("lint", "scenario", *DAY)
    assert result.output.splitlines()[0] == "scenario:1:1  there is no such file or folder; did you mean 'scenarios'?"
    assert result.exit_code == 2


def test_a_folder_without_scenarios_is_a_problem(project: Path) -> None:
    (project / "empty").mkdir()
    result = run("lint", "empty", *DAY)
    assert (result.exit_code, "no scenario file" in result.output) == (2, True)


def test_templates_beside_the_scenarios_are_found_from_anywhere(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert run("lint", project / "scenarios", *DAY).exit_code == 0
    # A folder of that name that is here by chance is not asked.
    (elsewhere / "fixtures" / "nise").mkdir(parents=True)
    assert run("lint", project / "scenarios", *DAY).exit_code == 0


def test_the_day_decides_what_is_in_the_future(project: Path) -> None:
    path = project / "scenarios" / "one_pod_day.yaml"
    path.write_text(
        path.read_text().replace("start: month-1m+4d, end: month-1m+5d", "start: 2026-11-04, end: 2026-11-05")
    )
    assert run("lint", "--today", "2026-11-21").exit_code == 0
    late = run("lint", "--today", "2026-11-04")
    assert (late.exit_code, "is after the start of the day of the run (2026-11-04)" in late.output) == (2, True)


def test_the_schema_is_the_one_that_is_shipped(project: Path) -> None:
    result = run("schema")
    assert result.exit_code == 0
    assert json.loads(result.output)["title"] == "Scenario"
    shipped = CHECKOUT / "e2e_validator" / "scenario" / "scenario.schema.json"
    assert result.output == shipped.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("lint", "--help"), ("embedded", "up", "--help")])
def test_help_says_what_there_is(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert len(max(result.output.splitlines(), key=len)) <= 80


def test_help_names_every_command_and_the_runner() -> None:
    said = run("--help").output
    assert all(f"  {name} " in said for name in cli.cli.commands)
    assert "pytest scenarios/" in said


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").output.split()[-1] == __version__


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("lint", "--nonsense"),
        ("lint", "--today", "2026-02-31"),
        ("lint", "--today", "21.11.2026"),
        ("embedded", "up", "--pace", "sluggish"),
        ("schema", "more"),
    ],
)
def test_what_is_not_understood_is_a_usage_error(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, "Error: " in result.output, "Traceback" in result.output) == (2, True, False)


def test_a_registry_of_no_folder_is_a_usage_error(project: Path) -> None:
    result = run("registry", "nowhere")
    assert (type(result.exception), str(result.exception)) == (UsageError, "nowhere: there is no such folder.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ScenarioError([Problem("x.yaml", 3, 7, "wrong", "right")]), 2),
        (UsageError("wrong"), 4),
        (Blocked("no disk space"), 10),
        (HarnessError("a bug"), 3),
        (Inconclusive("unreadable"), 12),
        (E2EError("wrong"), 10),
    ],
)
def test_our_own_errors_are_sentences_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: E2EError, code: int
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "cli", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr() == ("", f"{error}\n")


@pytest.mark.parametrize("day", ["0001-01-01", "1970-12-31", "2199-01-01", "9999-12-31"])
@pytest.mark.parametrize("command", ["lint", "explain"])
def test_a_day_that_no_data_can_be_of_is_refused(project: Path, command: str, day: str) -> None:
    result = run(command, "scenarios/one_pod_day.yaml", "--today", day)
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == f"--today {day}: write a day of the years 1971 to 2198."


def test_a_warning_changes_no_exit_code(project: Path) -> None:
    path = project / "fixtures" / "nise" / "one_pod.yml"
    path.write_text(path.read_text().replace("OCPGenerator:\n", "OCPGenerator:\n      end_date: today\n", 1))
    first, last = run("lint", *DAY).output.splitlines()
    assert first.startswith("fixtures/nise/one_pod.yml:4:7  warning: end_date is not used;")
    assert (last, run("lint", *DAY).exit_code) == ("No problems found, 1 warning.", 0)


def test_a_bug_is_one_sentence_that_names_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a\x1b[31m\nb")

    monkeypatch.setattr(cli, "cli", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    (left,) = tmp_path.iterdir()
    sentence = f"ZeroDivisionError: a\\x1b[31m. Please report it with the traceback in {left}.\n"
    assert (ended.value.code, capsys.readouterr()) == (3, ("", f"This is a bug of e2e-validator: {sentence}"))
    assert "in fail" in left.read_text()


def test_the_script_is_the_same_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["e2e-validator", "--version"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, __version__ in capsys.readouterr().out) == (0, True)
