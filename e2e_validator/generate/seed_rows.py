"""The rows of a small file, as they are written; those of every hour must be the same but for their times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from e2e_validator.errors import HarnessError
from e2e_validator.generate.layout import Block, Layout, Slot

# A cell as it is written, in quotes or without (RFC 4180); nise writes no line break into one.
_CELL = re.compile(r'("(?:[^"]|"")*"|[^,"]*)(?:,|$)')


@dataclass(frozen=True)
class Seed:
    """The rows of the first hour of a block; those of the others must be the same."""

    name: str
    columns: Sequence[str]
    layout: Layout
    slots: Sequence[Slot]

    def read(self, stream: IO[str], block: Block, hours: Sequence[datetime]) -> list[list[str]]:
        """The cells of the first hour's rows.

        Raises:
            HarnessError: another hour has other ones, or there are not as many as there must be.
        """
        first: list[list[str]] = []
        free = {slot.column for slot in self.slots if slot.kind in ("hour", "unique")}
        for number, hour in enumerate(hours):
            for row in range(block.rows):
                cells = cells_of(stream.readline().rstrip("\r\n"))
                if len(cells) != len(self.columns):
                    raise HarnessError(f"{self.name} has fewer rows than were planned; it cannot be multiplied.")
                self._check_times(cells, hour)
                if number == 0:
                    first.append(cells)
                elif differ := [at for at, cell in enumerate(cells) if at not in free and cell != first[row][at]]:
                    raise HarnessError(
                        f"{self.columns[differ[0]]} of {self.name} is not the same in every hour:"
                        " what nise draws by chance cannot be multiplied."
                    )
        return first

    def _check_times(self, cells: Sequence[str], hour: datetime) -> None:
        for slot in self.slots:
            if slot.kind == "hour" and cells[slot.column] != (said := self.layout.hours[slot.name](hour)):
                what = f"{slot.name} of {self.name} is {cells[slot.column]}, where {said} was expected"
                raise HarnessError(f"{what}; it cannot be multiplied.")


def cells_of(line: str) -> list[str]:
    """The cells of a line as they are written, quotes and all."""
    if '"' not in line:
        return line.split(",")
    cells, at = [], 0
    while at <= len(line) and (found := _CELL.match(line, at)):
        cells.append(found[1])
        at = found.end()
        if not found[0].endswith(","):
            break
    return cells
