"""Trino, as a worker uses it: through its own Python client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from trino.dbapi import connect

from e2e_validator.embedded.standin.config import ClassicConfig, StandinConfig

PARTITIONS = ("source", "year", "month")


@contextmanager
def cursor(classic: ClassicConfig, schema: str) -> Iterator[Any]:
    """A cursor on the tenant's schema.

    Raises:
        trino.exceptions.Error: Trino cannot be reached, or a statement fails.
    """
    connection: Any = connect  # the client has no types
    with connection(
        host="127.0.0.1", port=classic.trino_port, user="readonly", catalog="hive", schema=schema, max_attempts=3
    ) as opened:
        yield opened.cursor()


def ask(found: Any, statement: str) -> list[dict[str, Any]]:
    """The rows of a statement."""
    found.execute(statement)
    rows = found.fetchall()
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def create_table(config: StandinConfig, classic: ClassicConfig, table: str, prefix: str, columns: pa.Schema) -> None:
    """Create a table, and the schema, unless they are there, with the columns of this file."""
    schema = config.schema
    listed = ", ".join(f"{field.name} {_type(field.type)}" for field in columns)
    parts = ", ".join(f"{name} varchar" for name in PARTITIONS)
    array = ", ".join(f"'{name}'" for name in PARTITIONS)
    with cursor(classic, schema) as found:
        ask(found, f"CREATE SCHEMA IF NOT EXISTS {schema}")
        ask(
            found,
            f"CREATE TABLE IF NOT EXISTS {schema}.{table} ({listed}, {parts}) WITH ("
            f"external_location = 's3a://{config.bucket_archive}/{prefix}', format = 'PARQUET',"
            f" partitioned_by=ARRAY[{array}])",
        )


def sync_partitions(config: StandinConfig, classic: ClassicConfig, table: str) -> None:
    """Make the partitions of a table known."""
    with cursor(classic, config.schema) as found:
        ask(found, f"CALL system.sync_partition_metadata('{config.schema}', '{table}', 'FULL')")


def _type(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        return "double"
    return "timestamp" if pa.types.is_timestamp(kind) else "varchar"
