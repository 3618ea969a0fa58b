"""The texts of the rows, and the hours they stand for: sums alone do not show a name or a label that has changed.

Each key is (report type, day, text, text, ..), with the number of rows that have these texts; the hours of the raw line
items have keys of three parts, the last of which is the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.expect.table import Table
from e2e_validator.providers.ocp.expect.cells import as_loaded
from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.digest import Digest, kept_table
from e2e_validator.providers.ocp.expect.payload import PayloadData, by_type, read_files
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES, ReportType

Texts = tuple[str, ...]


def columns(kind: ReportType) -> tuple[str, ...]:
    """The columns whose texts are compared."""
    return (*kind.identity, *kind.texts)


def of_tables(tables: Mapping[str, Table], *, kept: bool = False) -> Measures:
    """Of rows as they stand in files, or (``kept``) with what Koku makes of them; an absent column counts as ''."""
    found: Measures = {}
    for name, table in tables.items():
        kind = REPORT_TYPES[name]
        there = [column for column in columns(kind) if column in table]
        for row in (kept_table(kind, table) if kept else table).grouped(["day", *there]):
            texts = (str(row.get(column) or "") for column in columns(kind))
            add(found, (name, row["day"], *texts), {"rows": Decimal(row["rows"])})
    return found


def of_files(contents: Sequence[bytes]) -> Measures:
    """Of CSV files that Koku has written: what it does with texts is done.

    Raises:
        Inconclusive: one is no report.
    """
    return of_tables(by_type(read_files(contents)))


def archived(payloads: Sequence[PayloadData]) -> Measures:
    """What the archive holds of the last payload, and of those before it with the same uuid."""
    found: Measures = {}
    for payload in payloads:
        if payload.uuid == payloads[-1].uuid:
            for key, values in of_tables(payload.tables, kept=True).items():
                add(found, key, values)
    return found


@exactly
def raw(digests: Sequence[Digest], counted: Counted) -> Measures:
    """The raw line items: by their texts, and by the moment that they begin at, with the first of their sums."""
    found: Measures = {}
    for (name, day), positions in counted.items():
        for position in positions:
            for source in (digests[position].texts, digests[position].hours):
                for key, values in source.get((name, day), {}).items():
                    add(found, (name, day, *key), values)
    return found


@exactly
def daily(digests: Sequence[Digest], counted: Counted) -> Measures:
    """The daily line items by their texts."""
    found: Measures = {}
    for (name, day), positions in counted.items():
        for position in positions:
            for group in digests[position].groups.get((name, day), []):
                texts = (as_loaded(column, str(group.get(column) or "")) for column in columns(REPORT_TYPES[name]))
                add(found, (name, day, *texts), {"rows": Decimal(1)})
    return found
