"""A small file of nise's, multiplied to the one that it would have written for a larger static report.

nise writes generator after generator, in each hour after hour, and in each hour the same rows but for their times. So
a row is pieces of text that never change, with a time, a name's number, or a number of its own between them. pyarrow
puts them together, some ten thousand rows at a time: no file is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from e2e_validator.errors import HarnessError
from e2e_validator.generate.layout import Block, Layout, slots_of
from e2e_validator.generate.scaled_lines import Lines, arrow_library
from e2e_validator.generate.seed_rows import Seed, cells_of


class Sink(Protocol):
    """What bytes are written to: a file, or what packs them."""

    def write(self, data: Any, /) -> object:
        """Take all of ``data``."""


def multiply(
    seed: Path,
    target: Sink,
    *,
    blocks: Sequence[Block],
    layout: Layout,
    seed_hours: Sequence[datetime],
    hours: Sequence[datetime],
    part: range | None = None,
) -> int:
    """Write the larger file of ``hours`` to ``target``; returns how many rows. ``seed`` is of ``seed_hours`` alone.

    ``part`` are the numbers of the rows that are written, all by default; each part has the header.

    Raises:
        Blocked: pyarrow is not installed.
        HarnessError: the seed is not what its blocks, its hours and the layout say.
    """
    arrow_library()
    with seed.open(encoding="utf-8", newline="") as stream:
        header = stream.readline()
        target.write(header.encode())
        columns = cells_of(header.rstrip("\r\n"))
        written = before = 0
        for block in blocks:
            if not block.rows:
                continue
            slots = slots_of(columns, layout)
            rows = Seed(seed.name, columns, layout, slots).read(stream, block, seed_hours)
            made = Lines(block, layout, slots, rows, hours)
            begin, end = (0, made.count) if part is None else _within(part, before, made.count)
            for lines in made.batches(before, begin, end):
                target.write(lines)
            written, before = written + end - begin, before + made.count
        if stream.readline():
            raise HarnessError(f"{seed.name} has more rows than were planned; it cannot be multiplied.")
    return written


def _within(part: range, before: int, count: int) -> tuple[int, int]:
    """Which of ``count`` rows, that stand behind ``before`` others, are of the part."""
    begin = min(max(part.start - before, 0), count)
    return begin, max(min(part.stop - before, count), begin)
