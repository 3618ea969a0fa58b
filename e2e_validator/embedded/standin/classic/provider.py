"""A cloud source, as a task knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from e2e_validator.embedded.standin.database import Connection

AWS_TYPES = ("AWS", "AWS-local")


@dataclass(frozen=True, slots=True)
class CloudProvider:
    """The provider's row, with what its source says of where the reports are."""

    uuid: str
    name: str
    type: str
    schema: str
    bucket: str
    setup_complete: bool
    polling: datetime | None
    data_updated: datetime | None
    created: datetime

    @property
    def plain_type(self) -> str:
        """The type as keys of objects and names of tables have it."""
        return self.type.removesuffix("-local")


_COLUMNS = (
    "p.uuid::text, p.name, p.type, c.schema_name AS schema, b.data_source ->> 'bucket' AS bucket, p.setup_complete,"
    " p.polling_timestamp AS polling, p.data_updated_timestamp AS data_updated, p.created_timestamp AS created"
)
_FROM = (
    "FROM api_provider p JOIN api_customer c ON c.id = p.customer_id"
    " JOIN api_providerbillingsource b ON b.id = p.billing_source_id"
)


def find_provider(conn: Connection, uuid: str) -> CloudProvider | None:
    """The provider of that uuid, if it is one of a cloud that is read here."""
    row = conn.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE p.uuid::text = %s AND p.type = ANY (%s)", [uuid, list(AWS_TYPES)]
    ).fetchone()
    return _provider(row) if row else None


def due_providers(conn: Connection, before: datetime) -> list[CloudProvider]:
    """Active ones that are not paused and were last polled before that moment, or never."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE p.type = ANY (%s) AND p.active AND NOT p.paused"
        " AND (p.polling_timestamp IS NULL OR p.polling_timestamp < %s) ORDER BY p.polling_timestamp NULLS FIRST",
        [list(AWS_TYPES), before],
    ).fetchall()
    return [_provider(row) for row in rows]


def _provider(row: dict[str, Any]) -> CloudProvider:
    return CloudProvider(**(row | {"bucket": row["bucket"] or ""}))
