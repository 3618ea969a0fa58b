"""Statements about tables: what Koku has Trino do to Hive, and what a look around asks."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from e2e_validator.embedded.trino.failure import StatementError
from e2e_validator.embedded.trino.immediate import split_list
from e2e_validator.embedded.trino.metastore import HiveTable, Metastore
from e2e_validator.embedded.trino.objects import ParquetObjects, arrow_type
from e2e_validator.embedded.trino.result import Result, listed
from e2e_validator.embedded.trino.session import Session

CATALOG = "hive"
_NAME = r"((?:[\w$]+|\"[^\"]+\")(?:\.(?:[\w$]+|\"[^\"]+\")){0,2})"


class HiveStatements:
    """Each is recognised by its first words."""

    def __init__(self, metastore: Metastore, objects: ParquetObjects) -> None:
        self._metastore = metastore
        self._objects = objects
        self._forms: list[tuple[re.Pattern[str], Callable[[Session, re.Match[str]], Result]]] = [
            (re.compile(pattern, re.IGNORECASE | re.DOTALL), run)
            for pattern, run in (
                (r"SHOW\s+CATALOGS$", lambda _session, _match: listed("Catalog", [CATALOG, "system"])),
                (rf"SHOW\s+SCHEMAS(?:\s+(?:FROM|IN)\s+{_NAME})?(?:\s+LIKE\s+'([^']*)')?$", self._show_schemas),
                (rf"SHOW\s+TABLES(?:\s+(?:FROM|IN)\s+{_NAME})?(?:\s+LIKE\s+'([^']*)')?$", self._show_tables),
                (rf"(?:SHOW\s+COLUMNS\s+(?:FROM|IN)|DESCRIBE|DESC)\s+{_NAME}$", self._show_columns),
                (rf"CREATE\s+SCHEMA(?:\s+IF\s+NOT\s+EXISTS)?\s+{_NAME}(?:\s+WITH\s*\(.*\))?$", self._create_schema),
                (rf"DROP\s+SCHEMA(?:\s+IF\s+EXISTS)?\s+{_NAME}(?:\s+CASCADE)?$", self._drop_schema),
                (
                    rf"CREATE\s+TABLE(?:\s+IF\s+NOT\s+EXISTS)?\s+{_NAME}\s*\((.*)\)\s*WITH\s*\((.*)\)$",
                    self._create_table,
                ),
                (rf"DROP\s+TABLE(?:\s+IF\s+EXISTS)?\s+{_NAME}$", self._drop_table),
                (r"CALL\s+(?:hive\.)?system\.sync_partition_metadata\s*\((.*)\)$", self._sync),
                (rf"DELETE\s+FROM\s+{_NAME}\s+WHERE\s+(.*)$", self._delete),
            )
        ]

    def run(self, session: Session, statement: str) -> Result | None:
        """Do it; None: it is no statement of these.

        Raises:
            StatementError: It cannot be done.
        """
        for form, run in self._forms:
            if match := form.match(statement):
                return run(session, match)
        return None

    def place(self, session: Session, name: str) -> tuple[str, str]:
        """Schema and table that a name means.

        Raises:
            StatementError: Its catalog is another one, or nothing says its schema.
        """
        parts = [part.strip('"').lower() for part in re.findall(r'"[^"]+"|[^.]+', name)]
        catalog, schema, table = [None, None, *parts][-3:]
        if (catalog or session.catalog or CATALOG) != CATALOG:
            raise StatementError("CATALOG_NOT_FOUND", f"line 1:1: Catalog '{catalog or session.catalog}' not found")
        schema = schema or session.schema
        if schema is None:
            raise StatementError(
                "GENERIC_USER_ERROR", "line 1:1: Schema must be specified when session schema is not set"
            )
        return schema, str(table)

    def _schema(self, session: Session, name: str | None) -> str:
        return self.place(session, f"{name}.x")[0] if name else self.place(session, "x")[0]

    def _show_schemas(self, _session: Session, match: re.Match[str]) -> Result:
        return listed("Schema", _like([*self._metastore.schemas(), "information_schema"], match.group(2)))

    def _show_tables(self, session: Session, match: re.Match[str]) -> Result:
        return listed("Table", _like(self._metastore.tables(self._schema(session, match.group(1))), match.group(2)))

    def _show_columns(self, session: Session, match: re.Match[str]) -> Result:
        table = self._metastore.table(*self.place(session, match.group(1)))
        rows = [[name, kind, "", ""] for name, kind in table.columns]
        rows += [[name, "varchar", "partition key", ""] for name in table.partitioned_by]
        return Result([(name, "varchar") for name in ("Column", "Type", "Extra", "Comment")], rows)

    def _create_schema(self, session: Session, match: re.Match[str]) -> Result:
        self._metastore.create_schema(self._schema(session, match.group(1)))
        return Result(update_type="CREATE SCHEMA")

    def _drop_schema(self, session: Session, match: re.Match[str]) -> Result:
        self._metastore.drop_schema(self._schema(session, match.group(1)))
        return Result(update_type="DROP SCHEMA")

    def _create_table(self, session: Session, match: re.Match[str]) -> Result:
        schema, name = self.place(session, match.group(1))
        properties = dict(re.findall(r"(\w+)\s*=\s*(ARRAY\[[^\]]*\]|'[^']*')", match.group(3), re.IGNORECASE))
        location = re.match(r"'(s3a?)://([^/]+)/(.*?)/?'$", properties.get("external_location", ""))
        if location is None:
            raise StatementError("INVALID_FUNCTION_ARGUMENT", "External location must be a valid file system URI")
        partitioned = re.findall(r"'(\w+)'", properties.get("partitioned_by", ""))
        columns = []
        for definition in split_list(match.group(2)):
            column, kind = definition.split(None, 1)
            arrow_type(kind)
            if column.strip('"') not in partitioned:
                columns.append((column.strip('"').lower(), kind.lower()))
        table = HiveTable(columns, partitioned, location.group(2), location.group(3) + "/")
        self._metastore.create_table(schema, name, table, location.group(1))
        return Result(update_type="CREATE TABLE")

    def _drop_table(self, session: Session, match: re.Match[str]) -> Result:
        self._metastore.drop_table(*self.place(session, match.group(1)))
        return Result(update_type="DROP TABLE")

    def _sync(self, _session: Session, match: re.Match[str]) -> Result:
        values = [re.sub(r"^\w+\s*=>\s*", "", value).strip("'") for value in split_list(match.group(1))]
        if len(values) < 3 or values[2].upper() not in ("ADD", "DROP", "FULL"):
            raise StatementError("INVALID_FUNCTION_ARGUMENT", f"Invalid partition metadata sync mode: {values[2:]}")
        schema, name, mode = values[0], values[1], values[2].upper()
        table = self._metastore.table(schema, name)
        self._metastore.set_partitions(schema, name, self._objects.partitions(table), mode)
        return Result(update_type="CALL")

    def _delete(self, session: Session, match: re.Match[str]) -> Result:
        schema, name = self.place(session, match.group(1))
        wanted = dict(re.findall(r"(\w+)\s*=\s*'([^']*)'", match.group(2)))
        table = self._metastore.table(schema, name)
        if not wanted or set(wanted) - set(table.partitioned_by):
            text = "Modifying Hive table rows is only supported for transactional tables"
            raise StatementError("NOT_SUPPORTED", text)
        gone = [one for one in table.partitions if wanted.items() <= one.items()]
        self._metastore.remove_partitions(schema, name, gone)
        return Result(update_type="DELETE")


def _like(names: list[str], pattern: str | None) -> list[str]:
    if pattern is None:
        return names
    plain = pattern.replace("\\_", "\0").replace("%", "*").replace("_", "?").replace("\0", "_")
    return [name for name in names if fnmatch.fnmatchcase(name, plain)]
