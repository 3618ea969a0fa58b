"""Cells of rows that cannot be meant: a word for a number, a day that Koku drops, an account that is none.

Where a known deviation says what Koku makes of such a cell, a scenario may have it that accepts the deviation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from e2e_validator.providers.aws.cost_file.columns import PAYER
from e2e_validator.providers.aws.scenario.line_types import meant_type
from e2e_validator.providers.aws.scenario.row_columns import AT
from e2e_validator.providers.aws.scenario.row_text import CurLine, CurRows, RowMistake
from e2e_validator.scenario.document import brief
from e2e_validator.scenario.rules import Window

_COST, _BLENDED, _USAGE = "lineItem/UnblendedCost", "lineItem/BlendedCost", "lineItem/UsageAmount"
_TYPE, _CURRENCY = "lineItem/LineItemType", "lineItem/CurrencyCode"
_ACCOUNTS = ("lineItem/UsageAccountId", PAYER)
_FILLED = {
    "lineItem/ProductCode": "Koku refuses the days of a row without a service",
    "lineItem/UsageAccountId": "its costs are of an account without a name",
    PAYER: "the bill has no payer",
}
_SHORT = re.compile(r"\d{1,12}", re.ASCII)
_THREE_LETTERS = re.compile("[A-Z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A mistake, unless the scenario or an option accepts ``deviation`` ('': it cannot be accepted)."""

    mistake: RowMistake
    deviation: str = ""


def doubts(rows: CurRows, today: date, periods: Sequence[Window]) -> Iterator[Doubt]:
    """Everything doubtful of each line; ``periods`` are those of the uploads."""
    # The bill of an upload's last month has the rows that stand alone.
    bills = [f"{period.end - timedelta(microseconds=1):%Y-%m}" for period in periods]
    for line in rows.lines:
        own = [month for number, month in enumerate(bills, start=1) if not line.uploads or number in line.uploads]
        for said, deviation in (*_cells(line), *_day(line, today, own)):
            accept = f", or accept it (expect: {{deviates: [{deviation}]}})" if deviation else ""
            yield Doubt(RowMistake(line.line, f"row {line.row}: {said}{accept}"), deviation)


def _cells(line: CurLine) -> Iterator[tuple[str, str]]:
    cells = line.cells
    for column in (_COST, _BLENDED, _USAGE):
        text = cells.get(column)
        if text is None:
            continue
        number = _read(text) if text else 0.0
        if not text and column == _COST:
            yield f"{column} is empty: Koku counts 0; write a number", "unread_cost_is_zero"
        elif math.isnan(number):
            yield f"{column} '{brief(text)}' is no number: Koku counts 0; {_number(text)}", "unread_cost_is_zero"
        elif math.isinf(number):
            yield f"{column} '{brief(text)}' is infinite: no sum can hold it; write a number", ""
    for column, does in _FILLED.items():
        if cells.get(column) == "":
            yield f"{column} is empty: {does}; fill it in, or leave the column out for its default", ""
    if close := meant_type(cells.get(_TYPE, "")):
        yield f"{_TYPE} '{brief(cells[_TYPE])}' is none that AWS writes; did you mean {close}?", ""
    for column in _ACCOUNTS:
        text = cells.get(column, "")
        if text and not _SHORT.fullmatch(text):
            yield f"{column} '{brief(text)}' is no account; write its 12 digits, as 100000000001", ""
    if (text := cells.get(_CURRENCY, "")) and not _THREE_LETTERS.fullmatch(text):
        yield f"{_CURRENCY} '{brief(text)}' is no currency; write its three letters, as USD", ""


def _read(text: str) -> float:
    """The number that Koku reads, by the rules of Python's ``float``; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _number(text: str) -> str:
    """What was probably meant."""
    plain = text.strip("$€£ ").replace(",", ".") if text.count(",") + text.count(".") == 1 else text.strip("$€£ ")
    return f"write {plain}" if plain != text and math.isfinite(_read(plain)) else "write a number, as 0.096"


def _day(line: CurLine, today: date, bills: Sequence[str]) -> Iterator[tuple[str, str]]:
    if line.at is None or not bills:
        return
    day, month = line.at.date(), f"{line.at:%Y-%m}"
    if month < min(bills):
        said = (
            f"{AT} {day} is before the month of its bill, {min(bills)}: Koku drops the row; write a day of that month"
        )
        yield said, "days_outside_month_dropped"
    elif day > today:
        yield f"{AT} {day} is in the future: Koku drops the row; write today at the latest", "future_days_dropped"
    elif month > max(bills):
        said = f"{AT} {day} is after the month of its bill, {max(bills)}: Koku drops the row; write a day of that month"
        yield said, ""
