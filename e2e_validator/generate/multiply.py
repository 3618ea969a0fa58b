"""A small file of nise's, multiplied to the one that it would have written for a larger static report.

nise writes generator after generator, in each hour after hour, and in each hour the same rows but for their times. So
a row is pieces of text that never change, with a time, a name's number, or a number of its own between them. pyarrow
puts them together, some ten thousand rows at a time: no file is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from e2e_validator.errors import HarnessError
from e2e_validator.generate.layout import Block, Layout, slots_of
from e2e_validator.generate.scaled_lines import Lines, arrow_library
from e2e_validator.generate.seed_rows import Seed, cells_of


def multiply(
    seed: Path,
    target: IO[bytes],
    *,
    blocks: Sequence[Block],
    layout: Layout,
    seed_hours: Sequence[datetime],
    hours: Sequence[datetime],
) -> int:
    """Write the larger file of ``hours`` to ``target``; returns its rows. ``seed`` is of ``seed_hours`` alone.

    Raises:
        Blocked: pyarrow is not installed.
        HarnessError: the seed is not what its blocks, its hours and the layout say.
    """
    arrow_library()
    with seed.open(encoding="utf-8", newline="") as stream:
        header = stream.readline()
        target.write(header.encode())
        columns = cells_of(header.rstrip("\r\n"))
        written = 0
        for block in blocks:
            if not block.rows:
                continue
            slots = slots_of(columns, layout)
            rows = Seed(seed.name, columns, layout, slots).read(stream, block, seed_hours)
            for lines in Lines(block, layout, slots, rows, hours).batches(written):
                target.write(lines)
            written += block.rows * block.inner * block.outer * len(hours)
        if stream.readline():
            raise HarnessError(f"{seed.name} has more rows than were planned; it cannot be multiplied.")
    return written
