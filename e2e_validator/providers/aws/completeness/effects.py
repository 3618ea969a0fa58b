"""What the absence of a column does (docs/contract/clouds.md 7, 8, 12 and docs/contract/koku.md 4.1)."""

from __future__ import annotations

from e2e_validator.providers.aws.expect.columns import OPTIONAL, RECOMMENDED

_NOT_CONVERTED = "the conversion to parquet fails with {}: no bill, no figure, and the next poll calls the file done"
_STOPS = {
    "bill/InvoiceId": "Koku stops in the download, and the file stays in DOWNLOADING (status 3) for ever",
    "identity/TimeInterval": "Koku can make no file of a day, and the download fails (status 2)",
    "bill/PayerAccountId": _NOT_CONVERTED.format("KeyError: 'bill_payeraccountid'"),
    "lineItem/UsageType": _NOT_CONVERTED.format("KeyError: 'lineitem_usagetype'"),
    "lineItem/Operation": _NOT_CONVERTED.format("KeyError: 'lineitem_operation'"),
    "lineItem/UsageStartDate": _NOT_CONVERTED.format("AttributeError: 'NaTType' object has no attribute 'normalize'"),
}
# Silently 0 in every row.
_ZERO = {
    "lineItem/UnblendedCost": "unblended costs are 0, and amortized ones of all that no savings plan covers",
    "lineItem/BlendedCost": "blended costs are 0",
    "savingsPlan/SavingsPlanEffectiveCost": "savings plan costs are 0, and amortized ones of what a plan covers",
    "lineItem/UsageAmount": "the usage of instance types, storage and EC2 compute is 0",
    "lineItem/NormalizedUsageAmount": "normalized usage is 0",
    "lineItem/NormalizationFactor": "the normalization factor is 0",
    "lineItem/UnblendedRate": "unblended rates are 0",
    "lineItem/BlendedRate": "blended rates are 0",
    "pricing/publicOnDemandCost": "public on-demand costs are 0",
    "pricing/publicOnDemandRate": "public on-demand rates are 0",
}
_NO_SUM = "no sum changes"
_RAW_ALONE = "no sum changes, the column of the raw parquet files is empty"
_FALL_TOGETHER = "no sum changes, rows of the daily parquet files that differ in it fall together"
# Empty in every row.
_EMPTY = {
    "lineItem/LineItemType": "savings plans are not told apart: amortized costs are unblended, negations are usage",
    "lineItem/ProductCode": "the service is NULL, which the daily summary refuses: no row of the month is written",
    "lineItem/UsageAccountId": "all costs are of an account without a name",
    "lineItem/ResourceId": "no row has a resource, instances are counted as one, EC2 compute is empty",
    "lineItem/CurrencyCode": "the rows have no currency",
    "lineItem/AvailabilityZone": "costs by az are all under No-az",
    "product/region": "costs by region are all under No-region",
    "product/productFamily": "the storage report and EC2 compute are empty, all costs under No-product_family",
    "pricing/unit": "the storage report is empty, and usage has no unit",
    "product/ProductName": "products of the marketplace are shown by their codes",
    "bill/BillingEntity": "products of the marketplace are not told apart, and shown by their codes",
    "bill/BillType": _RAW_ALONE,
    "bill/BillingPeriodStartDate": _RAW_ALONE,
    "bill/BillingPeriodEndDate": _RAW_ALONE,
    "lineItem/UsageEndDate": _RAW_ALONE,
    "lineItem/LegalEntity": _FALL_TOGETHER,
    "lineItem/LineItemDescription": _FALL_TOGETHER,
    "lineItem/TaxType": "no sum changes, taxes cannot be told apart",
    "product/instanceType": "the report of instance types is empty",
    "product/operatingSystem": "EC2 compute shows no operating system",
    "product/vcpu": "EC2 compute shows no vCPUs",
    "product/memory": "EC2 compute shows no memory",
}
STOPS = frozenset(_STOPS)
COSTS = frozenset({"lineItem/UnblendedCost", "lineItem/BlendedCost", "savingsPlan/SavingsPlanEffectiveCost"})


def deviation_without(column: str) -> str:
    """The known deviation that the absence of ``column`` brings about; '' if no report shows a wrong figure of it."""
    if column in _STOPS:
        return "file_not_loaded"
    return "unread_cost_is_zero" if column in COSTS else ""


def shown(column: str) -> bool:
    """Whether a figure or a name in a report is another one without the column, one of the 51."""
    return column in _STOPS or column in _ZERO or not _EMPTY.get(column, _NO_SUM).startswith(_NO_SUM)


def effect(column: str) -> str:
    """What Koku does without ``column``, one of the 51; without a full stop.

    Raises:
        KeyError: it is none of them.
    """
    if column in _STOPS:
        return _STOPS[column]
    if column in _ZERO:
        return f"it counts 0 in every row, without any error: {_ZERO[column]}"
    if column not in (*RECOMMENDED, *OPTIONAL):
        raise KeyError(column)
    return f"it is empty in every row: {_EMPTY.get(column, 'no sum changes, no report shows it')}"
