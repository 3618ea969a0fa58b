"""Months of one payload that were left out of its summary."""

from __future__ import annotations

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding


def month_unsummarised(observed: ObservedSource, expected: ExpectedSource | None) -> Finding | None:
    """The payload's summary has ended, and a month of it has none: there is no task for it, and no process has one.

    A package over a month's end is summarised month by month, each by a task of its own that ends ``state.summary``
    (docs/contract/koku.md 1.5, 3.8). The task of one month may be lost beside that of another, and Koku completes the
    manifest all the same: nothing makes the month up.
    """
    manifest = observed.manifest
    if manifest is None or expected is None or observed.dead or not observed.still_seconds:
        return None
    words = manifest.step("summary")
    if "end" not in words or "failed" in words or manifest.created is None or not observed.nobody_will():
        return None
    periods = {month: observed.state.period(month) for month in expected.months}
    stamps = {month: period.summarised if period else None for month, period in periods.items()}
    left = [month for month, stamp in stamps.items() if stamp is None or stamp < manifest.created]
    if not left:
        return None
    others = [month for month in expected.months if month not in left]
    beside = f" ({' and '.join(others)} has one)" if others else ""
    return Finding(
        "month_unsummarised",
        f"state.summary has ended without a summary of {' and '.join(left)}{beside}, and no task for this source waits"
        " or runs",
        {
            "summarised": {month: stamp.isoformat() if stamp else "NULL" for month, stamp in stamps.items()},
            "manifest created": manifest.created.isoformat(),
            "state": manifest.states(),
        },
        f"look for update_summary_tables of {left[0]} in the workers' logs; masu's report_data/ makes the month up",
        "docs/contract/koku.md 1.5, 3.8",
    )
