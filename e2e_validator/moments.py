"""The present moment, in one place, so that a test can say which one it is."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC: for durations and records, and never one that is set."""
    return datetime.now(UTC)


def utc_now() -> datetime:
    """The moment that decides which day it is, in UTC. Call it through the module: ``moments.utc_now()``."""
    return now()


def stamp() -> str:
    """This moment as the records of a run have it: UTC, ISO 8601, to the millisecond; never a moment that is set."""
    return now().isoformat(timespec="milliseconds")
