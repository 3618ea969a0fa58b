"""``e2e-validator check-files``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from e2e_validator.cli.day import DAY, day_of
from e2e_validator.cli.file_form import NoCsvError, UnreadableError, header_of
from e2e_validator.errors import Inconclusive, UsageError, counted

if TYPE_CHECKING:
    from e2e_validator.expect.file_findings import FileCheck, FileReport

_PROBLEM, _UNREAD = 2, 12
_NONE_READ = "none of its columns is one that Koku reads"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--today", type=DAY, help="The last day of which data count (default: today, UTC).")
@click.option(
    "--enhance", type=click.Path(path_type=Path), help="Write FILE with each missing column filled, and look at that."
)
def check_files(files: tuple[Path, ...], today: datetime | None, enhance: Path | None) -> None:
    """Say what FILES are (cost files or usage reports; CSV, plain or gzip), and what Koku would lose of them.

    With --enhance a cost file of few columns gets the others from documented defaults, each of which is listed.
    Exit code 0 if all are complete, 2 if a column, a row or a day would be lost or count 0, 12 if a file cannot be read
    or filled up (the others are looked at all the same), 4 if an option is wrong.
    """
    if enhance is not None:
        files = (_enhanced(files, enhance),)
    problems, unread, lacking = 0, 0, False
    for path in files:
        try:
            report = check_file(path, day_of(today))
        except Inconclusive as error:
            unread += 1
            click.echo(f"{path}: not looked at\n  problem: {error}")
            continue
        problems += report.problems
        lacking |= any(" is missing" in one.sentence for one in report.findings if one.problem)
        for line in report.lines(str(path)):
            click.echo(line)
    said = f"{counted(problems, 'problem')} found in" if problems else "No problems found in"
    left = f"; {counted(unread, 'file')} could not be read" if unread else ""
    click.echo(f"{said} {counted(len(files) - unread, 'file')}{left}.")
    if lacking and enhance is None:
        click.echo("Of a cost file, --enhance OUT writes a copy in which the missing columns have their defaults.")
    if problems or unread:
        sys.exit(_UNREAD if unread else _PROBLEM)


def _enhanced(files: tuple[Path, ...], out: Path) -> Path:
    if len(files) != 1:
        raise UsageError(f"--enhance takes one file, not {len(files)}.")
    if os.path.lexists(out):
        raise UsageError(f"{out}: is there already; choose another name.")
    try:
        header = header_of(files[0])
    except NoCsvError as error:
        raise Inconclusive(f"{files[0]}: {error}.") from None
    known = _known(header)
    if known is None:
        raise UsageError(f"{files[0]}:1: {_NONE_READ}{_meant(header)}")
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

    try:
        header = header_of(path)
    except UnreadableError as error:
        raise Inconclusive(f"The file cannot be read: {path}: {error}.") from None
    except NoCsvError as error:
        return FileReport("no CSV text", "", (Finding(f"{error}."),))
    if not header:
        empty = "it is empty, without a header: Koku cannot load it, and the file stays in DOWNLOADING."
        return FileReport("an empty file", "", (Finding(empty),))
    best = _known(header)
    if best is None:
        return FileReport("no known kind of file", "", (Finding(f"{_NONE_READ}{_meant(header)}"),))
    return best.check(path, today)


def _meant(header: Sequence[str]) -> str:
    """The end of a sentence: what one of the columns probably is to be."""
    from e2e_validator.providers import registry

    checks: list[FileCheck] = registry.file_checks()
    return next((f"; {hint}" for check in checks for name in header if (hint := check.meant(name))), ".")


def _known(header: Sequence[str]) -> FileCheck | None:
    """What knows most of the columns; None where they are of no known kind of file."""
    from e2e_validator.providers import registry

    checks: list[FileCheck] = registry.file_checks()
    most, best = max(((check.known(header), check) for check in checks), key=lambda one: one[0])
    return best if most else None
