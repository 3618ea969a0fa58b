"""What must be true of the rows by which Koku tells how far a payload has come.

See docs/contract/koku.md 1.1-1.5, 2.1, 3.8.

Each rule says what is wrong, in a sentence that names the row and the column; nothing when all is right. Every one
holds in every recording of a real Koku.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from e2e_validator.access.life import CopyRow, FileRow, ManifestRow, PeriodRow, ProviderRow, SourceLife
from e2e_validator.access.source_names import SourceNames
from e2e_validator.calendar_months import month_after

# Two processes of Koku may stand on two machines; a step of one is not earlier than that of the other by more.
CLOCKS_APART = timedelta(seconds=1)
STEPS = ("download", "processing", "summary")
_DONE = 1


@dataclass(frozen=True, slots=True)
class Whose:
    """The names under which everything of a source must stand."""

    provider_uuid: str
    name: str
    key: str
    names: SourceNames


def provider(row: ProviderRow | None, whose: Whose) -> Iterator[str]:
    """The provider: named and typed as asked for, active, not paused."""
    if row is None:
        yield "api_provider: the provider's row is gone"
        return
    yield from same("api_provider.name", row.name, whose.name)
    yield from same("api_provider.type", row.type, whose.names.type)
    if row.active is not True:
        yield f"api_provider.active is {shown(row.active)}: Koku polls and shows only active providers"
    if row.paused is not False:
        yield f"api_provider.paused is {shown(row.paused)}: it was not paused"
    if row.created is None:
        yield "api_provider.created_timestamp is NULL"


def set_up(row: ProviderRow | None) -> Iterator[str]:
    """The first file that was processed sets the provider up."""
    if row is not None and row.setup_complete is not True:
        yield f"api_provider.setup_complete is {shown(row.setup_complete)} after a file was processed"


def tenant_copy(rows: Iterable[CopyRow], whose: Whose) -> Iterator[str]:
    """The copy in the tenant's schema: one, with the provider's name and type."""
    rows = tuple(rows)
    if len(rows) != 1:
        yield f"reporting_tenant_api_provider has {len(rows)} rows of the provider, not 1"
    for row in rows:
        yield from same("reporting_tenant_api_provider.name", row.name, whose.name)
        yield from same("reporting_tenant_api_provider.type", row.type, whose.names.type)
        yield from same("reporting_tenant_api_provider.provider_id", row.provider, whose.provider_uuid)


def step(row: ManifestRow, name: str) -> Iterator[str]:
    """A step that is over: it has a start and an end, in this order, after the manifest was made."""
    start, end = row.said(name, "start"), row.said(name, "end")
    for word, moment in (("start", start), ("end", end)):
        if moment is None:
            yield f"manifest.state.{name} has no {word}, and the step is over"
    yield from _order((f"state.{name}.start", start), (f"state.{name}.end", end))
    yield from _order(("manifest.creation_datetime", row.created), (f"state.{name}.start", start))


def files(row: ManifestRow, empty: frozenset[str] = frozenset(), awaited: int | None = None) -> Iterator[str]:
    """Each file: started, then completed, after the manifest was made; one that is empty is never started.

    ``awaited`` is how many have come where others come in another tarball: those must be untouched.
    """
    done = [file for file in row.reports if file.status == _DONE and file.completed is not None]
    all_of_them = awaited is None or awaited == row.files
    for file in row.reports if all_of_them else done:
        yield from _file(file, row, may_not_start=file.name in empty)
    if len(done) != (row.files if all_of_them else awaited):
        yield f"{len(done)} files are DONE and completed, manifest.num_total_files is {row.files}"


def _file(file: FileRow, row: ManifestRow, *, may_not_start: bool) -> Iterator[str]:
    name = file.name.removeprefix(f"{row.uuid}_")
    if file.started is None and not may_not_start:
        yield f"report status of {name}: started_datetime is NULL, and the file is done"
    if file.completed is None:
        yield f"report status of {name}: completed_datetime is NULL"
    yield from _order((f"started_datetime of {name}", file.started), (f"completed_datetime of {name}", file.completed))
    yield from _order(("manifest.creation_datetime", row.created), (f"completed_datetime of {name}", file.completed))


def summarised_after_files(row: ManifestRow) -> Iterator[str]:
    """The summary begins when the last file is done; the listener and the worker have clocks of their own."""
    started = row.said("summary", "start")
    for file in row.reports:
        what = f"completed_datetime of {file.name.removeprefix(f'{row.uuid}_')}"
        yield from _order((what, file.completed), ("state.summary.start", started), slack=CLOCKS_APART)


def period(rows: Iterable[PeriodRow], month: datetime, whose: Whose) -> Iterator[str]:
    """The report period of the month: one, from its first moment to that of the next month, of this source."""
    tables = whose.names.tables
    after = month_after(month) - timedelta(days=int(tables.period_end_is_last_day))
    of_month = [
        row for row in rows if row.start is not None and f"{row.start.astimezone(UTC):%Y-%m}" == f"{month:%Y-%m}"
    ]
    if len(of_month) != 1:
        yield f"{tables.periods} has {len(of_month)} rows of {month:%Y-%m}, not 1"
    for row in of_month:
        yield from same(f"report period: {tables.period_start}", row.start, month)
        yield from same(f"report period: {tables.period_end}", row.end, after)
        if tables.key:
            yield from same(f"report period: {tables.key}", row.key, whose.key)
        if tables.alias:
            yield from same(f"report period: {tables.alias}", row.alias, whose.name)
        if row.first_summarised is None:
            yield "report period: summary_data_creation_datetime is NULL, and the month is summarised"
        yield from _order(
            ("summary_data_creation_datetime", row.first_summarised), ("summary_data_updated_datetime", row.summarised)
        )


def named(life: SourceLife, whose: Whose) -> Iterator[str]:
    """Every row of the summary and of the tables behind the reports stands under this source's key and name."""
    tables = whose.names.tables
    for rows in life.named:
        for column, seen, wanted in (
            (tables.key, rows.key, whose.key),
            (tables.alias, rows.alias, whose.name),
        ):
            if column and seen != wanted:
                yield f"{rows.table}.{column} is {shown(seen)} in {rows.count} rows of {shown(wanted)}"
    if life.strayed:
        yield f"{life.strayed} rows of the daily summary have a report period that is not that of their month"


