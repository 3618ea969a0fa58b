"""A cost model as the API takes it (docs/contract/koku.md 5.5, 6.4), as far as its figures can be expected.

The name, the description and the sources are the run's own. What Koku accepts and then charges differently from
what it says is refused: more than one tier, tag rates where they have no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from e2e_validator.scenario.document import brief, did_you_mean
from e2e_validator.scenario.model import FixturePath, Part, Text, When, wrong
from e2e_validator.scenario.plain_values import number_in
from e2e_validator.scenario.source_type import EffectiveDates

POD_METRICS = (
    "cpu_core_usage_per_hour",
    "cpu_core_request_per_hour",
    "cpu_core_effective_usage_per_hour",
    "memory_gb_usage_per_hour",
    "memory_gb_request_per_hour",
    "memory_gb_effective_usage_per_hour",
)
STORAGE_METRICS = ("storage_gb_usage_per_month", "storage_gb_request_per_month")
CAPACITY_METRICS = (
    "node_cost_per_month",
    "node_core_cost_per_month",
    "node_core_cost_per_hour",
    "cluster_cost_per_month",
    "cluster_cost_per_hour",
    "cluster_core_cost_per_hour",
)
PVC_METRIC = "pvc_cost_per_month"
METRICS = (*POD_METRICS, *STORAGE_METRICS, *CAPACITY_METRICS, PVC_METRIC)
# Koku takes tag rates on others too, but says nowhere what they come to.
TAG_METRICS = (*POD_METRICS, *STORAGE_METRICS)
LATER = {
    "vm_cost_per_month": "rates of virtual machines come later",
    "vm_cost_per_hour": "rates of virtual machines come later",
    "vm_core_cost_per_month": "rates of virtual machines come later",
    "vm_core_cost_per_hour": "rates of virtual machines come later",
    "project_per_month": "rates of projects come later",
    "gpu_cost_per_month": "rates of GPUs come later",
}
CURRENCY = "USD"
# The API's DecimalField(max_digits=19, decimal_places=10); 15 digits are those a JSON number carries exactly.
_WHOLE_DIGITS, _DECIMALS, _DIGITS = 9, 10, 15
NUMBER = r"^-?\d{1,9}(\.\d{1,10})?$"


# What Koku gives the price list of a cost model that the API creates (docs/contract/koku.md 0.11).
DEFAULT_EFFECTIVE_DATES = EffectiveDates(date(2026, 3, 1), date(2099, 12, 31))


def request_body(cost_model: Mapping[str, Any]) -> dict[str, Any]:
    """``cost_model`` for ``json.dumps``: each Decimal a number whose JSON text is that decimal exactly."""
    return {key: _sendable(value) for key, value in cost_model.items()}


def _sendable(value: Any) -> Any:
    if isinstance(value, dict):
        return request_body(value)
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    if isinstance(value, Decimal):
        # Exact: no number of a scenario has more than 15 digits.
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _number(value: Any) -> Decimal:
    shown = f"'{brief(value)}'" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
    if isinstance(value, (dict, list)):
        shown = "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        raise wrong("is empty", "write a number")
    try:
        number = value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None:
        plain = number_in(value)
        raise wrong(f"{shown} is not a number", f"write {plain}" if plain else "write it like 0.007")
    if not number.is_finite():
        raise wrong(f"{brief(str(shown))} is not a finite number")
    if number and not -2 * _DIGITS < number.adjusted() < 2 * _DIGITS:
        raise _too_long(value)
    _, digits, exponent = number.normalize().as_tuple()
    decimals = max(-int(exponent), 0)
    whole = max(len(digits) + int(exponent), 0)
    if decimals > _DECIMALS or whole > _WHOLE_DIGITS:
        raise _too_long(value)
    if len(digits) > _DIGITS:
        raise wrong(f"{value} has more than {_DIGITS} digits", "a JSON number would not carry them exactly")
    return number


def _too_long(value: Any) -> PydanticCustomError:
    what = f"{brief(str(value))} has too many digits"
    return wrong(what, f"Koku takes {_WHOLE_DIGITS} before the point and {_DECIMALS} after")


def _price(value: Any) -> Decimal:
    number = _number(value)
    if number <= 0:
        raise wrong(f"{value} is not above 0", "Koku refuses less than 0 and charges nothing for 0: leave the rate out")
    return number


def _tag_price(value: Any) -> Decimal:
    number = _number(value)
    if number < 0:
        raise wrong(f"{value} is below 0", "Koku refuses it")
    return number


def _metric(value: Any) -> str:
    if reason := LATER.get(value) if isinstance(value, str) else None:
        raise wrong(f"'{value}' is not allowed", reason)
    if value not in METRICS:
        shown = f"'{value}'" if isinstance(value, str) else value
        raise wrong(f"{shown} is not a metric", f"{did_you_mean(value, METRICS)} known: {', '.join(METRICS)}".strip())
    return str(value)


def _currency(value: Any) -> str:
    if value != CURRENCY:
        raise wrong(f"'{value}' is not {CURRENCY}", "other currencies come later")
    return CURRENCY


def _one_tier(value: Any) -> Any:
    if isinstance(value, list) and len(value) > 1:
        raise wrong(f"{len(value)} tiers", "Koku charges everything at the first one: write that one")
    return value


def _no_limit(value: Any) -> None:
    if value is not None:
        raise wrong("a tier with a limit", "Koku charges everything at the first tier: write one without limits")


def _short(limit: int) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and len(value) > limit:
            raise wrong(f"has {len(value)} characters", f"Koku takes at most {limit}")
        return value

    return BeforeValidator(check)


_NUMBER_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER}]}
Price = Annotated[
    Decimal,
    BeforeValidator(_price),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _NUMBER_SCHEMA["anyOf"][1]]}),
]
TagPrice = Annotated[
    Decimal,
    BeforeValidator(_tag_price),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, _NUMBER_SCHEMA["anyOf"][1]]}),
]
Percentage = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]
MetricName = Annotated[str, BeforeValidator(_metric), WithJsonSchema({"enum": list(METRICS)})]
Currency = Annotated[str, BeforeValidator(_currency), WithJsonSchema({"const": CURRENCY})]
NoLimit = Annotated[None, BeforeValidator(_no_limit)]
TagText = Annotated[Text, _short(100)]
Description = Annotated[str, _short(500)]
Distribution = Literal["cpu", "memory"]


def _ignored(what: str) -> Any:
    """A field that is read and left out, so that an answer of ``GET cost-models/UUID/`` is taken as it is."""
    return Field(default=None, exclude=True, description=f"{what}; ignored")


class Metric(Part):
    """What a rate charges for."""

    name: MetricName = Field(description="metric, such as cpu_core_usage_per_hour")
    label_metric: Any = _ignored("of Koku's answer")
    label_measurement: Any = _ignored("of Koku's answer")
    label_measurement_unit: Any = _ignored("of Koku's answer")
    source_type: Any = _ignored("of Koku's answer")


class UsageLimits(Part):
    """The limits of a tier, which must be open."""

    usage_start: NoLimit = None
    usage_end: NoLimit = None
    unit: Currency | None = None


class TieredRate(Part):
    """The price of one unit."""

    unit: Currency = Field(description="USD")
    value: Price = Field(description="price of one unit, above 0")
    usage: UsageLimits | None = Field(default=None, description="open limits, as the API answers them")
    usage_start: NoLimit = None
    usage_end: NoLimit = None


class TagValue(Part):
    """The price where the tag has this value."""

    tag_value: TagText = Field(description="value of the tag")
    unit: Currency = Field(description="USD")
    value: TagPrice = Field(description="price of one unit")
    default: StrictBool = Field(description="true: also the price of every value that is not listed")
    description: Description = Field(default="", description="free text")
    usage: UsageLimits | None = Field(default=None, description="open limits, as the API answers them")
    usage_start: NoLimit = None
    usage_end: NoLimit = None


class TagRates(Part):
    """Prices by the values of one tag."""

    tag_key: TagText = Field(description="key of the tag; it must be in enable_tags")
    tag_values: Annotated[tuple[TagValue, ...], Field(min_length=1)] = Field(description="prices by value")


class Rate(Part):
    """One rate: for a metric, exactly one of tiered_rates and tag_rates."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["tiered_rates"]}, {"required": ["tag_rates"]}]}
    )

    metric: Metric = Field(description="{name: cpu_core_usage_per_hour}")
    cost_type: Literal["Infrastructure", "Supplementary"] = Field(description="Infrastructure or Supplementary")
    tiered_rates: (
        Annotated[tuple[TieredRate, ...], Field(min_length=1, max_length=1), BeforeValidator(_one_tier)] | None
    ) = Field(default=None, description="one tier without limits")
    tag_rates: TagRates | None = Field(default=None, description="prices by the values of a tag")
    custom_name: Annotated[str, _short(50)] | None = Field(default=None, description="name of the rate")
    description: Description | None = Field(default=None, description="free text")
    rate_id: Any = _ignored("of Koku's answer")


