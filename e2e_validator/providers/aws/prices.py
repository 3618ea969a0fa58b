"""The markup, which is all that a cost model has for a source of AWS (docs/contract/clouds.md 11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.errors import PhaseFailed
from e2e_validator.providers.aws.names import TYPE
from e2e_validator.scenario.load import LoadedScenario

_PERCENT = Decimal(100)


def markup_of(loaded: LoadedScenario) -> Decimal:
    """The markup as a fraction, as 0.1; 0 without a cost model."""
    markup = (loaded.cost_model or {}).get("markup") or {}
    return Decimal(str(markup.get("value", 0))) / _PERCENT


def set_prices(context: Context, *, again: bool) -> list[str]:
    """Create the scenario's cost model for the source and read it back; a fact for it.

    ``again``: the source was made before an interruption, so the cost model may be there too.
    """
    if context.loaded.cost_model is None:
        return []
    koku = context.clients.koku
    before = _made_before(context) if again else None
    context.state.cost_model = before or str(koku.create_cost_model(_body(context))["uuid"])
    context.state.save()
    answer = koku.cost_model(context.state.cost_model)
    if answer is None:
        raise PhaseFailed("the API does not know the cost model that it has just created")
    context.state.price_lists = [str(prices["uuid"]) for prices in answer.get("price_lists") or []]
    context.state.save()
    there = Decimal(str((answer.get("markup") or {}).get("value") or 0)) / _PERCENT
    wanted = markup_of(context.loaded)
    if there != wanted:
        raise PhaseFailed(f"the cost model's markup is {there * _PERCENT} %, {wanted * _PERCENT} % was sent")
    if [source["uuid"] for source in answer["sources"]] != [context.provider_uuid]:
        raise PhaseFailed("the cost model is not mapped to the source", detail=f"last seen   {answer['sources']}")
    return [f"markup of {wanted * _PERCENT:f} %"]


def _made_before(context: Context) -> str | None:
    """The source's cost model, if it has one: only this run gives its source one."""
    detail = context.clients.koku.source(context.provider_uuid)
    found = (detail or {}).get("cost_models") or []
    return str(found[0]["uuid"]) if found else None


def _body(context: Context) -> dict[str, Any]:
    """The request that creates the cost model for the source."""
    value = markup_of(context.loaded) * _PERCENT
    return {
        "name": context.source_key,
        "description": f"made by e2e_validator for {context.plan.name}",
        "source_type": TYPE,
        "source_uuids": [context.provider_uuid],
        "rates": [],
        "currency": "USD",
        "markup": {"value": f"{value:f}", "unit": "percent"},
    }
