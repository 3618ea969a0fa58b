"""``e2e-validator new``: what it writes is right as it stands, from an empty folder, and nothing is written over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from e2e_validator.cli import cli
from e2e_validator.errors import UsageError
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.schema import SHIPPED

DAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(name: str) -> Result:
    return CliRunner().invoke(cli, ["new", name])


@pytest.mark.parametrize(
    ("name", "file"),
    [("mine", "mine.yaml"), ("mine.yaml", "mine.yaml"), ("mine.yml", "mine.yml"), ("a/b/c", "a/b/c.yaml")],
)
def test_a_new_scenario_is_right_as_it_stands(empty: Path, name: str, file: str) -> None:
    assert new(name).output == f"{file} is written. Next: pytest {file}\n"
    loaded = load_scenario(empty / file, fixtures=Path("fixtures"), today=DAY)
    assert (loaded.name, loaded.warnings) == (Path(file).stem, ())
    assert CliRunner().invoke(cli, ["lint", file]).output == "No problems found.\n"


def test_it_shows_nodes_pods_tags_and_a_cost_model(empty: Path) -> None:
    new("mine")
    raw = yaml.safe_load((empty / "mine.yaml").read_text())
    nodes = raw["data"]["nise"]["nodes"]
    assert len(nodes) == 2
    assert all(space["pods"] for node in nodes for space in node["namespaces"].values())
    assert raw["enable_tags"] == ["environment"]
    assert [rate["metric"]["name"] for rate in raw["cost_model"]["rates"]] == [
        "cpu_core_usage_per_hour",
        "node_cost_per_month",
        "memory_gb_usage_per_hour",
    ]


def test_its_first_line_names_the_schema_that_is_installed(empty: Path) -> None:
    new("mine")
    first = (empty / "mine.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SHIPPED}"
    assert "e2e_validator/scenario/scenario.schema.json" in first


def test_below_the_environment_the_schemas_path_is_relative(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("e2e_validator.scenario.schema.SHIPPED", empty / ".venv" / "e2e_validator" / "x.schema.json")
    new("mine")
    assert (
        (empty / "mine.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=.venv/e2e_validator/x.schema.json\n")
    )


def test_nothing_is_written_over(empty: Path) -> None:
    (empty / "mine.yaml").write_text("precious")
    result = new("mine")
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "mine.yaml: is there already; choose another name."
    assert (empty / "mine.yaml").read_text() == "precious"


@pytest.mark.parametrize("name", ["Mine", "my-first", "1st", "x" * 41, "mine.json", ".yaml"])
def test_a_name_that_no_scenario_can_have_is_refused(empty: Path, name: str) -> None:
    result = new(name)
    assert "is not a name; at most 40 of a-z, 0-9 and _, a letter first." in str(result.exception)
    assert list(empty.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(empty: Path) -> None:
    (empty / "file").write_text("")
    assert str(new("file/mine").exception) == "file/mine.yaml: cannot be written: File exists."
