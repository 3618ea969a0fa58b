"""What a scenario has on the deployment, before and after, and the command that removes each thing.

Counted are its rows in every table that names a source, its objects in both buckets, and everything whose name carries
its token. ``inventory-before.json`` and ``inventory-after.json`` stand in its folder; what earlier runs left on the
deployment is looked for once a run, and stands in ``left-behind.json`` of the run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.inventory import Made, Named, Rows
from e2e_validator.engine import tag_keys
from e2e_validator.engine.archive import archive_prefix
from e2e_validator.engine.claims import token
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.errors import counted
from e2e_validator.whole_file import write_whole

BEFORE, AFTER, EARLIER = "inventory-before.json", "inventory-after.json", "left-behind.json"
# Our names begin so: the keys of sources and of payloads.
_OURS = "e2e-"
_TOKEN_DIGITS = 8
_PATHS = {"source": "sources", "cost model": "cost-models", "price list": "price-lists"}
# Koku takes more along when it removes these itself.
_REMOVED_BY_API = ("public.api_provider", "public.api_sources")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is there: what, how many of it, and the command that removes it.

    ``reason`` is set for what is told as information only, and says why.
    """

    what: str
    count: int
    command: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there."""

    items: tuple[Item, ...] = ()

    @property
    def left(self) -> tuple[Item, ...]:
        """What must not be there once everything was removed."""
        return tuple(item for item in self.items if not item.reason)

    @property
    def known(self) -> tuple[Item, ...]:
        """What is told as information only."""
        return tuple(item for item in self.items if item.reason)

    def counts(self) -> dict[str, int]:
        """How many are left of what."""
        found: Counter[str] = Counter()
        for item in self.left:
            found[item.what] += item.count
        return dict(found)

    def table(self) -> str:
        """A line for each thing with the command that removes it; empty when there is nothing."""
        lines = _lines("left", self.left)
        return "\n".join(lines + _lines("not ours to judge", self.known))

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """As it stands in the files."""
        return {
            "left": [asdict(item) for item in self.left],
            "not_ours_to_judge": [asdict(item) for item in self.known],
        }


def own_names(context: Context) -> Stock:
    """What already carries this scenario's names, before it made anything."""
    named = context.clients.inventory.named(context.state.token)
    return Stock((*_named_items(context, named), *_payloads(context)))


def of_scenario(context: Context, sources: Sequence[Mapping[str, str]], *, tags: bool = False) -> Stock:
    """What the scenario and its sources have on the deployment now; the enabled tag keys if ``tags``."""
    made = [Made(source["uuid"], source["key"]) for source in sources]
    inventory = context.clients.inventory
    known = {one.uuid for one in made}
    named = [one for one in inventory.named(context.state.token) if one.uuid not in known]
    items = [*_named_items(context, named), *_row_items(context, inventory.rows(made))]
    objects = context.clients.objects
    for one in made:
        items += _objects(context, objects.archive, archive_prefix(context, one.uuid))
        beside = provider_of(context).files_beside(context, one.uuid)
        if beside is not None and beside.keys:
            items.append(_object_item(context, beside.bucket, beside.prefix, len(beside.keys)))
    items += _payloads(context)
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
    objects = context.clients.objects
    named = context.clients.inventory.like_ours()
    folders = Counter(key.partition("/")[0] for key in objects.keys(objects.ingress, _OURS) if "/" in key)
    locks = {name: token(_digits(name)) for name in (*(one.name for one in named), *folders)}
    held = context.clients.claims.held(list(locks.values())) | {token(one) for one in _own_tokens(context)}
    items = _named_items(context, [one for one in named if locks[one.name] not in held])
    for name, count in sorted(folders.items()):
        if locks[name] not in held:
            items.append(_object_item(context, objects.ingress, f"{name}/", count))
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
        kind = next((kind for kind in (*_PATHS, "tag key") if item.what.startswith(f"{kind} ")), "")
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


def _payloads(context: Context) -> list[Item]:
    """This scenario's objects in the ingress bucket, wherever the state says they are."""
    objects = context.clients.objects
    own = f"{context.source_key}/"
    elsewhere = {
        payload.object_key
        for payload in context.state.payloads
        if not payload.object_key.startswith(own) and objects.exists(objects.ingress, payload.object_key)
    }
    found = _objects(context, objects.ingress, own)
    return found + [_object_item(context, objects.ingress, key, 1) for key in sorted(elsewhere)]


def _objects(context: Context, bucket: str, prefix: str) -> list[Item]:
    count = sum(1 for _ in context.clients.objects.keys(bucket, prefix))
    return [_object_item(context, bucket, prefix, count)] if count else []


def _object_item(context: Context, bucket: str, key: str, count: int) -> Item:
    several = " --recursive" if key.endswith("/") else ""
    where = f"s3://{bucket}/{key}"
    return Item(where, count, f"aws --endpoint-url {context.target.s3_url} s3 rm{several} {where}")


def _tag_items(context: Context) -> list[Item]:
    """The keys that are enabled only because a run enabled them; all of them when it is not known which are."""
    keys = tag_keys.enabled_by(context.run, context.plan.name)
    if not keys:
        return []
    try:
        switch = context.clients.tags
        enabled = switch.enabled_tags()
        return [Item(f"tag key {key}", 1, switch.disable_command(key)) for key in keys if key in enabled]
    except (Unreachable, Refused):
        how = "disable it in the organisation's settings"
        return [Item(f"tag key {key}", 1, how) for key in keys]


def _delete(url: str) -> str:
    """A request that needs the organisation's identity header, which is not shown."""
    return f"""curl -X DELETE '{url}' -H "x-rh-identity: $IDENTITY\""""


def _digits(name: str) -> str:
    """The token at the end of a name that a run gave; Koku calls the price list of a cost model after it."""
    return name.removesuffix(" prices")[-_TOKEN_DIGITS:]


def _lines(title: str, items: Sequence[Item]) -> list[str]:
    if not items:
        return []
    wide = max(len(item.what) for item in items)
    lines = [f"{title:<{wide}}  count  remove it with"]
    for item in items:
        reason = f"  ({item.reason})" if item.reason else ""
        lines.append(f"{item.what:<{wide}}  {item.count:>5}  {item.command}{reason}")
    return lines
