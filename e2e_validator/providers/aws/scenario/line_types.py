"""The line item types that AWS writes into a cost and usage report."""

from __future__ import annotations

import difflib

KNOWN = (
    "BundledDiscount",
    "Credit",
    "Discount",
    "DiscountedUsage",
    "EdpDiscount",
    "Fee",
    "PrivateRateDiscount",
    "Refund",
    "RIFee",
    "RiVolumeDiscount",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "SppDiscount",
    "Tax",
    "Usage",
)
_BY_LOWER = {name.lower(): name for name in KNOWN}


def meant_type(text: str) -> str:
    """The type that ``text`` is close to without being it; nothing for a known one and for one close to none."""
    if text in KNOWN:
        return ""
    close = difflib.get_close_matches(text.lower(), _BY_LOWER, n=1, cutoff=0.8)
    return _BY_LOWER[close[0]] if close else ""
