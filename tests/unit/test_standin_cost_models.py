"""What the stand-in accepts as a cost model, and the words in which it refuses the rest."""

from __future__ import annotations

from typing import Any

import pytest

from e2e_validator.embedded.standin.koku.cost_model_body import read_body
from e2e_validator.embedded.standin.koku.cost_model_rates import name_rates, read_rate, read_rates
from e2e_validator.embedded.standin.koku.fields import FieldError, refused

TIER = {"unit": "USD", "value": 1}
RATE: dict[str, Any] = {"metric": {"name": "cpu_core_usage_per_hour"}, "tiered_rates": [TIER]}
MODEL: dict[str, Any] = {"name": "m", "description": "", "source_type": "OCP", "rates": [RATE]}
PROD = {"tag_value": "prod", "unit": "USD", "value": 2, "default": False}
NOT_BOTH = "Set either 'tiered_rates' or 'tag_rates' but not both"
NO_RATES = "Missing rate information: one of tiered_rates, tag_rates"
OPEN_ENDS = "tiered_rate must have a tier with usage_start as null and a tier with usage_end as null."
GAP = (
    "tiered_rate must not have gaps between tiers.usage_start of 20 should be less than or equal to the usage_end 10"
    " of the previous tier."
)


def tags(*values: dict[str, Any], **key: Any) -> dict[str, Any]:
    return {
        "metric": {"name": "cpu_core_usage_per_hour"},
        "tag_rates": {"tag_key": "env", "tag_values": [*values]} | key,
    }


def tiers(*bounds: tuple[int | None, int | None]) -> dict[str, Any]:
    usage = [{"usage_start": start, "usage_end": end} for start, end in bounds]
    return RATE | {"tiered_rates": [TIER | {"usage": each} for each in usage]}


def errors_of(body: dict[str, Any]) -> list[tuple[str | None, str]]:
    with pytest.raises(FieldError) as raised:
        read_body(body)
    answer = refused(raised.value.errors)
    assert answer.status == 400
    return [(error["source"], error["detail"]) for error in answer.body["errors"]]


def test_a_small_body_gets_koku_s_defaults() -> None:
    body = read_body(MODEL)
    assert (body.currency, body.source_uuids, body.markup, body.distribution) == ("USD", [], None, None)
    assert body.distribution_info == {
        "distribution_type": "cpu", "platform_cost": True, "worker_cost": True, "network_unattributed": False,
        "storage_unattributed": False, "gpu_unallocated": False,
    }  # fmt: skip
    assert body.rates is not None
    (rate,) = body.rates
    assert (rate["cost_type"], rate["tiered_rates"]) == ("Supplementary", [{"unit": "USD", "value": "1.0000000000"}])


def test_a_distribution_without_details_decides_them() -> None:
    assert read_body(MODEL | {"distribution": "memory"}).distribution_info["distribution_type"] == "memory"
    told = read_body(MODEL | {"distribution": "memory", "distribution_info": {"worker_cost": False}})
    assert (told.distribution_info["distribution_type"], told.distribution_info["worker_cost"]) == ("cpu", False)


