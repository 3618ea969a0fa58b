"""Looks at the rows of a source at the end of a phase: what must be true by then, and stays so.

Koku writes in steps (a file is DONE a moment before ``state`` says so), so what is wrong at first is looked at again
for a while; what is still wrong then is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from e2e_validator.access.life import ManifestRow, SourceLife
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.resummarised import made_by_repair
from e2e_validator.errors import PhaseTimeout, WrongLife
from e2e_validator.life import rules
from e2e_validator.waiting import Reading, done, pending

# How long Koku may take to write what belongs to something that is done already.
SETTLE_SECONDS = 5.0

Rules = Callable[[Context, SourceLife], Iterator[str]]


def check(context: Context, stage: Rules) -> None:
    """Wait for the rules of a stage to hold.

    Raises:
        WrongLife: they do not; names the first that does not, and lists all.
    """
    wrong: list[str] = []

    def look() -> Reading:
        wrong[:] = stage(context, context.clients.database.life(context.provider_uuid))
        return pending(wrong[0], wrong=len(wrong)) if wrong else done("rows as they must be")

    try:
        context.waiter(limit_seconds=min(SETTLE_SECONDS, context.plan.limits[context.base])).wait_for("the rows", look)
    except PhaseTimeout as error:
        raise WrongLife(wrong[0], detail="\n".join(wrong)) from error


def after_source(context: Context, life: SourceLife) -> Iterator[str]:
    """The provider and its copy in the tenant's schema."""
    whose = _whose(context)
    yield from rules.provider(life.provider, whose)
    yield from rules.tenant_copy(life.copies, whose)


def after_download(context: Context, life: SourceLife) -> Iterator[str]:
    """The provider, and the manifest, which says what the payload says.

    A copy that is gone by now is a known fault, which the conversion recognises and a repair may mend; the summary
    needs it, and there it must stand again.
    """
    yield from rules.provider(life.provider, _whose(context))
    if life.copies:
        yield from rules.tenant_copy(life.copies, _whose(context))
    manifest = life.manifest(context.sent.uuid)
    if manifest is None:
        yield f"there is no manifest {context.sent.uuid}"
        return
    yield from provider_of(context).misnoted(context.sent, manifest)
    yield from rules.step(manifest, "download")


def after_conversion(context: Context, life: SourceLife) -> Iterator[str]:
    """And its files, each with its times."""
    yield from after_download(context, life)
    yield from rules.set_up(life.provider)
    if (manifest := life.manifest(context.sent.uuid)) is not None:
        awaited = context.sent.awaited if context.sent.rest_comes_later else None
        yield from rules.files(manifest, _empty_files(context), awaited)
        if _some_file_has_rows(context, manifest):
            yield from rules.step(manifest, "processing")


def after_summary(context: Context, life: SourceLife) -> Iterator[str]:
    """And the summary: its step, its report period, its rows' names."""
    yield from after_conversion(context, life)
    if not life.copies:
        yield from rules.tenant_copy(life.copies, _whose(context))
    last = context.payload.end - timedelta(seconds=1)
    if f"{last:%Y-%m}" == context.payload.month:
        # Koku may give the period of a payload over a month's end to one of its months alone.
        for name in context.months:
            month = datetime.fromisoformat(f"{name}-01").replace(tzinfo=UTC)
            yield from rules.period(life.periods, month, _whose(context))
    yield from rules.named(life, _whose(context))
    manifest = life.manifest(context.sent.uuid)
    if manifest is not None and not made_by_repair(context):
        yield from rules.step(manifest, "summary")
        yield from rules.summarised_after_files(manifest)


def after_completion(context: Context, life: SourceLife) -> Iterator[str]:
    """And the end, which comes after everything else."""
    yield from after_summary(context, life)
    manifest = life.manifest(context.sent.uuid)
    if manifest is not None and manifest.completed is None:
        yield "manifest.completed_datetime is NULL again"


def _whose(context: Context) -> rules.Whose:
    source = context.state.source or {}
    return rules.Whose(context.provider_uuid, source["name"], source["key"], provider_of(context).names)


def _empty_files(context: Context) -> frozenset[str]:
    """The payload's files without a single line: Koku is done with such a file before it starts.

    See docs/contract/koku.md 3.3.
    """
    folder = Path(context.sent.payload_folder)
    return frozenset(file.name for file in folder.glob("*.csv") if not file.read_bytes().strip())


def _some_file_has_rows(context: Context, manifest: ManifestRow) -> bool:
    return len(_empty_files(context)) < len(manifest.reports)
