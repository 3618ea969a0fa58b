"""The columns of a CUR, as the file names them and as the parquet files do (docs/contract/clouds.md 6, 7).

The names of the 46 recommended and 5 optional columns are those of docs/contract/koku.md 4.1.
"""

from __future__ import annotations

import re

RECOMMENDED = (
    "bill/BillType",
    "bill/BillingEntity",
    "bill/BillingPeriodEndDate",
    "bill/BillingPeriodStartDate",
    "bill/InvoiceId",
    "bill/PayerAccountId",
    "identity/TimeInterval",
    "lineItem/AvailabilityZone",
    "lineItem/BlendedCost",
    "lineItem/BlendedRate",
    "lineItem/CurrencyCode",
    "lineItem/LegalEntity",
    "lineItem/LineItemDescription",
    "lineItem/LineItemType",
    "lineItem/NormalizationFactor",
    "lineItem/NormalizedUsageAmount",
    "lineItem/Operation",
    "lineItem/ProductCode",
    "lineItem/ResourceId",
    "lineItem/TaxType",
    "lineItem/UnblendedCost",
    "lineItem/UnblendedRate",
    "lineItem/UsageAccountId",
    "lineItem/UsageAmount",
    "lineItem/UsageEndDate",
    "lineItem/UsageStartDate",
    "lineItem/UsageType",
    "pricing/publicOnDemandCost",
    "pricing/publicOnDemandRate",
    "pricing/term",
    "pricing/unit",
    "product/ProductName",
    "product/productFamily",
    "product/region",
    "product/servicecode",
    "product/sku",
    "reservation/AmortizedUpfrontCostForUsage",
    "reservation/AmortizedUpfrontFeeForBillingPeriod",
    "reservation/EndTime",
    "reservation/NumberOfReservations",
    "reservation/RecurringFeeForUsage",
    "reservation/StartTime",
    "reservation/UnitsPerReservation",
    "reservation/UnusedQuantity",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanEffectiveCost",
)
OPTIONAL = (
    "product/instanceType",
    "product/memory",
    "product/operatingSystem",
    "product/physicalCores",
    "product/vcpu",
)
TAG_PREFIX, USER_TAG, CATEGORY_PREFIX = "resourceTags/", "resourceTags/user:", "costCategory/"

INTERVAL, INVOICE, PAYER = "identity/TimeInterval", "bill/InvoiceId", "bill/PayerAccountId"
START, LINE_TYPE = "lineItem/UsageStartDate", "lineItem/LineItemType"
# Without these the conversion to parquet fails (docs/contract/clouds.md 12).
NEEDED_TO_CONVERT = (PAYER, "lineItem/UsageType", "lineItem/Operation", START)

# Of the groups of the daily parquet files: what they are added up to, and of what the highest is kept.
USAGE, NORMALIZED, FACTOR = "lineitem_usageamount", "lineitem_normalizedusageamount", "lineitem_normalizationfactor"
UNBLENDED, BLENDED = "lineitem_unblendedcost", "lineitem_blendedcost"
PUBLIC, EFFECTIVE = "pricing_publicondemandcost", "savingsplan_savingsplaneffectivecost"
UNBLENDED_RATE, BLENDED_RATE = "lineitem_unblendedrate", "lineitem_blendedrate"
PUBLIC_RATE = "pricing_publicondemandrate"
SUMMED = (USAGE, NORMALIZED, UNBLENDED, BLENDED, PUBLIC, EFFECTIVE)
HIGHEST = (FACTOR, UNBLENDED_RATE, BLENDED_RATE, PUBLIC_RATE)
NUMBERS = (*SUMMED, *HIGHEST)
LAST_TEXTS = ("lineitem_currencycode", "bill_invoiceid", "product_productname", "product_vcpu", "product_memory")

KEYS = (
    "lineitem_resourceid",
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
)
TIMES = (
    "lineitem_usagestartdate",
    "lineitem_usageenddate",
    "bill_billingperiodstartdate",
    "bill_billingperiodenddate",
)


def parquet_name(column: str) -> str:
    """The name of a column of the CSV file in the parquet files: ``lineItem/UsageAmount`` is ``lineitem_usageamount``.

    docs/contract/clouds.md 7.
    """
    return "_".join(part for part in re.split(r"[^a-z0-9]+", column.lower()) if part)


CSV_NAMES = {parquet_name(column): column for column in (*RECOMMENDED, *OPTIONAL)}
