"""What the database holds of a source, whatever tables this Koku has, and what there is under names like ours.

Tables are found, not listed: every base table of the public and the tenant's schema with a column that names a source.
What Koku removes of them when a source is deleted is known for some (docs/contract/koku.md 5.5) and follows for others
from a foreign key; where neither says so, rows are counted, and told as information.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.deployment import Target

# How many tables one statement counts: each locks its tables, and all partitions and indexes of them, for a moment.
TABLES_AT_ONCE = 50

_GONE_WITH_THE_SOURCE = re.compile(
    r"(api_provider|api_sources|reporting_common_costusagereportmanifest|reporting_tenant_api_provider|cost_model_map"
    r"|rates_to_usage)"
)
_NOT_OURS = {
    "delayed_celery_tasks": "Koku's beat takes the row when it is due",
    "worker_cache_table": "a lock of a Koku task; it ends with the task, or by itself within 4 hours",
    "api_providerauthentication": "Koku removes it with its last source; no recording shows it",
}
_UNKNOWN = "it is not known whether Koku removes such rows with the source"
# Rows that others point to come last, so that the commands can be run from first to last.
_LAST = (
    "cost_model_map",
    "reporting_tenant_api_provider",
    "reporting_common_costusagereportmanifest",
    "api_sources",
    "api_provider",
    "api_providerauthentication",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A source that was made: its uuid, which is also the provider's, and its key."""

    uuid: str
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """A table, and the condition under which a row of it belongs to a source.

    ``condition`` has the parts ``{uuid}``, ``{text}`` (the same as text) and ``{key}``. ``reason`` says why rows
    in it are not ours to judge; it is empty where Koku must have removed them.
    """

    schema: str
    table: str
    condition: sql.Composable
    reason: str = ""

    @property
    def name(self) -> str:
        """``schema.table``."""
        return f"{self.schema}.{self.table}"

    def where(self, uuid: sql.Composable, text: sql.Composable, key: sql.Composable) -> sql.Composed:
        """FROM and WHERE of a statement on the rows of a source."""
        condition = sql.SQL(self.condition.as_string()).format(uuid=uuid, text=text, key=key)
        return sql.SQL("{} WHERE {}").format(sql.Identifier(self.schema, self.table), condition)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that belong to a source, and the statement that removes them."""

    place: str
    made: Made
    count: int
    command: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Something whose name carries a token; ``kind`` is ``source``, ``cost model`` or ``price list``."""

    kind: str
    uuid: str
    name: str
    created: datetime | None = None


class Inventory:
    """Reads what is there; raises as ``Database.rows`` does."""

    def __init__(self, target: Target, database: SourceDatabase) -> None:
        """Read through ``database``, which says of which source type the sources are."""
        self._names = database.names
        self._key = (target.dsn, target.schema_name, database.names.type)
        self._schema = target.schema_name
        self._org_id = target.org_id
        self._database = database

    def places(self) -> tuple[Place, ...]:
        """Where rows of a source can be; looked for once per process and deployment, when the tenant's are there."""
        known = _PLACES.get(self._key)
        if known is None:
            known = self._find_places()
            if any(place.schema == self._schema for place in known):
                _PLACES[self._key] = known
        return known

    def rows(self, sources: Sequence[Made]) -> list[Rows]:
        """Rows of the sources by place, in the order in which they can be removed; places without any are left out."""
        if not sources:
            return []
        found = []
        places = self.places()
        for first in range(0, len(places), TABLES_AT_ONCE):
            chunk = places[first : first + TABLES_AT_ONCE]
            counted = self._database.rows(_count(chunk), _parameters(sources))
            found += [_rows(chunk[row["place"]], sources[row["source"] - 1], row["n"]) for row in counted]
        return found

    def named(self, token: str) -> list[Named]:
        """Sources, cost models and price lists whose name carries the token."""
        return self._named(sql.SQL("position(%(name)s in name) > 0"), token)

    def like_ours(self) -> list[Named]:
        """Sources, cost models and price lists of the organisation with a name such as this validator gives."""
        return self._named(sql.SQL("name ~ %(name)s"), "^e2e-.+-[0-9a-f]{8}( prices)?$")

    def _named(self, condition: sql.SQL, name: str) -> list[Named]:
        parts = [_SOURCES.format(condition=condition)]
        parts += [
            _MONEY.format(kind=sql.Literal(kind), table=self._database.table(table), condition=condition)
            for table, kind in self._money_tables().items()
        ]
        statement = sql.SQL(" UNION ALL ").join(parts) + sql.SQL(" ORDER BY 1, 3")
        rows = self._database.rows(statement, {"name": name, "schema": self._schema, "org": self._org_id})
        return [Named(row["kind"], row["uuid"], row["name"], row["created"]) for row in rows]

    def _money_tables(self) -> dict[str, str]:
        """The tables of cost models and price lists that this Koku has; looked for until both are there."""
        known = _MONEY_TABLES.get(self._key)
        if known is None:
            statement = sql.SQL(
                "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = %s AND c.relname = ANY (%s) ORDER BY 1"
            )
            found = {row["name"] for row in self._database.rows(statement, [self._schema, [*_KINDS]])}
            known = {table: kind for table, kind in _KINDS.items() if table in found}
            if len(known) == len(_KINDS):
                _MONEY_TABLES[self._key] = known
        return known

    def _find_places(self) -> tuple[Place, ...]:
        found = []
        for row in self._database.rows(_TABLES, {"schema": self._schema}):
            parts = [
                sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL("{uuid}" if is_uuid else "{text}"))
                for column, is_uuid in zip(row["columns"], row["are_uuids"], strict=True)
            ]
            reason = _NOT_OURS.get(row["name"], "")
            if not reason and not row["bound"] and not self._goes_with_the_source(row["name"]):
                reason = _UNKNOWN
            found.append(Place(row["schema"], row["name"], sql.SQL(" OR ").join(parts), reason))
        by_content = {
            "worker_cache_table": sql.SQL("position({text} in cache_key) > 0"),
            "api_providerauthentication": sql.SQL("credentials->>{name} = {{key}}").format(
                name=sql.Literal(self._names.credential)
            ),
        }
        found += [
            Place("public", name, condition, _NOT_OURS[name])
            for name, condition in by_content.items()
            if self._database.value(sql.SQL("SELECT to_regclass(%s) IS NOT NULL"), [f"public.{name}"])
        ]
        last = (*self._names.tables.pointed_to, *_LAST)
        return tuple(sorted(found, key=lambda place: (place.table in last and last.index(place.table) + 1, place.name)))

    def _goes_with_the_source(self, table: str) -> bool:
        own = re.fullmatch(self._names.tables.emptied, table)
        return own is not None or _GONE_WITH_THE_SOURCE.fullmatch(table) is not None


