"""What Koku does not take of a payload as it is written there: rows that it leaves out, cells that it counts as 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from e2e_validator.expect.quoting import quoted


@dataclass(frozen=True, slots=True)
class Unread:
    """One place of a CSV file, by its line (the header is line 1), that counts for less than it says.

    ``kept``: the row counts, with 0 in ``column``; with ``column`` empty the row is short and what it lacks is empty.
    Not ``kept``: Koku leaves the row out. ``cells`` are the row's texts by column, as far as they can be told apart
    (a row with too many fields has none). ``text`` is the cell, or what is wrong with the row.
    """

    report_type: str
    file: str
    line: int
    column: str
    text: str
    kept: bool
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        """One sentence: where, what, and what Koku makes of it."""
        where = f"{self.file}, line {self.line}"
        if self.column and self.kept:
            return f"{where}: {self.column} is {quoted(self.text)}, which is no number: Koku counts 0"
        if self.column:
            return f"{where}: {self.column} is {quoted(self.text)}, more than 1e18: Koku leaves the row out"
        made = "the rest counts as empty" if self.kept else "Koku leaves the row out"
        return f"{where}: {self.text}: {made}"
