"""cost: the cost step ran after the summary, and every rate row and every cost in the UI tables is what it must be."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.parts import later
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.resummarised import costed_after_summary
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life.early import unless_early
from e2e_validator.waiting import Reading, dead, done, pending


def run(context: Context) -> Outcome:
    """Wait for ``derived_cost_datetime``, then compare the costs."""
    if context.sent.rest_comes_later:
        return later(context)
    reading = context.waiter().wait_for("cost", StallMonitor(context, unless_early(look)))
    if (costed := reading.facts.get("cost step")) is not None:
        context.sent.costed_at = "" if costed == "NULL" else str(costed)
    compared = provider_of(context).compare(context)
    facts = f"{reading.seen}, {compared.facts}"
    return Outcome(facts, {**reading.facts, **compared.data}, {"ledger.txt": compared.lines})


def look(context: Context) -> Reading:
    """Where the cost step stands."""
    state = context.observe()
    manifest = context.manifest(state)
    if manifest is None:
        return dead("the manifest row is gone", "the manifest row vanished after the summary")
    costed, after_summary = costed_after_summary(context, state, manifest)
    summarised = manifest.step_time("summary", "end")
    facts = {
        "summary ended": summarised.isoformat() if summarised else "NULL",
        "cost step": costed.isoformat() if costed else "NULL",
    }
    if not context.months:
        return done("nothing is summarised, so nothing has a cost", **facts)
    if not after_summary:
        return pending("the cost step has not run since the summary", **facts)
    return done("cost step done", **facts)
