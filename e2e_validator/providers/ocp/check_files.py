"""A look at report files of OpenShift, before they are sent (docs/contract/koku.md 3.4)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from e2e_validator.errors import Inconclusive, counted
from e2e_validator.expect.file_findings import FileCheck, FileReport, Finding
from e2e_validator.providers.ocp.expect.payload import read_files
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES, ReportType, detect
from e2e_validator.scenario.document import did_you_mean

_GZIP = b"\x1f\x8b"
_LISTED = 20


class ReportFiles:
    """Files of the six kinds of report."""

    def known(self, header: Sequence[str]) -> int:
        """See ``FileCheck``."""
        return max(len(kind.columns & set(header)) for kind in REPORT_TYPES.values())

    def meant(self, name: str) -> str:
        """See ``FileCheck``."""
        return did_you_mean(name, sorted({column for kind in REPORT_TYPES.values() for column in kind.columns}))

    def check(self, path: Path, today: date) -> FileReport:
        """See ``FileCheck``."""
        content = _content(path)
        header = content.partition(b"\n")[0].decode("utf-8-sig", "replace").strip().split(",")
        kind = detect(header)
        if kind is None:
            nearest = _nearest(header)
            missing = sorted(nearest.required - set(header))
            findings = [
                Finding(f"{column} is missing: Koku knows no such kind of report, and loads nothing.", about=column)
                for column in missing
            ]
            return FileReport(f"almost {nearest.name}", counted(len(header), "column"), tuple(findings))
        try:
            (read,) = read_files([content]) or (None,)
        except Inconclusive as error:
            said = str(error).replace("CSV object 0", path.name).rstrip(".")
            return FileReport(kind.name, counted(len(header), "column"), (Finding(f"{said}."),))
        rows = read.table.rows if read is not None else 0
        found = [] if rows else [Finding("it has no row: nothing is summarised of it.", problem=False)]
        if read is not None:
            said_of = [str(one).replace("CSV object 0, ", "").rstrip(".") for one in read.unread[:_LISTED]]
            found += [Finding(f"{said}.") for said in said_of]
            found += [Finding(f"{one.reason.rstrip('.')}.") for one in read.obstacles[:_LISTED]]
            found += [
                Finding(f"it has rows of {day}, which is in the future: the reports do not show them.")
                for day in read.days
                if day > today.isoformat()
            ]
        days = counted(len(read.days), "day") if read is not None else "0 days"
        return FileReport(kind.name, f"{counted(rows, 'row')} of {days}, {len(header)} columns", tuple(found))

    def enhance(self, path: Path, out: Path) -> tuple[str, ...]:
        """See ``FileCheck``: of a report every column is a measurement."""
        del out
        raise Inconclusive(f"{path.name} is a usage report: nothing can stand for a column that it lacks.")


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except OSError as error:
        raise Inconclusive(f"The file cannot be read: {path.name}: {error.strerror or error}.") from None
    except (EOFError, zlib.error) as error:
        raise Inconclusive(f"The file cannot be read: {path.name}: the gzip file is damaged: {error}.") from None


def _nearest(header: Sequence[str]) -> ReportType:
    have = set(header)
    return max(REPORT_TYPES.values(), key=lambda kind: (len(kind.columns & have), -len(kind.required - have)))


FILES: FileCheck = ReportFiles()
