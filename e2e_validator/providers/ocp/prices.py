"""What the source phase sets up for money: the cost model, its price list's days, the enabled tag keys.

All of it goes through the API and is read back, because an answer of 201 is not yet what was asked for. What was made
before an interruption is taken up: a source can have one cost model only (docs/contract/koku.md 5.5).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from e2e_validator.engine import tag_keys
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked, PhaseFailed, counted
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.names import TYPE
from e2e_validator.providers.ocp.scenario.cost_model import request_body
from e2e_validator.providers.ocp.tag_discovery import introduce
from e2e_validator.scenario.load import LoadedScenario


def cost_model_of(loaded: LoadedScenario) -> CostModel | None:
    """The scenario's cost model as the expectation wants it."""
    if loaded.cost_model is None:
        return None
    dates = loaded.price_list
    return CostModel.from_json(
        loaded.cost_model, start=dates.start if dates else None, end=dates.end if dates else None
    )


def set_prices(context: Context, *, again: bool = False) -> list[str]:
    """Enable the scenario's tag keys and create its cost model for the source; a fact for each.

    ``again``: the source was made before an interruption, so the rest may be there too.
    """
    facts = []
    if context.loaded.enable_tags:
        facts.append(_enable_tags(context))
    if context.loaded.cost_model is not None:
        facts.append(_create(context, context.loaded.cost_model, again=again))
    return facts


def _enable_tags(context: Context) -> str:
    """The keys are noted before they are enabled, so that cleanup gives them back whatever comes in between."""
    wanted = list(context.loaded.enable_tags)
    context.state.enabled_tags = wanted
    context.state.save()
    switch = context.clients.tags
    unknown = switch.unknown_tags(wanted)
    # Also when they are known by now: a process that was ended in between goes on with the payload that it sent.
    began = context.state.control is not None
    how = f", {introduce(context, unknown or wanted)}" if unknown or began else ""
    left = tag_keys.enable(context.run, context.clients.claims, switch, context.plan.name, wanted)
    if left:
        raise PhaseFailed(f"the tag keys {', '.join(left)} are still not enabled after {switch.title} was asked to")
    return f"{counted(len(wanted), 'tag key')} enabled{how}"


def _create(context: Context, model: dict[str, Any], *, again: bool) -> str:
    """Create the cost model, read it back, and move its price list's days if the scenario says so."""
    koku = context.clients.koku
    before = _made_before(context) if again else None
    context.state.cost_model = before or str(koku.create_cost_model(_body(context, model))["uuid"])
    context.state.save()
    answer = koku.cost_model(context.state.cost_model)
    if answer is None:
        raise PhaseFailed("the API does not know the cost model that it has just created")
    context.state.price_lists = [str(prices["uuid"]) for prices in answer.get("price_lists") or []]
    context.state.save()
    _compare(model, answer)
    if [source["uuid"] for source in answer["sources"]] != [context.provider_uuid]:
        raise PhaseFailed("the cost model is not mapped to the source", detail=f"last seen   {answer['sources']}")
    dates = context.loaded.price_list
    if dates is not None:
        _move_price_list(context, answer, dates.start.isoformat(), dates.end.isoformat())
    count = len(model.get("rates", []))
    return f"{counted(count, 'rate')}{' made before the interruption' * (before is not None)}"


def _made_before(context: Context) -> str | None:
    """The source's cost model, if it has one: only this run gives its source one."""
    detail = context.clients.koku.source(context.provider_uuid)
    found = (detail or {}).get("cost_models") or []
    return str(found[0]["uuid"]) if found else None


def _body(context: Context, model: dict[str, Any]) -> dict[str, Any]:
    """The request that creates the cost model for the source."""
    return request_body(model) | {
        "name": context.source_key,
        "description": f"made by e2e_validator for {context.plan.name}",
        "source_type": TYPE,
        "source_uuids": [context.provider_uuid],
    }


def _compare(sent: dict[str, Any], answer: Any) -> None:
    """Every rate that was sent is there with its value."""
    wanted, got = _rates(sent.get("rates", [])), _rates(answer["rates"])
    if wanted != got:
        raise PhaseFailed(
            "the cost model's rates are not what was sent", detail=f"expected    {wanted}\nlast seen   {got}"
        )


def _rates(rates: list[Any]) -> list[tuple[str, str, str, tuple[Any, ...]]]:
    """Metric, cost type and prices of each rate, in order."""
    return sorted(
        (
            rate["metric"]["name"],
            rate["cost_type"],
            (rate.get("tag_rates") or {}).get("tag_key", ""),
            tuple(Decimal(str(tier["value"])) for tier in rate.get("tiered_rates") or [])
            + tuple(
                (value["tag_value"], Decimal(str(value["value"])), bool(value.get("default")))
                for value in (rate.get("tag_rates") or {}).get("tag_values", [])
            ),
        )
        for rate in rates
    )


def _move_price_list(context: Context, answer: Any, start: str, end: str) -> None:
    """Give the cost model's only price list other days."""
    lists = answer.get("price_lists") or []
    if len(lists) != 1:
        raise Blocked(f"the cost model has {len(lists)} price lists; only the days of one can be changed")
    changed = context.clients.koku.move_price_list(str(lists[0]["uuid"]), start, end)
    if (changed["effective_start_date"], changed["effective_end_date"]) != (start, end):
        raise PhaseFailed(f"the price list does not hold from {start} to {end}", detail=f"last seen   {dict(changed)}")
