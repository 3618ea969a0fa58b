"""What ``sources/`` says of a source in the end, against the rows behind it (docs/contract/koku.md 1.4, 5.5)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from e2e_validator.access.life import ManifestRow, SourceLife
from e2e_validator.engine.context import Context
from e2e_validator.engine.koku_day import koku_today
from e2e_validator.engine.provider import provider_of
from e2e_validator.errors import PhaseTimeout, WrongLife
from e2e_validator.life.looking import SETTLE_SECONDS
from e2e_validator.life.rules import STEPS
from e2e_validator.waiting import Reading, done, pending

# The strongest first: a step that failed may have ended before (docs/contract/koku.md 1.4).
_WORDS = (("failed", "failed"), ("end", "complete"), ("start", "in-progress"))


def check(context: Context) -> None:
    """Ask for the source until what is shown is what its rows say.

    Raises:
        WrongLife: it stays something else; names what.
    """
    name = (context.state.source or {})["name"]
    source_type = provider_of(context).names.type
    wrong: list[str] = []

    def look() -> Reading:
        listed = context.clients.koku.listed(name, 20 + secrets.randbelow(900))
        life = context.clients.database.life(context.provider_uuid)
        wrong[:] = shown(
            listed, life, koku_today(context), source_type=source_type, cost_model=context.state.cost_model
        )
        return pending(wrong[0], wrong=len(wrong)) if wrong else done("shown as it is")

    limit = min(SETTLE_SECONDS, context.plan.limits["api"])
    try:
        context.waiter(limit_seconds=limit).wait_for("the source as the API shows it", look)
    except PhaseTimeout as error:
        raise WrongLife(wrong[0], detail="\n".join(wrong)) from error


def shown(
    source: Mapping[str, Any] | None, life: SourceLife, today: date, *, source_type: str, cost_model: str | None
) -> Iterator[str]:
    """What is wrong with the source as it is shown."""
    if source is None:
        yield "sources/ does not list the source"
        return
    yield from _same(source, "source_type", source_type)
    yield from _same(source, "provider_linked", wanted=True)
    yield from _same(source, "active", wanted=True)
    yield from _same(source, "paused", wanted=False)
    yield from _same(source, "has_data", wanted=any(one.completed is not None for one in life.manifests))
    this = today.year * 12 + today.month
    months = {manifest.id: _months(manifest.month) for manifest in life.manifests}
    yield from _same(source, "current_month_data", wanted=this in months.values())
    yield from _same(source, "previous_month_data", wanted=this - 1 in months.values())
    models = sorted(str(one["uuid"]) for one in source.get("cost_models") or ())
    if models != ([cost_model] if cost_model else []):
        yield f"sources/: cost_models are {', '.join(models) or 'none'}, must be {cost_model or 'none'}"
    recent = [one for one in life.manifests if months[one.id] in {this, this - 1} and one.created is not None]
    yield from _status(source.get("status"), max(recent, key=lambda one: (one.created, one.id), default=None))


def _status(status: Any, latest: ManifestRow | None) -> Iterator[str]:
    """``status`` tells of the latest manifest of this or the last month; there is none where none was sent."""
    if latest is None:
        if status:
            yield f"sources/: status is {status}, and no manifest is of this or the last month"
        return
    for step in STEPS:
        said = (status or {}).get(step) or {}
        words = latest.state.get(step) or {}
        wanted = next((shown for word, shown in _WORDS if words.get(word)), "pending")
        if said.get("state") != wanted:
            yield f"sources/: status.{step}.state is {said.get('state')!r}, the manifest says {wanted!r}"
        for word in ("start", "end"):
            if said.get(word) != words.get(word):
                yield f"sources/: status.{step}.{word} is {said.get(word)}, the manifest says {words.get(word)}"


def _same(source: Mapping[str, Any], name: str, wanted: object) -> Iterator[str]:
    if source.get(name) != wanted:
        yield f"sources/: {name} is {source.get(name)!r}, must be {wanted!r}"


def _months(moment: datetime | None) -> int:
    moment = moment.astimezone(UTC) if moment else None
    return moment.year * 12 + moment.month if moment else 0
