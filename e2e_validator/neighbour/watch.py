"""Looks at the neighbour: whether everything of it is what its own data say, whatever the scenarios did beside it.

Its rows, times and states, line items, summary, rows behind the reports, objects, and what the API shows of it. What a
scenario with a cost model could do to others is seen only in what is made anew: then masu is asked to summarise the
neighbour once more, beside that scenario.
"""

from __future__ import annotations

import json
from contextlib import suppress

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import control_of
from e2e_validator.errors import Inconclusive, NeighbourChanged, NumbersDiffer, PhaseFailed, PhaseTimeout, WrongLife
from e2e_validator.life import looking
from e2e_validator.neighbour import control
from e2e_validator.neighbour.marks import ASKED, CHANGED, WAITED, WHOLE, locked, mark, marks
from e2e_validator.phases import manifest
from e2e_validator.waiting import Reading, done, pending
from e2e_validator.waiting.reading import Progress

# How long a scenario waits at least with its own payload until the neighbour is whole; only the first of a run has to.
BEFORE_SECONDS = 5.0
# How long figures that differ are looked at again: they may be in computation.
SETTLE_SECONDS = 15.0


def before_payload(context: Context) -> None:
    """Let the neighbour be whole before the scenario's payload comes, so that it can be seen to change.

    A neighbour that does not get whole is no reason not to try the scenario: ``check`` tells of it.
    """
    if not context.neighbour or control.trouble(context.run):
        return
    own = control.of(context)
    if not {WHOLE, WAITED} & marks(context.run).keys():
        limit = max(BEFORE_SECONDS, context.repair_after)
        with suppress(PhaseFailed, Inconclusive):
            _wait(own, min(limit, context.plan.limits["manifest"]))
            with locked(context.run):
                mark(context.run, whole="yes")
        with locked(context.run):
            mark(context.run, waited="yes")
    if WHOLE not in marks(context.run):
        return
    if context.loaded.cost_model is not None:
        _ask_again(own)


def check(context: Context) -> str:
    """What is now true of the neighbour, in a few words; empty where there is none, or the run is to end.

    Raises:
        NeighbourChanged: something of it is not what its data say; names what.
        Blocked: it could not be made.
        PhaseFailed, Inconclusive: its payload did not come through; nothing can be said of it.
    """
    if not context.neighbour or context.run.stopped():
        return ""
    by = marks(context.run).get(CHANGED)
    if by is not None and (by != context.plan.name or context.base == "cleanup"):
        return f"the neighbour not looked at: {by} had changed it"
    if context.base == "cleanup" and WHOLE not in marks(context.run):
        return "the neighbour not looked at: it never was whole"
    if control.trouble(context.run):
        raise control.blocked(context.run)
    own = control.of(context)
    _wait(own, context.plan.limits["manifest"])
    with locked(context.run):
        mark(context.run, whole="yes")
    try:
        return f"{_settled(own)} figures of the neighbour unchanged"
    except (WrongLife, NumbersDiffer) as error:
        with locked(context.run):
            mark(context.run, changed=context.plan.name)
        when = "after the cleanup of this scenario" if context.base == "cleanup" else "beside this scenario"
        raise NeighbourChanged(
            f"the neighbour {own.source_key} changed {when}: {error.headline}",
            detail=f"{error.detail}\n\nNobody but its own payload may change it; the scenario has another source.",
        ) from error


def _ask_again(own: Context) -> None:
    """Ask masu for the neighbour's summaries and costs anew; where it does not answer, what is there is looked at."""
    with locked(own.run), suppress(Unreachable, Refused):
        before = {f"{one.start:%Y-%m}": str(one.summarised) for one in own.observe().periods}
        for month in control.months(own):
            last = min(own.plan.last_day, month.payload.end.date())
            own.clients.masu.summarise(own.provider_uuid, month.payload.start.date(), last)
        mark(own.run, asked=json.dumps(before))


def _wait(own: Context, limit: float) -> None:
    """Until every payload of the neighbour is through, and what was asked for anew is there."""

    def look() -> Reading:
        told = marks(own.run)
        asked = json.loads(told.get(ASKED, "{}"))
        for month in control.months(own):
            # Costs that are made anew are later than the manifest's end.
            reading = done("whole before") if WHOLE in told else manifest.look(month)
            if reading.progress is not Progress.DONE:
                return pending(f"{month.payload.month}: {reading.seen}", **reading.facts)
            period = own.observe().period(month.payload.month)
            if period is None or str(period.summarised) == asked.get(month.payload.month):
                return pending(f"{month.payload.month}: not summarised again yet")
            if period.cost_derived is None or period.summarised is None or period.cost_derived < period.summarised:
                return pending(f"{month.payload.month}: summarised again, its cost step has not run yet")
        return done("the neighbour is whole")

    own.waiter(limit_seconds=limit).wait_for("the neighbour", look)


def _settled(own: Context) -> int:
    """How many figures are equal, as soon as all are.

    Raises:
        WrongLife, NumbersDiffer: what differed last.
    """
    found: list[int | WrongLife | NumbersDiffer] = []

    def look() -> Reading:
        try:
            found.append(_figures(own))
        except (WrongLife, NumbersDiffer) as error:
            found.append(error)
            return pending(error.headline)
        return done("unchanged")

    with suppress(PhaseTimeout):
        own.waiter(limit_seconds=SETTLE_SECONDS).wait_for("the neighbour's figures", look)
    last = found[-1]
    if not isinstance(last, int):
        raise last
    return last


def _figures(own: Context) -> int:
    """How many figures are equal; raises as ``_settled`` does."""
    life = own.clients.database.life(own.provider_uuid)
    wrong = [one for month in control.months(own) for one in looking.after_completion(month, life)]
    if wrong:
        raise WrongLife(wrong[0], detail="\n".join(wrong))
    return control_of(own).compare(own, control.months(own))
