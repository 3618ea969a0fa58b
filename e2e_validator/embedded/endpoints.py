"""Where a running stack is reached, and with which credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ORG_ID = "1234567"
SCHEMA = f"org{ORG_ID}"
ACCOUNT = "10001"
BUCKETS = {"ingress": "ocp-ingress", "archive": "koku-bucket", "ros": "ros-data"}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses and credentials of one stack; whatever holds a secret is left out of ``repr``."""

    koku_url: str
    """Koku's API, ends in ``/api/cost-management/v1/``."""
    masu_url: str
    """masu's API: the same path, another port."""
    s3_url: str
    s3_access_key: str
    s3_secret_key: str = field(repr=False)
    dsn: str = field(repr=False)
    """libpq URI over TCP, password included."""
    org_id: str = ORG_ID
    schema: str = SCHEMA
    """The tenant's schema: ``org`` + ``org_id``."""
    buckets: dict[str, str] = field(default_factory=lambda: dict(BUCKETS))
    """Role -> name: ``ingress`` (uploads), ``archive`` (what Koku keeps), ``ros`` (resource optimisation)."""

    trino_url: str | None = None
    """Of the classic stack; the user may be any, catalog ``hive``, schema the tenant's."""

    further: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """Transport -> what else, or otherwise, is needed for it; empty in a stack that has masu alone."""

    def as_json(self, transport: str = "masu") -> dict[str, Any]:
        """The object that ``embedded up --json`` prints, secrets included, for a transport that the stack has."""
        return {
            "koku_url": self.koku_url,
            "masu_url": self.masu_url,
            "s3_url": self.s3_url,
            "s3_access_key": self.s3_access_key,
            "s3_secret_key": self.s3_secret_key,
            "dsn": self.dsn,
            "org_id": self.org_id,
            "schema": self.schema,
            "buckets": dict(self.buckets),
            **({} if self.trino_url is None else {"trino_url": self.trino_url}),
            **({} if transport == "masu" else self.further[transport]),
        }
