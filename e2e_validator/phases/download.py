"""download: Koku has unpacked the payload and recorded a status row for every file."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.life import looking
from e2e_validator.life.early import unless_early
from e2e_validator.moments import now
from e2e_validator.waiting import Reading, dead, done, pending


def run(context: Context) -> Outcome:
    """Wait for the manifest row, its files, and the end of ``state.download``."""
    reading = context.waiter().wait_for("download", StallMonitor(context, unless_early(look)))
    looking.check(context, looking.after_download)
    return Outcome(reading.seen, reading.facts)


def look(context: Context) -> Reading:
    """Where the download stands."""
    manifest = context.manifest(context.observe())
    if manifest is None:
        return pending("no manifest row; the payload is queued, was dropped, or no listener runs")
    step = manifest.step("download")
    if not all(report.done for report in manifest.reports):
        context.sent.undone_at = now().isoformat()
    facts = {"manifest": manifest.id, "files": f"{len(manifest.reports)} of {manifest.files}", "state": sorted(step)}
    if "failed" in step:
        return dead("state.download has failed", "Koku gave the download up", **facts)
    if manifest.files != context.sent.files:
        seen = f"manifest {manifest.id} counts {manifest.files} files, the payload has {context.sent.files}"
        return dead(seen, seen, **facts)
    if len(manifest.reports) > manifest.files:
        seen = f"manifest {manifest.id} has {len(manifest.reports)} files recorded, the payload has {manifest.files}"
        return dead(seen, seen, **facts)
    if len(manifest.reports) < manifest.files or "end" not in step:
        return pending(f"manifest {manifest.id}, {len(manifest.reports)} of {manifest.files} files recorded", **facts)
    return done(f"manifest {manifest.id}, {manifest.files} files recorded", **facts)
