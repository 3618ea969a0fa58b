"""The commands of README and docs/: those that need no cluster run as written, of the others the options must exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import patience
import pytest
from click.testing import CliRunner

from e2e_validator.cli import cli

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = ("pytest", "e2e-validator")
# What a reader types and a test does not: it changes the machine, needs a cluster, or is not our program.
NOT_RUN = ("git", "make", "source", "kubectl", "podman")
# They need a deployment, or go on until they are interrupted.
PARSED = re.compile(r"--namespace|--target|doctor -n|embedded up|my_folder|^pytest --help")
# Whole libraries and smoke runs: the longer tests.
LONG = re.compile(r"^pytest scenarios/(?! --collect-only)|^pytest scenarios/team_cluster")
MANY_SECONDS = 1800.0


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language and text of every fenced block."""
    language, lines = None, []
    for line in text.splitlines():
        if not line.startswith("```"):
            lines.append(line)
        elif language is None:
            language, lines = line.removeprefix("```"), []
        else:
            yield language, "\n".join(lines)
            language = None


def commands() -> list[str]:
    """Each command that the documents show in a block without a language, once."""
    shown = [body for page in DOCUMENTS for language, body in blocks(page.read_text(encoding="utf-8")) if not language]
    lines = "\n".join(shown).replace("\\\n", " ").splitlines()
    found = [line.partition("  #")[0].strip() for line in lines if line.split(" ")[0] in (*OURS, *NOT_RUN)]
    return list(dict.fromkeys(found))


def ours(command: str) -> list[str]:
    """The words of a command of ours, up to what a shell would do with its output."""
    return shlex.split(re.split(r" [|>] ", command)[0])


def call(words: list[str], folder: Path, seconds: float = patience.COMMAND_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run it as in an active environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return patience.finished(words, seconds=seconds, cwd=folder, env=environment)


SHOWN = [command for command in commands() if command.split(" ")[0] in OURS and "shop.yaml" not in command]
PARSED_ONES = [command for command in SHOWN if PARSED.search(command)]
LONG_ONES = [command for command in SHOWN if LONG.search(command) and command not in PARSED_ONES]
QUICK = [command for command in SHOWN if command not in PARSED_ONES and command not in LONG_ONES]


def test_there_are_commands_of_every_kind() -> None:
    """An empty list would pass everything below."""
    assert len(QUICK) >= 8
    assert len(PARSED_ONES) >= 8
    assert len(LONG_ONES) >= 4
    assert {command.split(" ")[0] for command in commands()} == {*OURS, *NOT_RUN}


@pytest.mark.parametrize("command", [command for command in QUICK if command.startswith("e2e-validator ")])
def test_a_quick_command_does_what_the_page_says(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with 0, and says something."""
    monkeypatch.chdir(ROOT)
    ended = CliRunner().invoke(cli, ours(command)[1:])
    assert ended.exit_code == 0, ended.output
    assert ended.output


def test_the_scenarios_can_be_listed() -> None:
    """As getting started shows it."""
    assert [command for command in QUICK if command.startswith("pytest ")] == ["pytest scenarios/ --collect-only -q"]
    ended = call(["pytest", "scenarios/", "--collect-only", "-q"], ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "scenarios/one_pod_day.yaml::one_pod_day::api" in ended.stdout


@pytest.mark.long
@pytest.mark.parametrize("command", LONG_ONES)
def test_a_long_command_is_green(command: str, tmp_path: Path) -> None:
    """As it is written, on an embedded stack."""
    ended = call([*ours(command), "--run-dir", str(tmp_path)], ROOT, MANY_SECONDS)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr


@pytest.mark.parametrize("command", [command for command in PARSED_ONES if command.startswith("e2e-validator ")])
def test_a_command_for_a_deployment_has_options_that_exist(command: str) -> None:
    """They are parsed, with --help after them."""
    ended = CliRunner().invoke(cli, [*ours(command)[1:], "--help"])
    assert ended.exit_code == 0, ended.output


def test_pytest_knows_every_option_that_is_shown() -> None:
    """Those of the commands for a deployment too, which are not run here."""
    known = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", call(["pytest", "--help"], ROOT).stdout))
    shown = {
        word.partition("=")[0]
        for command in SHOWN
        if command.startswith("pytest ")
        for word in ours(command)
        if word.startswith("-")
    }
    assert shown - known == set()
    assert len(shown) > 8
    assert "--no-such-option" not in known


def test_an_option_that_does_not_exist_would_be_seen() -> None:
    """The check above can fail."""
    assert CliRunner().invoke(cli, ["doctor", "--no-such-option", "--help"]).exit_code


def test_the_scenario_of_the_readme_passes_as_it_stands(tmp_path: Path) -> None:
    """In a folder of its own, with the commands below it."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (scenario,) = [body for language, body in blocks(page) if language == "yaml"]
    (tmp_path / "shop.yaml").write_text(scenario + "\n", encoding="utf-8")
    checked = call(["e2e-validator", "lint", "shop.yaml"], tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "No problems found.\n")
    assert "pytest shop.yaml" in commands()
    ended = call(["pytest", "-p", "no:valkey", "shop.yaml"], tmp_path, 240.0)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for line in ("compute (core-hours)  48 / 48  72 / 72    96 / 96", "1.2 / 1.2", "costs worked out by hand equal"):
        assert line in ended.stdout
        assert line in page


@pytest.mark.long
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """A link, a citation or an anchor that leads nowhere is a warning."""
    docs = ["-d", str(tmp_path / "doctrees"), str(ROOT / "docs"), str(tmp_path / "site")]
    ended = call([sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", *docs], ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "site" / "contract" / "koku.html").is_file()
