"""The names of the repairs that a scenario may allow or expect; a test compares them with the repairs there are."""

from __future__ import annotations

REPAIR_NAMES: tuple[str, ...] = (
    "tenant_sync",
    "tenant_sync_after_failure",
    "stuck_report",
    "payload_lost",
    "lost_summary",
    "lost_cost_step",
    "lost_completion",
    "stale_lock",
    "stale_view_cache",
    "poll_again",
    "polling_unlocked",
    "file_released",
    "file_again",
    "provider_copied",
)
