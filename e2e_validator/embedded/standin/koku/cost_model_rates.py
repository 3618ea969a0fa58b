"""The rates of a cost model's body: checked, and written as they are kept (docs/contract/koku.md 5.5)."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from e2e_validator.embedded.standin.koku.fields import FieldError, boolean, gather, mapping, number, text
from e2e_validator.embedded.standin.pricing.metrics import METRICS, TAG_ONLY

Row = dict[str, Any]
LONGEST_NAME = 50
_CODES = (
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NGN NOK NZD PEN PHP"
    " PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
CURRENCIES = frozenset(_CODES.split(" "))


def currency(value: Any) -> str:
    """The ISO code of a currency; the better known of them."""
    code = str(value).upper()
    if code not in CURRENCIES:
        raise FieldError([f'"{code}" is not a valid ISO 4217 currency.'])
    return code


def _unit(data: Row) -> str:
    if data.get("unit") is None:
        raise FieldError(["This field may not be null." if "unit" in data else "This field is required."])
    return currency(data["unit"])


def _value(data: Row, what: str) -> str:
    found = number(data["value"])
    if found < 0:
        raise FieldError([f"A {what} rate value must be nonnegative."])
    return f"{found:f}"


def _usage(data: Row, what: str) -> Row:
    usage: Row = mapping(data["usage"])
    start, end = usage.get("usage_start"), usage.get("usage_end")
    if start and start < 0:
        raise FieldError([f"A {what} rate usage_start must be positive."])
    if end and end <= 0:
        raise FieldError([f"A {what} rate usage_end must be positive."])
    return usage


def _priced(data: Row, what: str) -> dict[str, Any]:
    """The readers that a tier and the value of a tag share; what is not given has none."""
    readers: dict[str, Any] = {"unit": lambda: _unit(data)}
    if "value" in data:
        readers["value"] = lambda: _value(data, what)
    if "usage" in data:
        readers["usage"] = lambda: _usage(data, what)
    return readers


def _tier(raw: Any) -> Row:
    tier = gather(_priced(mapping(raw), "tiered"))
    start, end = (tier.get("usage", {}).get(key) for key in ("usage_start", "usage_end"))
    if start is not None and end is not None and Decimal(start) >= Decimal(end):
        raise FieldError({"non_field_errors": ["A tiered rate usage_start must be less than usage_end."]})
    return tier


def _check_tiers(tiers: list[Row]) -> None:
    """Tiers must follow each other without gap or overlap, open at both ends. Only the first is ever charged."""
    bounds = [tuple(tier.get("usage", {}).get(key) for key in ("usage_start", "usage_end")) for tier in tiers]
    bounds.sort(key=lambda bound: Decimal("-Infinity") if bound[0] is None else Decimal(bound[0]))
    if bounds[0][0] is not None or bounds[-1][1] is not None:
        text = "tiered_rate must have a tier with usage_start as null and a tier with usage_end as null."
        raise FieldError({"non_field_errors": [text]})
    for (_, end), (start, _) in pairwise(bounds):
        if end is not None and start is not None and Decimal(start) > Decimal(end):
            text = (
                f"tiered_rate must not have gaps between tiers.usage_start of {start} should be less than or equal to"
                f" the usage_end {end} of the previous tier."
            )
            raise FieldError({"non_field_errors": [text]})
        if end != start:
            text = (
                f"tiered_rate must not have overlapping tiers. usage_start value {end} should equal to the usage_end"
                f" value of the next tier, not {start}."
            )
            raise FieldError({"non_field_errors": [text]})


def _tag_value(raw: Any) -> Row:
    data = mapping(raw)

    def default() -> bool:
        if "default" not in data:
            raise FieldError(["This field is required."])
        return boolean(data["default"])

    readers: dict[str, Any] = {"tag_value": lambda: text(data, "tag_value", 100), **_priced(data, "tag")}
    if "description" in data:
        readers["description"] = lambda: text(data, "description", 500, blank=True)
    return gather(readers | {"default": default})


def _tag_values(data: Row) -> list[Row]:
    if "tag_values" not in data:
        raise FieldError(["This field is required."])
    given = data["tag_values"]
    if not isinstance(given, list):
        raise FieldError([f'Expected a list of items but got type "{type(given).__name__}".'])
    if not given:
        raise FieldError(["A tag_values can not be an empty list."])
    values: list[Row] = []
    for raw in given:
        value = _tag_value(raw)
        if any(value["tag_value"] == other["tag_value"] for other in values):
            raise FieldError([f"Duplicate tag_value ({value['tag_value']})."])
        values.append(value)
    if sum(value["default"] for value in values) > 1:
        raise FieldError(["Only one tag_value per tag_key can be marked as a default."])
    return values


def _tag_rates(raw: Any) -> Row:
    data = mapping(raw)
    return gather({"tag_key": lambda: text(data, "tag_key", 100), "tag_values": lambda: _tag_values(data)})


def _cost_type(metric: str, given: Any) -> str:
    if given is None:
        return METRICS[metric].cost_type
    found = {"infrastructure": "Infrastructure", "supplementary": "Supplementary"}.get(str(given).lower())
    if found is None:
        raise FieldError({"non_field_errors": [f"{given} is an invalid cost type"]})
    return found


def read_rate(raw: Any) -> Row:
    """One rate as it is kept: ``metric``, ``cost_type``, ``description``, ``tiered_rates`` or ``tag_rates``.

    Raises:
        FieldError: it cannot be used.
    """
    data = mapping(raw)
    name = data.get("custom_name")
    if name is not None and len(str(name)) > LONGEST_NAME:
        raise FieldError({"custom_name": f"Ensure this field has no more than {LONGEST_NAME} characters."})
    given = data.get("metric")
    metric = given.get("name") if isinstance(given, dict) else None
    if metric in TAG_ONLY and data.get("tiered_rates"):
        raise FieldError({"non_field_errors": [f"{metric} is only available as a tag based rate."]})
    if metric not in METRICS:
        raise FieldError({"non_field_errors": [f"{metric} is an invalid metric"]})
    tiers = [_tier(tier) for tier in data.get("tiered_rates") or []]
    tags = _tag_rates(data["tag_rates"]) if data.get("tag_rates") else {}
    rate = {"metric": {"name": metric}, "cost_type": _cost_type(metric, data.get("cost_type"))}
    rate |= {"description": data.get("description") or "", "custom_name": str(name or "")}
    if data.get("tiered_rates") is None and data.get("tag_rates") is None:
        raise FieldError({"non_field_errors": ["Missing rate information: one of tiered_rates, tag_rates"]})
    if not tiers and not tags:
        raise FieldError({"non_field_errors": ["tiered_rates, tag_rates cannot be empty."]})
    if tiers and tags:
        raise FieldError({"non_field_errors": ["Set either 'tiered_rates' or 'tag_rates' but not both"]})
    if tags:
        return rate | {"tag_rates": tags}
    _check_tiers(tiers)
    return rate | {"tiered_rates": tiers}


def read_rates(raw: Any) -> list[Row]:
    """The list of rates; a tag key once per metric and cost type, a custom name once."""
    if not isinstance(raw, list):
        text = f'Expected a list of items but got type "{type(raw).__name__}".'
        raise FieldError({"non_field_errors": [text]})
    rates = [read_rate(rate) for rate in raw]
    seen: set[tuple[str, str, str]] = set()
    for rate in rates:
        if tags := rate.get("tag_rates"):
            found = tags["tag_key"], rate["cost_type"], rate["metric"]["name"]
            if found in seen:
                raise FieldError(["Duplicate tag_key ({}) per cost_type ({}) for metric ({}).".format(*found)])
            seen.add(found)
    names = [rate["custom_name"] for rate in rates if rate["custom_name"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FieldError([f"Duplicate custom_name values in a single request are not allowed: {twice}"])
    return rates


def name_rates(rates: list[Row], taken: set[str]) -> None:
    """Give each rate without a name its default one; a name that is taken gets a number."""
    used = taken | {rate["custom_name"] for rate in rates if rate["custom_name"]}
    for rate in rates:
        if not rate["custom_name"]:
            parts = [rate["metric"]["name"], rate["cost_type"]]
            parts += [rate["tag_rates"]["tag_key"]] if "tag_rates" in rate else []
            rate["custom_name"] = _free("-".join(parts)[:LONGEST_NAME], used)
        used.add(rate["custom_name"])


def _free(base: str, used: set[str]) -> str:
    name, count = base, 2
    while name in used:
        suffix = f"-{count}"
        name = base[: LONGEST_NAME - len(suffix)] + suffix
        count += 1
    return name
