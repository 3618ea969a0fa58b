"""A report stuck in DOWNLOADING or PROCESSING, because the process that ingested it was killed.

Announcing again is what helps, and counts a day twice if the killed process had begun it; so what is half written is
cleared first (docs/contract/faults.md A, B, C; docs/contract/koku.md 7.4).
"""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding
from e2e_validator.repair.half_written import clear, cleared, count_of, half_written, hold, undo_text
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def recognise(case: Case) -> Finding | None:
    """Some files are in 3 or 4, none has failed, nothing has changed for long, and no process works on them or will."""
    manifest = case.manifest
    if manifest is None or case.dead or not case.still_seconds or case.at_work():
        return None
    # A listener that died in the middle did not commit: Kafka delivers the message again by itself.
    if case.unread != 0:
        return None
    unfinished = [report for report in manifest.reports if not report.done]
    recorded = len(manifest.reports) == manifest.files
    unpacked = "end" in manifest.step("download")
    if any("failed" in manifest.step(name) for name in ("download", "processing")):
        return None
    if any(report.status not in {"DOWNLOADING", "PROCESSING"} for report in unfinished):
        return None
    if recorded and unpacked and not unfinished:
        return None
    try:
        begun = half_written(case)
    except LookupError:
        return None
    left = max(len(unfinished), manifest.files - len(manifest.reports) + len(unfinished))
    days = len({day for _, day in begun.values()})
    written = f"{days} day{'s are' if days > 1 else ' is'} half written" if days else "no day is half written"
    return Finding(
        "report_stuck",
        f"{count_of(left, manifest.files)} not done and no process works on them; {written}",
        {"status": manifest.statuses(), "state": manifest.states(), "half written": sorted(begun)},
        "clear what is half written, then announce the payload again; announcing alone may count a day twice",
    )


def apply(case: Case, tools: Tools) -> RepairResult:
    """Clear what is half written in one transaction, then announce the same object under the same uuid."""
    with tools.writing.transaction() as transaction:
        hold(case, transaction)
        removed = clear(case, transaction)
        undo = undo_text(case, removed)
        tools.keep(RepairResult(cleared(removed), undo, removed))
    tools.transport.announce(case.object_key, case.tarball)
    return RepairResult(f"{cleared(removed)}, then announced the payload again", undo, removed)


REPAIR = Repair(
    name="stuck_report",
    phases=("download", "convert"),
    detection="files in status 3 or 4 of which nothing changes, no failure noted, no message in Kafka that the listener"
    " has not committed, and no database session of a process that could be at work on them",
    action="deletes the line items of the days that unfinished files have begun, with their keys in the manifest's"
    " tracker, in one transaction; then announces the same payload again",
    writes="openshift_*_line_items[_daily] and the manifest's s3_parquet_cleared_tracker, of this source's own days",
    undo="the removed rows and the tracker are kept with the run; the undo statement puts them back",
    contract="docs/contract/koku.md 1.3, 7.4",
    limit=2,
    recognise=recognise,
    apply=apply,
)
