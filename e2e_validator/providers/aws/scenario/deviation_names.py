"""The deviations that may be accepted by name; a test compares them with the registry of those there are."""

from __future__ import annotations

DEVIATION_NAMES: tuple[str, ...] = (
    "file_not_loaded",
    "assembly_taken_before",
    "restated_days_lost",
    "vanished_days_stay",
    "future_days_dropped",
    "days_outside_month_dropped",
    "usage_day_not_summarised",
    "unread_cost_is_zero",
    "currencies_added_up",
    "amortized_not_as_aws",
    "tiny_costs_rounded",
    "storage_shows_unblended",
    "ec2_counted_per_tag_set",
    "ec2_covered_usage_is_zero",
)
