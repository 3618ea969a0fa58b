"""What stands after a repair made the summary anew: ``report_data/`` never writes the manifest's state.

Then the report period's own times say it, if they are later than those noted before the repair
(docs/contract/faults.md D).
"""

from __future__ import annotations

from datetime import datetime

from e2e_validator.access.source_state import Manifest, SourceState
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import provider_of

_REPAIR = "lost_summary"


def was_resummarised(context: Context, state: SourceState) -> datetime | None:
    """When the payload's month was summarised by a repair; None if it was not, or has not been yet."""
    record = _record(context)
    period = state.period(context.payload.month)
    stamp = period.summarised if period else None
    if record is None or stamp is None or stamp.isoformat() == record["summarised"]:
        return None
    return stamp


def costed_after_summary(context: Context, state: SourceState, manifest: Manifest) -> tuple[datetime | None, bool]:
    """When the month's cost step last ran, and whether that was after the summary that counts.

    Where the summary makes the costs itself, its own end is what counts (docs/contract/clouds.md 1).
    """
    record = _record(context)
    if provider_of(context).names.tables.costs_with_summary:
        return _with_summary(context, state, manifest)
    if len(context.months) > 1 and record is None:
        return _each_costed(context.months, state)
    if record is None or "end" in manifest.step("summary"):
        return state.costed(manifest, (context.months or [context.payload.month])[0])
    period, again = state.period(context.payload.month), was_resummarised(context, state)
    costed = period.cost_derived if period else None
    if costed is None or again is None or costed.isoformat() == record["costed"]:
        return costed, False
    return costed, costed >= again


def _with_summary(context: Context, state: SourceState, manifest: Manifest) -> tuple[datetime | None, bool]:
    """When the month was summarised, and whether that is over."""
    period = state.period((context.months or [context.payload.month])[0])
    stamp = period.summarised if period else None
    if stamp is None or was_resummarised(context, state) is not None:
        return stamp, stamp is not None
    started = manifest.step_time("summary", "start")
    return stamp, "end" in manifest.step("summary") and started is not None and stamp >= started


def made_by_repair(context: Context) -> bool:
    """Whether a repair made the summary of this payload anew."""
    return _record(context) is not None


def _each_costed(months: list[str], state: SourceState) -> tuple[datetime | None, bool]:
    """Over a month's end: the first of the months' cost steps, and whether each ran after that month's summary."""
    costed: list[datetime] = []
    for month in months:
        period = state.period(month)
        if period is None or period.summarised is None or period.cost_derived is None:
            return None, False
        if period.cost_derived < period.summarised:
            return period.cost_derived, False
        costed.append(period.cost_derived)
    return min(costed), True


def _record(context: Context) -> dict[str, str] | None:
    """The last try of the repair for this payload."""
    phase = "summary" + context.phase.removeprefix(context.base)
    tries = [one for one in context.state.repairs if one["repair"] == _REPAIR and one["phase"] == phase]
    return tries[-1] if tries else None
