"""Every column by which the database tells how a source and its payloads lived.

See docs/contract/koku.md 1.1, 1.2, 2.1, 3.8.

One statement, one snapshot: what is compared with each other was true at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from psycopg import sql

from e2e_validator.access.source_names import SourceTables


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """``api_provider`` of the source."""

    name: str | None
    type: str | None
    active: bool | None
    paused: bool | None
    setup_complete: bool | None
    created: datetime | None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A row of ``reporting_tenant_api_provider``: the provider in the tenant's schema."""

    name: str | None
    type: str | None
    provider: str | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of ``reporting_common_costusagereportstatus``; ``status`` and ``failed_status`` are Koku's numbers."""

    name: str
    status: int
    failed_status: int | None
    started: datetime | None
    completed: datetime | None


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A row of ``reporting_common_costusagereportmanifest`` with its files; ``state`` is as it stands there."""

    id: int
    uuid: str
    month: datetime | None
    files: int
    exported: datetime | None
    created: datetime | None
    completed: datetime | None
    state: Mapping[str, Mapping[str, Any]]
    reports: tuple[FileRow, ...]
    own: Mapping[str, Any] = field(default_factory=dict)
    """The columns that only sources of this type fill (``SourceTables.manifest``)."""

    def said(self, step: str, word: str) -> datetime | None:
        """When ``state`` says that the step came to ``word``; None if it does not say so."""
        return _time((self.state.get(step) or {}).get(word))


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A row of the table of periods."""

    key: str | None
    alias: str | None
    start: datetime | None
    end: datetime | None
    first_summarised: datetime | None
    summarised: datetime | None
    costed: datetime | None


@dataclass(frozen=True, slots=True)
class NamedRows:
    """Rows of one table under one key and name of the source."""

    table: str
    key: str | None
    alias: str | None
    count: int


@dataclass(frozen=True, slots=True)
class SourceLife:
    """All of it; ``provider`` is None where there is no such row."""

    provider: ProviderRow | None
    copies: tuple[CopyRow, ...]
    periods: tuple[PeriodRow, ...]
    manifests: tuple[ManifestRow, ...]
    named: tuple[NamedRows, ...] = ()
    strayed: int = 0
    """Rows of the daily summary whose report period is not that of their month, or is missing."""

    def manifest(self, uuid: str) -> ManifestRow | None:
        """The manifest of a payload, if Koku has recorded it."""
        return next((manifest for manifest in self.manifests if manifest.uuid == uuid), None)

    @classmethod
    def from_json(cls, found: Mapping[str, Any], tables: SourceTables) -> SourceLife:
        """What ``read_life`` got: columns by Koku's names; numbers and times as JSON has them."""
        provider = found["provider"]
        return cls(
            provider=_provider(provider) if provider else None,
            copies=tuple(CopyRow(row["name"], row["type"], row["provider_id"]) for row in found["copies"]),
            periods=tuple(_period(row, tables) for row in found["periods"]),
            manifests=tuple(_manifest(row, tables) for row in found["manifests"]),
            named=tuple(NamedRows(row["table"], row["key"], row["alias"], row["n"]) for row in found.get("named", ())),
            strayed=found.get("strayed", 0),
        )


class Rows(Protocol):
    """What is read from: ``access.database.Database``."""

    def table(self, name: str) -> sql.Identifier:
        """A table of the tenant's schema."""

    def rows(self, statement: Any, parameters: Any = ...) -> list[dict[str, Any]]:
        """The rows of a query."""


def read_life(database: Rows, provider_uuid: str, tables: SourceTables) -> SourceLife:
    """How the source lived; raises as ``Database.rows`` does."""
    named = [
        sql.SQL(
            "SELECT {} AS table, {} AS key, {} AS alias, count(*) AS n FROM {} WHERE source_uuid = %(uuid)s::uuid"
            " GROUP BY 2, 3"
        ).format(sql.Literal(name), _column(tables.key), _column(tables.alias), database.table(name))
        for name in tables.named
    ]
    own = [sql.SQL("{}, m.{}, ").format(sql.Literal(name), sql.Identifier(name)) for name in tables.manifest]
    statement = sql.SQL(_LIFE).format(
        copies=database.table("reporting_tenant_api_provider"),
        periods=database.table(tables.periods),
        start=sql.Identifier(tables.period_start),
        summary=database.table(tables.summary),
        period=sql.Identifier(tables.summary_period),
        named=sql.SQL(" UNION ALL ").join(named) if named else sql.SQL("SELECT NULL WHERE false"),
        own=sql.SQL("").join(own),
    )
    return SourceLife.from_json(database.rows(statement, {"uuid": provider_uuid})[0]["found"], tables)


