"""Questions for a part of the rows, and lists: what is asked, and that each kind of mistake is a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_files import TODAY, package, row, storage

from e2e_validator.engine.context import Context
from e2e_validator.errors import Inconclusive
from e2e_validator.expect.ledger import compare
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import COSTS, Question
from e2e_validator.providers.aws.lists import answered_lists, expected_lists
from e2e_validator.providers.aws.narrowed import by_scope, narrowed
from e2e_validator.providers.aws.own import note_accounts
from e2e_validator.providers.aws.questions import label, parameters, questions

START, END = date(2026, 11, 24), date(2026, 11, 25)
ROWS = [
    row(tag="web"),
    row("2026-11-25", tag="a,b", UnblendedCost="0.3"),
    storage(UnblendedCost="0.2", tag="", category="", UsageAccountId="3"),
    row(ProductCode="AmazonRDS", UnblendedCost="5", region="eu-west-1", tag="db"),
]


@pytest.fixture
def want(tmp_path: Path) -> Expectation:
    return Expectation.from_manifests([package(tmp_path, ROWS)], today=TODAY)


def asked(want: Expectation) -> list[Question]:
    return list(narrowed(want, START, END, ()))


def test_the_largest_groups_are_asked_for_and_the_rest_is_others(want: Expectation) -> None:
    limits = {(one.groups, one.limit): want.answer(one) for one in asked(want) if one.limit is not None}
    assert limits.keys() == {(("service",), 1), (("service",), 2), (("account",), 1)}
    assert {key[1] for key in limits[("service",), 1] if len(key) > 1} == {"AmazonRDS", "Others"}
    # One that is left is Other.
    assert {key[1] for key in limits[("service",), 2] if len(key) > 1} == {"AmazonRDS", "AmazonEC2", "Other"}


def test_one_value_all_but_one_and_two_groups_are_asked_for(want: Expectation) -> None:
    found = [(one.groups, one.filters, one.excludes) for one in asked(want) if one.limit is None]
    assert found == [
        (("account", "service"), (), ()),
        (("service", "region"), (), ()),
        ((), (("service", ("AmazonEC2",)),), ()),
        ((), (), (("service", ("AmazonEC2",)),)),
        # Values with a comma would be two.
        ((), (("tag:app", ("web",)),), ()),
        ((), (("aws_category:env", ("prod",)),), ()),
    ]


def test_each_question_has_a_name_of_its_own(want: Expectation, tmp_path: Path) -> None:
    every = list(questions(context_of(want, tmp_path, ["2", "3"], {})))
    names = [label(one, ("2", "3")) for one in every]
    assert len(set(names)) == len(names)
    assert (COSTS, "unblended_cost", "service limit 1") in names
    assert (COSTS, "unblended_cost", "total without service AmazonEC2") in names


def test_every_report_is_asked_for_in_each_cost_type(want: Expectation, tmp_path: Path) -> None:
    names = {label(one, ("2", "3")) for one in questions(context_of(want, tmp_path, ["2", "3"], {}))}
    for cost_type in ("unblended_cost", "blended_cost", "savingsplan_effective_cost", "calculated_amortized_cost"):
        for report in ("costs", "instance-types", "storage"):
            assert {(report, cost_type, grouping) for grouping in ("total", "daily", "account")} <= names
        assert ("ec2-compute", cost_type, "2026-11") in names
        groups = ("service", "region", "az", "product_family", "tag:app", "aws_category:env")
        assert {("costs", cost_type, grouping) for grouping in groups} <= names


def test_no_other_currency_is_taken_for_dollars(tmp_path: Path) -> None:
    want = Expectation.from_manifests([package(tmp_path, [row(CurrencyCode="EUR")])], today=TODAY)
    with pytest.raises(Inconclusive, match="not all in USD"):
        want.answer(Question(COSTS, START, END))


@pytest.mark.parametrize(
    ("start", "end", "scopes"),
    [
        (START, END, [(-1, date(2026, 11, 1), TODAY)]),
        (date(2026, 10, 3), date(2026, 10, 4), [(-2, date(2026, 10, 1), date(2026, 10, 31))]),
        (date(2026, 9, 3), date(2026, 9, 4), []),
    ],
)
def test_a_month_is_asked_for_by_its_name(start: date, end: date, scopes: list[tuple[int, date, date]]) -> None:
    found = [one for one in by_scope(start, end, TODAY, ()) if not one.daily]
    said = [(parameters(one, TODAY)["filter[time_scope_value]"], one.start, one.end) for one in found]
    assert said == scopes
    assert all("start_date" not in parameters(one, TODAY) for one in found)


def context_of(want: Expectation, folder: Path, accounts: Sequence[str], answers: Mapping[str, Any]) -> Context:
    note_accounts(folder, {one: one for one in accounts})

    def ask(path: str, parameters: Mapping[str, Any]) -> Any:
        data = answers[path]
        if path == "tags/aws/" and "filter[account]" not in parameters:
            data = [*data, {"key": "of another", "values": ["source"]}]
        return SimpleNamespace(mapping=lambda: {"data": data})

    koku = SimpleNamespace(ask=ask)
    context = SimpleNamespace(expectation=want, folder=folder, today=TODAY, clients=SimpleNamespace(koku=koku))
    return cast("Context", context)


def right() -> dict[str, Any]:
    return {
        "tags/aws/": [{"key": "app", "values": ["a,b", "db", "web"]}],
        "resource-types/aws-categories/": [{"key": "env", "values": ["prod", "another's"]}],
        "resource-types/aws-accounts/": [{"value": "2"}, {"value": "3"}, {"value": "9"}],
        "resource-types/aws-regions/": [{"value": "eu-west-1"}, {"value": "us-east-1"}],
        "resource-types/aws-services/": [{"value": "AmazonEC2"}, {"value": "AmazonRDS"}, {"value": "AmazonS3"}],
        "resource-types/aws-ec2-compute-instances/": [{"value": "i-1"}],
    }


@pytest.mark.parametrize("accounts", [["2", "3"], ["2"]])
def test_what_the_data_have_is_listed_beside_what_others_have(
    want: Expectation, tmp_path: Path, accounts: list[str]
) -> None:
    context = context_of(want, tmp_path, accounts, right())
    assert compare("api", expected_lists(context), answered_lists(context)) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("tags/aws/", [{"key": "app", "values": ["db", "web"]}]),
        ("tags/aws/", [{"key": "App", "values": ["a,b", "db", "web"]}]),
        ("tags/aws/", [{"key": "app", "values": ["a,b", "db", "web", "gone"]}]),
        ("resource-types/aws-categories/", []),
        ("resource-types/aws-accounts/", [{"value": "2"}]),
        ("resource-types/aws-accounts/", [{"value": "2"}, {"value": "2"}, {"value": "3"}]),
        ("resource-types/aws-regions/", [{"value": "us-east-1"}]),
        ("resource-types/aws-services/", [{"value": "AmazonEC2"}, {"value": "AmazonS3"}]),
        ("resource-types/aws-ec2-compute-instances/", []),
    ],
    ids=json.dumps,
)
def test_a_list_that_lacks_or_doubles_something_differs(
    want: Expectation, tmp_path: Path, path: str, data: list[Any]
) -> None:
    context = context_of(want, tmp_path, ["2"], right() | {path: data})
    assert compare("api", expected_lists(context), answered_lists(context))
