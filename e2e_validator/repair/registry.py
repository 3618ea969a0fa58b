"""All repairs. Adding one: its file, and a line here; the causes that it names have their detectors in diagnose/."""

from __future__ import annotations

from e2e_validator.repair import (
    file_again,
    lost_completion,
    lost_cost_step,
    lost_summary,
    payload_lost,
    poll_again,
    stale_lock,
    stale_view_cache,
    stuck_report,
    tenant_sync,
    tenant_sync_after_failure,
)
from e2e_validator.repair.repair import Repair

REPAIRS: tuple[Repair, ...] = (
    tenant_sync.REPAIR,
    tenant_sync_after_failure.REPAIR,
    payload_lost.REPAIR,
    stuck_report.REPAIR,
    stale_lock.REPAIR,
    lost_summary.REPAIR,
    lost_cost_step.REPAIR,
    lost_completion.REPAIR,
    stale_view_cache.REPAIR,
    poll_again.POLL_AGAIN,
    poll_again.POLLING_UNLOCKED,
    file_again.FILE_RELEASED,
    file_again.FILE_AGAIN,
    file_again.PROVIDER_COPIED,
)


def repair_of(cause: str, phase: str) -> Repair | None:
    """The repair that mends a cause in a phase (without its payload's number); None where none does."""
    return next((one for one in REPAIRS if cause in one.causes and phase in one.phases), None)
