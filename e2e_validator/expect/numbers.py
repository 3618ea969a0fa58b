"""Columns of numbers, read exactly: text to decimal, never through a binary float."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import Enum

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.quoting import quoted
from e2e_validator.expect.table import WIDE, each_once

# More decimals than Koku's doubles can tell apart in any quantity; the rest would only overflow exact sums.
_DECIMALS = 30


class Kind(Enum):
    """What Koku makes of a cell with a number (docs/contract/koku.md 3.4)."""

    NUMBER = "a number"
    NOTHING = "empty: it counts as 0"
    NO_NUMBER = "no number: it counts as 0"
    NO_LIMIT = "infinite"
    BELOW_ALL = "infinite and negative"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's value, and what it is; the value is 0 for anything but a number."""

    value: Decimal
    kind: Kind


_ZERO, _ONE = Decimal(0), Decimal(1)


def read(text: str) -> Cell:
    """What the cell holds, by the rules of Python's ``float``, with which Koku reads numbers."""
    if not text:
        return Cell(_ZERO, Kind.NOTHING)
    try:
        number = float(text)
    except ValueError:
        return Cell(_ZERO, Kind.NO_NUMBER)
    if math.isnan(number):
        return Cell(_ZERO, Kind.NO_NUMBER)
    if math.isinf(number):
        return Cell(_ZERO, Kind.NO_LIMIT if number > 0 else Kind.BELOW_ALL)
    if not number:
        return Cell(_ZERO, Kind.NUMBER)
    value = Decimal(text.strip())
    if int(value.as_tuple().exponent) < -_DECIMALS and value.adjusted() < WIDE - _DECIMALS:
        with localcontext(prec=2 * WIDE):
            value = value.quantize(Decimal(1).scaleb(-_DECIMALS))
    return Cell(value, Kind.NUMBER)


def parse(text: str) -> Decimal:
    """The number in a cell; anything that is no number counts as 0, as Koku does (docs/contract/koku.md 3.4).

    Raises:
        Inconclusive: it is infinite, so that no sum can hold it.
    """
    cell = read(text)
    if cell.kind in {Kind.NO_LIMIT, Kind.BELOW_ALL}:
        raise Inconclusive(f"{quoted(text)} is no quantity: nothing can be expected of it.")
    return cell.value


def exact(column: Sequence[str]) -> list[Decimal]:
    """Texts as numbers whose sum over all rows is exact.

    Raises:
        Inconclusive: one is infinite, or the sum needs more digits than are kept.
    """
    return plain(each_once(parse, column))


def plain(values: Sequence[Decimal]) -> list[Decimal]:
    """``values`` without exponents above 0 (``1E+3`` becomes ``1000``), once it is certain that their sum is exact.

    Raises:
        Inconclusive: the sum of as many values as these needs more digits than are kept.
    """
    check_width(dict.fromkeys(values), len(values))
    with localcontext(prec=2 * WIDE):
        return each_once(lambda value: value.quantize(_ONE) if int(value.as_tuple().exponent) > 0 else value, values)


def check_width(values: Collection[Decimal], rows: int) -> None:
    """Nothing, if the sum of ``rows`` of ``values`` has at most as many digits as sums are worked out with.

    Raises:
        Inconclusive: it could need more.
    """
    scale = max((-int(value.as_tuple().exponent) for value in values), default=0)
    scale = max(scale, 0)
    whole = max((value.adjusted() + 1 for value in values if value), default=1)
    digits = max(whole, 1) + scale + math.ceil(math.log10(max(rows, 1))) + 1
    if digits > WIDE:
        raise Inconclusive(f"a column needs {digits} digits: its sum cannot be computed exactly.")


def larger(left: Sequence[Decimal], right: Sequence[Decimal]) -> list[Decimal]:
    """The larger of two columns, row by row."""
    return [max(pair) for pair in zip(left, right, strict=True)]