def completed_last(row: ManifestRow, costed: datetime | None, *, now_done: Mapping[str, bool]) -> Iterator[str]:
    """A manifest that says it is complete has everything behind it: files, summary and costs.

    ``now_done`` maps what must have been before to whether it was, in the same snapshot.
    """
    if row.completed is None:
        return
    for what, over in now_done.items():
        if not over:
            yield f"manifest.completed_datetime is {shown(row.completed)} before {what}"
    yield from _order(("derived_cost_datetime", costed), ("manifest.completed_datetime", row.completed))
    yield from _order(("manifest.creation_datetime", row.created), ("manifest.completed_datetime", row.completed))


def same(what: str, seen: object, wanted: object) -> Iterator[str]:
    """What is not as it must be; ``what`` names row and column."""
    if seen != wanted:
        yield f"{what} is {shown(seen)}, must be {shown(wanted)}"


def _order(
    first: tuple[str, datetime | None], then: tuple[str, datetime | None], *, slack: timedelta = timedelta()
) -> Iterator[str]:
    (before, one), (after, other) = first, then
    if one is not None and other is not None and one - slack > other:
        yield f"{before} {shown(one)} is later than {after} {shown(other)}"


def shown(value: object) -> str:
    """A value as a sentence has it: NULL, a moment in UTC, a text in quotes."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(sep=" ")
    return repr(value) if isinstance(value, str) else str(value).lower()
