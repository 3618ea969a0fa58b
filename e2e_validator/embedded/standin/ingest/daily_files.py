"""One CSV of a payload becomes one CSV a day, under Koku's names (docs/contract/koku.md 3.5)."""

from __future__ import annotations

import csv
import html
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from e2e_validator.embedded.standin.ingest.report_types import ReportType, detect_type
from e2e_validator.embedded.standin.logs import log

# What pandas, with which Koku reads a payload, takes for a missing value and writes back as an empty one.
MISSING = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
     "NULL", "NaN", "None", "n/a", "nan", "null")
)  # fmt: skip


# The columns in which Koku escapes HTML before it keeps anything of the payload.
SANITISED = frozenset(
    ("namespace", "pod", "node", "persistentvolumeclaim", "persistentvolume", "storageclass", "resource_id", "vm_name",
     "gpu_uuid", "gpu_model_name", "gpu_vendor_name", "csi_driver", "csi_volume_handle", "node_role",
     "vm_instance_type", "vm_os", "vm_device")
)  # fmt: skip


class EmptyFileError(ValueError):
    """The file has no header."""


class ParserError(ValueError):
    """The file is no CSV; named as pandas names it, whose error stands in Koku's log."""


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

    A first row that is longer than the header makes an index of its first fields, which are lost, in every row.

    Raises:
        EmptyFileError: there is not even a header.
        UnicodeDecodeError: the content is no text.
        ParserError: a quote is never closed.
    """
    records = _records(content.decode("utf-8-sig"))
    header = next(records, None)
    if header is None:
        raise EmptyFileError("File is empty.")
    names = _column_names(header)
    rows: list[list[str]] = []
    index: int | None = None
    for record in records:
        if index is None:
            index = max(len(record) - len(names), 0)
        if len(record) > len(names) + index:
            log(f"Skipping line: expected {len(names) + index} fields, saw {len(record)}", level=logging.WARNING)
            continue
        kept = record[index:]
        kept += [""] * (len(names) - len(kept))
        rows.append([_sanitised(name, cell) for name, cell in zip(names, kept, strict=True)])
    return ReportRows(names, rows, detect_type(names))


def _records(text: str) -> Iterator[list[str]]:
    """The records of a CSV that are not blank; what follows a NUL in a cell is lost, as in pandas.

    Raises:
        ParserError: the text ends within quotes.
    """
    ends = False
    lines = iter(io.StringIO(text, newline=""))

    def fed() -> Iterator[str]:
        nonlocal ends
        yield from lines
        ends = True

    number = 0
    for record in csv.reader(fed()):
        if ends:
            raise ParserError(f"Error tokenizing data. C error: EOF inside string starting at row {number}")
        if not record or (len(record) == 1 and not record[0].strip(" \t")):
            continue
        number += 1
        yield [cell.split("\0", 1)[0] for cell in record]


def _column_names(header: list[str]) -> list[str]:
    """The header with names for what has none, and a number after each name that was there before."""
    names: list[str] = []
    for position, given in enumerate(header):
        base = given or f"Unnamed: {position}"
        name, copies = base, 0
        while name in names or (copies and name in header):
            copies += 1
            name = f"{base}.{copies}"
        names.append(name)
    return names


def _sanitised(name: str, cell: str) -> str:
    """Nothing for what pandas takes for a missing value; texts that users choose are escaped for HTML."""
    if cell in MISSING:
        return ""
    return html.escape(cell) if name in SANITISED else cell


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
        TypeError: a row has no ``interval_start``.
    """
    if "interval_start" not in report.header:
        raise AttributeError("'DataFrame' object has no attribute 'interval_start'")
    column = report.header.index("interval_start")
    days: dict[str, list[list[str]]] = {}
    for row in report.rows:
        if not row[column]:
            raise TypeError("'NAType' object is not subscriptable")
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
