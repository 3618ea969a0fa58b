"""The rows of one CSV file with their types: what counts, and what Koku does not take as it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from e2e_validator.errors import Inconclusive
from e2e_validator.expect import numbers
from e2e_validator.expect.numbers import Kind
from e2e_validator.expect.quoting import quoted
from e2e_validator.expect.table import Table, each_once
from e2e_validator.providers.ocp.expect import labels
from e2e_validator.providers.ocp.expect.cells import NO_VALUE
from e2e_validator.providers.ocp.expect.csv_rows import Sheet, read_sheet
from e2e_validator.providers.ocp.expect.moments import hour
from e2e_validator.providers.ocp.expect.obstacles import Obstacle, obstacles
from e2e_validator.providers.ocp.expect.report_types import ANOMALY, PERIOD, ReportType, detect
from e2e_validator.providers.ocp.expect.unread import Unread

_START = "interval_start"
# More are not read by a person; what counts does not depend on it.
_LISTED = 1000


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file: its kind, its rows that count, what of it does not; ``days`` are those of all its rows."""

    position: int
    kind: ReportType
    table: Table
    days: tuple[str, ...]
    unread: tuple[Unread, ...]
    dropped: dict[str, int]
    obstacles: tuple[Obstacle, ...]


def typed(sheet: Sheet, content: bytes, name: str, position: int) -> ReadFile:
    """The rows of ``sheet``, which was read from ``content``.

    Raises:
        Inconclusive: the header is that of no report, or Koku would give the payload up for one of its times.
    """
    kind = detect(sheet.header)
    if kind is None:
        shown = ", ".join(sheet.header)[:200]
        raise Inconclusive(f"The header fits no kind of report: {name}: {ascii(shown)[1:-1]}.")
    reader = _Reader(sheet, content, name, kind)
    starts = reader.starts()
    found = {column: reader.numbers(column) for column in kind.numeric}
    columns: dict[str, list[Any]] = {}
    for column in (*kind.identity, *kind.texts):
        if column in sheet.columns:
            texts = sheet.columns[column]
            columns[column] = each_once(labels.as_json, texts) if column in kind.labels else texts
        elif column in kind.identity:
            columns[column] = [""] * sheet.rows
    columns |= {column: one.values for column, one in found.items()}
    columns[_START] = starts
    columns["day"] = each_once(lambda start: start[:10], starts)
    table = Table(columns, sheet.rows)
    days = tuple(sorted(set(table["day"])))
    dropped: dict[str, int] = {}
    left_out = [row for column in kind.watched for row in found[column].anomalous]
    if left_out:
        rows = sorted(set(left_out))
        for row in rows:
            day = table["day"][row]
            dropped[day] = dropped.get(day, 0) + 1
        keep = [True] * sheet.rows
        for row in rows:
            keep[row] = False
        table = table.where(keep)
    unread = tuple(reader.unread(found))
    found_obstacles = (*obstacles(kind, sheet.columns, name), *reader.other_times())
    return ReadFile(position, kind, table, days, unread, dropped, found_obstacles)


@dataclass(frozen=True, slots=True)
class _Numbers:
    values: list[Decimal]
    wrong: tuple[int, ...]  # rows whose cell is no number
    anomalous: tuple[int, ...]  # rows that Koku leaves out for this cell


class _Reader:
    """One file; its lines are looked up only when something must be said of one."""

    def __init__(self, sheet: Sheet, content: bytes, name: str, kind: ReportType) -> None:
        self._sheet = sheet
        self._content = content
        self._name = name
        self._kind = kind
        self._lines: tuple[int, ...] | None = sheet.lines

    def line(self, row: int) -> int:
        """The line of a row (from 0)."""
        if self._lines is None:
            again = read_sheet(self._content, self._name, with_lines=True)
            self._lines = (again and again.lines) or ()
        return self._lines[row] if row < len(self._lines) else row + 2

    def starts(self) -> list[str]:
        """``interval_start`` as ``YYYY-MM-DD HH:MM:SS``.

        Raises:
            Inconclusive: one is no time, so that Koku cannot split the file by day.
        """
        read, wrong = self._times(_START)
        if wrong:
            raise Inconclusive(f"The CSV file is not usable: {self._name}, {wrong}. Koku gives the payload up.")
        return [read[text] for text in self._sheet.columns[_START]]

    def other_times(self) -> Iterator[Obstacle]:
        """A row whose other times are none: Koku cannot load the file."""
        for column in PERIOD:
            if column != _START:
                _, wrong = self._times(column)
                if wrong:
                    yield Obstacle(self._name, f"cannot be loaded: {wrong}")

    def _times(self, column: str) -> tuple[dict[str, str], str]:
        """Each different time of a column; and of the first that is none the line and what is wrong with it."""
        read: dict[str, str] = {}
        texts = self._sheet.columns[column]
        for text in dict.fromkeys(texts):
            try:
                read[text] = hour("" if text in NO_VALUE else text)
            except ValueError as error:
                line = self.line(texts.index(text))
                return read, f"line {line}: {column} {quoted(text) if text else ''} {error}".replace("  ", " ")
        return read, ""

    def numbers(self, column: str) -> _Numbers:
        """A column of numbers; rows with what is no number, and with what is more than any quantity."""
        texts = self._sheet.columns[column]
        wrong: set[str] = set()
        anomalous: set[str] = set()
        values: dict[str, Decimal] = {}
        for text in dict.fromkeys(texts):
            cell = numbers.read(text)
            value = cell.value
            if cell.kind is Kind.NO_NUMBER:
                wrong.add(text)
            elif cell.kind is Kind.NO_LIMIT or value > ANOMALY:
                if column in self._kind.watched:
                    anomalous.add(text)
                    value = value * 0
                elif cell.kind is Kind.NO_LIMIT:
                    self._refuse(column, text)
            elif cell.kind is Kind.BELOW_ALL:
                self._refuse(column, text)
            values[text] = value
        try:
            found = numbers.plain([values[text] for text in texts])
        except Inconclusive as error:
            raise Inconclusive(f"The CSV file is not usable: {self._name}: {column}: {error}") from None
        return _Numbers(found, _rows_of(texts, wrong), _rows_of(texts, anomalous))

    def _refuse(self, column: str, text: str) -> None:
        line = self.line(self._sheet.columns[column].index(text))
        raise Inconclusive(
            f"The CSV file is not usable: {self._name}, line {line}: {column} is {quoted(text)}, which Koku keeps and"
            " no sum can hold."
        )

    def unread(self, found: dict[str, _Numbers]) -> Iterator[Unread]:
        """What Koku does not take as it is written, line by line."""
        name, kind = self._name, self._kind.name
        listed: list[Unread] = []
        for bad in self._sheet.bad[:_LISTED]:
            text = f"{bad.fields} fields for {len(self._sheet.header)} columns"
            listed.append(Unread(kind, name, bad.line, "", text, bad.kept))
        for column, one in found.items():
            listed += [
                Unread(kind, name, self.line(row), column, self._cell(column, row), kept=True)
                for row in one.wrong[:_LISTED]
            ]
            for row in one.anomalous[:_LISTED]:
                cells = {each: self._cell(each, row) for each in self._sheet.header}
                listed.append(Unread(kind, name, self.line(row), column, cells[column], kept=False, cells=cells))
        yield from sorted(listed, key=lambda one: (one.line, one.column))

    def _cell(self, column: str, row: int) -> str:
        return self._sheet.columns[column][row]


def _rows_of(texts: Sequence[str], those: Collection[str]) -> tuple[int, ...]:
    return tuple(row for row, text in enumerate(texts) if text in those) if those else ()
