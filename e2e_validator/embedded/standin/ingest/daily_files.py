"""One CSV of a payload becomes one CSV a day, under Koku's names (koku contract 3.5)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from e2e_validator.embedded.standin.ingest.report_types import ReportType, detect_type

# What pandas, with which Koku reads a payload, takes for a missing value and writes back as an empty one.
MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
     "NULL", "NaN", "None", "n/a", "nan", "null")
)  # fmt: skip


class EmptyFileError(ValueError):
    """The file has no header."""


@dataclass(frozen=True, slots=True)
class ReportRows:
    """A CSV read: its header, its rows (each as long as the header), its type if one fits."""

    header: list[str]
    rows: list[list[str]]
    kind: ReportType | None


@dataclass(frozen=True, slots=True)
class DailyFile:
    """A file to archive and to load: its name, content, day, and the hours of that day it stands for."""

    name: str
    text: str = field(repr=False)
    header: list[str]
    rows: int
    kind: ReportType | None
    day: date
    hours: int

    @property
    def stem(self) -> str:
        """The name without ``.csv``."""
        return self.name.removesuffix(".csv")

    @property
    def cleared_key(self) -> str:
        """The key of ``s3_parquet_cleared_tracker``: all but the last number of the name."""
        return self.stem.rsplit(".", 1)[0]


def read_rows(content: bytes) -> ReportRows:
    """Read a CSV as Koku does: rows with too many fields are dropped, short ones filled up with nothing.

    Raises:
        EmptyFileError: there is not even a header.
        UnicodeDecodeError: the content is no text.
    """
    reader = csv.reader(io.StringIO(content.decode()))
    header = next(reader, None)
    if header is None:
        raise EmptyFileError("File is empty.")
    width = len(header)
    rows = []
    for row in reader:
        if not row or len(row) > width:
            continue
        cells = ["" if cell in MISSING else cell for cell in row]
        rows.append(cells + [""] * (width - len(cells)))
    return ReportRows(header, rows, detect_type(header))


def whole(name: str, report: ReportRows, day: date) -> DailyFile:
    """The file as it came: data that are additive and of no known day, or a header without rows."""
    text = _text(report.header, report.rows)
    return DailyFile(name, text, report.header, len(report.rows), report.kind, day, hours=0)


def split_by_day(
    report: ReportRows, manifest_id: int, hours_per_day: dict[str, int], next_counter: Callable[[str], int]
) -> list[DailyFile]:
    """One file per day of ``interval_start``, in order of the days.

    ``next_counter`` numbers the files of a prefix ``{report_type}.{day}.{manifest_id}``; it is called before the day is
    looked at, because Koku counts a file even if it then finds that its day is no date.

    Raises:
        AttributeError: there is no column ``interval_start``.
        ValueError: a row's ``interval_start`` does not begin with a date.
    """
    if "interval_start" not in report.header:
        raise AttributeError("'DataFrame' object has no attribute 'interval_start'")
    column = report.header.index("interval_start")
    days: dict[str, list[list[str]]] = {}
    for row in report.rows:
        days.setdefault(row[column][:10], []).append(row)
    files = []
    for day, rows in sorted(days.items()):
        prefix = f"{report.kind.name if report.kind else None}.{day}.{manifest_id}"
        name = f"{prefix}.{next_counter(prefix)}.csv"
        hours = hours_per_day.get(day) or len({row[column] for row in rows})
        parsed = datetime.strptime(day, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        files.append(DailyFile(name, _text(report.header, rows), report.header, len(rows), report.kind, parsed, hours))
    return files


def _text(header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