def _parameters(sources: Sequence[Made]) -> dict[str, list[str]]:
    return {"uuids": [made.uuid for made in sources], "keys": [made.key for made in sources]}


def _count(places: Sequence[Place]) -> sql.Composed:
    """One statement that counts the rows of every source in every place, in one round trip."""
    expressions = (sql.SQL("s.uuid"), sql.SQL("s.uuid::text"), sql.SQL("s.key"))
    counts = (
        sql.SQL("SELECT {}::int AS place, (SELECT count(*) FROM {}) AS n").format(
            sql.Literal(index), place.where(*expressions)
        )
        for index, place in enumerate(places)
    )
    return sql.SQL(
        "SELECT s.source, c.place, c.n FROM unnest(%(uuids)s::uuid[], %(keys)s::text[])"
        " WITH ORDINALITY AS s(uuid, key, source) CROSS JOIN LATERAL ({}) AS c WHERE c.n > 0 ORDER BY 2, 1"
    ).format(sql.SQL(" UNION ALL ").join(counts))


def _rows(place: Place, made: Made, count: int) -> Rows:
    uuid, key = sql.Literal(made.uuid), sql.Literal(made.key)
    command = sql.SQL("DELETE FROM {}").format(place.where(uuid, uuid, key)).as_string()
    return Rows(place.name, made, count, _NEEDLESS_QUOTES.sub(r"\1", command), place.reason)


_NEEDLESS_QUOTES = re.compile(r'"([a-z_][a-z0-9_]*)"')
_KINDS = {"cost_model": "cost model", "price_list": "price list"}
_MONEY_TABLES: dict[tuple[str, ...], dict[str, str]] = {}
_PLACES: dict[tuple[str, ...], tuple[Place, ...]] = {}

_SOURCES = sql.SQL(
    "SELECT 'source' AS kind, uuid::text, name::text, created FROM ("
    "SELECT p.uuid, p.name, p.created_timestamp AS created FROM public.api_provider p"
    " JOIN public.api_customer c ON c.id = p.customer_id WHERE c.schema_name = %(schema)s"
    " UNION SELECT s.source_uuid, s.name, NULL FROM public.api_sources s WHERE s.org_id = %(org)s"
    " AND NOT EXISTS (SELECT FROM public.api_provider p WHERE p.uuid = s.source_uuid)) AS made WHERE {condition}"
)

_MONEY = sql.SQL(
    "SELECT {kind} AS kind, uuid::text, name::text, created_timestamp AS created FROM {table} WHERE {condition}"
)

# A table whose key points to the provider, or to its copy in the tenant's schema, cannot outlive it.
_TABLES = sql.SQL("""
SELECT n.nspname::text AS schema, c.relname::text AS name,
       array_agg(a.attname::text ORDER BY a.attname) AS columns,
       array_agg(a.atttypid = 'uuid'::regtype ORDER BY a.attname) AS are_uuids,
       EXISTS (SELECT FROM pg_constraint f JOIN pg_class t ON t.oid = f.confrelid
                WHERE f.conrelid = c.oid AND f.contype = 'f'
                  AND t.relname IN ('api_provider', 'reporting_tenant_api_provider')) AS bound
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname IN ('public', %(schema)s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND a.atttypid IN ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
   AND (a.attname IN ('source', 'source_uuid', 'provider_id', 'provider_uuid')
        OR (c.relname, a.attname) IN (('api_provider', 'uuid'), ('reporting_tenant_api_provider', 'uuid'),
                                      ('api_sources', 'koku_uuid'), ('reporting_ingressreports', 'source_id'),
                                      ('api_providerinfrastructuremap', 'infrastructure_provider_id')))
 GROUP BY c.oid, n.nspname, c.relname
""")