class Markup(Part):
    """What is added to raw cost, of which on-premise there is none."""

    value: Percentage = Field(description="percent")
    unit: Literal["percent"] = Field(description="percent")


class DistributionInfo(Part):
    """Which overhead is shared out among the projects, and by what."""

    distribution_type: Distribution | None = Field(default=None, description="cpu (the default) or memory")
    platform_cost: StrictBool | None = Field(default=None, description="share out platform cost; Koku's default true")
    worker_cost: StrictBool | None = Field(default=None, description="share out worker cost; Koku's default true")
    network_unattributed: StrictBool | None = Field(default=None, description="Koku's default false")
    storage_unattributed: StrictBool | None = Field(default=None, description="Koku's default false")
    gpu_unallocated: StrictBool | None = Field(default=None, description="Koku's default false")


class PriceList(Part):
    """Whole months in which the rates hold; what is not given stays as Koku made it (2026-03 to 2099-12)."""

    start: When | None = Field(default=None, description="first day, a first of a month")
    end: When | None = Field(default=None, description="first day after, a first of a month")


class CostModelBody(Part):
    """The body of a POST to cost-models/, or the answer of a GET; what the run adds or Koku fills is ignored."""

    rates: tuple[Rate, ...] = Field(description="the rates; [] charges nothing")
    markup: Markup | None = Field(default=None, description="{value: 10, unit: percent}")
    distribution: Distribution | None = Field(default=None, description="cpu (the default) or memory")
    distribution_info: DistributionInfo | None = Field(default=None, description="what is shared out among projects")
    currency: Currency = Field(default=CURRENCY, description="USD")
    name: Any = _ignored("the run gives its own")
    description: Any = _ignored("the run gives its own")
    source_type: Any = _ignored("the run gives its own")
    source_uuids: Any = _ignored("the run gives its own")
    uuid: Any = _ignored("of Koku's answer")
    created_timestamp: Any = _ignored("of Koku's answer")
    updated_timestamp: Any = _ignored("of Koku's answer")
    sources: Any = _ignored("of Koku's answer")
    price_lists: Any = _ignored("of Koku's answer, with the dates that Koku gives by itself")


class InlineCostModel(CostModelBody):
    """A cost model written into the scenario."""

    price_list: PriceList | None = Field(default=None, description="when the rates hold")


class CostModelFile(Part):
    """A cost model in a file of its own."""

    file: FixturePath = Field(description="a JSON file in fixtures/cost_models/, the API's own body")
    price_list: PriceList | None = Field(default=None, description="when the rates hold")
