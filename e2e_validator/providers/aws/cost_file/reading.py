"""One CSV file of a CUR, taken apart: its header and its rows as texts."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

GZIP = b"\x1f\x8b"
# A CUR's rows have some hundred cells, each of which may be a long description.
csv.field_size_limit(16 * 1024 * 1024)


class UnreadableFileError(ValueError):
    """The file cannot be read as CSV; one sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line on which it ends (the header is line 1), and its cells by column."""

    number: int
    cells: dict[str, str]


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The text of a file, gzip or plain, whatever its name says.

    Raises:
        UnreadableFileError: it is missing, no gzip file to its end, or no UTF-8 text.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            source = gzip.GzipFile(fileobj=raw) if packed else raw
            with io.TextIOWrapper(source, encoding="utf-8-sig", newline="") as text:
                yield text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(f"the gzip file is damaged: {str(error).rstrip('.')}") from None
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"it is no UTF-8 text ({error.reason})") from None
    except OSError as error:
        raise UnreadableFileError(f"it cannot be read: {error.strerror or error}") from None


def header_of(path: Path) -> tuple[str, ...]:
    """The names of the columns; none for an empty file. Raises as ``opened`` does."""
    with opened(path) as text:
        return _header(csv.reader(text))


def lines_of(path: Path) -> Iterator[Line]:
    """Every row that is not blank, in order.

    Raises:
        UnreadableFileError: as ``opened``; or a row has not as many cells as the header.
    """
    with opened(path) as text:
        reader = csv.reader(text, strict=True)
        header = _header(reader)
        try:
            for record in reader:
                if not record:
                    continue
                if len(record) != len(header):
                    raise UnreadableFileError(
                        f"line {reader.line_num} has {len(record)} fields, the header {len(header)}"
                    )
                yield Line(reader.line_num, dict(zip(header, record, strict=True)))
        except csv.Error as error:
            raise UnreadableFileError(f"line {reader.line_num} is no CSV: {error}") from None


def _header(reader: Iterator[list[str]]) -> tuple[str, ...]:
    try:
        names = tuple(next(reader, ()))
    except csv.Error as error:
        raise UnreadableFileError(f"its header is no CSV: {error}") from None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"the column {twice[0]} is there twice")
    return names
