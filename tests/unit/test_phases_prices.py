"""What the source phase sets up for money is read back, noted before it can get lost, and taken back by the cleanup."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from phase_context import PROVIDER, context
from phase_prices import LIST, MODEL, PricedKoku, TagKeys

from e2e_validator.access.http import Unreachable
from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.engine.tag_keys import release
from e2e_validator.errors import Blocked, CleanupIncomplete, PhaseFailed
from e2e_validator.phases import cleanup
from e2e_validator.providers.ocp.expect.cost_model import FIRST_DAY, LAST_DAY
from e2e_validator.providers.ocp.prices import cost_model_of, set_prices
from e2e_validator.scenario.source_type import EffectiveDates

CPU: dict[str, Any] = {
    "metric": {"name": "cpu_core_usage_per_hour"},
    "cost_type": "Supplementary",
    "tiered_rates": [{"unit": "USD", "value": Decimal("0.007")}],
}
TAG: dict[str, Any] = {
    "metric": {"name": "cpu_core_request_per_hour"},
    "cost_type": "Infrastructure",
    "tag_rates": {
        "tag_key": "environment",
        "tag_values": [
            {"tag_value": "prod", "unit": "USD", "value": Decimal(2), "default": False},
            {"tag_value": "stage", "unit": "USD", "value": Decimal("0.5"), "default": True},
        ],
    },
}
NOVEMBER = EffectiveDates(date(2026, 11, 1), date(2026, 11, 30))


def priced(
    folder: Path,
    koku: PricedKoku | None = None,
    *,
    masu: TagKeys | None = None,
    rates: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Context:
    """A scenario with a cost model of ``rates`` (default: one rate and one by tag)."""
    the_context = context(folder, "source")
    clients = cast("Any", the_context.clients)
    clients.koku, clients.tags = koku or PricedKoku(), masu or TagKeys()
    model = {"rates": [CPU, TAG] if rates is None else rates, "currency": "USD"}
    the_context.loaded = replace(the_context.loaded, **{"cost_model": model, **more})
    return the_context


def saved(the_context: Context) -> ScenarioState:
    """The state as a later process finds it."""
    return ScenarioState.load(the_context.state.path.parent)


def test_a_scenario_without_money_sets_nothing_up(tmp_path: Path) -> None:
    koku = PricedKoku()
    assert set_prices(priced(tmp_path, koku, cost_model=None)) == []
    assert koku.sent == []


def test_the_cost_model_is_sent_with_its_exact_numbers(tmp_path: Path) -> None:
    koku = PricedKoku()
    the_context = priced(tmp_path, koku)
    assert set_prices(the_context) == ["2 rates"]
    (body,) = koku.sent
    assert (body["name"], body["source_type"], body["source_uuids"]) == (the_context.source_key, "OCP", [PROVIDER])
    sent = json.loads(json.dumps(body), parse_float=Decimal)["rates"]
    assert sent[0]["tiered_rates"][0]["value"] == Decimal("0.007")
    assert [value["value"] for value in sent[1]["tag_rates"]["tag_values"]] == [2, Decimal("0.5")]


def test_a_cost_model_whose_answer_got_lost_is_noted(tmp_path: Path) -> None:
    the_context = priced(tmp_path, PricedKoku(gone=True))
    with pytest.raises(Unreachable):
        set_prices(the_context)
    assert saved(the_context).cost_model == MODEL


def test_what_was_made_is_noted(tmp_path: Path) -> None:
    the_context = priced(tmp_path, enable_tags=("environment",))
    assert set_prices(the_context) == ["1 tag key enabled", "2 rates"]
    state = saved(the_context)
    assert (state.cost_model, state.price_lists, state.enabled_tags) == (MODEL, [LIST], ["environment"])


class KilledKoku(PricedKoku):
    """Shows with a source the cost model that it has."""

    def source(self, uuid: str) -> dict[str, Any] | None:
        mapped = [{"uuid": MODEL, "name": "n"}] if MODEL in self.there else []
        return {"uuid": uuid, "cost_models": mapped}


@pytest.mark.parametrize("noted", [True, False])
def test_a_cost_model_of_before_the_interruption_is_taken_up(tmp_path: Path, *, noted: bool) -> None:
    koku = KilledKoku()
    the_context = priced(tmp_path, koku, price_list=NOVEMBER)
    set_prices(the_context)
    if not noted:
        the_context.state.cost_model, the_context.state.price_lists = None, []
    koku.there[LIST].pop("effective_end_date")
    assert set_prices(the_context, again=True) == ["2 rates made before the interruption"]
    assert len(koku.sent) == 1
    assert (saved(the_context).cost_model, saved(the_context).price_lists) == (MODEL, [LIST])
    assert koku.there[LIST]["effective_end_date"] == "2026-11-30"


def test_an_earlier_source_without_a_cost_model_gets_one(tmp_path: Path) -> None:
    koku = KilledKoku()
    assert set_prices(priced(tmp_path, koku), again=True) == ["2 rates"]
    assert len(koku.sent) == 1


def test_an_earlier_cost_model_with_other_rates_is_a_failure(tmp_path: Path) -> None:
    koku = KilledKoku()
    the_context = priced(tmp_path, koku)
    set_prices(the_context)
    _value(koku.there[MODEL])
    with pytest.raises(PhaseFailed, match="rates are not what was sent"):
        set_prices(the_context, again=True)


def test_a_key_enabled_just_before_a_kill_is_still_known_as_ours(tmp_path: Path) -> None:
    masu = KillingMasu()
    masu.folder = tmp_path
    the_context = priced(tmp_path, masu=masu, cost_model=None, enable_tags=("environment",))
    with pytest.raises(KeyboardInterrupt):
        set_prices(the_context)
    (tmp_path / "tag_keys.json").write_text(masu.on_disk, encoding="utf-8")
    masu.kills = False
    set_prices(the_context, again=True)
    clients = the_context.clients
    release(the_context.run, clients.claims, clients.tags, the_context.plan.name, ["environment"])
    assert masu.enabled == set()


class KillingMasu(TagKeys):
    """Kills who asks for a change, after it is done; ``on_disk`` is what stood in the run's folder then."""

    kills, on_disk, folder = True, "", Path()

    def change_tags(self, action: str, keys: list[str]) -> None:
        super().change_tags(action, keys)
        if self.kills:
            self.on_disk = (self.folder / "tag_keys.json").read_text(encoding="utf-8")
            raise KeyboardInterrupt


