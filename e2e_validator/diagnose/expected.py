"""What a run knows of a payload that it sent: where it stands, what must come of it, and what has been compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExpectedSource:
    """Absent for a source that no run made: then only what is observed can speak."""

    phase: str
    object_key: str
    tarball: Path
    month: str
    first_day: date
    last_day: date
    announced_seconds: float
    """Since the payload was announced."""
    converted_seconds: float | None
    """Since a file was last seen not done (or since the announcement); None before it."""
    daily_reports: bool
    """Whether Koku splits the payload by day; only then does the tracker tell what is half written."""
    report_types: Mapping[str, str]
    """The kind of each file of the payload, by its name in the manifest."""
    expected_rows: Mapping[tuple[str, str], int]
    """Rows that the raw line items must hold, by report type and day; empty before the expectation is made."""
    good: frozenset[str]
    """The phases of this payload that have passed."""
    verify: Callable[[], None]
    """Compares daily summary, costs and UI tables afresh; raises NumbersDiffer."""
    object_there: Callable[[], bool]
    """Whether the payload still stands in the ingress bucket."""
    months: tuple[str, ...] = ()
    """The months (YYYY-MM) that Koku summarises after this payload; one, but for a package over a month's end."""
