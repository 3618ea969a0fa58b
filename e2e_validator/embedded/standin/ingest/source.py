"""Whose payload it is: the source of a cluster id, and how long its data are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.ingest.manifest import Manifest, month_end, months_before
from e2e_validator.embedded.standin.koku.span import kept_months


@dataclass(frozen=True, slots=True)
class Source:
    """A source with its provider and tenant."""

    provider_uuid: str
    provider_type: str
    name: str
    cluster_id: str
    schema: str


def find_source(conn: Connection, cluster_id: str, org_id: str) -> Source | None:
    """The source of that organisation whose credentials name the cluster; None if there is none."""
    row = conn.execute(
        "SELECT p.uuid::text, p.type, p.name, c.schema_name FROM api_sources s"
        " JOIN api_provider p ON p.uuid = s.provider_id"
        " JOIN api_providerauthentication a ON a.id = p.authentication_id"
        " JOIN api_customer c ON c.id = p.customer_id"
        " WHERE a.credentials = %s AND s.org_id = %s ORDER BY s.source_id LIMIT 1",
        [Jsonb({"cluster_id": cluster_id}), org_id],
    ).fetchone()
    if row is None:
        return None
    return Source(row["uuid"], row["type"], row["name"], cluster_id, row["schema_name"])


def outside_retention(conn: Connection, clock: Clock, manifest: Manifest) -> bool:
    """Whether the data end before the last day of the month that far back (``tenant_settings``, else 4 months)."""
    first = months_before(clock.today(), kept_months(conn))
    return manifest.retention_end < month_end(datetime(first.year, first.month, 1, tzinfo=UTC))
