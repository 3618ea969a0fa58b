"""Which kind of cost file a header belongs to, and what Koku would lose of it (docs/contract/koku.md 4.1)."""

from __future__ import annotations

from collections.abc import Collection

CUR_1 = "CUR 1.0"
ATHENA = "CUR 1.0 in Athena style"
CUR_2 = "CUR 2.0 (Data Exports)"
FOCUS = "FOCUS"
UNKNOWN = "no known kind of cost file"

LOSES = {
    CUR_1: "",
    ATHENA: (
        "Koku has a second list of column names for this style, which was never seen at work: no figure can be"
        " expected of it"
    ),
    CUR_2: (
        "Koku reads no resource_tags, product and cost_category maps: every tag, cost category, product family, region"
        " and instance type would be lost, and the savings plan and reservation columns with another name count 0"
    ),
    FOCUS: "Koku knows none of its columns: it would stop at the missing bill/InvoiceId and stay in DOWNLOADING",
    UNKNOWN: "it has none of the columns by which Koku knows a cost file",
}
# Columns that only one of them has.
_MAPS = {"resource_tags", "cost_category", "product", "discount"}
_OWN = {"bill_payer_account_id", "line_item_usage_account_id", "line_item_unblended_cost", "bill_invoice_id"}


def dialect_of(header: Collection[str]) -> str:
    """The dialect of a header; ``UNKNOWN`` if it is none of them."""
    names = set(header)
    if sum(name.startswith(("bill/", "lineItem/", "identity/")) for name in names) >= 3:
        return CUR_1
    if {"BilledCost", "EffectiveCost"} & names and {"ChargePeriodStart", "BillingPeriodStart"} & names:
        return FOCUS
    if names & _OWN:
        return CUR_2 if names & _MAPS or "bill_payer_account_name" in names else ATHENA
    return UNKNOWN
