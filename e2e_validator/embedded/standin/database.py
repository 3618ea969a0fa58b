"""The database: connections of the right search path, and Koku's schema."""

from __future__ import annotations

import uuid
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, NullConnectionPool

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig

Connection = psycopg.Connection[DictRow]
Pool = ConnectionPool[Connection]

PLATFORM_NAMESPACES = ("openshift-%", "kube-%", "Platform unallocated", "openshift")


def _options(config: StandinConfig) -> dict[str, Any]:
    # jit costs more than it gives on queries of this size; a commit that survives a power cut is not what is tested.
    options = f"-c search_path={config.schema},public -c timezone=UTC -c jit=off -c synchronous_commit=off"
    return {"row_factory": dict_row, "options": options}


def connect(config: StandinConfig) -> Connection:
    """One connection; names without a schema mean the tenant's tables, then the public ones."""
    return psycopg.connect(config.dsn, **_options(config))


def open_pool(config: StandinConfig, max_size: int = 8) -> Pool:
    """Such connections, rows as dicts; ``with pool.connection() as conn`` is one transaction.

    Each lives as long as its request, as with Django's defaults, which Koku keeps: a session that stays open is one
    that works.
    """
    return NullConnectionPool(config.dsn, kwargs=_options(config), min_size=0, max_size=max_size, open=True)


def create_schema(conn: Connection, config: StandinConfig, clock: Clock) -> bool:
    """Create all tables, the test tenant and its default cost group, once; says whether there was anything to do."""
    found = conn.execute("SELECT to_regclass('public.api_customer') AS found").fetchone()
    if found is not None and found["found"] is not None:
        return False
    conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(config.schema)))
    scripts = sorted((resources.files(__package__) / "sql").iterdir(), key=lambda path: path.name)
    for script in scripts:
        if script.name.endswith(".sql"):
            path = "public" if script.name == "public.sql" else f"{config.schema},public"
            conn.execute("SELECT set_config('search_path', %s, false)", [path])
            conn.execute(script.read_text().encode())
    if config.classic is not None:
        conn.execute((resources.files(__package__) / "classic" / "sql" / "tenant_aws.sql").read_text().encode())
    _register_default_partitions(conn, config.schema)
    _create_tenant(conn, config, clock)
    conn.commit()
    return True


def _register_default_partitions(conn: Connection, schema: str) -> None:
    conn.execute(
        "INSERT INTO partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,"
        " partition_col, partition_parameters, active) SELECT %s, part.relname, whole.relname, 'range', 'usage_start',"
        """ '{"default": true}', true FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid"""
        " JOIN pg_class whole ON whole.oid = inhparent WHERE part.relkind = 'r'"
        " AND part.relnamespace = %s::text::regnamespace ORDER BY part.relname",
        [schema, schema],
    )


def _create_tenant(conn: Connection, config: StandinConfig, clock: Clock) -> None:
    now = clock.now()
    conn.execute(
        "INSERT INTO api_customer (date_created, date_updated, uuid, account_id, schema_name, org_id)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [now, now, uuid.uuid4(), config.account, config.schema, config.org_id],
    )
    conn.execute("INSERT INTO api_tenant (schema_name) VALUES ('public'), (%s)", [config.schema])
    conn.execute(
        "INSERT INTO reporting_ocp_cost_category (name, description, source_type, system_default, label)"
        " VALUES ('Platform', 'Default OpenShift projects bucketed into a Platform group', 'OCP', true, '{}')"
    )
    for namespace in PLATFORM_NAMESPACES:
        conn.execute(
            "INSERT INTO reporting_ocp_cost_category_namespace (namespace, system_default, cost_category_id)"
            " VALUES (%s, true, 1)",
            [namespace],
        )
