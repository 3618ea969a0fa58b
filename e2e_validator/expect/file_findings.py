"""What a look at a file of cost or usage data found, whatever source type it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from e2e_validator.errors import counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a file, as a sentence. A ``problem`` makes figures wrong, or ends Koku's work on the file.

    ``about`` is the column, or '' for what concerns the whole file. ``deviation`` is the known deviation that such data
    bring about, or '' where none is known: a scenario that accepts it may have such data, and no other one.
    """

    sentence: str
    problem: bool = True
    about: str = ""
    deviation: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file: what kind it is, a few words on what is in it, and what was found, problems first."""

    kind: str
    facts: str
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> int:
        """How many findings are problems."""
        return sum(finding.problem for finding in self.findings)

    def lines(self, name: str) -> list[str]:
        """The report as lines of text."""
        first = f"{name}: {self.kind}" + (f", {self.facts}" if self.facts else "")
        ordered = sorted(self.findings, key=lambda finding: not finding.problem)
        return [first, *(f"  {'problem' if one.problem else 'note'}: {one.sentence}" for one in ordered)]

    @property
    def verdict(self) -> str:
        """``complete``, or how many problems there are."""
        return counted(self.problems, "problem") if self.problems else "complete"


class FileCheck(Protocol):
    """How a source type looks at files that are said to be its own."""

    def known(self, header: Sequence[str]) -> int:
        """How many columns of the header are of its files; the source type that knows most is asked."""

    def meant(self, name: str) -> str:
        """``did you mean 'x'?`` for a name that is close to a column that Koku reads; else nothing."""

    def check(self, path: Path, today: date) -> FileReport:
        """Look at a file, gzip or plain; ``today`` is the last day of which data count.

        Raises:
            Inconclusive: it cannot be read at all.
        """

    def enhance(self, path: Path, out: Path) -> tuple[str, ...]:
        """Write the file to ``out`` with each missing column filled by a documented default; a line for each.

        Raises:
            Inconclusive: it cannot be read, or what is missing has no default.
        """
