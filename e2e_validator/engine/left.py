"""What a scenario may have left on the target, told from its state alone, as it could not be looked at any more."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.deployment import Target
from e2e_validator.engine.inventory import in_words
from e2e_validator.engine.run_state import ScenarioState, SentPayload
from e2e_validator.engine.stock import Item, Stock


def may_be_left(state: ScenarioState, target: Target) -> Stock:
    """Everything that the scenario made or was about to make, with the commands that remove it.

    Rows and archive go with their source (docs/contract/koku.md 5.5). A source without a uuid was asked for and not
    answered.
    """
    return Stock(tuple(_items(state, target)))


def describe_left(state: ScenarioState, target: Target, why: str) -> tuple[str, str]:
    """A sentence and its detail: why it was not removed, what may be left, and how it is removed."""
    stock = may_be_left(state, target)
    if not stock.items:
        return f"{why}; nothing had been made", ""
    if target.kind == "embedded":
        return f"{why}; {in_words(stock.items)} ended with the embedded stack", ""
    return f"{why}; {in_words(stock.items)} may be left", stock.table()


def _items(state: ScenarioState, target: Target) -> Iterator[Item]:
    url = target.koku_url
    for source in (state.source, state.control_source):
        if source is not None:
            name, uuid = source["name"], source["uuid"]
            ask = f"{_get(f'{url}sources/?name={name}')}  # if it was made: DELETE sources/<its uuid>/"
            yield Item(f"source {name}", 1, _delete(f"{url}sources/{uuid}/") if uuid else ask)
    if state.cost_model is not None:
        yield Item(f"cost model {state.cost_model}", 1, _delete(f"{url}cost-models/{state.cost_model}/"))
    for price_list in state.price_lists:
        yield Item(f"price list {price_list}", 1, _delete(f"{url}price-lists/{price_list}/"))
    yield from dict.fromkeys(_payload(payload, target) for payload in state.payloads)
    for keys, how in ((state.enabled_tags, "disable it"), (state.disabled_tags, "enable it")):
        for key in keys:
            yield Item(f"tag key {key}", 1, f"{how} in the organisation's settings, unless it is needed elsewhere")


def _payload(payload: SentPayload, target: Target) -> Item:
    """Its object; a bucket of the source's own goes as a whole."""
    aws = f"aws --endpoint-url {target.s3_url} s3"
    if payload.bucket:
        return Item(f"s3://{payload.bucket}", 1, f"{aws} rb --force s3://{payload.bucket}")
    where = f"s3://{target.buckets.get('ingress', 'ingress')}/{payload.object_key}"
    return Item(where, 1, f"{aws} rm {where}")


def _delete(url: str) -> str:
    """A request that needs the organisation's identity header, which is not shown."""
    return f"""curl -X DELETE '{url}' -H "x-rh-identity: $IDENTITY\""""


def _get(url: str) -> str:
    return f"""curl '{url}' -H "x-rh-identity: $IDENTITY\""""
