"""summary: the daily summary of the payload's month is whole, and its figures are those of the data."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.parts import later
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.resummarised import was_resummarised
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.waiting import Reading, dead, done, pending


def run(context: Context) -> Outcome:
    """Wait for the end of ``state.summary``, then compare the daily summary."""
    if context.sent.rest_comes_later:
        return later(context)
    lost = not context.expectation.stage("summary", context.payload_index - 1)
    reading = context.waiter().wait_for("summary", StallMonitor(context, look_for_end if lost else unless_early(look)))
    compared = provider_of(context).compare(context)
    looking.check(context, looking.after_summary)
    return Outcome(f"{reading.seen}, {compared.facts}", reading.facts, {"ledger.txt": compared.lines})


def look_for_end(context: Context) -> Reading:
    """Whether the step has ended, for a payload of which Koku summarises nothing: no stamp and no costs follow."""
    manifest = context.manifest(context.observe())
    if manifest is None:
        return dead("the manifest row is gone", "the manifest row vanished after the conversion")
    words = manifest.step("summary")
    if "end" in words:
        return done("Koku summarises no day of it", state=sorted(words))
    return pending("summary running" if words else "summary not started: queued, lost, or no worker runs")


def look(context: Context) -> Reading:
    """Where the summary stands.

    The report period is stamped between the step's start and its end (docs/contract/koku.md 3.8; every recording).
    Several payloads of a month share it: an older time is that of an earlier payload's summary.
    """
    state = context.observe()
    manifest = context.manifest(state)
    if manifest is None:
        return dead("the manifest row is gone", "the manifest row vanished after the conversion")
    words = manifest.step("summary")
    periods = [state.period(month) for month in context.months]
    stamps = [period.summarised if period else None for period in periods]
    summarised = min(stamp for stamp in stamps if stamp is not None) if all(stamps) and stamps else None
    facts = {
        "state": sorted(words),
        "summary rows": state.summary_rows,
        "summarised": summarised.isoformat() if summarised else "NULL",
    }
    if "failed" in words:
        return dead("state.summary has failed", "Koku gave the summary up", **facts)
    if "end" not in words and (again := was_resummarised(context, state)) is not None:
        facts["made anew"] = again.isoformat()
        return done(f"{state.summary_rows} summary rows, made anew", **facts)
    if "end" not in words:
        return pending("summary running" if words else "summary not started: queued, lost, or no worker runs", **facts)
    if not context.months:
        return done("Koku summarises no day of it", **facts)
    # Several months are summarised one after the other, and each begins ``state.summary`` anew.
    started = manifest.step_time("summary", "start") if len(context.months) == 1 else None
    started = started or manifest.created
    if summarised is None or started is None or summarised < started:
        return pending("state.summary has ended, the report period has no stamp of it", **facts)
    return done(f"{state.summary_rows} summary rows", **facts)
