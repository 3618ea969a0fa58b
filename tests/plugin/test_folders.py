"""Folders of any name, whose scenarios are ours by header or e2e_scenarios; runs stand in the current folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from nested import CHECKOUT, TODAY, environment, quick
from patience import finished

HEADER = "# yaml-language-server: $schema=../e2e_validator/scenario/scenario.schema.json\n"
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
    path = project / "mine" / "deep" / name
    path.write_text(HEADER + quick("one"))
    code, text = asked(project, "mine", "--collect-only", "-q", *mode)
    assert code == 0, text
    assert mode or f"mine/deep/{name}::one::preflight" in text
    assert "compose" not in text
    path.write_text(quick("one"))
    for args in ((f"mine/deep/{name}",), ("mine", "-o", "e2e_scenarios=mine/deep")):
        code, text = asked(project, *args, "--collect-only", "-q", *mode)
        assert code == 0, text
        assert mode or f"mine/deep/{name}::one::preflight" in text


def test_a_wrong_scenario_is_told_and_our_schema_makes_one(project: Path) -> None:
    (project / "mine" / "bad.yaml").write_text(f"{HEADER}version: 1\ndescription: It has no name.\n")
    code, text = asked(project, "mine", "--collect-only", "-q")
    assert code != 0, text
    assert "mine/bad.yaml" in text
    assert "name" in text


def test_a_folder_without_scenarios_says_so_to_our_options(project: Path) -> None:
    code, text = asked(project, "mine", "--today", TODAY)
    assert code == 5, text
    assert "mine/: no test, and no scenario among its 3 YAML files (such as compose.yml)" in text
    assert not (project / "reports").exists()
    code, text = asked(project, "mine")
    assert (code, "scenario" in text.replace(project.name, "")) == (5, False), text


def test_of_an_unnamed_folder_only_files_with_our_header_count(project: Path) -> None:
    (project / "mine" / "one.yaml").write_text(quick("one"))
    (project / "mine" / "two.yaml").write_text(HEADER + quick("two"))
    code, text = asked(project, "--collect-only", "-q")
    assert (code, "one::preflight" in text, "two::preflight" in text) == (0, False, True), text
    assert "looks like a scenario" not in text


def test_a_scenario_that_is_not_collected_beside_others_is_named(project: Path) -> None:
    (project / "mine" / "one.yaml").write_text(quick("one"))
    (project / "mine" / "two.yaml").write_text(HEADER + quick("two"))
    code, text = asked(project, "mine", "--collect-only", "-q")
    assert code == 0, text
    assert "1 file looks like a scenario and is not collected, such as mine/one.yaml: name the file" in text


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
