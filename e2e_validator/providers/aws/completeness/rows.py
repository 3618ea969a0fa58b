"""What is wrong in the rows of a CUR: cells that count 0, days that Koku drops, rows that it refuses."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from e2e_validator.errors import counted
from e2e_validator.expect.file_findings import Finding
from e2e_validator.expect.numbers import Kind, read
from e2e_validator.expect.quoting import quoted
from e2e_validator.providers.aws.completeness.effects import COSTS
from e2e_validator.providers.aws.cost_file.reading import Line
from e2e_validator.providers.aws.expect.columns import (
    CSV_NAMES,
    INTERVAL,
    INVOICE,
    LINE_TYPE,
    NUMBERS,
    START,
    TAG_PREFIX,
    USER_TAG,
)
from e2e_validator.providers.aws.expect.daily import interval_day, usage_day
from e2e_validator.providers.aws.expect.summary import PLANNED

_NUMERIC = tuple(CSV_NAMES[name] for name in NUMBERS)
_COST, _EFFECTIVE = "lineItem/UnblendedCost", "savingsPlan/SavingsPlanEffectiveCost"
_USAGE = "lineItem/UsageAmount"
_PERIOD = "bill/BillingPeriodStartDate"
_ACCOUNTS = ("lineItem/UsageAccountId", "bill/PayerAccountId")
_DIGITS = 12
# A shorter number is one of a test; of these a spreadsheet has taken the leading zeros.
_FEWEST = 9
_FILLED = ("lineItem/ProductCode", "lineItem/UsageAccountId", "bill/PayerAccountId")


@dataclass
class Seen:
    """What was seen of a column that is not as it must be: how often, and the first line and text."""

    rows: int = 0
    line: int = 0
    text: str = ""

    def add(self, line: Line, text: str) -> None:
        """One row more."""
        if not self.rows:
            self.line, self.text = line.number, text
        self.rows += 1

    def where(self) -> str:
        """``in 3 rows, first in line 7``."""
        return f"in {counted(self.rows, 'row')}, first in line {self.line}"


@dataclass
class RowsLook:
    """The rows as they were looked at, one after another."""

    rows: int = 0
    days: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], Seen] = field(default_factory=dict)
    invoices: int = 0
    first_has_invoice: bool = False

    @classmethod
    def of(cls, lines: Iterable[Line]) -> RowsLook:
        """Look at every row."""
        look = cls()
        for line in lines:
            look.add(line)
        return look

    def add(self, line: Line) -> None:
        """Look at one row."""
        cells = line.cells
        if cells.get(INVOICE):
            self.invoices += 1
            self.first_has_invoice |= self.rows == 0
        self.rows += 1
        if INTERVAL in cells:
            self.days[interval_day(cells[INTERVAL])] += 1
        self.months[cells.get(_PERIOD, "")[:7]] += 1
        self.currencies[cells.get("lineItem/CurrencyCode", "")] += 1
        for column in _NUMERIC:
            self._number(line, column)
        if START in cells:
            try:
                usage_day(cells[START])
            except ValueError:
                self._note(line, START, "date")
        for column in _FILLED:
            if column in cells and not cells[column]:
                self._note(line, column, "empty")
        for column in _ACCOUNTS:
            if (text := cells.get(column)) and (why := _no_account(text)):
                self._note(line, column, why)
        for name, text in cells.items():
            if text and name.startswith(TAG_PREFIX) and not name.startswith(USER_TAG):
                self._note(line, name, "tag")

    def _number(self, line: Line, column: str) -> None:
        text = line.cells.get(column)
        if text is None:
            return
        kind = read(text).kind
        if kind is Kind.NO_NUMBER:
            # Of usage that no savings plan covers there is nothing to lose.
            beside = column == _EFFECTIVE and line.cells.get(LINE_TYPE, "") not in PLANNED
            self._note(line, column, "beside" if beside else "number")
        elif kind in {Kind.NO_LIMIT, Kind.BELOW_ALL}:
            self._note(line, column, "infinite")
        elif kind is Kind.NOTHING and column == _COST:
            self._note(line, column, "cost")

    def _note(self, line: Line, column: str, why: str) -> None:
        self.wrong.setdefault((why, column), Seen()).add(line, line.cells[column])

    @property
    def month(self) -> str:
        """The billing period as ``YYYY-MM``: that of most rows."""
        return max(self.months, key=lambda month: (self.months[month], month), default="")


def _no_account(text: str) -> str:
    """Why it is no account id, as a key of ``_SAID``; nothing for one."""
    if not (text.isascii() and text.isdigit()):
        return "rounded" if read(text).kind is Kind.NUMBER else "account"
    if len(text) > _DIGITS:
        return "account"
    return "zeros" if _FEWEST <= len(text) < _DIGITS else ""


_SAID = {
    "account": "{text} is no account id (12 digits) {where}",
    "rounded": "{text} is no account id (12 digits); a spreadsheet has rounded it, {where}",
    "zeros": "{text} is no account id (12 digits); a spreadsheet has dropped its leading zeros, {where}",
    "number": "{text} is no number {where}: it counts 0, without any error",
    "beside": "{text} is no number {where}, none of which a savings plan covers: it counts 0",
    "infinite": "{text} is infinite {where}: no sum can hold it",
    "cost": "is empty {where}: it counts 0, without any error",
    "date": "{text} is no date {where}: the conversion to parquet fails, and there is no figure of the file",
    "tag": "has values {where}: Koku takes tags of users alone, these are lost",
}
_EMPTY = {
    "lineItem/ProductCode": "the daily summary refuses a row without a service, so that no row of the month is written",
    "lineItem/UsageAccountId": "its costs are of an account without a name",
    "bill/PayerAccountId": "the bill has no payer",
}


def row_findings(look: RowsLook, today: date) -> Iterator[Finding]:
    """What the rows lack; see docs/contract/clouds.md 5, 7, 12."""
    if not look.rows:
        said = "it has no row: Koku calls it done, makes no bill, and its manifest never completes."
        yield Finding(said, deviation="file_not_loaded")
        return
    for (why, column), seen in look.wrong.items():
        text = _SAID[why] if why in _SAID else f"is empty {{where}}: {_EMPTY[column]}"
        said = f"{column} {text.format(text=quoted(seen.text), where=seen.where())}."
        problem = why not in {"tag", "beside"}
        yield Finding(said, problem=problem, about=column, deviation=_brought_about(why, column))
    yield from _days(look, today)
    if len(look.currencies) > 1:
        names = ", ".join(sorted(name or "none" for name in look.currencies))
        said = f"it has several currencies ({names}): Koku adds them up as if they were one."
        yield Finding(said, deviation="currencies_added_up")
    if 0 < look.invoices < look.rows:
        first = "has one, so a month that is over is taken as a whole" if look.first_has_invoice else (
            "has none, so a month that is over is not taken as final, and days before its last three stay as they were"
        )  # fmt: skip
        yield Finding(f"some rows have an invoice and some have none; the first row {first}.", problem=False)


def _brought_about(why: str, column: str) -> str:
    """The deviation that such cells bring about; a rate that counts 0 is shown by no report."""
    read = column in COSTS or column == _USAGE
    return "unread_cost_is_zero" if why in {"number", "cost"} and read else ""


def _days(look: RowsLook, today: date) -> Iterator[Finding]:
    if len(look.months) > 1:
        yield Finding(f"it has rows of several billing periods: {', '.join(sorted(look.months))}.")
    try:
        first = date.fromisoformat(f"{look.month}-01")
    except ValueError:
        first = None
    last = None if first is None else first.replace(day=calendar.monthrange(first.year, first.month)[1])
    for day, rows in sorted(look.days.items()):
        try:
            when = date.fromisoformat(day)
        except ValueError:
            yield Finding(
                f"{INTERVAL} begins with {quoted(day)}, which is no day: {counted(rows, 'row')} would be lost."
            )
            continue
        outside = first is not None and last is not None and not first <= when <= last
        if outside or when > today:
            why = f"is outside of {look.month}" if outside else "is in the future"
            said = f"Koku drops {counted(rows, 'row')} of {day}, without any error: the day {why}."
            early = first is not None and when < first
            dropped = "days_outside_month_dropped" if early else "future_days_dropped" if when > today else ""
            yield Finding(said, deviation=dropped)
