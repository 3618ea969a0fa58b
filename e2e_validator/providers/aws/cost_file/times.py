"""The times of a row of a CUR, and how it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from e2e_validator.errors import Inconclusive
from e2e_validator.providers.aws.cost_file.columns import INTERVAL, START

LATER = timedelta(hours=1)
_END = "lineItem/UsageEndDate"


def stamp(moment: datetime) -> str:
    """A moment as a CUR has it: ``2026-11-24T00:00:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment_of(text: str) -> datetime:
    """The moment that a cell names, in UTC.

    Raises:
        Inconclusive: it names none.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Inconclusive(f"A row has the time {text[:60]!r}, which is none.") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def start_of(row: Mapping[str, str]) -> datetime:
    """When a row begins: its UsageStartDate, else the beginning of its interval; raises as ``moment_of``."""
    return moment_of(row.get(START) or row.get(INTERVAL, "").partition("/")[0])


def interval_of(row: Mapping[str, str]) -> str:
    """The interval of a row by its usage dates; raises as ``moment_of``."""
    return f"{stamp(start_of(row))}/{stamp(moment_of(row[_END]))}"
