"""A double on its way into a column of PostgreSQL: its shortest decimal text, rounded half-up (clouds.md 8.2)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MONEY, LONG = 9, 15


def rounded(value: float | None, places: int = MONEY) -> Decimal | None:
    """The figure as the column has it; NULL stays NULL."""
    if value is None:
        return None
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
