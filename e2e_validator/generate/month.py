"""A month of generated data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NiseKind:
    """What nise makes for one source type: ``nise report NAME``.

    The source's key stands after ``key_option``, which is empty where nise takes none.
    ``files`` maps nise's name of a report to ours (Koku's), in the order in which nise numbers the files of a month.
    ``named`` is how nise names the file of a part (one of those names): by its month (October-2026) and the key.
    """

    name: str
    key_option: str
    files: Mapping[str, str]
    named: str = "{month}-{key}-{part}"

    def file_name(self, month: datetime, key: str, part: str) -> str:
        """The name of that file, without its ending."""
        return self.named.format(month=f"{month:%B-%Y}", key=key, part=part)


@dataclass(frozen=True)
class GeneratedMonth:
    """One month of data: ``month`` is ``YYYY-MM``, ``start`` and exclusive ``end`` are UTC.

    ``csvs`` has a file for each report type, those with a header alone included; ``rows`` says how
    many rows each has.
    """

    month: str
    start: datetime
    end: datetime
    csvs: dict[str, Path]
    rows: dict[str, int]


def hours(start: datetime, end: datetime) -> int:
    """The hours from ``start`` to ``end``; both are full hours."""
    return int((end - start).total_seconds()) // 3600


def rows_of(csv: Path) -> int:
    """Lines below the header; nise writes no line breaks into a field."""
    with csv.open("rb") as stream:
        lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return lines - 1
