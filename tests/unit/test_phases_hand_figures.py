"""A cost that was worked out wrongly is refused before anything is sent, with its line and what it should be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from e2e_validator import cli
from e2e_validator.engine.causes import finding_of
from e2e_validator.engine.rehearsal import hand_figures_of, recorded_contradictions, rehearse
from e2e_validator.engine.runner import verdict_of
from e2e_validator.errors import Contradicts
from e2e_validator.expect.hand_worked import equal
from e2e_validator.phases import generate
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.verdict import Verdict

TODAY = date(2026, 11, 21)
ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
# The recorded payload uses 12 core-hours of 96: at 5 each, 60 and, with what is idle, 480.
SCENARIO = """\
version: 1
name: hand
description: Costs worked out by hand.
data: {payloads: recordings/one_pod_day}
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      tiered_rates: [{unit: USD, value: 5}]
  distribution_info: {platform_cost: false, worker_cost: false}
expect:
  costs: %s
"""


def load(folder: Path, costs: str) -> LoadedScenario:
    path = folder / "hand.yaml"
    path.write_text(SCENARIO % costs)
    return load_scenario(path, fixtures=FIXTURES, today=TODAY)


def told(folder: Path, costs: str) -> list[str]:
    found = recorded_contradictions(load(folder, costs), fixtures=FIXTURES, today=TODAY)
    return [f"{one.line}: {one.what}; {one.hint}" for one in found]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Decimal]:
    """What the data and the rate come to, by project."""
    loaded = load(tmp_path_factory.mktemp("hand"), "{total: '1'}")
    context = rehearse(loaded, fixtures=FIXTURES, today=TODAY, folder=tmp_path_factory.mktemp("run"))
    figures = own_expectation(context).figures(context.plan.first_day, context.plan.last_day)
    return {key[2]: row["cost.total"] for key, row in figures.items() if key[:2] == ("costs", "project")}


def test_the_data_come_to_60_and_480(right: dict[str, Decimal]) -> None:
    assert right["ns_a"] == 60
    assert right["ns_a"] + right["Worker unallocated"] == 480


@pytest.mark.parametrize(
    ("costs", "complaints"),
    [
        ("{total: '480'}", []),
        ("{total: '480.0000000001', by_project: {ns_a: '60'}, distributed: {ns_a: '60'}}", []),
        ("{total: '481'}", ["12: expect.costs.total: your 481", "480"]),
        ("\n    total: '480'\n    by_project: {ns_a: '59.9'}", ["14: expect.costs.by_project.ns_a: your 59.9", "60"]),
        ("\n    distributed:\n      ns_a: '0'", ["14: expect.costs.distributed.ns_a: your 0", "60"]),
        ("{total: '-480'}", ["12: expect.costs.total: your -480", "480"]),
        ("{by_project: {nobody: '0'}}", ["12: expect.costs.by_project.nobody: your 0", "-"]),
    ],
)
def test_a_wrong_figure_is_told_with_the_right_one(tmp_path: Path, costs: str, complaints: list[str]) -> None:
    hint = "correct the figure, the data or the rates"
    expected = [f"{complaints[0]} contradicts data x cost model = {complaints[1]}; {hint}"] if complaints else []
    assert told(tmp_path, costs) == expected


def test_lint_tells_it_of_recorded_data(tmp_path: Path) -> None:
    load(tmp_path, "{total: '481'}")
    (tmp_path / "fixtures").symlink_to(FIXTURES)
    result = CliRunner().invoke(cli.cli, ["lint", str(tmp_path / "hand.yaml"), "--today", "2026-11-21"])
    assert result.exit_code == 2
    assert "hand.yaml:12:1  expect.costs.total: your 481 contradicts data x cost model = 480" in result.output


def test_generate_refuses_it_and_does_not_blame_the_product(tmp_path: Path) -> None:
    context = rehearse(load(tmp_path, "{total: '481'}"), fixtures=FIXTURES, today=TODAY, folder=tmp_path / "run")
    with pytest.raises(Contradicts) as caught:
        generate.run(context)
    assert caught.value.headline == ("expect.costs.total: your 481 contradicts data x cost model = 480 (hand.yaml:12)")
    verdict = verdict_of(caught.value)
    assert verdict is Verdict.BLOCKED
    found = finding_of(context, caught.value, verdict)
    assert found is not None
    assert found.cause == "scenario_contradicts"
    assert found.remedy
    assert found.reference.startswith("docs/contract/")


def test_generate_takes_a_right_one(tmp_path: Path) -> None:
    context = rehearse(load(tmp_path, "{total: '480'}"), fixtures=FIXTURES, today=TODAY, folder=tmp_path / "run")
    assert generate.run(context).facts.startswith("recorded CSV files")
    assert hand_figures_of(context) == []


@pytest.mark.parametrize(
    ("got", "same"), [("60", True), ("60.0000001", False), ("1e-14", False), ("NaN", False), (None, False)]
)
def test_equal_is_equal_to_nine_digits(got: str | None, *, same: bool) -> None:
    assert equal(Decimal(60), None if got is None else Decimal(got)) is same