def test_a_cost_model_that_the_api_does_not_know_is_a_failure(tmp_path: Path) -> None:
    koku = PricedKoku()
    koku.change = lambda _: koku.there.clear()
    with pytest.raises(PhaseFailed, match="does not know the cost model"):
        set_prices(priced(tmp_path, koku))


def _value(answer: dict[str, Any]) -> None:
    answer["rates"][0]["tiered_rates"][0]["value"] = Decimal("0.0071")


def _type(answer: dict[str, Any]) -> None:
    answer["rates"][0]["cost_type"] = "Infrastructure"


def _lost(answer: dict[str, Any]) -> None:
    del answer["rates"][1]


def _doubled(answer: dict[str, Any]) -> None:
    answer["rates"].append(copy.deepcopy(answer["rates"][0]))


def _tag_key(answer: dict[str, Any]) -> None:
    answer["rates"][1]["tag_rates"]["tag_key"] = "app"


def _tag_values(answer: dict[str, Any]) -> None:
    first, second = answer["rates"][1]["tag_rates"]["tag_values"]
    first["value"], second["value"] = second["value"], first["value"]


def _default(answer: dict[str, Any]) -> None:
    for value in answer["rates"][1]["tag_rates"]["tag_values"]:
        value["default"] = False


@pytest.mark.parametrize("change", [_value, _type, _lost, _doubled, _tag_key, _tag_values, _default])
def test_rates_that_are_not_what_was_sent_are_a_failure(
    tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    with pytest.raises(PhaseFailed, match="rates are not what was sent") as caught:
        set_prices(priced(tmp_path, PricedKoku(change=change)))
    assert "cpu_core_usage_per_hour" in caught.value.detail


def test_rates_in_another_order_and_with_more_words_are_the_same(tmp_path: Path) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["rates"].reverse()
        answer["rates"][0] |= {"tiered_rates": [], "custom_name": "x", "description": ""}
        answer["rates"][1] |= {"tag_rates": {}}

    assert set_prices(priced(tmp_path, PricedKoku(change=change))) == ["2 rates"]


@pytest.mark.parametrize("sources", [[], [{"uuid": "another"}], [{"uuid": PROVIDER}, {"uuid": "another"}]])
def test_a_cost_model_of_another_source_is_a_failure(tmp_path: Path, sources: list[dict[str, str]]) -> None:
    koku = PricedKoku(change=lambda answer: answer.update(sources=sources))
    with pytest.raises(PhaseFailed, match="not mapped to the source"):
        set_prices(priced(tmp_path, koku))


def test_the_price_list_gets_the_days_of_the_scenario(tmp_path: Path) -> None:
    koku = PricedKoku()
    set_prices(priced(tmp_path, koku, price_list=NOVEMBER))
    assert koku.there[LIST]["effective_start_date"] == "2026-11-01"
    assert koku.there[LIST]["effective_end_date"] == "2026-11-30"


def test_a_price_list_that_keeps_its_days_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(PhaseFailed, match="does not hold from 2026-11-01 to 2026-11-30"):
        set_prices(priced(tmp_path, PricedKoku(unmoved=True), price_list=NOVEMBER))


@pytest.mark.parametrize("lists", [[], [{"uuid": LIST}, {"uuid": "list-2"}]])
def test_the_days_of_several_price_lists_or_none_cannot_be_set(tmp_path: Path, lists: list[dict[str, str]]) -> None:
    koku = PricedKoku(change=lambda answer: answer.update(price_lists=lists))
    with pytest.raises(Blocked, match=rf"has {len(lists)} price lists"):
        set_prices(priced(tmp_path, koku, price_list=NOVEMBER))


def test_tag_keys_that_stay_disabled_are_a_failure_and_noted(tmp_path: Path) -> None:
    masu = TagKeys(stuck=frozenset({"app"}))
    the_context = priced(tmp_path, masu=masu, cost_model=None, enable_tags=("app", "team"))
    with pytest.raises(PhaseFailed, match="the tag keys app are still not enabled"):
        set_prices(the_context)
    assert saved(the_context).enabled_tags == ["app", "team"]


def test_the_expectation_prices_by_the_same_rates_and_days(tmp_path: Path) -> None:
    assert cost_model_of(priced(tmp_path, cost_model=None).loaded) is None
    model = cost_model_of(priced(tmp_path).loaded)
    assert model is not None
    assert (model.rates, model.start, model.end) == (
        {("cpu_core_usage_per_hour", "Supplementary"): Decimal("0.007")},
        FIRST_DAY,
        LAST_DAY,
    )
    moved = cost_model_of(priced(tmp_path, price_list=NOVEMBER).loaded)
    assert moved is not None
    assert (moved.start, moved.end) == (NOVEMBER.start, NOVEMBER.end)


# --- cleanup -------------------------------------------------------------------------------------------------------


def made(folder: Path, koku: PricedKoku, masu: TagKeys) -> Context:
    """A scenario whose cost model and tag key are there."""
    the_context = priced(folder, koku, masu=masu, enable_tags=("environment",))
    set_prices(the_context)
    # A wait that cannot end is not waited for here.
    return replace(the_context, phase="cleanup", plan=replace(the_context.plan, limits={"cleanup": 0}))


def test_the_cost_model_goes_before_price_list_and_source(tmp_path: Path) -> None:
    koku, masu = PricedKoku(), TagKeys()
    cleanup.run(made(tmp_path, koku, masu))
    assert koku.deleted[:2] == [MODEL, LIST]
    assert len(koku.deleted) == 3
    assert (koku.there, masu.enabled) == ({}, set())


@pytest.mark.parametrize(("what", "words"), [(MODEL, "the cost model model-1"), (LIST, "the price list list-1")])
def test_what_cannot_be_deleted_is_told_and_the_rest_goes(tmp_path: Path, what: str, words: str) -> None:
    koku, masu = PricedKoku(stuck=frozenset({what})), TagKeys()
    with pytest.raises(CleanupIncomplete, match=f"{words} is still there after it was deleted"):
        cleanup.run(made(tmp_path, koku, masu))
    assert masu.enabled == set()
    assert "id-s" in koku.deleted or PROVIDER in koku.deleted


def test_a_tag_key_that_stays_enabled_is_told_and_the_rest_goes(tmp_path: Path) -> None:
    koku, masu = PricedKoku(), TagKeys()
    the_context = made(tmp_path, koku, masu)
    masu.stuck = frozenset({"environment"})
    with pytest.raises(CleanupIncomplete, match="the tag keys environment are still enabled"):
        cleanup.run(the_context)
    assert koku.there == {}
