"""A month of generated data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NiseKind:
    """What nise makes for one source type: ``nise report NAME``.

    The source's key stands after ``key_option``, which is empty where nise takes none.
    ``files`` maps nise's name of a report to ours (Koku's), in the order in which nise numbers the files of a month.
    """

    name: str
    key_option: str
    files: Mapping[str, str]


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


def months(start: datetime, end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """``(YYYY-MM, start, exclusive end)`` of each month that the hours ``[start, end)`` touch, in order."""
    first = start.astimezone(UTC)
    last = end.astimezone(UTC)
    while first < last:
        following = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
        yield f"{first:%Y-%m}", first, min(following, last)
        first = following


def hours(start: datetime, end: datetime) -> int:
    """The hours from ``start`` to ``end``; both are full hours."""
    return int((end - start).total_seconds()) // 3600
