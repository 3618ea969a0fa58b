"""The scenarios of AWS that are shipped: right on every day, with the deviations that their data bring about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_scenario_shipped import FIXTURES, ROOT, content

from e2e_validator.engine.rehearsal import hand_figures_of, rehearse
from e2e_validator.expect.known_deviation import UNEXPLAINED
from e2e_validator.providers.aws.expect.deviations.registry import DEVIATIONS
from e2e_validator.providers.aws.own import own_expectation
from e2e_validator.providers.aws.scenario.deviation_names import DEVIATION_NAMES
from e2e_validator.providers.aws.scenario.own_rules import RULES
from e2e_validator.scenario import dates
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.scenario.registry import registry
from e2e_validator.scenario.schema import SHIPPED, schema

FOLDER = ROOT / "scenarios" / "aws"
FILES = sorted(FOLDER.glob("*.yaml"))
TODAY = date(2026, 11, 29)
# What users report of their bills: each has a scenario of its own.
REPORTED = (
    "credit", "refund_of_earlier_month", "tax_of_the_month", "reservation", "savings_plan", "future_fees",
    "restated_days", "final_by_first_row", "two_currencies", "blended", "marketplace", "odd_tags", "cost_category",
    "split_cost_allocation", "last_hour_of_month",
)  # fmt: skip
SMOKE = {"aws_one_instance", "aws_two_months", "aws_savings_plan"}


def loaded(path: Path, today: date = TODAY) -> LoadedScenario:
    return load_scenario(path, fixtures=FIXTURES, today=today)


def positive() -> list[Path]:
    return [path for path in FILES if not path.stem.startswith("aws_neg_")]


def test_what_is_promised_is_shipped() -> None:
    names = {path.stem for path in FILES}
    assert {f"aws_{name}" for name in REPORTED} <= names
    assert len(positive()) >= 25
    assert {path.stem for path in FILES if "smoke" in content(path)["tags"]} == SMOKE
    assert all("aws" in content(path)["tags"] for path in FILES)


def test_costs_are_worked_out_by_hand_in_most() -> None:
    by_hand = [path for path in positive() if loaded(path).scenario.expect.costs is not None]
    assert len(by_hand) >= 20


@settings(max_examples=15, deadline=None)
@given(
    today=st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))
    | st.sampled_from([date(2027, 1, 1), date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 1), date(2027, 3, 31)])
)
def test_every_scenario_is_right_on_every_day(today: date) -> None:
    for path in FILES:
        the_plan = plan(loaded(path, today), today)
        assert the_plan.last_day < today
        assert dates.midnight(the_plan.first_day) >= dates.retained_from(today)


@pytest.mark.parametrize("today", [TODAY, date(2027, 3, 1)], ids=str)
@pytest.mark.parametrize("path", positive(), ids=lambda path: path.stem)
def test_its_data_bring_about_what_it_accepts(tmp_path: Path, path: Path, today: date) -> None:
    scenario = loaded(path, today)
    context = rehearse(scenario, fixtures=FIXTURES, today=today, folder=tmp_path)
    found = {one.name for one in own_expectation(context).deviations()}
    assert found == set(scenario.scenario.expect.deviates)
    assert hand_figures_of(context) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_fits_the_schema_it_names(path: Path) -> None:
    header = path.read_text().splitlines()[0]
    assert (path.parent / header.removeprefix("# yaml-language-server: $schema=")).resolve() == SHIPPED
    jsonschema.Draft202012Validator(schema()).validate(content(path))


def test_the_registry_lists_them() -> None:
    made = registry(ROOT / "scenarios", fixtures=FIXTURES, today=TODAY)
    for path in FILES:
        assert f"[{path.stem}](aws/{path.name})" in made


def test_the_names_to_accept_are_those_of_the_registry() -> None:
    assert set(DEVIATION_NAMES) == DEVIATIONS.keys() - {UNEXPLAINED}
    assert RULES.deviations == DEVIATION_NAMES


def test_the_first_scenario_of_a_newcomer_is_right(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(RULES.starter("mine", "mine.yaml", "x.json"))
    scenario = loaded(path)
    context = rehearse(scenario, fixtures=FIXTURES, today=TODAY, folder=tmp_path)
    assert hand_figures_of(context) == []
