"""Rows as the operator writes them, without their times: a folder of CSV files in ``fixtures/rows/``.

Each line of a file stands for a row in every hour of the scenario's period. The files have Koku's own columns
(docs/contract/koku.md 3.4) but the four with times, which the run fills in, and may begin with two more: ``@hours``,
the hours of the day in which the line has a row (``0-22``, ``5``, ``0-5 8-23``; empty: all), and ``@days``, the days of
the data, counted from 0 (empty: all). A number with ``~`` behind it differs from hour to hour, by between half and one
and a half times; the same every run.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.providers.ocp.scenario.nise_model import KOKUS_OWN
from e2e_validator.scenario.document import brief

TIMES = ("report_period_start", "report_period_end", "interval_start", "interval_end")
HOURS, DAYS = "@hours", "@days"
_SPAN = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_LARGEST_BYTES = 1024 * 1024
_LAST_HOUR = 23


class RowsError(ValueError):
    """A folder of rows that cannot be used; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class RowFile:
    """One CSV file: its name, its columns without ours, and its lines."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[RowLine, ...]


@dataclass(frozen=True, slots=True)
class RowLine:
    """One line: its cells, and when it has rows (None: always)."""

    cells: tuple[str, ...]
    hours: frozenset[int] | None
    days: frozenset[int] | None


def row_files(folder: Path) -> tuple[RowFile, ...]:
    """The files of ``folder`` in the order of their names, which is that of the payload.

    Raises:
        RowsError: there is none, or one is not as it must be.
    """
    try:
        if not folder.is_dir():
            raise RowsError(f"there is no folder {folder}")
        paths = sorted(folder.glob("*.csv"))
    except OSError as error:
        raise RowsError(f"the folder {folder} cannot be read: {(error.strerror or str(error)).lower()}") from None
    found = tuple(_read(path) for path in paths)
    if not any(file.lines for file in found):
        raise RowsError(f"there is no line in the CSV files of {folder}")
    return found


def _read(path: Path) -> RowFile:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise RowsError(f"{path.name} is larger than {_LARGEST_BYTES // 1024} KiB")
        text = path.read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RowsError(f"{path.name} cannot be read: {error}") from None
    if not rows:
        raise RowsError(f"{path.name} has no header")
    header = rows[0]
    wrong = sorted({*header} & {*TIMES}) + [
        name for name in header if name.startswith("@") and name not in (HOURS, DAYS)
    ]
    if wrong or len({*header}) != len(header):
        what = f"the column {wrong[0]}, which the run fills in or does not know" if wrong else "a column twice"
        raise RowsError(f"{path.name} has {what}")
    lines = tuple(_lines(path.name, header, rows[1:]))
    return RowFile(path.name, tuple(name for name in header if not name.startswith("@")), lines)


def _lines(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[RowLine]:
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise RowsError(f"{name}: row {number} has {len(row)} cells, the header {len(header)}")
        given = dict(zip(header, row, strict=True))
        if given.get("namespace") in KOKUS_OWN:
            raise RowsError(f"{name}: row {number} is of '{given['namespace']}', a project that Koku makes itself")
        if odd := next((cell for cell in row if not cell.isprintable()), None):
            raise RowsError(f"{name}: row {number} has the cell '{brief(odd)}' with a line break or the like")
        yield RowLine(
            cells=tuple(cell for column, cell in given.items() if not column.startswith("@")),
            hours=_spans(given.get(HOURS, ""), f"{name}: row {number}: {HOURS}", _LAST_HOUR),
            days=_spans(given.get(DAYS, ""), f"{name}: row {number}: {DAYS}", 999),
        )


def _spans(text: str, where: str, last: int) -> frozenset[int] | None:
    if not text.strip():
        return None
    found: set[int] = set()
    for part in text.split():
        match = _SPAN.fullmatch(part)
        first, end = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > end or end > last:
            raise RowsError(f"{where}: '{part}' is not a number or span from 0 to {last}, such as 5 or 0-22")
        found.update(range(first, end + 1))
    return frozenset(found)
