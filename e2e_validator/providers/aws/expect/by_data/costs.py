"""The four costs of a row, as the CUR defines them; NaN where the row does not say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from e2e_validator.expect.numbers import Kind, read

UNDECIDED = Decimal("NaN")
COST_TYPES = ("unblended_cost", "blended_cost", "savingsplan_effective_cost", "calculated_amortized_cost")
_UNBLENDED, _BLENDED = "lineItem/UnblendedCost", "lineItem/BlendedCost"
_EFFECTIVE, _TYPE = "savingsPlan/SavingsPlanEffectiveCost", "lineItem/LineItemType"
_COVERED, _NEGATION = "SavingsPlanCoveredUsage", "SavingsPlanNegation"
# What AWS defines as the amortized cost of a line type: columns that are added and taken away.
_AMORTIZED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    _COVERED: ((_EFFECTIVE,), ()),
    _NEGATION: ((), ()),
    "SavingsPlanUpfrontFee": ((), ()),
    "SavingsPlanRecurringFee": (("savingsPlan/TotalCommitmentToDate",), ("savingsPlan/UsedCommitment",)),
    "DiscountedUsage": (("reservation/EffectiveCost",), ()),
    "RIFee": (("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "reservation/UnusedRecurringFee"), ()),
}
# Line types whose amortized cost Koku has otherwise.
OTHERWISE_AMORTIZED = frozenset(_AMORTIZED) - {_COVERED}


def amount(cells: Mapping[str, str], column: str, *, must: bool) -> Decimal:
    """A number of a row. ``must``: a row without it says nothing of it; otherwise it is 0.

    A text that is no number is undecided, whatever Koku makes of it.
    """
    text = cells.get(column)
    if text is None:
        return UNDECIDED if must else Decimal(0)
    cell = read(text)
    if cell.kind is Kind.NUMBER:
        return cell.value
    return Decimal(0) if cell.kind is Kind.NOTHING and not must else UNDECIDED


def costs(cells: Mapping[str, str]) -> dict[str, Decimal]:
    """The four costs of a row, by ``COST_TYPES``."""
    kind = cells.get(_TYPE, "")
    unblended = amount(cells, _UNBLENDED, must=True)
    effective = amount(cells, _EFFECTIVE, must=True) if kind == _COVERED else _beside(cells)
    if kind in _AMORTIZED:
        more, less = _AMORTIZED[kind]
        amortized = sum((amount(cells, one, must=kind == _COVERED) for one in more), Decimal(0))
        amortized -= sum((amount(cells, one, must=False) for one in less), Decimal(0))
    elif kind == "Fee" and cells.get("reservation/ReservationARN"):
        amortized = Decimal(0)
    else:
        amortized = unblended
    blended = amount(cells, _BLENDED, must=_BLENDED not in cells)
    return dict(zip(COST_TYPES, (unblended, blended, effective, amortized), strict=True))


def _beside(cells: Mapping[str, str]) -> Decimal:
    """The effective cost of a row that no savings plan covers: there may be one, a text that is none is nothing."""
    cell = read(cells.get(_EFFECTIVE, ""))
    return cell.value


def usage(cells: Mapping[str, str]) -> Decimal:
    """The usage of a row; a negation takes back a cost, and is no usage."""
    if cells.get(_TYPE) == _NEGATION:
        return Decimal(0)
    return amount(cells, "lineItem/UsageAmount", must=False)
