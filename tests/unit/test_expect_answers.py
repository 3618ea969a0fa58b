"""The API's answers as measures."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.answers import read_answer

RECORDED = Path(__file__).parents[2] / "fixtures" / "recordings" / "one_pod_day" / "api"


def body(name: str) -> Any:
    return json.loads((RECORDED / name).read_text(), parse_float=Decimal)["body"]


@pytest.fixture
def by_node() -> Any:
    return copy.deepcopy(body("compute.by_node.monthly.json"))


def test_a_recorded_answer_is_read(by_node: Any) -> None:
    rows = read_answer("compute", "node", by_node)
    assert set(rows) == {("compute", "node", "", ""), ("compute", "node", "node_1", "2026-11")}
    node = rows["compute", "node", "node_1", "2026-11"]
    wanted = {"usage": 12, "capacity": 96, "efficiency_percent": 50, "cost.total": 0}
    assert {field: node[field] for field in wanted} == wanted


def test_days_without_data_have_no_row() -> None:
    rows = read_answer("compute", "daily", body("compute.daily.json"))
    assert {key[3] for key in rows} == {"", "2026-11-05"}


def test_null_and_missing_are_not_0(by_node: Any) -> None:
    value = by_node["data"][0]["nodes"][0]["values"][0]
    value["usage"]["value"] = None
    del value["limit"]
    value["request"] = None
    row = read_answer("compute", "node", by_node)["compute", "node", "node_1", "2026-11"]
    assert not {"usage", "limit", "request", "request.unused"} & set(row)
    assert row["capacity"] == 96


def test_a_group_that_is_listed_twice_stands_out(by_node: Any) -> None:
    by_node["data"][0]["nodes"] *= 2
    assert ("compute", "node", "node_1", "2026-11#2") in read_answer("compute", "node", by_node)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda answer: answer["meta"].pop("total"), "no meta.total"),
        (lambda answer: answer["links"].update(next="/page2"), "first page"),
        (lambda answer: answer.pop("data"), "unknown shape"),
        (lambda answer: answer["data"][0].pop("nodes"), "unknown shape"),
        (lambda answer: answer["meta"].update(total=[]), "unknown shape"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value="12"), "no number in usage"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value=True), "no number in usage"),
    ],
)
def test_an_answer_of_another_shape_says_nothing_about_the_numbers(by_node: Any, change: Any, said: str) -> None:
    change(by_node)
    with pytest.raises(Inconclusive, match=said):
        read_answer("compute", "node", by_node)


@pytest.mark.parametrize("answer", [None, [], "<html>", {"errors": []}])
def test_what_is_no_report_is_inconclusive(answer: Any) -> None:
    with pytest.raises(Inconclusive):
        read_answer("costs", "total", answer)
