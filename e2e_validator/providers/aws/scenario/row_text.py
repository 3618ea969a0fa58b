"""The rows of a scenario: CSV with few columns, a line for what has a row every hour, day or month.

Columns are named as in a CUR, or shorter (``row_columns``). What is not there takes a documented default
(``generate.defaults``); an empty cell stays empty. Blanks around a cell do not count, so that columns can be aligned.
Columns of the run's own say when a line has rows:

``@days``: the days of the data, counted from 0 (``0-2 5``; empty: all). ``@hours``: the hours of those days (empty:
all). ``@interval``: ``hour`` (or empty), ``day`` or ``month``: a row for each hour, day or bill. ``@at``: one row alone
that begins at this moment (``month-1m``, ``today+2d``), in the bill of the upload's last month. ``@uploads``: the
uploads that have the line, counted from 1 (empty: all). ``@file``: the file of the report, from 1 (empty: 1).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from e2e_validator.providers.aws.scenario.row_columns import (
    AT,
    DAYS,
    FILE,
    HOURS,
    INTERVAL,
    KNOWN,
    OWN,
    SHORT,
    TIMES,
    UPLOADS,
    full_name,
)
from e2e_validator.scenario import dates
from e2e_validator.scenario.document import brief, did_you_mean

HOUR, DAY, MONTH = "hour", "day", "month"
COST = "lineItem/UnblendedCost"
_SPAN = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_LAST_HOUR, _MOST = 23, 999


@dataclass(frozen=True, slots=True)
class RowMistake:
    """One thing wrong with the rows: the line of their text (from 1; 0 for all of it), and a sentence."""

    line: int
    what: str


class RowsError(ValueError):
    """Rows that cannot be used; the message has a sentence for each of ``mistakes``."""

    def __init__(self, *mistakes: RowMistake | str) -> None:
        """Keep them; a mere sentence is about all rows."""
        self.mistakes = tuple(RowMistake(0, one) if isinstance(one, str) else one for one in mistakes)
        super().__init__("\n".join(one.what for one in self.mistakes))


@dataclass(frozen=True, slots=True)
class CurLine:
    """One line: its cells by column, and when it has rows (None: always); ``at`` is the beginning of its only row.

    It is ``row`` of the table (the header is row 1) and ``line`` of the text, which has blank lines too.
    """

    cells: Mapping[str, str]
    days: frozenset[int] | None
    hours: frozenset[int] | None
    interval: str
    at: datetime | None
    uploads: frozenset[int] | None
    file: int
    row: int = field(default=0, repr=False)
    line: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class CurRows:
    """The rows of a scenario: their columns without the run's own, and the lines."""

    columns: tuple[str, ...]
    lines: tuple[CurLine, ...]

    @property
    def files(self) -> int:
        """How many files the report has."""
        return max(line.file for line in self.lines)


def rows_of(text: str, today: date) -> CurRows:
    """The rows in ``text``; ``today`` is the day from which relative moments count.

    Raises:
        RowsError: names each row (the header is row 1) and what is wrong with it.
    """
    table = _table(text)
    if len(table) < 2:
        raise RowsError("it has no row below its header")
    at, names = table[0]
    try:
        header = _header(names)
    except RowsError as error:
        raise RowsError(RowMistake(at, str(error))) from None
    lines = _lines(header, table[1:], today)
    numbers = {line.file for line in lines}
    if numbers != set(range(1, len(numbers) + 1)):
        listed = ", ".join(map(str, sorted(numbers)))
        raise RowsError(f"the files are numbered {listed}, not 1, 2, 3, ...")
    return CurRows(tuple(name for name in header if name not in OWN), lines)


