"""One assembly of a month as the provider lays it down: its manifest and its files (docs/contract/clouds.md 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.quoting import quoted
from e2e_validator.providers.aws.cost_file.reading import Line, UnreadableFileError, header_of, lines_of
from e2e_validator.providers.aws.expect.columns import INTERVAL, INVOICE, NEEDED_TO_CONVERT, PAYER
from e2e_validator.providers.aws.expect.daily import DayFile, flat_columns, split
from e2e_validator.providers.aws.expect.dialect import CUR_1, dialect_of

_START = re.compile(r"(\d{4})(\d\d)(\d\d)T000000\.000Z")


@dataclass(frozen=True)
class CurFile:
    """One file of an assembly: ``base`` is its name up to the first dot, ``days`` what Koku makes of it.

    ``columns`` is the number of columns of its day CSVs. ``broken`` says why it ends before there are day CSVs,
    ``unconverted`` why it ends after them; both are empty for a file that Koku takes.
    """

    name: str
    base: str
    days: dict[str, DayFile]
    columns: int = 0
    payer: str = ""
    final: bool = False
    broken: str = ""
    unconverted: str = ""

    @property
    def rows(self) -> int:
        """All rows of the file, also of days that Koku drops."""
        return sum(day.rows for day in self.days.values())


@dataclass(frozen=True)
class Package:
    """An assembly: ``month`` is its billing period as ``YYYY-MM``."""

    month: str
    assembly: str
    files: tuple[CurFile, ...]

    @property
    def first_day(self) -> date:
        """The first day of its month."""
        return date.fromisoformat(f"{self.month}-01")


def manifests_in(folder: Path) -> list[Path]:
    """The manifests of the months below ``folder``, this month's first, as Koku polls them.

    The copy in an assembly's own folder is none of them.
    """
    found = [path for path in folder.rglob("*-Manifest.json") if re.fullmatch(r"\d{8}-\d{8}", path.parent.name)]
    return sorted(found, key=lambda path: (path.parent.name, path.name), reverse=True)


def read_package(manifest: Path) -> Package:
    """The assembly that a manifest names.

    Raises:
        Inconclusive: Koku could do nothing with the manifest, or nothing can be expected of a file.
    """
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        assembly, start, keys = content["assemblyId"], content["billingPeriod"]["start"], content["reportKeys"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Inconclusive(f"The manifest cannot be read: {manifest.name}: {error!r}.") from None
    begins = _START.fullmatch(start)
    if begins is None:
        raise Inconclusive(f"The manifest's billingPeriod.start is {quoted(start)}, not YYYYMMDDT000000.000Z.")
    folder = manifest.parent / assembly
    names = [str(key).rpartition("/")[2] for key in keys]
    return Package(f"{begins[1]}-{begins[2]}", assembly, tuple(read_file(folder / name) for name in names))


def read_file(path: Path) -> CurFile:
    """What Koku makes of one file.

    Raises:
        Inconclusive: it is a CUR that Koku was never seen to take (another dialect), or has an infinite number.
    """
    name, base = path.name, path.name.partition(".")[0]
    try:
        header = header_of(path)
        if not header:
            return CurFile(name, base, {}, broken="it is empty, without a header")
        if dialect_of(header) != CUR_1:
            raise Inconclusive(f"Nothing can be expected of {name}: it is no CUR 1.0 but {dialect_of(header)}.")
        for column in (INVOICE, INTERVAL):
            if column not in header:
                return CurFile(name, base, {}, broken=f"it has no column {column}")
        look = _Look(lines_of(path))
        missing = [column for column in NEEDED_TO_CONVERT if column not in header]
        if missing:
            return CurFile(name, base, _rows_alone(look), unconverted=f"it has no column {missing[0]}",
                           columns=len(flat_columns(header, look.filled)))  # fmt: skip
        days = split(look)
    except UnreadableFileError as error:
        return CurFile(name, base, {}, broken=str(error))
    except ValueError as error:
        raise Inconclusive(f"Nothing can be expected of {name}: a row has no date ({error}).") from None
    columns = len(flat_columns(header, look.filled))
    return CurFile(name, base, days, columns, look.payer, look.final)


class _Look:
    """The lines as they pass by: whether the first has an invoice, its payer, which columns have a value."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.final = False
        self.payer = ""
        self.filled: set[str] = set()

    def __iter__(self) -> Iterator[Line]:
        for number, line in enumerate(self._lines):
            if number == 0:
                self.final = bool(line.cells[INVOICE])
                self.payer = line.cells.get(PAYER, "")
            self.filled.update(name for name, text in line.cells.items() if text)
            yield line


def _rows_alone(look: _Look) -> dict[str, DayFile]:
    days: dict[str, DayFile] = {}
    for line in look:
        days.setdefault(line.cells[INTERVAL].partition("T")[0], DayFile()).rows += 1
    return days
