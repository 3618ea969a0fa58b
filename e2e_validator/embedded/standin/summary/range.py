"""Which days of which source are summarised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

STEP_DAYS = 5


@dataclass(frozen=True, slots=True)
class SummaryRange:
    """Days within one month, both ends included, of one source and its report period."""

    source: str
    start: date
    end: date
    period: int | None = None
    cluster: str = ""
    alias: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """The named parameters of the summary's SQL."""
        return {
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "year": f"{self.start:%Y}",
            "month": f"{self.start:%m}",
            "period": self.period,
            "cluster": self.cluster,
            "alias": self.alias,
        }

    def steps(self) -> Iterator[SummaryRange]:
        """The range in Koku's pieces: the first ends five days after its start, so it has six, the others have five."""
        start, step = self.start, self.start
        while start <= self.end:
            step += timedelta(days=STEP_DAYS)
            end = min(step, self.end)
            yield replace(self, start=start, end=end)
            start = end + timedelta(days=1)


def by_month(start: date, end: date) -> list[tuple[date, date]]:
    """The range cut at the ends of months; empty if it ends before it starts."""
    parts = []
    while start <= end:
        after = (start.replace(day=1) + timedelta(days=31)).replace(day=1)
        parts.append((start, min(after - timedelta(days=1), end)))
        start = after
    return parts
