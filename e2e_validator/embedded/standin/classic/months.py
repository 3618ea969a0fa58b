"""Bill months, as AWS names their folders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from e2e_validator.embedded.standin.koku.span import month_end, month_start


@dataclass(frozen=True, slots=True)
class BillMonth:
    """A month by its first day."""

    first: date

    @classmethod
    def of(cls, day: date, months: int = 0) -> BillMonth:
        """The month of a day, or one so many months after it."""
        return cls(month_start(day, months))

    @property
    def folder(self) -> str:
        """First of the month - first of the next one: ``20261101-20261201``."""
        return f"{self.first:%Y%m%d}-{month_start(self.first, 1):%Y%m%d}"

    @property
    def start(self) -> datetime:
        """Midnight of the first day."""
        return datetime(self.first.year, self.first.month, 1, tzinfo=UTC)

    @property
    def last_day(self) -> datetime:
        """Midnight of the last day: the end of the bill's row."""
        return datetime.combine(month_end(self.first), datetime.min.time(), UTC)

    @property
    def path(self) -> str:
        """Of the keys of objects and the partitions of tables: ``year=2026/month=11``."""
        return f"year={self.first:%Y}/month={self.first:%m}"

    def has(self, day: date) -> bool:
        """Whether the day is in the month."""
        return month_start(day) == self.first


def day_before(day: date, days: int) -> date:
    """So many days earlier."""
    return day - timedelta(days=days)
