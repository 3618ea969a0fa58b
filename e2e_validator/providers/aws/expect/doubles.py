"""Numbers as Koku has them: cells are doubles, sums of them are cast to decimals (docs/contract/clouds.md 7, 8)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from e2e_validator.expect.numbers import parse, read

_DIGITS = 60


@lru_cache(maxsize=65536)
def cell(text: str) -> Decimal:
    """What a cell counts: the double that it is read as, by its shortest decimal text; 0 for what is no number.

    Raises:
        Inconclusive: it is infinite.
    """
    parse(text)
    return shortest(read(text).value)


def shortest(value: Decimal) -> Decimal:
    """The shortest decimal text that is the same double."""
    return Decimal(repr(float(value)))


def rounded(value: Decimal, places: int = 9) -> Decimal:
    """What ``cast(double as decimal)`` keeps: the double's shortest text, rounded half up.

    ``value`` is the exact sum; Koku's own differs from it by what adding doubles in some order loses, far below
    ``places``, except where the sum lies in the middle of two decimals.
    """
    with localcontext(prec=_DIGITS):
        return shortest(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
