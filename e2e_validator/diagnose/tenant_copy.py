"""The provider has no row in the tenant's schema: before anything was sent, or when a file has failed of it."""

from __future__ import annotations

from typing import Any

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.half_written import count_of, half_written
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding

CAUSE = "tenant_copy_missing"
_REFERENCE = "docs/contract/koku.md 2.2, 7.4"


def missing_before_data(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """The provider is there, its copy is not, and there is no manifest: nothing can be half written."""
    if not observed.state.exists or observed.state.tenant_copy or observed.evidence["manifests"]:
        return None
    return Finding(
        CAUSE,
        f"the provider {observed.provider_uuid} has no row in {observed.schema}.reporting_tenant_api_provider",
        {"tenant copies": 0, "manifests": 0},
        "insert the row before anything is sent; without it the first file fails on a foreign key",
        _REFERENCE,
    )


def missing_after_failure(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """The copy is missing, a file has failed while it was processed, and the processing says so too."""
    manifest = observed.manifest
    if manifest is None or observed.state.tenant_copy or not observed.state.exists or not observed.still_seconds:
        return None
    if observed.names.polled:
        return None
    failed = [report for report in manifest.reports if report.status == "FAILED"]
    if not failed or any(report.failed_status != "PROCESSING" for report in failed):
        return None
    if "failed" not in manifest.step("processing"):
        return None
    evidence: dict[str, Any] = {"status": manifest.statuses(), "state": manifest.states()}
    if expected is not None:
        try:
            evidence["half written"] = sorted(half_written(observed, expected))
        except LookupError:
            return None
    return Finding(
        CAUSE,
        f"{count_of(len(failed), manifest.files)} FAILED, and the provider has no row in"
        f" {observed.schema}.reporting_tenant_api_provider",
        evidence,
        "remove the failed type's rows of the day and its key in the tracker, insert the row, then announce again",
        _REFERENCE,
    )
