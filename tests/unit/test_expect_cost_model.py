"""A cost model, read as the API reads it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_models import INFRASTRUCTURE, SUPPLEMENTARY, body, rate, tag_rate

from e2e_validator.errors import UsageError
from e2e_validator.providers.ocp.expect.cost_model import CostModel

CPU = "cpu_core_usage_per_hour"


def test_several_rates_of_one_metric_and_cost_type_add_up() -> None:
    model = CostModel.from_json(body(rate(CPU, "0.1"), rate(CPU, 0.2), rate(CPU, 1, INFRASTRUCTURE)))
    assert model.rates == {(CPU, SUPPLEMENTARY): Decimal("0.3"), (CPU, INFRASTRUCTURE): 1}


def test_only_the_first_tier_counts() -> None:
    one = rate(CPU, "0.5")
    one["tiered_rates"].append({"unit": "USD", "value": 9})
    assert CostModel.from_json(body(one)).rates == {(CPU, SUPPLEMENTARY): Decimal("0.5")}


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        ([(10, INFRASTRUCTURE), (20, SUPPLEMENTARY)], (INFRASTRUCTURE, 10)),
        ([(20, SUPPLEMENTARY)], (SUPPLEMENTARY, 20)),
        ([(0, INFRASTRUCTURE), (20, SUPPLEMENTARY)], (SUPPLEMENTARY, 20)),
        ([(0, INFRASTRUCTURE)], None),
    ],
)
def test_of_a_monthly_metric_infrastructure_wins(rates: list[tuple[int, str]], wanted: Any) -> None:
    model = CostModel.from_json(body(*(rate("node_cost_per_month", value, kind) for value, kind in rates)))
    assert model.monthly_rate("node_cost_per_month") == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, ("cpu", True, True)),
        ({"distribution": "memory"}, ("memory", True, True)),
        ({"distribution": "memory", "distribution_info": {"worker_cost": False}}, ("cpu", True, False)),
        ({"distribution_info": {"distribution_type": "memory", "platform_cost": False}}, ("memory", False, True)),
    ],
)
def test_what_is_shared_out_when_little_is_said(given: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    model = CostModel.from_json({"name": "m", "rates": [], **given})
    assert (model.distribution, model.platform_cost, model.worker_cost) == wanted


def test_the_price_list_has_the_apis_range_unless_told_otherwise() -> None:
    assert not CostModel.from_json({}).covers(date(2026, 2, 28))
    assert CostModel.from_json({}).covers(date(2026, 3, 1))
    answered = {"price_lists": [{"effective_start_date": "2026-11-01", "effective_end_date": "2026-11-30"}]}
    model = CostModel.from_json(answered)
    assert [model.covers(date(2026, month, 1)) for month in (10, 11, 12)] == [False, True, False]
    assert not CostModel.from_json(answered, start=date(2027, 1, 1), end=date(2099, 12, 31)).covers(date(2026, 11, 5))


def test_a_tag_rate_keeps_the_price_of_its_default_value() -> None:
    (one,) = CostModel.from_json(body(tag_rate(CPU, "env", {"prod": 2, "stage": 1}, default="stage"))).tag_rates
    assert one.key == "env"
    assert {**one.values, "": one.default} == {"prod": Decimal(2), "stage": Decimal(1), "": Decimal(1)}


def test_no_rate_is_an_empty_model() -> None:
    assert CostModel.from_json(body(markup={"value": "10", "unit": "percent"})).empty
    assert not CostModel.from_json(body(rate(CPU, 1))).empty


BAD: list[tuple[Any, str]] = [
    ([], "JSON object"),
    (body(rate("cpu_per_hour", 1)), "unknown metric 'cpu_per_hour'"),
    (body(rate("vm_cost_per_month", 1)), "vm_cost_per_month: that comes later"),
    (body(rate("project_per_month", 1)), "comes later"),
    (body(rate("gpu_cost_per_month", 1)), "comes later"),
    (body(tag_rate("node_cost_per_month", "env", {"a": 1})), "comes later"),
    (body(rate(CPU, 1, "Extra")), "cost type 'Extra'"),
    (body(rate(CPU, -1)), "must not be negative"),
    (body(rate(CPU, "NaN")), "must be a number"),
    (body(rate(CPU, True)), "must be a number"),
    (body(rate(CPU, "0.12345678901")), "more than 10 decimals"),
    (body({"metric": {"name": CPU}, "cost_type": SUPPLEMENTARY}), "has no rate"),
    (body(rate(CPU, 1) | tag_rate(CPU, "env", {"a": 1})), "one of them"),
    (body({"cost_type": SUPPLEMENTARY}), "no metric"),
    (body(tag_rate(CPU, "env", {})), "at least one of tag_values"),
    (body(tag_rate(CPU, "env", {"a": 1}), tag_rate(CPU, "env", {"b": 1})), "a second time"),
    (body(markup={"value": "x", "unit": "percent"}), "markup.value must be a number"),
    (body(markup={"value": 1, "unit": "USD"}), "percent"),
    ({"distribution_info": {"distribution_type": "pods"}}, "'cpu' or 'memory'"),
    ({"distribution_info": {"platform_cost": "yes"}}, "true or false"),
    ({"price_lists": [{"effective_start_date": "2026-11-02", "effective_end_date": "2026-11-30"}]}, "on the first"),
    ({"price_lists": [{"effective_start_date": "2026-11-01"}]}, "effective_end_date must be a day"),
    ({"rates": 3}, "rates must be a list"),
]


@pytest.mark.parametrize(("given", "said"), BAD)
def test_a_bad_model_gets_one_sentence(given: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        CostModel.from_json(given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("defaults", [[True, True], ["yes"]])
def test_defaults_of_a_tag_rate_are_checked(defaults: list[Any]) -> None:
    one = tag_rate(CPU, "env", {str(number): number for number in range(len(defaults))})
    for value, default in zip(one["tag_rates"]["tag_values"], defaults, strict=True):
        value["default"] = default
    with pytest.raises(UsageError, match="default"):
        CostModel.from_json(body(one))


def test_a_file_is_read_exactly_and_named_when_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(body(rate(CPU, 0.007))))
    assert CostModel.read(path).rates == {(CPU, SUPPLEMENTARY): Decimal("0.007")}
    for content in ("{", json.dumps(body(rate("x", 1)))):
        path.write_text(content)
        with pytest.raises(UsageError, match=str(path)):
            CostModel.read(path)
    with pytest.raises(UsageError, match="cannot be read"):
        CostModel.read(tmp_path / "none.json")
