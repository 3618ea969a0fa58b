"""The columns of a CUR, as the file names them and as the parquet files do (docs/contract/clouds.md 6, 7)."""

from __future__ import annotations

import re

from e2e_validator.providers.aws.cost_file.columns import (
    CATEGORY_PREFIX,
    INTERVAL,
    INVOICE,
    LINE_TYPE,
    OPTIONAL,
    PAYER,
    RECOMMENDED,
    START,
    TAG_PREFIX,
    USER_TAG,
)

__all__ = [
    "BLENDED",
    "BLENDED_RATE",
    "CATEGORY_PREFIX",
    "CSV_NAMES",
    "EFFECTIVE",
    "FACTOR",
    "HIGHEST",
    "INTERVAL",
    "INVOICE",
    "KEYS",
    "LAST_TEXTS",
    "LINE_TYPE",
    "NEEDED_TO_CONVERT",
    "NORMALIZED",
    "NUMBERS",
    "OPTIONAL",
    "PAYER",
    "PUBLIC",
    "PUBLIC_RATE",
    "RECOMMENDED",
    "START",
    "SUMMED",
    "TAG_PREFIX",
    "TIMES",
    "UNBLENDED",
    "UNBLENDED_RATE",
    "USAGE",
    "USER_TAG",
    "parquet_name",
]

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
