"""What the database shows of one source: typed, frozen, with Koku's words (docs/contract/koku.md 1.1-1.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STATUS_NAMES = {1: "DONE", 2: "FAILED", 3: "DOWNLOADING", 4: "PROCESSING", 5: "OCP_CLOUD_PROCESSING"}


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """One file of a manifest."""

    name: str
    status: str
    failed_status: str | None
    completed: datetime | None

    @property
    def done(self) -> bool:
        """DONE with a completion time; neither alone counts (docs/contract/koku.md 0.2)."""
        return self.status == "DONE" and self.completed is not None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One payload's manifest row and its files."""

    id: int
    uuid: str
    files: int
    created: datetime | None
    completed: datetime | None
    state: Mapping[str, Mapping[str, Any] | None]
    reports: tuple[ReportStatus, ...]

    def step(self, name: str) -> frozenset[str]:
        """The words that ``state`` holds for ``download``, ``processing`` or ``summary``.

        See docs/contract/koku.md 1.4.
        """
        return frozenset(self.state.get(name) or {}) - {"time_taken_seconds"}

    def step_time(self, name: str, word: str) -> datetime | None:
        """When the step said ``word``."""
        return _time((self.state.get(name) or {}).get(word))

    def statuses(self) -> dict[str, int]:
        """Files per status, for example ``{"DONE": 5, "PROCESSING": 1}``."""
        return dict(sorted(Counter(report.status for report in self.reports).items()))

    def states(self) -> dict[str, list[str]]:
        """The words per step, as the recordings write them; a step without words is left out."""
        return {name: sorted(self.step(name)) for name in sorted(self.state) if self.step(name)}


@dataclass(frozen=True, slots=True)
class Period:
    """One month of a cluster: when it was last summarised and costed."""

    start: datetime
    summarised: datetime | None
    cost_derived: datetime | None


@dataclass(frozen=True, slots=True)
class SourceState:
    """One look at a source."""

    exists: bool
    tenant_copy: bool
    data_updated: datetime | None
    summary_rows: int
    periods: tuple[Period, ...]
    manifests: tuple[Manifest, ...]

    def manifest(self, uuid: str) -> Manifest | None:
        """The manifest of a payload, if Koku has recorded it."""
        return next((manifest for manifest in self.manifests if manifest.uuid == uuid), None)

    def costed(self, manifest: Manifest, month: str) -> tuple[datetime | None, bool]:
        """When the month's cost step last ran, and whether that was after this manifest's summary.

        A time before the end of the summary belongs to an earlier payload; NULL is never after.
        """
        period = self.period(month)
        costed = period.cost_derived if period else None
        summarised = manifest.step_time("summary", "end")
        return costed, costed is not None and summarised is not None and costed >= summarised

    def period(self, month: str) -> Period | None:
        """The report period of ``YYYY-MM`` (UTC)."""
        return next((period for period in self.periods if f"{period.start.astimezone(UTC):%Y-%m}" == month), None)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> SourceState:
        """The state that ``SourceDatabase.observe`` read."""
        return cls(
            exists=row["providers"] == 1,
            tenant_copy=row["tenant_copies"] == 1,
            data_updated=row["data_updated"],
            summary_rows=row["summary_rows"],
            periods=tuple(
                Period(_required(p["start"]), _time(p["summarised"]), _time(p["cost_derived"])) for p in row["periods"]
            ),
            manifests=tuple(_manifest(m) for m in row["manifests"]),
        )


def _manifest(row: Mapping[str, Any]) -> Manifest:
    return Manifest(
        id=row["id"],
        uuid=row["uuid"],
        files=row["files"],
        created=_time(row["created"]),
        completed=_time(row["completed"]),
        state=row["state"] or {},
        reports=tuple(
            ReportStatus(
                name=report["name"],
                status=_status(report["status"]),
                failed_status=None if report["failed_status"] is None else _status(report["failed_status"]),
                completed=_time(report["completed"]),
            )
            for report in row["reports"]
        ),
    )


def _status(value: int) -> str:
    """The name of a status; an undefined number is shown as it is, never taken for a known one (0.5)."""
    return STATUS_NAMES.get(value, f"undefined {value}")


def _time(value: Any) -> datetime | None:
    """A time that JSON carries as text; NULL stays None."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _required(value: Any) -> datetime:
    time = _time(value)
    if time is None:
        raise ValueError("a report period without a start")
    return time
