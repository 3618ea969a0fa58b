"""The whole look at a cost file of AWS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from e2e_validator.errors import Inconclusive, counted
from e2e_validator.expect.file_findings import FileCheck, FileReport, Finding
from e2e_validator.providers.aws.completeness.header import header_findings, known_columns, meant_column
from e2e_validator.providers.aws.completeness.rows import RowsLook, row_findings
from e2e_validator.providers.aws.cost_file.reading import UnreadableFileError, header_of, lines_of
from e2e_validator.providers.aws.enhancing import enhance
from e2e_validator.providers.aws.expect.dialect import CUR_1, dialect_of


class CostFiles:
    """Files of AWS: CURs, and what looks like one."""

    def known(self, header: Sequence[str]) -> int:
        """See ``FileCheck``."""
        return known_columns(header)

    def meant(self, name: str) -> str:
        """See ``FileCheck``."""
        return meant_column(name)

    def check(self, path: Path, today: date) -> FileReport:
        """See ``FileCheck``."""
        try:
            header = header_of(path)
            dialect = dialect_of(header)
            findings = list(header_findings(header))
            if dialect != CUR_1:
                return FileReport(dialect, counted(len(header), "column"), tuple(findings))
            look = RowsLook.of(lines_of(path))
        except UnreadableFileError as error:
            stops = f"{error}: Koku stops at it, and there is no figure of the file."
            return FileReport("a damaged cost file", "", (Finding(stops, deviation="file_not_loaded"),))
        findings += row_findings(look, today)
        period = f" of {look.month}" if look.month else ""
        facts = f"{counted(look.rows, 'row')} of {counted(len(look.days), 'day')}{period}, {len(header)} columns"
        return FileReport(CUR_1, facts, tuple(findings))

    def enhance(self, path: Path, out: Path) -> tuple[str, ...]:
        """See ``FileCheck``."""
        try:
            return tuple(str(one) for one in enhance(path, out))
        except OSError as error:
            raise Inconclusive(f"{out} cannot be written: {error.strerror or error}.") from None


def missing_columns(report: FileReport) -> dict[str, Finding]:
    """The findings that are about a column, by its name."""
    return {finding.about: finding for finding in report.findings if finding.about}


FILES: FileCheck = CostFiles()