def test_a_markup_of_nothing_is_written_with_all_its_places() -> None:
    assert read_body(MODEL | {"markup": {"value": 0, "unit": "percent"}}).markup == {
        "value": "0.0000000000",
        "unit": "percent",
    }


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": None}, [("name", "This field may not be null.")]),
        ({"name": "x" * 101}, [("name", "Ensure this field has no more than 100 characters.")]),
        ({"source_type": "AWS"}, [("non_field_errors", "AWS is not a valid source.")]),
        ({"source_uuids": ["x"]}, [("source_uuids", "Invalid request. Source UUID validation failed.")]),
        ({"currency": "EUR"}, [("currency", '"EUR" is not an enabled currency.')]),
        ({"currency": "XX"}, [("currency", '"XX" is not a valid ISO 4217 currency.')]),
        ({"distribution": "disk"}, [("distribution", '"disk" is not a valid choice.')]),
        (
            {"distribution_info": {"worker_cost": "maybe"}},
            [("distribution_info.worker_cost", "Must be a valid boolean.")],
        ),
        ({"markup": {"value": "ten", "unit": "percent"}}, [("markup.value", "A valid number is required.")]),
        (
            {"markup": {"value": 1, "unit": "%"}, "description": None},
            [("description", "This field may not be null."), ("markup.unit", '"%" is not a valid choice.')],
        ),
        ({"rates": {}}, [("rates.non_field_errors", 'Expected a list of items but got type "dict".')]),
        ({"rates": [RATE | {"metric": {}}]}, [("rates.non_field_errors", "None is an invalid metric")]),
        ({"rates": [RATE | {"cost_type": "X"}]}, [("rates.non_field_errors", "X is an invalid cost type")]),
        (
            {"rates": [RATE | {"tiered_rates": []}]},
            [("rates.non_field_errors", "tiered_rates, tag_rates cannot be empty.")],
        ),
        ({"rates": [{"metric": RATE["metric"]}]}, [("rates.non_field_errors", NO_RATES)]),
        ({"rates": [RATE | tags(PROD)]}, [("rates.non_field_errors", NOT_BOTH)]),
        (
            {"rates": [RATE | {"metric": {"name": "project_per_month"}}]},
            [("rates.non_field_errors", "project_per_month is only available as a tag based rate.")],
        ),
        ({"rates": [RATE | {"tiered_rates": [{"value": 1}]}]}, [("rates.unit", "This field is required.")]),
        (
            {"rates": [RATE | {"tiered_rates": [TIER | {"unit": "EUR"}]}]},
            [("non_field_errors", "Rate units must match currency provided in a cost model.")],
        ),
        (
            {"rates": [RATE | {"tiered_rates": [TIER | {"value": -1}]}]},
            [("rates.value", "A tiered rate value must be nonnegative.")],
        ),
        (
            {"rates": [RATE | {"tiered_rates": [TIER | {"value": "0.12345678901"}]}]},
            [("rates.value", "Ensure that there are no more than 10 decimal places.")],
        ),
        (
            {"rates": [RATE | {"tiered_rates": [TIER | {"value": 12345678901}]}]},
            [("rates.value", "Ensure that there are no more than 9 digits before the decimal point.")],
        ),
        ({"rates": [tiers((None, 10))]}, [("rates.non_field_errors", OPEN_ENDS)]),
        ({"rates": [tiers((20, None), (None, 10))]}, [("rates.non_field_errors", GAP)]),
        ({"rates": [tags()]}, [("rates.tag_values", "A tag_values can not be an empty list.")]),
        ({"rates": [tags(PROD, PROD)]}, [("rates.tag_values", "Duplicate tag_value (prod).")]),
        (
            {"rates": [tags({"tag_value": "a", "unit": "USD"})]},
            [("rates.tag_values.default", "This field is required.")],
        ),
        ({"rates": [tags(PROD, tag_key=None)]}, [("rates.tag_key", "This field may not be null.")]),
        (
            {"rates": [tags(PROD | {"default": True}, PROD | {"default": True, "tag_value": "stage"})]},
            [("rates.tag_values", "Only one tag_value per tag_key can be marked as a default.")],
        ),
        (
            {"rates": [tags(PROD), tags(PROD)]},
            [("rates", "Duplicate tag_key (env) per cost_type (Supplementary) for metric (cpu_core_usage_per_hour).")],
        ),
        (
            {"rates": [RATE | {"custom_name": "a"}, RATE | {"custom_name": "a"}]},
            [("rates", "Duplicate custom_name values in a single request are not allowed: ['a']")],
        ),
        (
            {"rates": [RATE | {"custom_name": "x" * 51}]},
            [("rates.custom_name", "Ensure this field has no more than 50 characters.")],
        ),
    ],
)
def test_what_is_no_cost_model_is_refused_with_kokus_words(
    change: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    assert errors_of(MODEL | change) == errors


def test_every_missing_field_is_named_at_once() -> None:
    assert errors_of({}) == [(name, "This field is required.") for name in ("name", "description", "source_type")]


def test_tiers_that_follow_each_other_are_taken() -> None:
    assert len(read_rate(tiers((10, None), (None, 10)))["tiered_rates"]) == 2


def test_rates_without_a_name_get_one_that_is_free_and_fits() -> None:
    rates = read_rates([RATE, RATE, RATE | {"custom_name": "mine"}, tags(PROD, tag_key="k" * 30)])
    name_rates(rates, {"cpu_core_usage_per_hour-Supplementary"})
    assert [rate["custom_name"] for rate in rates] == [
        "cpu_core_usage_per_hour-Supplementary-2",
        "cpu_core_usage_per_hour-Supplementary-3",
        "mine",
        "cpu_core_usage_per_hour-Supplementary-" + "k" * 12,
    ]
