"""Hive's part: schemas, tables with the columns of their first file, and the partitions that were made known.

A partition is visible only after ``sync_partition_metadata`` (docs/contract/clouds.md 7).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from e2e_validator.embedded.trino.ailments import Ailments
from e2e_validator.embedded.trino.failure import StatementError


@dataclass(slots=True)
class HiveTable:
    """An external table."""

    columns: list[tuple[str, str]]
    """Name and Trino type; partition columns are not among them."""
    partitioned_by: list[str]
    bucket: str
    prefix: str
    """Of the objects' keys; ends in ``/``."""
    partitions: list[dict[str, str]] = field(default_factory=list)


class Metastore:
    """Tables by schema and name, kept in a file."""

    def __init__(self, path: Path, ailments: Ailments) -> None:
        self._path = path
        self._ailments = ailments
        self._lock = threading.Lock()
        self._schemas: dict[str, dict[str, HiveTable]] = {}
        if path.exists():
            raw = json.loads(path.read_text(encoding="utf-8"))
            self._schemas = {
                schema: {name: _table(found) for name, found in tables.items()} for schema, tables in raw.items()
            }

    def schemas(self) -> list[str]:
        """Their names, sorted."""
        self._ailments.of_metastore()
        return sorted(self._schemas)

    def tables(self, schema: str) -> list[str]:
        """Names of the tables of a schema, sorted.

        Raises:
            StatementError: There is no such schema.
        """
        return sorted(self._of(schema))

    def table(self, schema: str, name: str) -> HiveTable:
        """One table.

        Raises:
            StatementError: There is no such schema or table.
        """
        found = self._of(schema).get(name)
        if found is None:
            raise StatementError("TABLE_NOT_FOUND", f"line 1:1: Table 'hive.{schema}.{name}' does not exist")
        return found

    def create_schema(self, schema: str) -> None:
        """Create it, unless it is there."""
        self._ailments.of_metastore()
        with self._lock:
            self._schemas.setdefault(schema, {})
            self._write()

    def create_table(self, schema: str, name: str, table: HiveTable, scheme: str) -> None:
        """Create it, unless it is there: then its columns stay as they were, and its place is not looked at."""
        with self._lock:
            tables = self._of(schema)
            if name not in tables:
                self._ailments.of_location(scheme)
                tables[name] = table
            self._write()

    def drop_table(self, schema: str, name: str) -> None:
        """Forget it; the objects stay."""
        with self._lock:
            self._of(schema).pop(name, None)
            self._write()

    def drop_schema(self, schema: str) -> None:
        """Forget it with its tables."""
        with self._lock:
            self._schemas.pop(schema, None)
            self._write()

    def set_partitions(self, schema: str, name: str, found: Iterable[dict[str, str]], mode: str) -> None:
        """``ADD`` those that are new, ``DROP`` those that are gone, or both (``FULL``)."""
        with self._lock:
            table = self.table(schema, name)
            there = list(found)
            kept = table.partitions if mode == "ADD" else [one for one in table.partitions if one in there]
            new = [] if mode == "DROP" else [one for one in there if one not in kept]
            table.partitions = [*kept, *new]
            self._write()

    def remove_partitions(self, schema: str, name: str, gone: list[dict[str, str]]) -> None:
        """Forget these partitions."""
        with self._lock:
            table = self.table(schema, name)
            table.partitions = [one for one in table.partitions if one not in gone]
            self._write()

    def _of(self, schema: str) -> dict[str, HiveTable]:
        self._ailments.of_metastore()
        if schema not in self._schemas:
            raise StatementError("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{schema}' does not exist")
        return self._schemas[schema]

    def _write(self) -> None:
        shown = {
            schema: {name: asdict(table) for name, table in tables.items()} for schema, tables in self._schemas.items()
        }
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(shown), encoding="utf-8")
        beside.replace(self._path)


def _table(raw: dict[str, object]) -> HiveTable:
    columns = raw.pop("columns")
    assert isinstance(columns, list)
    return HiveTable(columns=[(name, kind) for name, kind in columns], **raw)  # type: ignore[arg-type]
