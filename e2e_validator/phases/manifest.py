"""manifest: the cost step ran and the manifest is complete, in this order (docs/contract/koku.md 0.9)."""

from __future__ import annotations

from datetime import datetime

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.parts import later
from e2e_validator.engine.resummarised import costed_after_summary
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.waiting import Reading, dead, done, pending


def run(context: Context) -> Outcome:
    """Wait for ``derived_cost_datetime``, ``completed_datetime`` and ``data_updated_timestamp``."""
    if context.sent.rest_comes_later:
        return later(context)
    reading = context.waiter().wait_for("manifest", StallMonitor(context, unless_early(look)))
    looking.check(context, looking.after_completion)
    return Outcome(reading.seen, reading.facts)


def _compared(context: Context) -> datetime | None:
    """When the costs were made that have been compared.

    A change to what costs depend on, such as the organisation's cost groups, makes Koku compute them again: later than
    the manifest was completed, which is then no sign of a wrong order.
    """
    noted = context.sent.costed_at
    return datetime.fromisoformat(noted) if noted else None


def look(context: Context) -> Reading:
    """Where the completion stands; NULL is never taken for done."""
    state = context.observe()
    manifest = context.manifest(state)
    if manifest is None:
        return dead("the manifest row is gone", "the manifest row vanished after the summary")
    costed, after_summary = costed_after_summary(context, state, manifest)
    facts = {
        "cost step": costed.isoformat() if costed else "NULL",
        "manifest completed": manifest.completed.isoformat() if manifest.completed else "NULL",
        "provider updated": state.data_updated.isoformat() if state.data_updated else "NULL",
    }
    if "failed" in manifest.step("summary"):
        return dead("state.summary has failed", "Koku gave the summary up", **facts)
    if not context.months:
        seen = f"manifest {manifest.id} completed, nothing of it was summarised"
        return done(seen, **facts) if manifest.completed else pending("completed_datetime is NULL", **facts)
    if costed is None or not after_summary:
        return pending("the cost step has not run since the summary", **facts)
    if manifest.completed is None:
        return pending("the cost step has run, completed_datetime is NULL", **facts)
    costed = min(costed, _compared(context) or costed)
    if manifest.completed < costed:
        return pending("completed before the cost step ran", **facts)
    # Koku stamps the provider a moment before the manifest, so the cost step is what it must not be older than.
    if state.data_updated is None or state.data_updated < costed:
        return pending("completed, but data_updated_timestamp is older than the cost step", **facts)
    return done(f"manifest {manifest.id} completed after its costs", **facts)
