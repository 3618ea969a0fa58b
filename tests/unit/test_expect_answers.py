"""The API's answers as measures."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.providers.ocp.expect.answers import read_answer
from e2e_validator.providers.ocp.expect.surface.shown import WrongShape

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
        (lambda answer: answer["links"].update(next="/page2"), "more follows"),
        (lambda answer: answer.pop("data"), "another shape"),
        (lambda answer: answer.pop("links"), "another shape"),
        (lambda answer: answer["data"][0].pop("nodes"), "another shape"),
        (lambda answer: answer["meta"].update(total=[]), "another shape"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value="12"), "no number in usage"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value=True), "no number in usage"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value=Decimal("NaN")), "no finite number in usage"),
        (lambda answer: answer["meta"]["total"]["usage"].update(value=Decimal("-0.0")), "a negative zero in usage"),
        (lambda answer: answer["meta"]["total"]["usage"].update(units="Core-Seconds"), "usage in 'Core-Seconds'"),
        (lambda answer: answer["meta"]["total"]["usage"].pop("units"), "another shape"),
        (lambda answer: answer["meta"]["total"]["cost"]["total"].update(units="EUR"), "cost.total in 'EUR'"),
        (lambda answer: answer["meta"]["total"]["capacity"].update(count_units="GiB"), "capacity.count_units 'GiB'"),
        (lambda answer: answer["meta"]["total"]["capacity"].update(unused="0"), "no number in capacity.unused"),
        (lambda answer: answer["meta"]["total"]["total_score"]["wasted_cost"].update(units="EUR"), "wasted_cost in"),
    ],
)
def test_an_answer_of_another_shape_is_the_products_fault(by_node: Any, change: Any, said: str) -> None:
    change(by_node)
    with pytest.raises(WrongShape, match=said):
        read_answer("compute", "node", by_node)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (lambda row: row["usage"].update(value=None, units="GiB-Hours"), "usage in 'GiB-Hours'"),
        (lambda row: row["cost"]["distributed"].update(value="0"), "no number in cost.distributed"),
        (lambda row: row["score"].update(usage_efficiency_percent="50"), "no number in efficiency_percent"),
    ],
)
def test_a_row_of_another_shape_is_named(by_node: Any, place: Any, said: str) -> None:
    place(by_node["data"][0]["nodes"][0]["values"][0])
    with pytest.raises(WrongShape, match=rf"{said}.*\(node_1 / 2026-11\)"):
        read_answer("compute", "node", by_node)


@pytest.mark.parametrize("answer", [None, [], "<html>", {"errors": []}])
def test_what_is_no_report_is_the_products_fault(answer: Any) -> None:
    with pytest.raises(WrongShape):
        read_answer("costs", "total", answer)
