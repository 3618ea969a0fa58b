"""Files that have failed, that a session holds, or whose rows are not those of the payload."""

from __future__ import annotations

from collections.abc import Mapping

from e2e_validator.diagnose.case import Case
from e2e_validator.finding import Finding


def file_failed(case: Case) -> Finding | None:
    """Koku says so itself; no repair makes FAILED to DONE."""
    manifest = case.manifest
    failed = [report.name for report in manifest.reports if report.status == "FAILED"] if manifest else []
    if not failed or manifest is None:
        return None
    return Finding(
        "file_failed",
        f"{len(failed)} of {manifest.files} files FAILED; Koku's log says why",
        {"failed": failed, "state": manifest.states()},
        "look for 'Report processing error' in the listener's log; sending again repeats it until that is mended",
    )


def file_unread(case: Case) -> Finding | None:
    """A file that Koku never takes up, although it has unpacked the payload and is done with the others.

    Koku takes one file after the other (docs/contract/koku.md 3.3): after the last there is no file in PROCESSING, both
    steps have their end, and the database hears of no session. Announced again, the file would be passed over again.
    """
    manifest = case.manifest
    if manifest is None or case.phase != "convert" or case.dead or case.unread != 0 or not case.still_seconds:
        return None
    waiting = [report.name for report in manifest.reports if report.status == "DOWNLOADING"]
    others = [report for report in manifest.reports if report.status != "DOWNLOADING"]
    if not waiting or not others or not all(report.done for report in others):
        return None
    if any("end" not in manifest.step(name) for name in ("download", "processing")):
        return None
    if any(session.state != "idle" for session in case.at_work()):
        return None
    return Finding(
        "file_unread",
        f"{len(waiting)} of {manifest.files} files stay DOWNLOADING: Koku is done with download and processing, and"
        f" no process works on them; the first is {waiting[0].removeprefix(f'{manifest.uuid}_')}",
        {"unread": waiting, "status": manifest.statuses(), "state": manifest.states()},
        "see in the listener's log whether it names the file; a tarball that lacks a listed file looks the same",
    )


def in_work(case: Case) -> Finding | None:
    """Nothing changes, and a process that may be at work on it lives: it is slow, waits, or is stopped."""
    listening = case.phase in {"download", "convert"}
    sessions = case.at_work(before_files_were_done=listening)
    if not sessions and not listening and not case.unattended_seconds:
        sessions = [session for session in case.sessions if session.state != "idle"]
    if case.dead or not sessions:
        return None
    return Finding(
        "in_work",
        f"nothing has changed for {case.still_seconds:.0f} s, and {sessions[0]} may still be at work on it",
        {"sessions": [str(session) for session in sessions]},
        "a repair would count a day twice if that process goes on; look what it does, or restart it",
        final=False,
    )


def counted_twice(case: Case) -> Finding | None:
    """More raw line items of a day than the payload has: it was taken in twice, which nothing undoes by itself."""
    rows = _rows(case.evidence["line_items"])
    more = {key: (rows[key], count) for key, count in case.expected_rows.items() if rows.get(key, 0) > count > 0}
    if not more:
        return None
    (kind, day), (there, wanted) = next(iter(sorted(more.items())))
    return Finding(
        "counted_twice",
        f"{kind} of {day} has {there} line items, the payload has {wanted}: the day was taken in more than once",
        {f"{kind} {day}": f"{there} rows, expected {wanted}" for (kind, day), (there, wanted) in sorted(more.items())},
        "a payload was delivered again while it was half written (docs/contract/koku.md 7.4); remove the source's rows"
        " of the day and send it anew",
    )


def done_without_rows(case: Case) -> Finding | None:
    """Every file is DONE and a day has no line items at all (docs/contract/koku.md 0.2)."""
    manifest = case.manifest
    if manifest is None or not manifest.reports or not all(report.done for report in manifest.reports):
        return None
    rows = _rows(case.evidence["line_items"])
    empty = sorted(key for key, count in case.expected_rows.items() if count and not rows.get(key))
    if not empty:
        return None
    kind, day = empty[0]
    return Finding(
        "done_without_rows",
        f"every file is DONE, and {kind} of {day} has no line items",
        {"without rows": [f"{kind} {day}" for kind, day in empty]},
        "DONE alone proves nothing; the log says 'no split files to convert to parquet' when a file was skipped",
    )


def _rows(tables: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    """Raw line items by report type and day."""
    return {
        (name.removeprefix("openshift_").removesuffix("_line_items"), day): count
        for name, days in tables.items()
        if name.endswith("_line_items")
        for day, count in days.items()
    }
