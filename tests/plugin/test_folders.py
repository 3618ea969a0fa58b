"""Scenarios in a folder of any name; and runs that stand in the current folder, wherever pytest sees its root."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nested import CHECKOUT, environment, quick
from patience import finished

OTHER = {
    "compose.yml": 'version: "3.8"\nname: shop\nservices: {}\n',
    "values.yaml": "image: {tag: latest}\n",
    "list.yaml": "- version: 1\n",
}


def asked(folder: Path, *args: str) -> tuple[int, str]:
    """Pytest's exit code and words."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *args]
    done = finished(command, cwd=folder, env=environment())
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with fixtures, and YAML of others in a folder."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "fixtures").symlink_to(CHECKOUT / "fixtures")
    (tmp_path / "mine").mkdir()
    for name, text in OTHER.items():
        (tmp_path / "mine" / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", ["one.yaml", "one.yml"])
@pytest.mark.parametrize("mode", [(), ("-n", "1")], ids=["plain", "xdist"])
def test_a_folder_that_is_named_is_looked_through_for_scenarios(
    project: Path, name: str, mode: tuple[str, ...]
) -> None:
    (project / "mine" / "deep").mkdir()
    (project / "mine" / "deep" / name).write_text(quick("one"))
    code, text = asked(project, "mine", "--collect-only", "-q", *mode)
    assert code == 0, text
    assert mode or f"mine/deep/{name}::one::preflight" in text
    assert "compose" not in text


def test_a_scenario_that_is_wrong_is_told_and_one_with_our_schema_is_one(project: Path) -> None:
    schema = "# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n"
    (project / "mine" / "bad.yaml").write_text(f"{schema}version: 1\ndescription: It has no name.\n")
    code, text = asked(project, "mine", "--collect-only", "-q")
    assert code != 0, text
    assert "mine/bad.yaml" in text
    assert "name" in text


def test_a_folder_without_scenarios_says_so_in_a_sentence(project: Path) -> None:
    code, text = asked(project, "mine")
    assert code == 5, text
    assert "mine/: no test, and no scenario among its 3 YAML files (such as compose.yml)" in text
    assert not (project / "reports").exists()


def test_a_folder_that_nobody_named_is_not_searched(project: Path) -> None:
    (project / "mine" / "one.yaml").write_text(quick("one"))
    code, text = asked(project, "--collect-only", "-q")
    assert (code, "one::preflight" in text) == (5, False), text


def test_runs_stand_in_the_current_folder_whatever_the_root_is(project: Path) -> None:
    here = project / "deeper" / "here"
    here.mkdir(parents=True)
    (here / "one.yaml").write_text(quick("one"))
    target = here / "t.yaml"
    target.write_text("koku_url: http://127.0.0.1:9/\n")
    code, text = asked(here, "one.yaml", "--target", "t.yaml", "--resume")
    assert code == 4, text
    assert f"there is no run in {here / 'reports'}" in text
    code, text = asked(here, "one.yaml", "--target", "t.yaml", "--run-dir", "../mine", "--resume")
    assert f"there is no run in {here.parent / 'mine'}" in text
