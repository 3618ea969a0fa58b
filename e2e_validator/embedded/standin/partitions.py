"""Monthly partitions of the tables that are cut by ``usage_start``, and their register.

See docs/contract/koku.md 3.7, 3.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import psycopg
from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from e2e_validator.embedded.standin.database import Connection

SUMMARY = "reporting_ocpusagelineitem_daily_summary"
UI_TABLES = (
    "reporting_ocp_cost_summary_p",
    "reporting_ocp_cost_summary_by_node_p",
    "reporting_ocp_cost_summary_by_project_p",
    "reporting_ocp_pod_summary_p",
    "reporting_ocp_pod_summary_by_node_p",
    "reporting_ocp_pod_summary_by_project_p",
    "reporting_ocp_volume_summary_p",
    "reporting_ocp_volume_summary_by_project_p",
    "reporting_ocp_network_summary_p",
    "reporting_ocp_network_summary_by_node_p",
    "reporting_ocp_network_summary_by_project_p",
    "reporting_ocp_vm_summary_p",
    "reporting_ocp_gpu_summary_p",
    "reporting_ocp_cost_breakdown_p",
)
_LOCK = 0x6B6F6B75


def ensure_month(conn: Connection, schema: str, tables: Iterable[str], day: date) -> None:
    """Give each table the partition ``{table}_{YYYY}_{MM}`` of that day's month, unless it has it."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    names = {table: f"{table}_{first:%Y_%m}" for table in tables}
    missing = _missing(conn, schema, names)
    if not missing:
        return
    with conn.transaction():
        # The listener and a worker may want the same partition at the same moment.
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for table in _missing(conn, schema, {table: names[table] for table in missing}):
            _create(conn, table, names[table], (first, after))
            register(conn, schema, table, names[table], {"from": str(first), "to": str(after), "default": False})


def _create(conn: Connection, table: str, partition: str, month: tuple[date, date]) -> None:
    names = {"table": table, "partition": partition, "rest": f"{table}_default"}
    parts = {key: sql.Identifier(name) for key, name in names.items()}
    first, after = map(sql.Literal, month)

    def run(statement: str) -> psycopg.Cursor[DictRow]:
        return conn.execute(sql.SQL(statement).format(**parts, first=first, after=after))

    if run("SELECT 1 FROM {rest} WHERE usage_start >= {first} AND usage_start < {after} LIMIT 1").fetchone() is None:
        run("CREATE TABLE {partition} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({after})")
        return
    # Rows of the month came earlier, in a file of another month, and lie in the default partition.
    run("CREATE TABLE {partition} (LIKE {table} INCLUDING DEFAULTS)")
    run(
        "WITH moved AS (DELETE FROM {rest} WHERE usage_start >= {first} AND usage_start < {after} RETURNING *)"
        " INSERT INTO {partition} SELECT * FROM moved"
    )
    run("ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ({first}) TO ({after})")


def register(conn: Connection, schema: str, table: str, name: str, parameters: dict[str, object]) -> None:
    """Note a partition in ``partitioned_tables``."""
    conn.execute(
        "INSERT INTO partitioned_tables (schema_name, table_name, partition_of_table_name, partition_type,"
        " partition_col, partition_parameters, active) VALUES (%s, %s, %s, 'range', 'usage_start', %s, true)"
        " ON CONFLICT (schema_name, table_name) DO NOTHING",
        [schema, name, table, Jsonb(parameters)],
    )


def _missing(conn: Connection, schema: str, names: dict[str, str]) -> list[str]:
    found = conn.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename = ANY(%s)", [schema, list(names.values())]
    ).fetchall()
    there = {row["tablename"] for row in found}
    return [table for table, name in names.items() if name not in there]
