"""Koku's PostgreSQL, read only: the server itself refuses to write in our sessions.

Everything that the waiters need to know of a source comes in one statement, one round trip.
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import set_json_loads

from e2e_validator.access.http import Unreachable
from e2e_validator.access.life import SourceLife, read_life
from e2e_validator.access.source_state import SourceState
from e2e_validator.deployment import Target
from e2e_validator.deployment.postgresql import connect
from e2e_validator.deployment.retry_on_disconnect import TRIES
from e2e_validator.errors import first_line

Query = sql.SQL | sql.Composed
Rows = list[dict[str, Any]]

# Our own patience: a statement that takes longer says something of the database, not of the product.
STATEMENT_TIMEOUT_MS = 60_000


class Database:
    """A read-only connection, opened when first used and again after it broke."""

    def __init__(self, target: Target) -> None:
        """Remember where; nothing is opened yet."""
        self.schema = target.schema_name
        self._dsn = target.dsn
        self._connection: psycopg.Connection[Any] | None = None

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, statement: Query, parameters: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        """The rows of a SELECT.

        Raises:
            Unreachable: the server is gone, starting, or out of connections.
            psycopg.Error: anything else; the statement and the database do not fit.
        """
        rows: Rows = self._asked(statement, parameters, dict_row, lambda cursor: cursor.fetchall())
        return rows

    def value(self, statement: Query, parameters: Sequence[Any] = ()) -> Any:
        """The one value of a SELECT; raises as ``rows`` does."""
        return self._asked(statement, parameters, scalar_row, lambda cursor: cursor.fetchone())

    def table(self, name: str) -> sql.Identifier:
        """A table of the tenant's schema."""
        return sql.Identifier(self.schema, name)

    def server_version(self) -> int:
        """For example 160014."""
        return int(self.value(sql.SQL("SELECT current_setting('server_version_num')")))

    def tenants(self) -> list[str]:
        """The schemas of every organisation that Koku has served; empty on a deployment that was never used."""
        statement = sql.SQL(
            "SELECT schema_name AS name FROM public.api_tenant"
            " WHERE schema_name NOT IN ('public', 'template0') ORDER BY 1"
        )
        return [row["name"] for row in self.rows(statement)]

    def schema_exists(self) -> bool:
        """Whether the tenant's schema is there."""
        statement = sql.SQL("SELECT count(*) FROM pg_namespace WHERE nspname = %s")
        return int(self.value(statement, [self.schema])) > 0

    def missing_tables(self, *, tenant: bool = True) -> list[str]:
        """Names of the tables that must exist for anything to be judged, and do not; without ``tenant`` Koku's own."""
        wanted = [f"public.{name}" for name in _PUBLIC]
        wanted += [f"{self.schema}.{name}" for name in _TENANT if tenant]
        statement = sql.SQL("SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL")
        return [row["name"] for row in self.rows(statement, [wanted])]

    def observe(self, provider_uuid: str) -> SourceState:
        """Everything the waiters need to know of one source, in one statement."""
        statement = sql.SQL(_OBSERVE).format(
            tenant=self.table("reporting_tenant_api_provider"),
            period=self.table("reporting_ocpusagereportperiod"),
            summary=self.table("reporting_ocpusagelineitem_daily_summary"),
        )
        return SourceState.from_row(self.rows(statement, {"uuid": provider_uuid})[0])

    def life(self, provider_uuid: str) -> SourceLife:
        """Every row that tells how a source lived, in one statement."""
        return read_life(self, provider_uuid)

    def cost_groups(self) -> list[tuple[str, str]]:
        """The patterns of projects and the cost group of each, Koku's own and added ones.

        See docs/contract/koku.md 6.1.
        """
        statement = sql.SQL("SELECT n.namespace, c.name FROM {} n JOIN {} c ON c.id = n.cost_category_id").format(
            self.table("reporting_ocp_cost_category_namespace"), self.table("reporting_ocp_cost_category")
        )
        return [(row["namespace"], row["name"]) for row in self.rows(statement)]

    def manifests_of_cluster(self, cluster_id: str) -> int:
        """How many manifests name this cluster, whatever their provider."""
        statement = sql.SQL(
            "SELECT count(*) FROM public.reporting_common_costusagereportmanifest WHERE cluster_id = %s"
        )
        return int(self.value(statement, [cluster_id]))

    def line_item_tables(self) -> list[str]:
        """The ``openshift_*_line_items[_daily]`` tables that exist, partitions aside (docs/contract/koku.md 3.7)."""
        statement = sql.SQL(
            "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind IN ('p', 'r') AND NOT c.relispartition"
            " AND c.relname ~ '^openshift_[a-z_]+_line_items(_daily)?$' ORDER BY 1"
        )
        return [row["name"] for row in self.rows(statement, [self.schema])]

    def _asked(self, statement: Query, parameters: Any, row_factory: Any, take: Callable[[Any], Any]) -> Any:
        """What ``take`` makes of the answer; asked again on a new connection where an old one was lost on the way.

        Nothing can be done twice by that: the session is read only, and each statement a transaction of its own.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                with self._connected().cursor(row_factory=row_factory) as cursor:
                    return take(cursor.execute(statement, parameters))
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                lost = self._connection is not None and self._connection.closed
                self.close()
                if not lost or not tries_left:
                    raise Unreachable(f"PostgreSQL did not answer: {first_line(error)}") from error
        raise AssertionError

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = connect(
                self._dsn,
                autocommit=True,
                connect_timeout=10,
                application_name="e2e_validator",
                options=f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_TIMEOUT_MS}"
                " -c timezone=UTC",
            )
            set_json_loads(lambda text: json.loads(text, parse_float=decimal.Decimal), self._connection)
        return self._connection


_PUBLIC = (
    "api_provider",
    "reporting_common_costusagereportmanifest",
    "reporting_common_costusagereportstatus",
)
_TENANT = (
    "reporting_tenant_api_provider",
    "reporting_ocpusagereportperiod",
    "reporting_ocpusagelineitem_daily_summary",
    "openshift_pod_usage_line_items",
    "openshift_pod_usage_line_items_daily",
    "openshift_storage_usage_line_items",
    "openshift_storage_usage_line_items_daily",
)

_OBSERVE = """
SELECT
  (SELECT count(*) FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS providers,
  (SELECT setup_complete FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS setup_complete,
  (SELECT data_updated_timestamp FROM public.api_provider WHERE uuid = %(uuid)s::uuid) AS data_updated,
  (SELECT count(*) FROM {tenant} WHERE uuid = %(uuid)s::uuid) AS tenant_copies,
  (SELECT count(*) FROM {summary} WHERE source_uuid = %(uuid)s::uuid) AS summary_rows,
  (SELECT coalesce(json_agg(json_build_object(
      'start', p.report_period_start, 'summarised', p.summary_data_updated_datetime,
      'cost_derived', p.derived_cost_datetime) ORDER BY p.report_period_start), '[]')
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
