"""Disabled keys: what rows, reports and lists must hold of them, and that each kind of mistake is a difference."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aws_files import TODAY, package, row, storage
from test_aws_narrowed import END, START, context_of, right

from e2e_validator.expect.ledger import compare
from e2e_validator.providers.aws.expect.answers import read_answer
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import COMPUTE, COSTS, INSTANCES, STORAGE, Question
from e2e_validator.providers.aws.expect.reports import TOTAL
from e2e_validator.providers.aws.lists import answered_lists, expected_lists
from e2e_validator.providers.aws.narrowed import of_disabled
from e2e_validator.providers.aws.own import note_accounts
from e2e_validator.providers.aws.questions import questions

ROWS = [row(tag="web"), row(tag="db"), row(tag="", category="", UnblendedCost="5"), storage(UnblendedCost="0.2")]
TAG, CATEGORY = "tag:app", "aws_category:env"


def expect(folder: Path, tags: Sequence[str] = (), categories: Sequence[str] = ()) -> Expectation:
    return Expectation.from_manifests(
        [package(folder, ROWS)], today=TODAY, disabled_tags=tags, disabled_categories=categories
    )


def costs(**more: Any) -> Question:
    return Question(COSTS, START, END, **more)


def test_a_disabled_tag_is_cut_and_its_rows_stay_apart(tmp_path: Path) -> None:
    every, none = expect(tmp_path), expect(tmp_path, ("app",))
    rows = none.payloads[-1].rows
    assert len(rows) == len(every.payloads[-1].rows) == 4
    assert {one.tags for one in rows} == {one.tags for one in none.payloads[-1].instances} == {"{}"}
    total = every.answer(costs())[TOTAL]
    assert none.answer(costs(groups=(TAG,))) == {TOTAL: total, ("2026-11", "No-app"): total}
    assert none.answer(costs(filters=((TAG, ("a",)),)))[TOTAL]["cost.total USD"] == 0
    # Instances have a row for each set of tags that their last day had, cut or not (19).
    month = Question(COMPUTE, START.replace(day=1), START.replace(day=1))
    assert none.answer(month) == every.answer(month)


def test_of_a_disabled_category_nothing_is_answered(tmp_path: Path) -> None:
    every, none = expect(tmp_path), expect(tmp_path, (), ("env",))
    assert none.payloads[-1].rows == every.payloads[-1].rows
    assert none.answer(costs()) == every.answer(costs())
    choice = ((CATEGORY, ("prod",)),)
    for one in (
        costs(groups=(CATEGORY,)),
        costs(filters=choice),
        costs(excludes=choice),
        costs(groups=("account", CATEGORY)),
    ):
        assert none.answer(one).keys() == {TOTAL}
        assert set(none.answer(one)[TOTAL].values()) == {Decimal(0)}
        assert every.answer(one) != none.answer(one)
    assert (every.categories(), none.categories()) == ({"env": ["prod"]}, {})


@pytest.mark.parametrize("report", [INSTANCES, STORAGE])
def test_the_total_of_a_usage_is_a_bare_number_then(tmp_path: Path, report: str) -> None:
    """As a real Koku answers (docs/contract/clouds.md 11); with a value and unit it would be another answer."""
    question = Question(report, START, END, groups=(CATEGORY,))
    want = expect(tmp_path, (), ("env",)).answer(question)
    money = {name: {"value": 0, "units": "USD"} for name in ("raw", "markup", "usage", "total")}
    total: dict[str, Any] = dict.fromkeys(("cost", "infrastructure", "supplementary"), money) | {"usage": 0}
    body = {"meta": {"total": total}, "links": {"next": None}, "data": []}
    assert compare("api", want, read_answer(question, body)) == []
    body["meta"] = {"total": total | {"usage": {"value": 0, "units": "Hrs"}}}
    assert compare("api", want, read_answer(question, body))


def test_disabled_keys_are_asked_for_in_every_way(tmp_path: Path) -> None:
    want = expect(tmp_path, ("app",), ("env",))
    found = list(of_disabled(want, START, END, ()))
    assert [(one.report, one.groups, one.filters, one.excludes) for one in found] == [
        (COSTS, (), ((TAG, ("a",)),), ()),
        (COSTS, (), ((CATEGORY, ("a",)),), ()),
        (COSTS, (), (), ((CATEGORY, ("no such value",)),)),
        (STORAGE, (CATEGORY,), (), ()),
    ]
    note_accounts(tmp_path, {"2": "2"})
    context = context_of(want, tmp_path, ["2"], {})
    assert {(TAG,), (CATEGORY,)} <= {one.groups for one in questions(context) if one.report == COSTS}


def test_the_disabled_keys_are_kept_on_disk(tmp_path: Path) -> None:
    want = expect(tmp_path, ("app",), ("env",))
    want.write(tmp_path / "expectation.json")
    assert Expectation.read(tmp_path / "expectation.json") == want


@pytest.mark.parametrize("accounts", [["2"], ["2", "3"]])
@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("tags/aws/", {"key": "app", "values": ["web"]}),
        ("tags/aws/", {"key": "app", "values": ["of another source"]}),
        ("resource-types/aws-categories/", {"key": "env", "values": ["prod"]}),
        ("resource-types/aws-categories/", {"key": "env", "values": ["another's"]}),
    ],
)
def test_a_disabled_key_that_is_listed_differs(
    tmp_path: Path, accounts: list[str], path: str, listed: dict[str, Any]
) -> None:
    want = expect(tmp_path, ("app",), ("env",))
    answers = right() | {"tags/aws/": [], "resource-types/aws-categories/": [{"key": "team", "values": ["x"]}]}
    context = context_of(want, tmp_path, accounts, answers)
    assert compare("api", expected_lists(context), answered_lists(context)) == []
    context = context_of(want, tmp_path, accounts, answers | {path: [*answers[path], listed]})
    assert compare("api", expected_lists(context), answered_lists(context))
