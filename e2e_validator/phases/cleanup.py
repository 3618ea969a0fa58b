"""cleanup: the sources and objects of this run are gone, and nothing on the deployment belongs to them.

Only what this run made is touched: its sources through the API, its payloads in the ingress bucket. What Koku
made of them, Koku removes; that it does is verified, not taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.engine import tag_keys
from e2e_validator.engine.claims import release_scenario
from e2e_validator.engine.context import Context
from e2e_validator.engine.inventory import AFTER, in_words, of_scenario, write
from e2e_validator.engine.made_source import APPEARANCE_SECONDS
from e2e_validator.engine.outcome import Outcome, PhaseSkipped
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.settling import SETTLE_SECONDS, Settled, cut_short, wait_for_rest
from e2e_validator.engine.stock import Stock
from e2e_validator.errors import Blocked, CleanupIncomplete, GaveUp, Inconclusive, PhaseTimeout, counted, first_line
from e2e_validator.verdict import GOOD, Verdict
from e2e_validator.waiting import Reading, done, pending

# How long a deletion is tried again.
BUSY_SECONDS = 30
_SERVER_ERROR = 500

Value = TypeVar("Value")
_TROUBLE = (
    Blocked,
    CleanupIncomplete,
    PhaseTimeout,
    GaveUp,
    Inconclusive,
    Unreachable,
    Refused,
    S3Error,
    psycopg.Error,
)


def run(context: Context) -> Outcome:
    """Remove what this run made and wait until nothing of it is left.

    Everything is tried, even when something before it could not be removed.

    Raises:
        CleanupIncomplete: something is left, or could not be looked for; the detail lists it.
    """
    noted = [source for source in (context.state.source, context.state.control_source) if source]
    payloads = context.state.payloads
    troubles: list[Exception] = []
    sources = [source for one in noted for source in _tried(troubles, partial(_made, context, one)) or []]
    _keep_what_was_asked_for(context, sources)
    if not sources and not payloads and not troubles:
        _close(context, noted, troubles)
        if not troubles:
            raise PhaseSkipped("nothing was made")
    _tried(troubles, partial(_delete_prices, context))
    needed = _tried(troubles, partial(_give_tag_keys_back, context)) or ()
    if sources and cut_short(context):
        limit = min(BUSY_SECONDS, context.plan.limits["cleanup"])
        _tried(troubles, partial(wait_for_rest, context, sources, limit))
    for source in sources:
        _tried(troubles, partial(_delete, context, source))
    for payload in payloads:
        _tried(troubles, partial(provider_of(context).delivery.remove, context, payload))
    _close(context, noted, troubles)
    for source in sources:
        _tried(troubles, partial(_remove_files_beside, context, source["uuid"]))
    if not troubles:
        wait_for = context.waiter(interruptible=False).wait_for
        looks = Settled(partial(look, context, sources), SETTLE_SECONDS if cut_short(context) else 0.0)
        _tried(troubles, partial(wait_for, "everything of this run to be gone", looks.look))
    stock = _tried(troubles, partial(_listed, context, sources)) or Stock()
    if not troubles and stock.left:
        troubles.append(CleanupIncomplete(f"there is something again: {in_words(stock.left)}"))
    if troubles:
        first = first_line(troubles[0])
        detail = "\n".join([*map(str, troubles), *filter(None, [stock.table()])])
        raise CleanupIncomplete(f"Not everything of this run could be removed: {first}", detail=detail) from troubles[0]
    release_scenario(context)
    return Outcome(_facts(sources, len(payloads), needed, stock), {"sources": len(sources), "objects": len(payloads)})


def _close(context: Context, noted: list[dict[str, str]], troubles: list[Exception]) -> None:
    """Remove the places that were made for the sources; they were made before them."""
    for source in noted:
        _tried(troubles, partial(provider_of(context).delivery.close, context, source["key"]))


def _facts(sources: list[dict[str, str]], payloads: int, needed: tuple[str, ...], stock: Stock) -> str:
    facts = [
        counted(len(sources), "source"),
        f"{counted(payloads, 'object')} removed",
        "nothing left",
    ]
    if needed:
        facts += needed
    if stock.known:
        facts.append(f"{in_words(stock.known)} told in {AFTER}")
    return ", ".join(facts)


def _listed(context: Context, sources: list[dict[str, str]]) -> Stock:
    """What is there now, written down."""
    stock = of_scenario(context, sources, tags=True)
    write(context.folder / AFTER, stock)
    return stock


def _remove_files_beside(context: Context, provider_uuid: str) -> None:
    """Koku copies them into a bucket of others, and leaves them there (docs/contract/koku.md 3.3)."""
    found = provider_of(context).files_beside(context, provider_uuid)
    if found is not None:
        for key in found.keys:
            context.clients.objects.remove(found.bucket, key)


def _delete_prices(context: Context) -> None:
    """Delete the cost model with its price lists; look whether all went.

    Koku keeps the price lists of a deleted cost model, and refuses to delete them before it.
    """
    koku = context.clients.koku
    _find_unanswered_prices(context)
    if context.state.cost_model is not None:
        koku.delete_cost_model(context.state.cost_model)
        if koku.cost_model(context.state.cost_model) is not None:
            raise CleanupIncomplete(f"the cost model {context.state.cost_model} is still there after it was deleted")
    for price_list in context.state.price_lists:
        koku.delete_price_list(price_list)
        if koku.price_list_exists(price_list):
            raise CleanupIncomplete(f"the price list {price_list} is still there after it was deleted")


def _find_unanswered_prices(context: Context) -> None:
    """Take up a cost model that was asked for, and whose answer an interrupt cut off: its name holds our token."""
    state = context.state
    if context.loaded.cost_model is None or state.source is None or (state.cost_model and state.price_lists):
        return
    for one in context.clients.inventory.named(state.token):
        if one.kind == "cost model" and state.cost_model is None:
            state.cost_model = one.uuid
        elif one.kind == "price list" and one.uuid not in state.price_lists:
            state.price_lists.append(one.uuid)
    state.save()


def _give_tag_keys_back(context: Context) -> tuple[str, ...]:
    """Give back the tag keys that no other run needs; look whether they are. Those that another run needs, in words."""
    clients = context.clients
    needed: list[str] = []
    for wish, keys, _ in tag_keys.wishes(context.state):
        if not keys:
            continue
        released = tag_keys.release(context.run, clients.claims, clients.tags, context.plan.name, keys, wish)
        if released.stuck:
            commands = "\n".join(clients.tags.command(wish.undo, key) for key in released.stuck)
            raise CleanupIncomplete(f"the tag keys {', '.join(released.stuck)} are still {wish.state}", detail=commands)
        if released.needed:
            needed.append(f"{', '.join(released.needed)} still {wish.state} for another run")
    return tuple(needed)


def look(context: Context, sources: list[dict[str, str]]) -> Reading:
    """What is still there, by table and bucket."""
    left = of_scenario(context, sources).counts()
    if left:
        total = sum(left.values())
        return pending(f"{total} rows or objects left in {len(left)} places", **left)
    return done("nothing left")


def _tried(troubles: list[Exception], action: Callable[[], Value]) -> Value | None:
    """What ``action`` returns; what stands in its way is noted, so that the rest is removed all the same."""
    try:
        return action()
    except _TROUBLE as error:
        troubles.append(error)
        return None


def _made(context: Context, noted: dict[str, str]) -> list[dict[str, str]]:
    """The source that was noted; one whose creation was never answered is looked for by its name."""
    if noted["id"]:
        return [noted]

    def answered() -> Reading:
        return done("there") if context.clients.koku.sources(noted["name"]) else pending("no source of that name")

    # Koku may still be at work on a request that was given up.
    with suppress(PhaseTimeout):
        limit = min(APPEARANCE_SECONDS, context.plan.limits["cleanup"])
        waiter = context.waiter(interruptible=False, limit_seconds=limit or 0.001)
        waiter.wait_for(f"a source {noted['name']}", answered)
    found = context.clients.koku.sources(noted["name"])
    return [noted | {"id": str(source["id"]), "uuid": str(source["uuid"])} for source in found]


def _delete(context: Context, source: dict[str, str]) -> None:
    """Delete a source; Koku may still be at work on it (after an interrupt) and fail once or twice."""

    def attempt() -> Reading:
        try:
            context.clients.koku.delete_source(source["uuid"])
        except Refused as error:
            if error.status < _SERVER_ERROR:
                raise
            return pending(str(error))
        return done("deleted")

    limit = min(BUSY_SECONDS, context.plan.limits["cleanup"])
    context.waiter(interruptible=False, limit_seconds=limit).wait_for(f"source {source['id']} to be deleted", attempt)


def _keep_what_was_asked_for(context: Context, sources: list[dict[str, str]]) -> None:
    """Skip when the user wants to look at the data, and list what removes them.

    The tag keys that only runs enabled stay enabled with them: disabled, the data would not be what failed. An
    embedded stack ends with the run, so nothing can be kept.
    """
    if context.target.kind == "embedded":
        return
    keep = context.keep or context.loaded.scenario.keep
    failed = any(verdict not in (*GOOD, Verdict.SKIPPED, "INTERRUPTED") for verdict in _ended(context))
    if sources and (keep == "all" or (keep == "failed" and failed)):
        names = ", ".join(f"source {source['id']} ({source['key']})" for source in sources)
        troubles: list[Exception] = []
        stock = _tried(troubles, partial(_listed, context, sources)) or Stock()
        listed = [stock.table(), *(f"could not be listed: {trouble}" for trouble in troubles)]
        raise PhaseSkipped("\n".join([f"kept, as --keep {keep} says: {names}", *filter(None, listed)]))


def _ended(context: Context) -> list[str]:
    return [verdict for name, verdict in context.state.verdicts.items() if name != "cleanup"]
