"""What an interrupted or failed ingest has half written: Koku would append to it (docs/contract/koku.md 7.4)."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.errors import counted

_DOWNLOADING = 3


def unfinished_types(observed: ObservedSource, expected: ExpectedSource) -> set[str]:
    """The report types of the files that are not done.

    Raises:
        LookupError: rows of files that are done cannot be told from those of files that are not.
    """
    row = observed.manifest_row or {"reports": []}
    finished = {report["report_name"] for report in row["reports"] if report["completed_datetime"] is not None}
    names = {report["report_name"] for report in row["reports"]}
    types = {expected.report_types[name] for name in names - finished if name in expected.report_types}
    shared = types & {expected.report_types[name] for name in finished if name in expected.report_types}
    if shared:
        raise LookupError(f"some files of {', '.join(sorted(shared))} are done and some are not")
    return types


def half_written(observed: ObservedSource, expected: ExpectedSource) -> dict[str, tuple[str, str]]:
    """The tracker's keys of days that unfinished files have begun, each with its report type and day.

    Raises:
        LookupError: it cannot be told.
    """
    row = observed.manifest_row
    if row is None:
        return {}
    if not expected.daily_reports and any(
        report["completed_datetime"] is None and report["status"] != _DOWNLOADING for report in row["reports"]
    ):
        raise LookupError("a file was begun that is not split by day: the tracker does not tell what it has written")
    types = unfinished_types(observed, expected)
    unknown = {key.partition(".")[0] for key in observed.tracker} - set(expected.report_types.values())
    if unknown:
        raise LookupError(f"the tracker names {', '.join(sorted(unknown))}, of which the payload has no file")
    found = {}
    for key in observed.tracker:
        kind, _, rest = key.partition(".")
        day, _, manifest = rest.partition(".")
        if kind in types and manifest == str(row["id"]):
            found[key] = (kind, day)
    return found


def count_of(some: int, files: int) -> str:
    """For example ``1 of 6 files is``."""
    return f"{some} of {counted(files, 'file')} {'is' if some == 1 else 'are'}"
