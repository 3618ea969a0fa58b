"""cleanup: the sources and objects of this run are gone, and nothing in the database belongs to them.

Only what this run made is touched: its sources through the API, its payloads in the ingress bucket. What Koku
made of them, Koku removes; that it does is verified, not taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.errors import CleanupIncomplete, GaveUp, Inconclusive, PhaseTimeout
from e2e_validator.phases import tag_keys
from e2e_validator.phases.archive import archive_prefix
from e2e_validator.phases.context import Context
from e2e_validator.phases.outcome import Outcome, PhaseSkipped
from e2e_validator.verdict import Verdict
from e2e_validator.waiting import Reading, done, pending

# How long a deletion is tried again.
BUSY_SECONDS = 30
_SERVER_ERROR = 500

Value = TypeVar("Value")
_TROUBLE = (CleanupIncomplete, PhaseTimeout, GaveUp, Inconclusive, Unreachable, Refused, S3Error, psycopg.Error)


def run(context: Context) -> Outcome:
    """Remove what this run made and wait until nothing of it is left.

    Everything is tried, even when something before it could not be removed.

    Raises:
        CleanupIncomplete: something is left, or could not be looked for; the detail lists it.
    """
    noted = [source for source in (context.state.source, context.state.witness_source) if source]
    parcels = context.state.parcels
    troubles: list[Exception] = []
    sources = [source for one in noted for source in _tried(troubles, partial(_made, context, one)) or []]
    _keep_what_was_asked_for(context, sources)
    if not sources and not parcels and not troubles:
        raise PhaseSkipped("nothing was made")
    objects = context.clients.objects
    _tried(troubles, partial(_delete_prices, context))
    _tried(troubles, partial(_give_tag_keys_back, context))
    for source in sources:
        _tried(troubles, partial(_delete, context, source))
    for parcel in parcels:
        _tried(troubles, partial(objects.remove, objects.ingress, parcel.object_key))
    if not troubles:
        wait_for = context.waiter(interruptible=False).wait_for
        _tried(troubles, partial(wait_for, "everything of this run to be gone", partial(look, context, sources)))
    if troubles:
        first = (str(troubles[0]).splitlines() or [type(troubles[0]).__name__])[0]
        detail = "\n".join(str(trouble) for trouble in troubles)
        raise CleanupIncomplete(f"Not everything of this run could be removed: {first}", detail=detail) from troubles[0]
    return Outcome(
        f"{len(sources)} source{'s' * (len(sources) != 1)}, {len(parcels)} object{'s' * (len(parcels) != 1)} removed,"
        " nothing left",
        {"sources": len(sources), "objects": len(parcels)},
    )


def _delete_prices(context: Context) -> None:
    """Delete the cost model with its price lists; look whether all went.

    Koku keeps the price lists of a deleted cost model, and refuses to delete them before it.
    """
    koku = context.clients.koku
    if context.state.cost_model is not None:
        koku.delete_cost_model(context.state.cost_model)
        if koku.cost_model(context.state.cost_model) is not None:
            raise CleanupIncomplete(f"the cost model {context.state.cost_model} is still there after it was deleted")
    for price_list in context.state.price_lists:
        koku.delete_price_list(price_list)
        if koku.price_list_exists(price_list):
            raise CleanupIncomplete(f"the price list {price_list} is still there after it was deleted")


def _give_tag_keys_back(context: Context) -> None:
    """Disable the tag keys that nobody else needs; look whether they are."""
    if context.state.enabled_tags:
        left = tag_keys.release(context.run, context.clients.masu, context.plan.name, context.state.enabled_tags)
        if left:
            raise CleanupIncomplete(f"the tag keys {', '.join(left)} are still enabled")


def look(context: Context, sources: list[dict[str, str]]) -> Reading:
    """What is still there, by table and bucket."""
    left: dict[str, int] = {}
    objects = context.clients.objects
    for source in sources:
        _add(left, context.clients.database.leftovers(source["uuid"]))
        archived = sum(1 for _ in objects.keys(objects.archive, archive_prefix(context.target, source["uuid"])))
        _add(left, {"objects in the archive bucket": archived} if archived else {})
    for parcel in context.state.parcels:
        if objects.exists(objects.ingress, parcel.object_key):
            _add(left, {"objects in the ingress bucket": 1})
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


def _add(left: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        left[name] = left.get(name, 0) + count


def _keep_what_was_asked_for(context: Context, sources: list[dict[str, str]]) -> None:
    """Skip when the user wants to look at the data; an embedded stack ends with the run, so nothing can be kept."""
    if context.target.kind == "embedded":
        return
    keep = context.keep or context.loaded.scenario.keep
    failed = any(verdict not in (Verdict.PASSED, Verdict.SKIPPED, "INTERRUPTED") for verdict in _ended(context))
    if sources and (keep == "all" or (keep == "failed" and failed)):
        names = ", ".join(f"source {source['id']} (cluster {source['cluster_id']})" for source in sources)
        raise PhaseSkipped(f"kept, as --keep {keep} says: {names}")


def _ended(context: Context) -> list[str]:
    return [verdict for name, verdict in context.state.verdicts.items() if name != "cleanup"]
