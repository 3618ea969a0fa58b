"""What a scenario has on the deployment, before and after, and the command that removes each thing.

Counted are its rows in every table that names a source, its objects in both buckets, and everything whose name carries
its token. ``inventory-before.json`` and ``inventory-after.json`` stand in its folder; what earlier runs left on the
deployment is looked for once a run, and stands in ``left-behind.json`` of the run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.inventory import Made, Named, Rows
from e2e_validator.engine import tag_keys
from e2e_validator.engine.archive import archive_prefixes
from e2e_validator.engine.claims import token
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.stock import KINDS, Item, Stock, object_item, objects_below
from e2e_validator.errors import counted
from e2e_validator.whole_file import write_whole

BEFORE, AFTER, EARLIER = "inventory-before.json", "inventory-after.json", "left-behind.json"
_TOKEN_DIGITS = 8
_PATHS = {"source": "sources", "cost model": "cost-models", "price list": "price-lists"}
# Koku takes more along when it removes these itself.
_REMOVED_BY_API = ("public.api_provider", "public.api_sources")


def own_names(context: Context) -> Stock:
    """What already carries this scenario's names, before it made anything."""
    named = context.clients.inventory.named(context.state.token)
    return Stock((*_named_items(context, named), *provider_of(context).delivery.standing(context)))


def of_scenario(context: Context, sources: Sequence[Mapping[str, str]], *, tags: bool = False) -> Stock:
    """What the scenario and its sources have on the deployment now; the tag keys that were switched if ``tags``."""
    made = [Made(source["uuid"], source["key"]) for source in sources]
    inventory = context.clients.inventory
    known = {one.uuid for one in made}
    named = [one for one in inventory.named(context.state.token) if one.uuid not in known]
    items = [*_named_items(context, named), *_row_items(context, inventory.rows(made))]
    objects = context.clients.objects
    for one in made:
        for prefix in archive_prefixes(context, one.uuid):
            items += _objects(context, objects.archive, prefix)
        beside = provider_of(context).files_beside(context, one.uuid)
        if beside is not None and beside.keys:
            items.append(object_item(context.target, beside.bucket, beside.prefix, len(beside.keys)))
    items += [*provider_of(context).delivery.standing(context), *provider_of(context).kept(context)]
    if tags:
        items += _tag_items(context)
    return Stock(tuple(items))


def left_by_earlier_runs(context: Context) -> tuple[Stock, bool]:
    """What other runs left on the deployment, none of which is at work; whether this is the look that found it.

    Looked for once a run; the answer stands in ``left-behind.json`` of the run.
    """
    path = context.run.folder / EARLIER
    if path.exists():
        return Stock(tuple(Item(**item) for item in json.loads(path.read_text(encoding="utf-8"))["left"])), False
    named = context.clients.inventory.like_ours()
    payloads = provider_of(context).delivery.left_by_others(context)
    locks = {name: token(_digits(name)) for name in (*(one.name for one in named), *payloads)}
    held = context.clients.claims.held(list(locks.values())) | {token(one) for one in _own_tokens(context)}
    items = _named_items(context, [one for one in named if locks[one.name] not in held])
    items += [payloads[name] for name in sorted(payloads) if locks[name] not in held]
    stock = Stock(tuple(items))
    write(path, stock)
    return stock, True


def write(path: Path, stock: Stock) -> None:
    """Write the stock as JSON."""
    write_whole(path, json.dumps(stock.as_json(), indent=1))


def in_words(items: Iterable[Item]) -> str:
    """For example ``2 sources, 1 cost model, 3 objects``."""
    kinds: Counter[str] = Counter()
    for item in items:
        kind = next((kind for kind in KINDS if item.what.startswith(f"{kind} ")), "")
        kinds[kind or ("object" if item.what.startswith("s3://") else "row")] += item.count
    return ", ".join(counted(count, kind) for kind, count in kinds.items())


def _own_tokens(context: Context) -> set[str]:
    """The tokens of this run's scenarios, also of those that were interrupted and have yet to go on."""
    states = [*context.run.folder.glob("*/state.json"), *context.run.folder.glob("*/neighbour.json")]
    return {context.state.token, *(json.loads(path.read_text(encoding="utf-8"))["token"] for path in states)}


def _named_items(context: Context, named: Iterable[Named]) -> list[Item]:
    url = context.target.koku_url
    # Koku refuses to delete a price list before its cost model.
    order = list(_PATHS)
    return [
        Item(f"{one.kind} {one.name}", 1, _delete(f"{url}{_PATHS[one.kind]}/{one.uuid}/"))
        for one in sorted(named, key=lambda one: (order.index(one.kind), one.name))
    ]


def _row_items(context: Context, rows: Iterable[Rows]) -> list[Item]:
    return [
        Item(
            found.place,
            found.count,
            _delete(f"{context.target.koku_url}sources/{found.made.uuid}/")
            if found.place in _REMOVED_BY_API
            else f"{found.command};",
            found.reason,
        )
        for found in rows
    ]


def _objects(context: Context, bucket: str, prefix: str) -> list[Item]:
    return objects_below(context.clients.objects, context.target, bucket, prefix)


def _tag_items(context: Context) -> list[Item]:
    """The keys that are as they are only because a run made them so; all of them when it is not known which are."""
    return [
        item
        for wish in (tag_keys.ENABLED, tag_keys.DISABLED)
        if (keys := tag_keys.enabled_by(context.run, context.plan.name, wish))
        for item in _switched(context, keys, wish)
    ]


def _switched(context: Context, keys: Sequence[str], wish: tag_keys.Wish) -> list[Item]:
    try:
        switch = context.clients.tags
        left = set(keys) - set(tag_keys.not_so(switch, keys, wish))
        return [Item(f"tag key {key}", 1, switch.command(wish.undo, key)) for key in keys if key in left]
    except (Unreachable, Refused):
        how = f"{'disable' if wish is tag_keys.ENABLED else 'enable'} it in the organisation's settings"
        return [Item(f"tag key {key}", 1, how) for key in keys]


def _delete(url: str) -> str:
    """A request that needs the organisation's identity header, which is not shown."""
    return f"""curl -X DELETE '{url}' -H "x-rh-identity: $IDENTITY\""""


def _digits(name: str) -> str:
    """The token at the end of a name that a run gave; Koku calls the price list of a cost model after it."""
    return name.removesuffix(" prices")[-_TOKEN_DIGITS:]