def _column(name: str | None) -> sql.Composable:
    return sql.Identifier(name) if name else sql.SQL("NULL::text")


def _provider(row: Mapping[str, Any]) -> ProviderRow:
    return ProviderRow(
        row["name"],
        row["type"],
        row["active"],
        row["paused"],
        row["setup_complete"],
        _time(row["created_timestamp"]),
    )


def _period(row: Mapping[str, Any], tables: SourceTables) -> PeriodRow:
    times = (tables.period_start, tables.period_end, *_PERIOD_TIMES)
    return PeriodRow(
        *(row[name] if name else None for name in (tables.key, tables.alias)), *(_time(row[name]) for name in times)
    )


def _manifest(row: Mapping[str, Any], tables: SourceTables) -> ManifestRow:
    return ManifestRow(
        id=row["id"],
        uuid=row["assembly_id"],
        own={name: row[name] for name in tables.manifest},
        month=_time(row["billing_period_start_datetime"]),
        files=row["num_total_files"],
        exported=_time(row["export_datetime"]),
        created=_time(row["creation_datetime"]),
        completed=_time(row["completed_datetime"]),
        state=row["state"] or {},
        reports=tuple(
            FileRow(
                file["report_name"],
                file["status"],
                file["failed_status"],
                _time(file["started_datetime"]),
                _time(file["completed_datetime"]),
            )
            for file in row["reports"]
        ),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_PERIOD_TIMES = (
    "summary_data_creation_datetime",
    "summary_data_updated_datetime",
    "derived_cost_datetime",
)

_LIFE = """
SELECT json_build_object(
  'provider', (SELECT to_json(p) FROM (SELECT name, type, active, paused, setup_complete, created_timestamp
     FROM public.api_provider WHERE uuid = %(uuid)s::uuid) p),
  'copies', (SELECT coalesce(json_agg(json_build_object('name', c.name, 'type', c.type, 'provider_id', c.provider_id)),
     '[]') FROM {copies} c WHERE c.uuid = %(uuid)s::uuid OR c.provider_id = %(uuid)s::uuid),
  'periods', (SELECT coalesce(json_agg(to_json(r) ORDER BY r.{start}), '[]')
     FROM {periods} r WHERE r.provider_id = %(uuid)s::uuid),
  'manifests', (SELECT coalesce(json_agg(json_build_object(
      {own}'id', m.id, 'assembly_id', m.assembly_id,
      'billing_period_start_datetime', m.billing_period_start_datetime, 'num_total_files', m.num_total_files,
      'export_datetime', m.export_datetime, 'creation_datetime', m.creation_datetime,
      'completed_datetime', m.completed_datetime, 'state', m.state,
      'reports', (SELECT coalesce(json_agg(json_build_object(
            'report_name', s.report_name, 'status', s.status, 'failed_status', s.failed_status,
            'started_datetime', s.started_datetime, 'completed_datetime', s.completed_datetime) ORDER BY s.id), '[]')
          FROM public.reporting_common_costusagereportstatus s WHERE s.manifest_id = m.id)) ORDER BY m.id), '[]')
     FROM public.reporting_common_costusagereportmanifest m WHERE m.provider_id = %(uuid)s::uuid),
  'named', (SELECT coalesce(json_agg(to_json(one)), '[]') FROM ({named}) one),
  'strayed', (SELECT count(*) FROM {summary} d LEFT JOIN {periods} r ON r.id = d.{period}
     WHERE d.source_uuid = %(uuid)s::uuid AND (r.provider_id IS DISTINCT FROM %(uuid)s::uuid
       OR date_trunc('month', d.usage_start) <> date_trunc('month', (r.{start} AT TIME ZONE 'UTC')::date)))
) AS found
"""
