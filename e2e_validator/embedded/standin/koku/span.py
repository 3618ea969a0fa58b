"""The days a report covers and the buckets its ``data`` has (docs/contract/koku.md 5.4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from e2e_validator.embedded.standin.database import Connection

Resolution = Literal["daily", "monthly"]
ONE_DAY = dt.timedelta(days=1)
# What an organisation keeps without a setting of its own; reports reach back as many months, this one included.
RETAIN_MONTHS = 4


def month_start(day: dt.date, months: int = 0) -> dt.date:
    """First day of the month ``months`` after (or, negative, before) the one of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def month_end(day: dt.date) -> dt.date:
    """Last day of the month of ``day``."""
    return month_start(day, 1) - ONE_DAY


def allowed(today: dt.date, kept: int = RETAIN_MONTHS) -> tuple[dt.date, dt.date]:
    """First and last day that ``start_date`` and ``end_date`` may name where ``kept`` months are kept."""
    return month_start(today, 1 - kept), today + ONE_DAY


def kept_months(connection: Connection) -> int:
    """How many months the organisation keeps."""
    row = connection.execute("SELECT data_retention_months FROM tenant_settings LIMIT 1").fetchone()
    return int(row["data_retention_months"]) if row else RETAIN_MONTHS


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends inclusive."""

    first: dt.date
    last: dt.date

    def buckets(self, resolution: Resolution) -> list[str]:
        """The dates of ``data``, ascending: ``2026-11-05`` or ``2026-11``."""
        if resolution == "monthly":
            count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
            return [f"{month_start(self.first, i):%Y-%m}" for i in range(count + 1)]
        return [(self.first + i * ONE_DAY).isoformat() for i in range((self.last - self.first).days + 1)]


def scope_span(value: int, units: str, today: dt.date) -> Span:
    """The span of ``filter[time_scope_value]`` and ``[time_scope_units]``.

    ``-1`` month is this month up to today, ``-2`` last month; ``-3`` is, as in Koku, the month before last alone.
    """
    if units == "month":
        if value == -1:
            return Span(month_start(today), today)
        back = -2 if value == -3 else -1
        first = month_start(today, back)
        return Span(first, month_end(first))
    days = {-10: 9, -90: 89}.get(value, 29)
    return Span(today - days * ONE_DAY, today)
