"""A CSV file taken apart as Koku takes it apart.

See docs/contract/koku.md 3.3, 3.5: pandas' reader, which skips bad lines.

Lines with too many fields are left out and short ones filled up; blank lines are none; a NUL ends a cell's text. What
ends Koku's work on the whole payload (an open quote, bytes that are no UTF-8, a first row that is longer than the
header, by which every column shifts) is refused here in one sentence.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from e2e_validator.errors import Inconclusive

# Rows read at a time.
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that has not as many fields as the header; ``kept`` if it is filled up, else it is left out."""

    line: int
    fields: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file: the texts of each column, the line on which each row ends, the bad lines.

    ``lines`` is None where they were not asked for and every line is as long as the header.
    """

    header: tuple[str, ...]
    columns: dict[str, list[str]]
    rows: int
    lines: tuple[int, ...] | None
    bad: tuple[BadLine, ...]


def read_sheet(content: bytes, name: str, *, with_lines: bool = False) -> Sheet | None:
    """The rows of a CSV file; None where it has no header, which Koku takes for an empty file.

    ``with_lines`` asks for the lines of a file that is read by another, slower way.

    Raises:
        Inconclusive: Koku could do nothing with the whole file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Inconclusive(f"The CSV file is no UTF-8 text: {name}, line {line}. Koku cannot read it.") from None
    plain = not with_lines and b'"' not in content and b"\0" not in content
    return (_quickly(text) if plain else None) or _carefully(text, name)


def _quickly(text: str) -> Sheet | None:
    """The sheet of a text without quotes, where every line is as long as the header; None if one is not."""
    records = (line.rstrip("\n").split(",") for line in io.StringIO(text, newline=None))
    first = next(records, [""])
    if not all(name.strip() for name in first) or len(set(first)) != len(first):
        return None
    cells: list[list[str]] = [[] for _ in first]
    # One object for each different text of a column: a month repeats the same few many thousand times.
    known: list[dict[str, str]] = [{} for _ in first]
    while block := list(itertools.islice(records, _BLOCK)):
        if any(len(record) != len(first) or not _said(record) for record in block):
            return None
        for column, seen, texts in zip(cells, known, zip(*block, strict=True), strict=True):
            column += [seen.setdefault(cell, cell) for cell in texts]
    return Sheet(tuple(first), dict(zip(first, cells, strict=True)), len(cells[0]), None, ())


def _said(record: list[str]) -> bool:
    """Whether a record is more than a blank line."""
    return bool(record) and (len(record) > 1 or bool(record[0].strip(" \t")))


class _Lines:
    """The lines of a text, and whether they were asked for beyond the last: then a quote is still open."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            self.over = True
            raise StopIteration
        return line


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it ends; blank ones left out."""
    lines = _Lines(text)
    reader = csv.reader(lines)
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise Inconclusive(f"The CSV file cannot be read: {name}, line {reader.line_num}: {error}.") from None
        if record is None:
            return
        if lines.over:
            text = f"a quote is opened and not closed up to line {reader.line_num}"
            raise Inconclusive(f"The CSV file is damaged: {name}: {text}. Koku gives the payload up.")
        if _said(record):
            yield reader.line_num, [cell.partition("\0")[0] for cell in record]


def _carefully(text: str, name: str) -> Sheet | None:
    records = _records(text, name)
    _, header = next(records, (0, []))
    if not header:
        return None
    names = _unique(header)
    width = len(names)
    cells: list[list[str]] = [[] for _ in names]
    lines: list[int] = []
    bad: list[BadLine] = []
    for number, (line, record) in enumerate(records):
        if len(record) > width:
            if number == 0:
                raise Inconclusive(
                    f"The first row of {name}, line {line}, has {len(record)} fields, the header {width}:"
                    " Koku takes the first of them for an index, shifts every column and gives the payload up."
                )
            bad.append(BadLine(line, len(record), kept=False))
            continue
        if len(record) < width:
            bad.append(BadLine(line, len(record), kept=True))
        lines.append(line)
        for place, column in enumerate(cells):
            column.append(record[place] if place < len(record) else "")
    return Sheet(tuple(names), dict(zip(names, cells, strict=True)), len(lines), tuple(lines), tuple(bad))


def _unique(header: Sequence[str]) -> list[str]:
    """The names of the columns as pandas has them: a second ``a`` is ``a.1``, one without a name ``Unnamed: 3``."""
    taken = {name for name in header if name}
    found: list[str] = []
    for number, name in enumerate(header):
        plain = name or f"Unnamed: {number}"
        unique, count = plain, 0
        while unique in found or (count and unique in taken):
            count += 1
            unique = f"{plain}.{count}"
        found.append(unique)
    return found
