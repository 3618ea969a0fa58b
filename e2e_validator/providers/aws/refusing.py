"""Data that Koku would lose a part of, refused before they are uploaded: unless the scenario says that it is so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from e2e_validator.errors import LosesData, Problem, counted
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
        LosesData: something would be lost or count 0, and the scenario expects neither that nor a rejection.
    """
    expect = loaded.scenario.expect
    if expect.rejected is not None or expect.fails is not None:
        return
    for path in files:
        report = _without(FILES.check(path, today), {*expect.deviates, *accepted})
        if report.problems:
            rows = _own_rows(loaded, {*expect.deviates, *accepted})
            lines = report.lines(path.name)[1:]
            detail = "\n".join([*map(str, rows), *lines, _hint(report)])
            if rows:
                # As the author sees them: the file has a line for each hour.
                first, more = f"{Path(rows[0].path).name}:{rows[0].line}: {rows[0].what}", len(rows) - 1
            else:
                said = lines[0].partition(": ")[2].rstrip(".")
                first, more = (
                    f"{loaded.path.name}: file {path.name} of payload {payload.index}: {said}",
                    report.problems - 1,
                )
            others = f" (and {counted(more, 'problem')} more)" if more else ""
            raise LosesData(f"{first}{others}.", detail=detail)


def _own_rows(loaded: LoadedScenario, accepted: Collection[str]) -> list[Problem]:
    """What is wrong with the rows that the scenario has itself, at their lines."""
    return [problem for deviation, problem in loaded.doubts if deviation not in accepted]


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
