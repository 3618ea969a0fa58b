"""convert: every file is DONE and its rows are in the archive and in the line item tables, whole and once.

DONE alone proves nothing (docs/contract/koku.md 0.2); the rows do.
"""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.moments import now
from e2e_validator.waiting import Reading, dead, done, pending


def run(context: Context) -> Outcome:
    """Wait until every file is done, then compare what was made of it."""
    reading = context.waiter().wait_for("convert", StallMonitor(context, unless_early(look)))
    compared = provider_of(context).compare(context)
    looking.check(context, looking.after_conversion)
    provider_of(context).check_files_beside(context)
    facts = f"{reading.seen}, {compared.facts}"
    return Outcome(facts, {**reading.facts, **compared.data}, {"ledger.txt": compared.lines})


def look(context: Context) -> Reading:
    """Where the conversion stands."""
    manifest = context.manifest(context.observe())
    if manifest is None:
        return dead("the manifest row is gone", "the manifest row vanished after the download")
    files = sum(report.done for report in manifest.reports)
    facts = {"files": manifest.statuses(), "state": manifest.states()}
    seen = f"{files} of {context.sent.awaited} files done"
    if context.sent.rest_comes_later:
        seen += f", {context.sent.files - context.sent.awaited} to come in another tarball"
    failed = [report for report in manifest.reports if report.status == "FAILED"]
    if failed:
        # The name without the payload's uuid, so that the reason fits a line; the facts below have all of it.
        name = failed[0].name.removeprefix(f"{context.sent.uuid}_")
        reason = f"report {name} is FAILED (was {failed[0].failed_status})"
        why = context.obstacles.get(failed[0].name)
        if why:
            reason += f": it {why}"
        facts["failed"] = [report.name for report in failed]
        return dead(f"{seen}, {len(failed)} failed", reason, **facts)
    if "failed" in manifest.step("processing"):
        return dead(f"{seen}, state.processing has failed", "Koku gave the processing up", **facts)
    if len(manifest.reports) > context.sent.files:
        reason = f"{len(manifest.reports)} files recorded, the payload has {context.sent.files}"
        return dead(f"{seen}, {reason}", reason, **facts)
    if files == context.sent.awaited and len(manifest.reports) == context.sent.files:
        return done(seen, **facts)
    context.sent.undone_at = now().isoformat()
    return pending(seen, **facts)
