"""Columns of numbers, read exactly: text to decimal, never through a binary float."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.arrow import pa, pc
from e2e_validator.expect.quoting import quoted

NARROW, WIDE = 38, 76  # digits of a 128 and of a 256 bit decimal
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


_ZERO = Decimal(0)


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


def exact(column: Any) -> Any:
    """A string array as a decimal array in which sums over all its rows cannot overflow.

    Each different text is parsed once: generated data repeat the same few values many thousand times.
    """
    encoded = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    values = [parse(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, decimal_type(values, len(column))).take(encoded.indices)


def decimal_type(values: list[Decimal], rows: int) -> Any:
    """The narrowest type that holds ``values`` and the sum of ``rows`` of them.

    The margin matters: pyarrow's sums wrap around in silence when they outgrow their type.
    """
    scale = max((-int(value.as_tuple().exponent) for value in values), default=0)
    scale = max(scale, 0)
    whole = max((value.adjusted() + 1 for value in values if value), default=1)
    digits = max(whole, 1) + scale + math.ceil(math.log10(max(rows, 1))) + 1
    if digits <= NARROW:
        return pa.decimal128(NARROW, scale)
    if digits <= WIDE:
        return pa.decimal256(WIDE, scale)
    raise Inconclusive(f"a column needs {digits} digits: its sum cannot be computed exactly.")


def larger(left: Any, right: Any) -> Any:
    """The larger of two decimal arrays, element by element; they may have different scales."""
    scale = max(left.type.scale, right.type.scale)
    # A wider scale eats the margin that keeps sums from wrapping around.
    same = left.type == right.type
    common = left.type if same else pa.decimal256(WIDE, scale)
    return pc.max_element_wise(left.cast(common), right.cast(common))
