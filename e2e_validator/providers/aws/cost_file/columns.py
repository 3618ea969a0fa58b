"""The columns of a CUR that Koku reads (docs/contract/koku.md 4.1)."""

from __future__ import annotations

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
# How scenarios and claims name a key, so that a tag is told from a cost category.
TAG_KEY, CATEGORY_KEY = "tag:", "category:"

INTERVAL, INVOICE, PAYER = "identity/TimeInterval", "bill/InvoiceId", "bill/PayerAccountId"
START, LINE_TYPE = "lineItem/UsageStartDate", "lineItem/LineItemType"
