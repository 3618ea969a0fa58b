"""A figure that a scenario's author worked out by hand, against what the two oracles come to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from e2e_validator.expect.ledger import RELATIVE, number


def contradiction(wanted: Decimal, found: Sequence[Decimal | None], sources: str) -> str:
    """What is wrong with a figure that is neither what the data say nor what Koku makes of them; empty if nothing is.

    ``found`` are the figure by the data and as Koku; ``sources`` are the words for what it contradicts, with the verb
    before the right figure.
    """
    if any(equal(wanted, one) for one in found):
        return ""
    by_data, by_koku = found
    right = by_data if by_data is not None and by_data.is_finite() else by_koku
    deviates = f" (Koku would show {number(by_koku)})" if by_koku is not None and not equal(by_koku, right) else ""
    return f"your {number(wanted)} contradicts {sources} {number(right)}{deviates}"


def equal(wanted: Decimal, got: Decimal | None) -> bool:
    """Whether a cost is the one that was worked out by hand."""
    # What is shared out may leave a crumb of 1e-14 where 0 is right.
    return (
        got is not None and got.is_finite() and abs(got - wanted) <= RELATIVE * max(abs(got), abs(wanted), Decimal(1))
    )