def _table(text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line of the text on which it ends."""
    reader = csv.reader(io.StringIO(text.rstrip(), newline=""), strict=True, skipinitialspace=True)
    try:
        table = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise RowsError(RowMistake(reader.line_num, f"it is no CSV: {error}")) from None
    return [(line, cells) for line, cells in table if cells not in ([], [""])]


def _header(names: Sequence[str]) -> tuple[str, ...]:
    header = []
    for name in names:
        try:
            header.append(full_name(name))
        except KeyError:
            close = did_you_mean(name, (*SHORT, *KNOWN, *OWN))
            hint = close or "write it as a CUR does, as lineItem/UsageType, or tag:KEY or category:KEY"
            raise RowsError(f"row 1: '{brief(name)}' is no column of a CUR; {hint}") from None
    for name in header:
        if name.startswith("@") and name not in OWN:
            close = did_you_mean(name, OWN) or f"known: {', '.join(OWN)}"
            raise RowsError(f"row 1: '{brief(name)}' is unknown; {close}")
        if name in TIMES:
            raise RowsError(f"row 1: the run fills in {name}; say when a row is by @days, @hours, @interval or @at")
        if header.count(name) > 1:
            raise RowsError(f"row 1: the column {name} is there twice")
    if COST not in header:
        raise RowsError("row 1: UnblendedCost is missing, the one column without which nothing can be expected")
    return tuple(header)


def _lines(header: Sequence[str], table: Sequence[tuple[int, Sequence[str]]], today: date) -> tuple[CurLine, ...]:
    found, wrong = [], []
    for number, (at, cells) in enumerate(table, start=2):
        try:
            line = _line(f"row {number}", _given(f"row {number}", header, cells), today)
        except RowsError as error:
            wrong.append(RowMistake(at, str(error)))
        else:
            found.append(replace(line, row=number, line=at))
    if wrong:
        raise RowsError(*wrong)
    return tuple(found)


def _given(where: str, header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    if len(cells) != len(header):
        raise RowsError(f"{where} has {len(cells)} cells, the header {len(header)}")
    if odd := next((cell for cell in cells if not cell.isprintable()), None):
        raise RowsError(f"{where} has the cell '{brief(odd)}' with a line break or the like")
    return dict(zip(header, cells, strict=True))


def _line(where: str, given: Mapping[str, str], today: date) -> CurLine:
    interval = given.get(INTERVAL, "") or HOUR
    if interval not in (HOUR, DAY, MONTH):
        raise RowsError(f"{where}: {INTERVAL}: '{interval}' is not hour, day or month")
    days = _spans(given.get(DAYS, ""), f"{where}: {DAYS}", 0, _MOST)
    hours = _spans(given.get(HOURS, ""), f"{where}: {HOURS}", 0, _LAST_HOUR)
    at = _moment(given.get(AT, ""), where, today)
    if at is not None and (days is not None or hours is not None):
        raise RowsError(f"{where}: {AT} is the only row of its line: leave {DAYS} and {HOURS} empty")
    if hours is not None and interval != HOUR:
        raise RowsError(f"{where}: {HOURS} of a row that is for a {interval}: leave it empty")
    if days is not None and interval == MONTH:
        raise RowsError(f"{where}: {DAYS} of a row that is for a month: leave it empty")
    files = _spans(given.get(FILE, ""), f"{where}: {FILE}", 1, _MOST) or frozenset({1})
    if len(files) != 1:
        raise RowsError(f"{where}: {FILE}: a row is in one file")
    uploads = _spans(given.get(UPLOADS, ""), f"{where}: {UPLOADS}", 1, _MOST)
    cells = {name: cell for name, cell in given.items() if name not in OWN}
    return CurLine(cells, days, hours, interval, at, uploads, min(files))


def _moment(text: str, where: str, today: date) -> datetime | None:
    if not text:
        return None
    try:
        return dates.resolve(text, today)
    except dates.DateError as error:
        raise RowsError(f"{where}: {AT}: {error}; {error.hint or 'write month-1m+4d or today+2d'}") from None


def _spans(text: str, where: str, first: int, last: int) -> frozenset[int] | None:
    if not text:
        return None
    found: set[int] = set()
    for part in text.split():
        match = _SPAN.fullmatch(part)
        begin, end = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if begin > end or begin < first or end > last:
            raise RowsError(f"{where}: '{part}' is not a number or span from {first} to {last}, such as 5 or 2-22")
        found.update(range(begin, end + 1))
    return frozenset(found)
