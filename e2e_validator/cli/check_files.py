"""``e2e-validator check-files``."""

from __future__ import annotations

import csv
import gzip
import os
import sys
import zlib
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from e2e_validator.cli.day import DAY, day_of
from e2e_validator.errors import Inconclusive, UsageError, counted

if TYPE_CHECKING:
    from e2e_validator.expect.file_findings import FileCheck, FileReport

_GZIP = b"\x1f\x8b"
# More than any header has.
_FIRST_LINE = 1024 * 1024


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--today", type=DAY, help="The last day of which data count (default: today, UTC).")
@click.option(
    "--enhance", type=click.Path(path_type=Path), help="Write FILE with each missing column filled, and look at that."
)
def check_files(files: tuple[Path, ...], today: datetime | None, enhance: Path | None) -> None:
    """Say what FILES are (cost files or usage reports; CSV, plain or gzip), and what Koku would lose of them.

    With --enhance a cost file of few columns gets the others from documented defaults, each of which is listed.
    Exit code 0 if all are complete, 2 if a column, a row or a day would be lost or count 0.
    """
    if enhance is not None:
        files = (_enhanced(files, enhance),)
    problems = 0
    for path in files:
        report = check_file(path, day_of(today))
        problems += report.problems
        for line in report.lines(str(path)):
            click.echo(line)
    said = f"{counted(problems, 'problem')} found in" if problems else "No problems found in"
    click.echo(f"{said} {counted(len(files), 'file')}.")
    if problems:
        sys.exit(2)


def _enhanced(files: tuple[Path, ...], out: Path) -> Path:
    if len(files) != 1:
        raise UsageError(f"--enhance takes one file, not {len(files)}.")
    if os.path.lexists(out):
        raise UsageError(f"{out}: is there already; choose another name.")
    known = _known(_header(files[0]))
    if known is None:
        raise UsageError(f"{files[0]}: none of its columns is one that Koku reads.")
    for line in known.enhance(files[0], out):
        click.echo(f"filled in: {line}")
    return out


def check_file(path: Path, today: date) -> FileReport:
    """What a file is and what would be lost of it, as the source type says that knows most of its columns.

    That a file is of no known kind is a problem of the file.

    Raises:
        Inconclusive: it cannot be read.
    """
    from e2e_validator.expect.file_findings import FileReport, Finding

    header = _header(path)
    if not header:
        empty = "it is empty, without a header: Koku cannot load it, and the file stays in DOWNLOADING."
        return FileReport("an empty file", "", (Finding(empty),))
    best = _known(header)
    if best is None:
        return FileReport("no known kind of file", "", (Finding("none of its columns is one that Koku reads."),))
    return best.check(path, today)


def _known(header: list[str]) -> FileCheck | None:
    """What knows most of the columns; None where they are of no known kind of file."""
    from e2e_validator.providers import registry

    checks: list[FileCheck] = registry.file_checks()
    most, best = max(((check.known(header), check) for check in checks), key=lambda one: one[0])
    return best if most else None


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            line = (gzip.GzipFile(fileobj=raw) if packed else raw).readline(_FIRST_LINE)
    except OSError as error:
        raise Inconclusive(f"The file cannot be read: {path}: {error.strerror or error}.") from None
    except (EOFError, zlib.error) as error:
        raise Inconclusive(f"The file cannot be read: {path}: the gzip file is damaged: {error}.") from None
    try:
        return next(csv.reader([line.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise Inconclusive(f"The file is no CSV text: {path}: {error}.") from None
