"""The columns of a CUR that are kept, and what becomes of them (docs/contract/clouds.md 6, 7; koku.md 4.1)."""

from __future__ import annotations

import re

_RECOMMENDED = {
    "bill": "BillType BillingEntity BillingPeriodStartDate BillingPeriodEndDate InvoiceId PayerAccountId",
    "identity": "TimeInterval",
    "lineItem": (
        "AvailabilityZone BlendedCost BlendedRate CurrencyCode LegalEntity LineItemDescription LineItemType"
        " NormalizationFactor NormalizedUsageAmount Operation ProductCode ResourceId TaxType UnblendedCost"
        " UnblendedRate UsageAccountId UsageAmount UsageStartDate UsageEndDate UsageType"
    ),
    "pricing": "publicOnDemandCost publicOnDemandRate term unit",
    "product": "ProductName productFamily region servicecode sku",
    "reservation": (
        "AmortizedUpfrontCostForUsage AmortizedUpfrontFeeForBillingPeriod EndTime NumberOfReservations"
        " RecurringFeeForUsage StartTime UnitsPerReservation UnusedQuantity UnusedRecurringFee"
    ),
    "savingsPlan": "SavingsPlanEffectiveCost",
}
RECOMMENDED = frozenset(f"{group}/{name}" for group, names in _RECOMMENDED.items() for name in names.split())
OPTIONAL = frozenset(
    f"product/{name}" for name in ("instanceType", "memory", "operatingSystem", "physicalCores", "vcpu")
)
INTERVAL = "identity/TimeInterval"
INVOICE = "bill/InvoiceId"
TAG = "resourceTags/"
USER_TAG = "resourceTags/user:"
CATEGORY = "costCategory/"
DOUBLES = frozenset(
    {
        "lineitem_usageamount",
        "lineitem_normalizationfactor",
        "lineitem_normalizedusageamount",
        "lineitem_unblendedrate",
        "lineitem_unblendedcost",
        "lineitem_blendedrate",
        "lineitem_blendedcost",
        "pricing_publicondemandcost",
        "pricing_publicondemandrate",
        "savingsplan_savingsplaneffectivecost",
    }
)
TIMES = frozenset(
    {
        "lineitem_usagestartdate",
        "lineitem_usageenddate",
        "bill_billingperiodstartdate",
        "bill_billingperiodenddate",
    }
)
# Without these the daily aggregation fails; the raw file gets every other column, empty.
NEEDED = ("bill_payeraccountid", "lineitem_usagetype", "lineitem_operation")
DAILY_KEYS = (
    "lineitem_resourceid",
    "lineitem_usagestartdate",
    "bill_payeraccountid",
    "lineitem_usageaccountid",
    "lineitem_legalentity",
    "lineitem_lineitemdescription",
    "bill_billingentity",
    "lineitem_productcode",
    "lineitem_availabilityzone",
    "lineitem_lineitemtype",
    "lineitem_usagetype",
    "lineitem_operation",
    "product_productfamily",
    "product_operatingsystem",
    "product_instancetype",
    "product_region",
    "pricing_unit",
    "resourcetags",
    "costcategory",
)
DAILY_FIGURES = (
    ("lineitem_usageamount", "sum"),
    ("lineitem_normalizationfactor", "max"),
    ("lineitem_normalizedusageamount", "sum"),
    ("lineitem_currencycode", "max"),
    ("lineitem_unblendedrate", "max"),
    ("lineitem_unblendedcost", "sum"),
    ("lineitem_blendedrate", "max"),
    ("lineitem_blendedcost", "sum"),
    ("pricing_publicondemandcost", "sum"),
    ("pricing_publicondemandrate", "max"),
    ("savingsplan_savingsplaneffectivecost", "sum"),
    ("bill_invoiceid", "max"),
    ("product_productname", "max"),
    ("product_vcpu", "max"),
    ("product_memory", "max"),
)


def is_kept(name: str) -> bool:
    """Whether the day files have that column."""
    return name in RECOMMENDED or name in OPTIONAL or name.startswith((TAG, CATEGORY))


def hive_name(name: str) -> str:
    """``lineItem/UsageAmount`` -> ``lineitem_usageamount``."""
    return "_".join(re.findall(r"[a-z0-9]+", name.lower()))


def raw_columns() -> set[str]:
    """The columns that a raw file has in any case."""
    return {hive_name(name) for name in RECOMMENDED | OPTIONAL}
