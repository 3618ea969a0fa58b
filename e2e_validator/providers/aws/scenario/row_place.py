"""Where a mistake in the rows of a scenario stands: in the scenario's own text, or in a file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from e2e_validator.errors import Problem, printable
from e2e_validator.providers.aws.scenario.row_text import RowMistake
from e2e_validator.scenario.document import Document, KeyPath

_HERE: KeyPath = ("data", "rows")


@dataclass(frozen=True, slots=True)
class Where:
    """The document that has the rows, or the ``file`` that it names for them."""

    document: Document
    file: Path | None

    def problem(self, mistake: RowMistake) -> Problem:
        """The mistake at its line of that file; of all the rows, at ``data.rows``."""
        what = f"data.rows: {mistake.what}"
        if self.file is not None and mistake.line:
            return Problem(str(self.file), mistake.line, 1, printable(what))
        return self.document.problem_within(_HERE, mistake.line, what)
