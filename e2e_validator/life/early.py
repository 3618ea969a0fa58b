"""A manifest that says it is complete while something before it is not: seen in one snapshot, never inferred later.

The times that stand there at the end would not show it: a manifest that is stamped too early may be stamped once more.
"""

from __future__ import annotations

from collections.abc import Callable

from e2e_validator.access.source_state import Manifest, SourceState
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.resummarised import costed_after_summary, was_resummarised
from e2e_validator.waiting import Reading, dead


def unless_early(look: Callable[[Context], Reading]) -> Callable[[Context], Reading]:
    """The phase's look, which is dead as soon as what it saw shows the manifest complete too early."""

    def looked(context: Context) -> Reading:
        context.seen = None
        reading = look(context)
        manifest = context.manifest(context.seen) if context.seen is not None else None
        early = completed_early(context, context.seen, manifest) if context.seen and manifest else ""
        return dead(f"{reading.seen}; {early}", early, **reading.facts) if early else reading

    return looked


def completed_early(context: Context, state: SourceState, manifest: Manifest) -> str:
    """What was not over when the manifest was complete already; empty when nothing was.

    Koku summarises a payload over a month's end month by month, and completes its manifest after each
    (docs/contract/koku.md 1.5); there only the files are looked at.
    """
    if manifest.completed is None:
        return ""
    when = f"manifest {manifest.id} has completed_datetime {manifest.completed.isoformat()} before"
    if not all(report.done for report in manifest.reports):
        return f"{when} its files are done"
    if len(context.months) != 1:
        return ""
    if "end" not in manifest.step("summary") and was_resummarised(context, state) is None:
        return f"{when} its summary has ended"
    costed, after_summary = costed_after_summary(context, state, manifest)
    if not after_summary:
        tables = provider_of(context).names.tables
        what, column = ("costs", "derived_cost_datetime")
        if tables.costs_with_summary:
            what, column = "summary", f"{tables.periods}.summary_data_updated_datetime"
        return f"{when} its {what}: {column} is {costed.isoformat() if costed else 'NULL'}"
    return ""
