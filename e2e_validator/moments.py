"""The present moment, in one place, so that a test can say which one it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The moment that our clock shows, in UTC. Call it through the module: ``moments.utc_now()``."""
    return datetime.now(UTC)


def stamp() -> str:
    """This moment as the records of a run have it: UTC, ISO 8601, to the millisecond; never a moment that is set."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
