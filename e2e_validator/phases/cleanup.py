"""cleanup: the sources and objects of this run are gone, and nothing in the database belongs to them.

Only what this run made is touched: its sources through the API, its payloads in the ingress bucket. What Koku
made of them, Koku removes; that it does is verified, not taken for granted.
"""

from __future__ import annotations

from collections.abc import Mapping

from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.errors import CleanupIncomplete, GaveUp, Inconclusive, PhaseTimeout
from e2e_validator.phases.archive import archive_prefix
from e2e_validator.phases.context import Context
from e2e_validator.phases.outcome import Outcome, PhaseSkipped
from e2e_validator.verdict import Verdict
from e2e_validator.waiting import Reading, done, pending


def run(context: Context) -> Outcome:
    """Remove what this run made and wait until nothing of it is left.

    Raises:
        CleanupIncomplete: something is left; the detail lists it.
    """
    sources = [source for source in (context.state.source, context.state.witness_source) if source]
    _keep_what_was_asked_for(context, sources)
    if not sources and not context.state.parcels:
        raise PhaseSkipped("nothing was made")
    removed = 0
    try:
        for source in sources:
            context.clients.koku.delete_source(source["id"])
        objects = context.clients.objects
        for parcel in context.state.parcels:
            objects.remove(objects.ingress, parcel.object_key)
            removed += 1
        waiter = context.waiter(interruptible=False)
        waiter.wait_for("everything of this run to be gone", lambda: _look(context, sources))
    except (PhaseTimeout, GaveUp, Inconclusive, Unreachable, Refused, S3Error) as error:
        detail = getattr(error, "detail", "")
        raise CleanupIncomplete(f"Not everything of this run could be removed: {error}", detail=detail) from error
    return Outcome(
        f"{len(sources)} source{'s' * (len(sources) != 1)}, {removed} object{'s' * (removed != 1)} removed,"
        " nothing left",
        {"sources": len(sources), "objects": removed},
    )


def _look(context: Context, sources: list[dict[str, str]]) -> Reading:
    """What is still there, by table and bucket."""
    left: dict[str, int] = {}
    for source in sources:
        _add(left, context.clients.database.leftovers(source["uuid"]))
        objects = context.clients.objects
        archived = sum(1 for _ in objects.keys(objects.archive, archive_prefix(context.target, source["uuid"])))
        _add(left, {"objects in the archive bucket": archived} if archived else {})
    if left:
        total = sum(left.values())
        return pending(f"{total} rows or objects left in {len(left)} places", **left)
    return done("nothing left")


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
