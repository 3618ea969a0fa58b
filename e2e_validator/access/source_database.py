"""What Koku's database holds of the sources of one type, read only.

Everything that the waiters need to know of a source comes in one statement, one round trip.
"""

from __future__ import annotations

from psycopg import sql

from e2e_validator.access.database import Database
from e2e_validator.access.life import SourceLife, read_life
from e2e_validator.access.source_names import SourceNames
from e2e_validator.access.source_state import SourceState
from e2e_validator.deployment import Target


class SourceDatabase(Database):
    """A database, and the names under which it keeps the sources of a type."""

    def __init__(self, target: Target, names: SourceNames) -> None:
        """Remember where and what; nothing is opened yet."""
        super().__init__(target)
        self.names = names

    def missing_tables(self, *, tenant: bool = True) -> list[str]:
        """Names of the tables that must exist for anything to be judged, and do not; without ``tenant`` Koku's own."""
        wanted = [f"public.{name}" for name in _PUBLIC]
        wanted += [f"{self.schema}.{name}" for name in (_COPIES, *self.names.tables.required) if tenant]
        statement = sql.SQL("SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL")
        return [row["name"] for row in self.rows(statement, [wanted])]

    def observe(self, provider_uuid: str) -> SourceState:
        """Everything the waiters need to know of one source, in one statement."""
        statement = sql.SQL(_OBSERVE).format(
            tenant=self.table(_COPIES),
            period=self.table(self.names.tables.periods),
            start=sql.Identifier(self.names.tables.period_start),
            summary=self.table(self.names.tables.summary),
        )
        return SourceState.from_row(self.rows(statement, {"uuid": provider_uuid})[0])

    def life(self, provider_uuid: str) -> SourceLife:
        """Every row that tells how a source lived, in one statement."""
        return read_life(self, provider_uuid, self.names.tables)

    def manifests_of(self, key: str) -> int:
        """How many manifests name the source with this key, whatever their provider; 0 where they name none."""
        if self.names.tables.key is None:
            return 0
        statement = sql.SQL(
            "SELECT count(*) FROM public.reporting_common_costusagereportmanifest WHERE {} = %s"
        ).format(sql.Identifier(self.names.tables.key))
        return int(self.value(statement, [key]))

    def line_item_tables(self) -> list[str]:
        """The line item tables that exist, raw and daily, partitions aside (docs/contract/koku.md 3.7)."""
        statement = sql.SQL(
            "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind IN ('p', 'r') AND NOT c.relispartition"
            " AND c.relname ~ %s ORDER BY 1"
        )
        return [row["name"] for row in self.rows(statement, [self.schema, self.names.tables.line_item_pattern])]


_COPIES = "reporting_tenant_api_provider"
_PUBLIC = (
    "api_provider",
    "reporting_common_costusagereportmanifest",
    "reporting_common_costusagereportstatus",
)
_OBSERVE = """
SELECT
  (SELECT count(*) FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS providers,
  (SELECT setup_complete FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS setup_complete,
  (SELECT data_updated_timestamp FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS data_updated,
  (SELECT count(*) FROM {tenant} WHERE uuid = %(uuid)s::uuid) AS tenant_copies,
  (SELECT count(*) FROM {summary} WHERE source_uuid = %(uuid)s::uuid) AS summary_rows,
  (SELECT coalesce(json_agg(json_build_object(
      'start', p.{start}, 'summarised', p.summary_data_updated_datetime,
      'cost_derived', p.derived_cost_datetime) ORDER BY p.{start}), '[]')
     FROM {period} p WHERE p.provider_id = %(uuid)s::uuid) AS periods,
  (SELECT coalesce(json_agg(json_build_object(
      'id', m.id, 'uuid', m.assembly_id, 'month', m.billing_period_start_datetime, 'files', m.num_total_files,
      'created', m.creation_datetime, 'completed', m.completed_datetime, 'state', m.state,
      'reports', (SELECT coalesce(json_agg(json_build_object(
            'name', r.report_name, 'status', r.status, 'failed_status', r.failed_status,
            'started', r.started_datetime, 'completed', r.completed_datetime) ORDER BY r.id), '[]')
          FROM public.reporting_common_costusagereportstatus r WHERE r.manifest_id = m.id)) ORDER BY m.id), '[]')
     FROM public.reporting_common_costusagereportmanifest m WHERE m.provider_id = %(uuid)s::uuid) AS manifests
"""
