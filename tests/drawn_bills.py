"""Rows of small CURs as hypothesis draws them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aws_files import Row, row
from hypothesis import strategies as st

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-28")
PLAIN_COSTS = ("0.1", "0.096", "2.5", "-1.25", "0", "1000000000", "0.123456789", "3e-9")
COSTS_OF_ALL_KINDS = (*PLAIN_COSTS, "4e-10", "5e-10", "0.1234567891", "abc", "", "NaN", "1e-12")
PLAIN_TYPES = ("Usage", "Tax", "Credit", "Refund")
LINE_TYPES = (
    *PLAIN_TYPES, "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee",
    "DiscountedUsage", "RIFee", "Fee",
)  # fmt: skip
MARKUPS = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("-0.05"), Decimal("0.333")])


def line(costs: Sequence[str], kinds: Sequence[str], days: Sequence[str] = DAYS) -> st.SearchStrategy[Row]:
    """A row of one hour, of any service."""
    texts = {
        "ProductCode": st.sampled_from(["AmazonEC2", "AmazonS3", "AmazonRDS", "AmazonVPC", "AWSLambda"]),
        "productFamily": st.sampled_from(["Compute Instance", "Storage", "Storage Snapshot", "", "Data Transfer"]),
        "unit": st.sampled_from(["Hrs", "GB-Mo", ""]),
        "instanceType": st.sampled_from(["m5.large", "t3.small", ""]),
        "region": st.sampled_from(["us-east-1", "eu-west-1", ""]),
        "AvailabilityZone": st.sampled_from(["us-east-1a", ""]),
        "UsageAccountId": st.sampled_from(["1", "2"]),
        "ResourceId": st.sampled_from(["i-1", "i-2", ""]),
        "BillingEntity": st.sampled_from(["AWS", "AWS Marketplace"]),
        "ProductName": st.sampled_from(["One", "Two", ""]),
        "LineItemType": st.sampled_from(list(kinds)),
        "UnblendedCost": st.sampled_from(list(costs)),
        "BlendedCost": st.sampled_from(list(costs)),
        "SavingsPlanEffectiveCost": st.sampled_from([*costs, ""]),
        "UsageAmount": st.sampled_from(["1", "0", "0.000000001", "24"]),
        "tag": st.sampled_from(["web", "db", ""]),
        "category": st.sampled_from(["prod", ""]),
    }
    return st.builds(
        lambda day, hour, more: row(day, hour, **more),
        st.sampled_from(list(days)), st.integers(0, 23), st.fixed_dictionaries(texts),
    )  # fmt: skip


PLAIN = st.lists(line(PLAIN_COSTS, PLAIN_TYPES), min_size=1, max_size=12)
ANY = st.lists(line(COSTS_OF_ALL_KINDS, LINE_TYPES), min_size=1, max_size=12)
EARLY_AND_LATE = ("2026-10-31", *DAYS, "2026-11-30", "2026-12-01")
WILD = st.lists(line(COSTS_OF_ALL_KINDS, LINE_TYPES, EARLY_AND_LATE), min_size=1, max_size=12)
