"""Files that have failed, stand still, that a process holds, or whose rows are not those of the payload."""

from __future__ import annotations

from typing import Any

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.half_written import count_of, half_written
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.diagnose.sessions import at_work
from e2e_validator.finding import Finding

_LISTENING = {"download", "convert"}


def file_failed(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """Koku says so itself; no repair makes FAILED to DONE."""
    manifest = observed.manifest
    failed = [report.name for report in manifest.reports if report.status == "FAILED"] if manifest else []
    if not failed or manifest is None:
        return None
    return Finding(
        "file_failed",
        f"{len(failed)} of {manifest.files} files FAILED; Koku's log says why",
        {"failed": failed, "state": manifest.states()},
        "look for 'Report processing error' in the listener's log; sending again repeats it until that is mended",
        "docs/contract/koku.md 1.3, 7.2",
    )


def report_stuck(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Some files are in 3 or 4, none has failed, nothing has changed for long, and no process works or will."""
    manifest = observed.manifest
    if manifest is None or observed.dead or not observed.still_seconds or at_work(observed, expected):
        return None
    if observed.names.polled:
        return None
    # A listener that died in the middle did not commit: Kafka delivers the message again by itself.
    if observed.unread != 0:
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
    evidence: dict[str, Any] = {"status": manifest.statuses(), "state": manifest.states()}
    written = "what is half written cannot be told here"
    if expected is not None:
        try:
            begun = half_written(observed, expected)
        except LookupError:
            return None
        evidence["half written"] = sorted(begun)
        days = len({day for _, day in begun.values()})
        written = f"{days} day{'s are' if days > 1 else ' is'} half written" if days else "no day is half written"
    left = max(len(unfinished), manifest.files - len(manifest.reports) + len(unfinished))
    return Finding(
        "report_stuck",
        f"{count_of(left, manifest.files)} not done and no process works on them; {written}",
        evidence,
        "clear what is half written, then announce the payload again; announcing alone may count a day twice",
        "docs/contract/koku.md 1.3, 7.4",
    )


def file_unread(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """A file that Koku never takes up, although it has unpacked the payload and is done with the others.

    Koku takes one file after the other (docs/contract/koku.md 3.3): after the last there is no file in PROCESSING, both
    steps have their end, and the database hears of no session. Announced again, the file would be passed over again.
    """
    manifest = observed.manifest
    if manifest is None or observed.dead or observed.unread != 0 or not observed.still_seconds:
        return None
    waiting = [report.name for report in manifest.reports if report.status == "DOWNLOADING"]
    others = [report for report in manifest.reports if report.status != "DOWNLOADING"]
    if not waiting or not others or not all(report.done for report in others):
        return None
    if any("end" not in manifest.step(name) for name in ("download", "processing")):
        return None
    if any(session.state != "idle" for session in at_work(observed, expected)):
        return None
    return Finding(
        "file_unread",
        f"{len(waiting)} of {manifest.files} files stay DOWNLOADING: Koku is done with download and processing, and"
        f" no process works on them; the first is {waiting[0].removeprefix(f'{manifest.uuid}_')}",
        {"unread": waiting, "status": manifest.statuses(), "state": manifest.states()},
        "see in the listener's log whether it names the file; a tarball that lacks a listed file looks the same",
        "docs/contract/koku.md 3.3",
    )


def in_work(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Nothing changes, and a process that may be at work on it lives: it is slow, waits, or is stopped.

    Of a source that no run made, only a manifest that is not complete can be worked on.
    """
    if expected is None:
        manifest = observed.manifest
        if manifest is None or manifest.completed is not None or not observed.still_seconds:
            return None
    listening = expected is None or expected.phase in _LISTENING
    sessions = at_work(observed, expected, before_files_were_done=listening)
    if not sessions and not listening and not observed.unattended_seconds:
        sessions = [session for session in observed.sessions if session.state != "idle"]
    if observed.dead or not sessions:
        return None
    return Finding(
        "in_work",
        f"nothing has changed for {observed.still_seconds:.0f} s, and {sessions[0]} may still be at work on it",
        {"sessions": [str(session) for session in sessions]},
        "a repair would count a day twice if that process goes on; look what it does, or restart it",
        "docs/contract/koku.md 2.5, 7.4",
        final=False,
    )


def counted_twice(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """More raw line items of a day than the payload has: it was taken in twice, which nothing undoes by itself."""
    if expected is None:
        return None
    rows = observed.line_items()
    more = {key: (rows[key], count) for key, count in expected.expected_rows.items() if rows.get(key, 0) > count > 0}
    if not more:
        return None
    (kind, day), (there, wanted) = next(iter(sorted(more.items())))
    return Finding(
        "counted_twice",
        f"{kind} of {day} has {there} line items, the payload has {wanted}: the day was taken in more than once",
        {f"{kind} {day}": f"{there} rows, expected {wanted}" for (kind, day), (there, wanted) in sorted(more.items())},
        "a payload was delivered again while it was half written (docs/contract/koku.md 7.4); remove the source's rows"
        " of the day and send it anew",
        "docs/contract/koku.md 7.4",
    )


def done_without_rows(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """Every file is DONE and a day has no line items at all (docs/contract/koku.md 0.2)."""
    manifest = observed.manifest
    if manifest is None or expected is None:
        return None
    if not manifest.reports or not all(report.done for report in manifest.reports):
        return None
    rows = observed.line_items()
    empty = sorted(key for key, count in expected.expected_rows.items() if count and not rows.get(key))
    if not empty:
        return None
    kind, day = empty[0]
    return Finding(
        "done_without_rows",
        f"every file is DONE, and {kind} of {day} has no line items",
        {"without rows": [f"{kind} {day}" for kind, day in empty]},
        "DONE alone proves nothing; the log says 'no split files to convert to parquet' when a file was skipped",
        "docs/contract/koku.md 0.2, 7.2",
    )
