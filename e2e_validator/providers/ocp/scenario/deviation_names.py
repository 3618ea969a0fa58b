"""The deviations that may be accepted by name; a test compares them with the registry of those there are."""

from __future__ import annotations

DEVIATION_NAMES: tuple[str, ...] = (
    "namespace_labels_multiply",
    "node_labels_multiply",
    "claim_capacity_again",
    "claim_counted_per_pod",
    "claim_price_divided",
    "volume_pays_claim_price",
    "cluster_hour_of_part_days",
    "role_unknown_unpriced",
    "node_labels_missing_unpriced",
    "node_role_kept",
    "node_roles_of_other_clusters",
    "project_null_lost",
    "name_escaped",
    "month_end_never_summarised",
    "unread_rows",
    "distribution_not_conserved",
)
