"""Templates and cost models that come with the package: found where there is no checkout, behind the user's own."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.scenario import shipped
from e2e_validator.scenario.load import LoadedScenario, load_scenario

CHECKOUT = Path(__file__).parents[2]
TEXT = """\
version: 1
name: mine
description: x
period: {{start: month-1m, end: month-1m+1d}}
data: {{template: {template}}}
cost_model: {{file: {model}}}
"""


def load(folder: Path, template: str = "one_pod.yml", model: str = "team_full.json") -> LoadedScenario:
    path = folder / "mine.yaml"
    path.write_text(TEXT.format(template=template, model=model))
    return load_scenario(path, fixtures=folder / "fixtures", today=date(2026, 11, 21))


def test_a_folder_without_fixtures_has_those_of_the_package(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.report is not None
    assert loaded.cost_model is not None


def test_the_users_own_file_of_the_same_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "fixtures" / "nise").mkdir(parents=True)
    text = (CHECKOUT / "fixtures" / "nise" / "one_pod.yml").read_text()
    (tmp_path / "fixtures" / "nise" / "one_pod.yml").write_text(text.replace("cpu_cores: 4", "cpu_cores: 5"))
    report = load(tmp_path).report
    assert report is not None
    assert report["generators"][0]["OCPGenerator"]["nodes"][0]["cpu_cores"] == 5


def test_what_is_in_neither_is_told_with_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as wrong:
        load(tmp_path, template="one_pot.yml", model="nothing_like_it.json")
    template, model = wrong.value.problems
    assert template.what == f"data.template: there is no one_pot.yml in {tmp_path}/fixtures/nise"
    assert template.hint == "did you mean 'one_pod.yml'?"
    assert model.hint == "known: team_full.json"


def test_an_installed_package_is_looked_into_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shipped" / "nise").mkdir(parents=True)
    (tmp_path / "shipped" / "nise" / "only.yml").write_text("")
    monkeypatch.setattr(shipped, "_INSTALLED", tmp_path / "shipped")
    assert shipped.found(tmp_path / "nise", "only.yml") == tmp_path / "shipped" / "nise" / "only.yml"
    assert shipped.found(tmp_path / "nise", "one_pod.yml") == tmp_path / "nise" / "one_pod.yml"
    assert shipped.names(tmp_path / "nise", "x") == ["only.yml"]


def test_the_wheel_has_the_folders_that_are_looked_into() -> None:
    wheel = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {
        f"fixtures/{folder}": f"e2e_validator/shipped/{folder}" for folder in ("nise", "cost_models")
    }
    assert shipped._INSTALLED == CHECKOUT / "e2e_validator" / "shipped"
    assert shipped._CHECKOUT == CHECKOUT / "fixtures"
