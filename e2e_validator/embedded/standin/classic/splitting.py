"""A report file becomes one CSV a day (docs/contract/clouds.md 5, 6)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from e2e_validator.embedded.standin.classic.columns import CATEGORY, INTERVAL, INVOICE, TAG

BATCH_ROWS = 200_000


class NoIntervalError(Exception):
    """No row says its day."""


@dataclass(frozen=True, slots=True)
class DayFile:
    """The rows of one day of one file."""

    day: date
    stem: str
    """Of its name, in S3 and on disk."""
    rows: pa.Table

    def as_csv(self) -> bytes:
        """The text of the object: fields as they came, quoted where they must be."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.rows.column_names)
        writer.writerows(zip(*(column.to_pylist() for column in self.rows.columns), strict=True))
        return out.getvalue().encode()


def is_final(report: pa.Table) -> bool:
    """Whether the first row has an invoice: only that one is looked at."""
    return bool(report.num_rows and report.column(INVOICE)[0].as_py())


def split(report: pa.Table, file: str, manifest_id: int, first: date, today: date) -> Iterator[DayFile]:
    """The days from ``first`` to today; others are dropped without a word.

    Raises:
        NoIntervalError: There is no column of it.
    """
    if INTERVAL not in report.column_names:
        raise NoIntervalError("identity/TimeInterval")
    for number, start in enumerate(range(0, report.num_rows, BATCH_ROWS)):
        batch = _without_empty(report.slice(start, BATCH_ROWS))
        days = pc.utf8_slice_codeunits(batch.column(INTERVAL), 0, 10)
        for text in sorted(day for day in pc.unique(days).to_pylist() if day):
            day = date.fromisoformat(text)
            if first <= day <= today:
                stem = f"{day}_manifestid-{manifest_id}_basefile-{file.split('.', 1)[0]}_batch-{number}"
                yield DayFile(day, stem, batch.filter(pc.equal(days, text)))


def _without_empty(batch: pa.Table) -> pa.Table:
    """Tags and categories that no row has make no column."""
    gone = [
        name
        for name in batch.column_names
        if name.startswith((TAG, CATEGORY)) and batch.column(name).null_count == batch.num_rows
    ]
    return batch.drop_columns(gone)
