"""The form of a file that is said to be CSV: what it is instead, in the words of those that save it."""

from __future__ import annotations

import csv
import gzip
import zlib
from pathlib import Path

_GZIP, _TAR = b"\x1f\x8b", b"ustar"
# More than any header has.
_FIRST = 1024 * 1024
_ZIP = b"PK\x03\x04"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class NoCsvError(ValueError):
    """The file has another form; one sentence that says what it is and what to do."""


class UnreadableError(NoCsvError):
    """The file cannot be read at all."""


def header_of(path: Path) -> list[str]:
    """The names in the first line; none for an empty file. A mark of UTF-8 at its beginning is taken.

    Raises:
        UnreadableError: there is no such file, or it cannot be read.
        NoCsvError: it is something else than text with commas.
    """
    if path.is_dir():
        raise UnreadableError("it is a folder: name the files in it")
    head, line, packed = _head(path)
    if head[257:262] == _TAR:
        raise NoCsvError("it is a payload or another tarball: unpack it, and name the files in it")
    if head.startswith(_ZIP):
        raise NoCsvError("it is a workbook (xlsx) or a zip file, no text: save it as CSV with commas")
    if head.startswith(_WIDE):
        raise NoCsvError("it is text in UTF-16, which Koku cannot read: save it as CSV in UTF-8")
    if b"\0" in line:
        raise NoCsvError(f"it is no text{' below its gzip' if packed else ''}: name CSV files")
    try:
        header = next(csv.reader([line.decode("utf-8-sig")]), [])
    except UnicodeDecodeError as error:
        raise NoCsvError(f"it is no text in UTF-8 (byte {error.start + 1}): save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise NoCsvError(f"its header is no CSV: {error}") from None
    if len(header) == 1 and header[0].count(";") > 0:
        raise NoCsvError("it is separated by semicolons, as Excel writes it: save it as CSV with commas")
    if len(header) == 1 and header[0].count("\t") > 0:
        raise NoCsvError("it is separated by tabs: save it as CSV with commas")
    return header


def _head(path: Path) -> tuple[bytes, bytes, bool]:
    """The beginning of the content, its first line, and whether it is packed; a damage further on is left alone."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            begin = (gzip.GzipFile(fileobj=raw) if packed else raw).read1(512)
            raw.seek(0)
            return begin, (gzip.GzipFile(fileobj=raw) if packed else raw).readline(_FIRST), packed
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"the gzip file is damaged: {str(error).rstrip('.')}") from None
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror or error}") from None
