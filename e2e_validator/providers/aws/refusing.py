"""Data that Koku would lose a part of, refused before they are uploaded: unless the scenario says that it is so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from e2e_validator.errors import Contradicts, counted
from e2e_validator.providers.aws.completeness.check import FILES
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import PlannedPayload


def refuse_incomplete(loaded: LoadedScenario, payload: PlannedPayload, files: Sequence[Path], today: date) -> None:
    """Look at each file before it is damaged.

    Raises:
        Contradicts: something would be lost or count 0, and the scenario neither accepts a deviation nor expects a
            rejection.
    """
    expect = loaded.scenario.expect
    if expect.deviates or expect.rejected is not None or expect.fails is not None:
        return
    for path in files:
        report = FILES.check(path, today)
        if report.problems:
            lines = report.lines(path.name)[1:]
            first = lines[0].partition(": ")[2].rstrip(".")
            said = f"{loaded.path.name}: file {path.name} of payload {payload.index}: {first}"
            more = f" (and {counted(report.problems - 1, 'problem')} more)" if report.problems > 1 else ""
            hint = "correct the data, or accept the deviation by its name in expect.deviates"
            raise Contradicts(f"{said}{more}.", detail="\n".join([*lines, hint]))
