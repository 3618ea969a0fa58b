"""Creating a source: provider, credentials, billing source, tenant copy and source row in one transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import redis
from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.checkpoints import Point, reached
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Connection
from e2e_validator.embedded.standin.view_cache import SOURCES_FAMILY, invalidate_views


class DuplicateProviderError(ValueError):
    """A provider with the same credentials and billing source exists (the API answers 400, ``source.duplicate``)."""


@dataclass(frozen=True, slots=True)
class NewSource:
    """What ``POST sources/`` carries; ``auth_header`` is the raw ``x-rh-identity``, ``username`` the one inside."""

    name: str
    source_type: str
    credentials: dict[str, Any]
    data_source: dict[str, Any] | None = None
    auth_header: str = ""
    username: str = "user_dev"
    email: str = "user_dev@foo.com"


def create_provider(
    conn: Connection, config: StandinConfig, clock: Clock, valkey: redis.Redis, source: NewSource
) -> dict[str, Any]:
    """Create the source in one transaction and return its ``api_sources`` row; call it with no transaction open.

    Provider, source and tenant row have the same uuid (docs/contract/koku.md 2.1). All OCP sources share one billing
    source, an AWS one has that of its bucket.

    Raises:
        DuplicateProviderError: the cluster has a source already.
    """
    with conn.transaction():
        row = _create_rows(conn, config, clock, source)
    invalidate_views(valkey, config.schema, (SOURCES_FAMILY,))
    reached(Point.SOURCE_CREATED, source=str(row["source_uuid"]))
    return row


def _create_rows(conn: Connection, config: StandinConfig, clock: Clock, source: NewSource) -> dict[str, Any]:
    now = clock.now()
    customer = _one(conn, "SELECT id FROM api_customer WHERE schema_name = %s", [config.schema])["id"]
    # Koku knows a user from the first request on; it is not written down as the creator of the provider.
    conn.execute(
        "INSERT INTO api_user (uuid, username, email, date_created, is_active, customer_id)"
        " VALUES (%s, %s, %s, %s, true, %s) ON CONFLICT (username) DO NOTHING",
        [uuid.uuid4(), source.username, source.email, now, customer],
    )
    # Two sources made at the same moment must not both find the billing source or the next id free.
    conn.execute("LOCK TABLE api_sources IN SHARE ROW EXCLUSIVE MODE")
    billing = _get_or_create(conn, "api_providerbillingsource", "data_source", source.data_source or {})
    auth = _get_or_create(conn, "api_providerauthentication", "credentials", source.credentials)
    duplicate = conn.execute(
        "SELECT 1 FROM api_provider WHERE authentication_id = %s AND billing_source_id = %s AND customer_id = %s",
        [auth, billing, customer],
    ).fetchone()
    if duplicate is not None:
        raise DuplicateProviderError(f"an integration already exists with these details: {source.credentials}")
    conn.execute("UPDATE api_customer SET date_updated = %s WHERE id = %s", [now, customer])
    key = uuid.uuid4()
    conn.execute(
        "INSERT INTO api_provider (uuid, name, type, setup_complete, created_timestamp, active, authentication_id,"
        " billing_source_id, customer_id, paused, additional_context)"
        " VALUES (%s, %s, %s, false, %s, true, %s, %s, %s, false, '{}')",
        [key, source.name, source.source_type, now, auth, billing, customer],
    )
    conn.execute(
        "INSERT INTO reporting_tenant_api_provider (uuid, name, type, provider_id) VALUES (%s, %s, %s, %s)",
        [key, source.name, source.source_type, key],
    )
    return _one(
        conn,
        'INSERT INTO api_sources (source_id, source_uuid, name, auth_header, "offset", account_id, org_id, source_type,'
        " authentication, billing_source, koku_uuid, provider_id, pending_delete, pending_update, out_of_order_delete,"
        " status, paused, additional_context, updated_timestamp)"
        ' SELECT coalesce(max(source_id), 0) + 1, %(key)s, %(name)s, %(header)s, coalesce(max("offset"), 0) + 1,'
        " %(account)s, %(org)s, %(type)s, %(auth)s, %(billing)s, %(text)s, %(key)s, false, false, false, '{}', false,"
        " '{}', %(now)s FROM api_sources RETURNING *",
        {
            "key": key, "name": source.name, "header": source.auth_header, "account": config.account,
            "org": config.org_id, "type": source.source_type, "text": str(key), "now": clock.now(),
            "auth": Jsonb({"credentials": source.credentials}),
            "billing": Jsonb({"data_source": source.data_source or {}}),
        },
    )  # fmt: skip


def _one(conn: Connection, query: str, parameters: Any) -> dict[str, Any]:
    row = conn.execute(query, parameters).fetchone()
    if row is None:
        raise LookupError(f"no row: {query}")
    return row


def _get_or_create(conn: Connection, table: str, column: str, value: dict[str, Any]) -> int:
    found = conn.execute(f"SELECT id FROM {table} WHERE {column} = %s", [Jsonb(value)]).fetchone()
    if found is None:
        insert = f"INSERT INTO {table} (uuid, {column}) VALUES (%s, %s) RETURNING id"
        found = _one(conn, insert, [uuid.uuid4(), Jsonb(value)])
    return int(found["id"])
