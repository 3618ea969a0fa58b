"""``manifest.json`` of a payload: what it must say and what follows from it (docs/contract/koku.md 3.3)."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import UUID4, AfterValidator, BaseModel, BeforeValidator

from e2e_validator.embedded.standin.ingest.operator_versions import OPERATOR_VERSIONS

MANIFEST_NAME = "manifest.json"
MAX_MANIFEST_BYTES = 10 * 1024 * 1024
_UNSAFE = re.compile(r"[/\\]|\.\.")


def _safe_name(value: str) -> str:
    if value in ("", ".") or _UNSAFE.search(value):
        raise ValueError(f"{value!r} is not a safe path component")
    return value


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _listed(value: Any) -> Any:
    return [] if value is None else value


SafeName = Annotated[str, AfterValidator(_safe_name)]
Moment = Annotated[datetime, AfterValidator(_aware)]
Files = Annotated[list[SafeName], BeforeValidator(_listed)]


class Manifest(BaseModel):
    """What Koku reads of ``manifest.json``; ``start`` and ``end`` are needed for the summary, not for the ingest."""

    uuid: UUID4
    cluster_id: SafeName
    date: Moment
    version: str = ""
    files: Files = []
    resource_optimization_files: Files = []
    start: Moment | None = None
    end: Moment | None = None
    certified: bool = False
    daily_reports: bool = False
    cr_status: dict[str, Any] = {}

    @property
    def operator_version(self) -> str:
        """The release a commit sha stands for; any other text as it is."""
        return OPERATOR_VERSIONS.get(self.version, self.version)

    @property
    def billing_start(self) -> datetime:
        """Midnight of the first day of the month the data belong to."""
        return (self.start or self.date).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    @property
    def month(self) -> str:
        """The month of ``date`` as the range Koku logs, ``20261101-20261201``."""
        first = self.date.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
        return f"{first:%Y%m%d}-{after:%Y%m%d}"

    @property
    def summary_end(self) -> datetime | None:
        """``end``, but never the first day of the next month: that would summarise a month without data."""
        if self.start and self.end and self.start.month != self.end.month and self.end.day == 1:
            return month_end(self.start)
        return self.end

    @property
    def retention_end(self) -> datetime:
        """The moment that decides whether the data are too old."""
        return self.summary_end or month_end(self.date)

    @property
    def hours_per_day(self) -> dict[str, int]:
        """Hours between ``start`` and ``end`` on each day, rounded up; empty if one of them is missing."""
        if not (self.start and self.end):
            return {}
        hours = {}
        day = datetime.combine(self.start.date(), datetime.min.time(), UTC)
        while day <= self.end:
            span = min(self.end, day + timedelta(days=1)) - max(self.start, day)
            hours[day.date().isoformat()] = math.ceil(span.total_seconds() / 3600)
            day += timedelta(days=1)
        return hours

    @property
    def operator_facts(self) -> dict[str, Any]:
        """The manifest's columns about the operator, from ``cr_status``."""
        status = self.cr_status
        parts = ("authentication", "packaging", "upload", "prometheus", "source")
        errors = {f"{part}_error": status[part]["error"] for part in parts if status.get(part, {}).get("error")}
        return {
            "cluster_id": self.cluster_id,
            "operator_certified": self.certified,
            "operator_version": self.operator_version,
            "cluster_channel": status.get("clusterVersion"),
            "operator_airgapped": not status.get("upload", {}).get("upload") if status else None,
            "operator_errors": errors or None,
            "operator_daily_reports": self.daily_reports,
        }


def month_end(moment: datetime) -> datetime:
    """Midnight of the last day of that month."""
    last = monthrange(moment.year, moment.month)[1]
    return moment.replace(day=last, hour=0, minute=0, second=0, microsecond=0)


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months earlier."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
