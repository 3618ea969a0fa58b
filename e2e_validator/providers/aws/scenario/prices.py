"""The cost model of a scenario of AWS: its markup, and nothing else (docs/contract/clouds.md 11)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from e2e_validator.errors import Problem
from e2e_validator.scenario import explain
from e2e_validator.scenario.document import Document, brief
from e2e_validator.scenario.model import Part, wrong
from e2e_validator.scenario.rules import mapping
from e2e_validator.scenario.source_type import Prices

CURRENCY = "USD"
# The API's DecimalField(max_digits=19, decimal_places=10); a JSON number carries 15 digits exactly.
_NUMBER = r"^-?\d{1,5}(\.\d{1,10})?$"


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not re.fullmatch(_NUMBER, str(value), re.ASCII):
        shown = "a mapping or list" if isinstance(value, dict | list) else f"'{brief(str(value))}'"
        raise wrong(f"{shown} is not a percentage", "write 10 or -2.5")
    return Decimal(str(value))


Percent = Annotated[
    Decimal,
    BeforeValidator(_percent),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]}),
]


class CostMarkup(Part):
    """What is added to every cost."""

    value: Percent = Field(description="percent, such as 10 or -2.5")
    unit: Literal["percent"] = Field(default="percent", description="percent")


class MarkupModel(Part):
    """``cost_model`` of a source of AWS: a cost model without rates, of which only the markup has an effect."""

    currency: Literal["USD"] = Field(default="USD", description="USD")
    rates: Annotated[tuple[Any, ...], Field(max_length=0)] = Field(
        default=(), description="none: Koku reads no rates for a cloud"
    )
    markup: CostMarkup = Field(description="such as {value: 10, unit: percent}")


def load_prices(document: Document, problems: list[Problem]) -> Prices:
    """The body of the cost model; what is wrong goes to ``problems``."""
    raw = mapping(document.data)
    if "cost_model" not in raw:
        return Prices()
    if raw["cost_model"] is None:
        what = "cost_model: is empty"
        problems.append(document.problem(("cost_model",), what, "write markup: {value: 10, unit: percent}"))
        return Prices()
    model, found = explain.check(MarkupModel, document, ("cost_model",), unknown=lambda key, _: _REFUSED.get(key, ""))
    problems += found
    if not isinstance(model, MarkupModel):
        return Prices()
    markup = {"value": model.markup.value, "unit": model.markup.unit}
    return Prices({"rates": [], "markup": markup, "currency": CURRENCY})


_OF_CLUSTERS = "Koku charges a cloud by its bill alone: of a cost model only markup has an effect"
_REFUSED = {
    "distribution": _OF_CLUSTERS,
    "distribution_info": _OF_CLUSTERS,
    "price_list": _OF_CLUSTERS,
    "file": "write the markup itself: markup: {value: 10, unit: percent}",
}
