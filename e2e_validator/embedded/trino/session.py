"""The user that asks, and which catalog and schema a bare name means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """From the ``X-Trino-*`` headers of a request."""

    user: str
    catalog: str | None = None
    schema: str | None = None
