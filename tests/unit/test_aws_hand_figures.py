"""Costs of AWS that were worked out by hand: a wrong one is a mistake of the scenario, told at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_type import FIXTURES, TODAY, known, loaded

from e2e_validator.engine.context import Context
from e2e_validator.engine.rehearsal import hand_figures_of, rehearse
from e2e_validator.errors import Contradicts
from e2e_validator.providers.aws import generating, hand_figures
from e2e_validator.providers.aws.made import control_package
from e2e_validator.scenario.plan import plan

TEXT = """\
period: {start: month-1m+1d, end: month-1m+2d}
data:
  rows: |
    UsageAccountId, ProductCode, UnblendedCost, BlendedCost
    100000000002, AmazonEC2, 0.5, 0.25
    100000000003, AmazonS3, 0.25, 0.5
cost_model: {markup: {value: 10}}
expect:
  costs:
    total: '19.8'
    by_type: {blended_cost: '19.8', savingsplan_effective_cost: '0'}
    by_group: {'service: AmazonS3': '6.6', 'account: 100000000002': '13.2'}
"""


def rehearsed(folder: Path, text: str) -> Context:
    scenario = loaded(folder, text)
    with known():
        return rehearse(scenario, fixtures=FIXTURES, today=TODAY, folder=folder)


def test_figures_that_follow_from_the_data_are_right(tmp_path: Path) -> None:
    assert hand_figures_of(rehearsed(tmp_path, TEXT)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("total: '19.8'", "total: '18'", "expect.costs.total: your 18 contradicts the data, which come to 19.8"),
        ("blended_cost: '19.8'", "blended_cost: '1'", "expect.costs.by_type.blended_cost: your 1 contradicts the data"),
        ("effective_cost: '0'", "effective_cost: '2'", "expect.costs.by_type.savingsplan_effective_cost: your 2"),
        ("AmazonS3': '6.6'", "AmazonS3': '6'", "expect.costs.by_group.service: AmazonS3: your 6 contradicts the data"),
        (
            "service: AmazonS3",
            "service: AmazonRDS",
            "the data have no service: AmazonRDS; there is AmazonEC2, AmazonS3",
        ),
        ("000002': '13.2'", "000003': '13.2'", "expect.costs.by_group.account: 100000000003: your 13.2 contradicts"),
    ],
)
def test_a_wrong_figure_is_told_at_its_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in TEXT
    context = rehearsed(tmp_path, TEXT.replace(right, wrong))
    (problem,) = hand_figures_of(context)
    assert said in problem.what
    assert problem.line >= 13
    with pytest.raises(Contradicts, match=r"\(it\.yaml:1\d\)"):
        generating.generate(context)


def test_the_figures_of_either_oracle_are_taken(tmp_path: Path) -> None:
    text = """\
    period: {start: month-1m+1d, end: month-1m+2d}
    data:
      rows: |
        @at, @interval, UnblendedCost
        , hour, 0.5
        month-2m, day, -2
    expect:
      deviates: [days_outside_month_dropped]
      costs: {total: 'COST'}
    """
    equal, other = "costs worked out by hand equal", "expect.costs.total 10 is by the data, Koku shows 12"
    for number, (cost, problems, said) in enumerate((("12", 0, equal), ("10", 0, other), ("11", 1, equal))):
        folder = tmp_path / str(number)
        folder.mkdir()
        context = rehearsed(folder, text.replace("COST", cost))
        found = hand_figures_of(context)
        assert len(found) == problems
        assert hand_figures.said(context) == [said]
    assert "which come to 10 (Koku would show 12)" in found[0].what


def test_the_control_assembly_has_accounts_of_its_own(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, TEXT)
    made = control_package(plan(scenario, TODAY), tmp_path / "made", key="control", token="0a1b2c3d", today=TODAY)
    assert (made.index, made.files, made.rows, made.month) == (0, 1, 24, "2026-10")
    assert made.manifest.is_file()
    assert not set(made.accounts.values()) & {"100000000001", "100000000002", "100000000003"}
