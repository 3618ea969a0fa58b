"""Data that Koku would lose a part of, refused before they are uploaded: unless the scenario says that it is so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from e2e_validator.errors import Contradicts, counted
from e2e_validator.expect.file_findings import FileReport
from e2e_validator.providers.aws.completeness.check import FILES
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import PlannedPayload


def refuse_incomplete(
    loaded: LoadedScenario, payload: PlannedPayload, files: Sequence[Path], today: date, *, accepted: Collection[str]
) -> None:
    """Look at each file before it is damaged; ``accepted`` are the deviations that an option accepts.

    An accepted deviation excuses the findings that bring it about, and no other.

    Raises:
        Contradicts: something would be lost or count 0, and the scenario expects neither that nor a rejection.
    """
    expect = loaded.scenario.expect
    if expect.rejected is not None or expect.fails is not None:
        return
    for path in files:
        report = _without(FILES.check(path, today), {*expect.deviates, *accepted})
        if report.problems:
            lines = report.lines(path.name)[1:]
            first = lines[0].partition(": ")[2].rstrip(".")
            said = f"{loaded.path.name}: file {path.name} of payload {payload.index}: {first}"
            more = f" (and {counted(report.problems - 1, 'problem')} more)" if report.problems > 1 else ""
            raise Contradicts(f"{said}{more}.", detail="\n".join([*lines, _hint(report)]))


def _without(report: FileReport, accepted: Collection[str]) -> FileReport:
    """The report without the findings that an accepted deviation explains."""
    left = tuple(one for one in report.findings if one.deviation not in accepted)
    return FileReport(report.kind, report.facts, left)


def _hint(report: FileReport) -> str:
    problems = [one for one in report.findings if one.problem]
    names = sorted({one.deviation for one in problems if one.deviation})
    accept = f"accept what it brings about (expect: {{deviates: [{', '.join(names)}]}})"
    if not names:
        return "correct the data: no deviation that can be accepted explains it"
    if all(one.deviation for one in problems):
        return f"correct the data, or {accept}"
    return f"correct the data; of a part of it you may {accept}"
