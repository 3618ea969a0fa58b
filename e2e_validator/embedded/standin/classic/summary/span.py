"""What is summarised: days within one month of one source, and its bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class CloudSpan:
    """Both days included."""

    source: str
    start: date
    end: date
    bill: int
    markup: float
    """Part of the cost that is added: 0.1 for 10 %."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The named parameters of PostgreSQL's statements."""
        return {"source": self.source, "start": self.start, "end": self.end, "bill": self.bill}

    @property
    def where(self) -> str:
        """The condition of Trino's statements: which partition, which days."""
        return (
            f"source = '{self.source}' AND year = '{self.start:%Y}' AND month = '{self.start:%m}'"
            f" AND lineitem_usagestartdate >= TIMESTAMP '{self.start} 00:00:00'"
            f" AND lineitem_usagestartdate < TIMESTAMP '{self.end} 00:00:00' + INTERVAL '1' DAY"
        )
