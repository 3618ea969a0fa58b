"""A payload's folder, read as Koku reads it: the manifest, and a table for each kind of report."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.errors import Inconclusive
from e2e_validator.expect import labels, numbers
from e2e_validator.expect.arrow import csv, pa, pc
from e2e_validator.expect.report_types import REPORT_TYPES, ReportType, detect


@dataclass(frozen=True)
class PayloadData:
    """What a payload says.

    ``tables`` maps a report type to its rows: identity columns as text (labels as JSON text), numbers as exact
    decimals, ``interval_start``, ``day`` (YYYY-MM-DD) and ``file`` (position of the CSV in the manifest).
    A type without a row has no table.
    """

    uuid: str
    cluster_id: str
    version: str
    daily_reports: bool
    start: datetime | None
    end: datetime | None
    tables: dict[str, Any] = field(default_factory=dict)

    @property
    def additive(self) -> bool:
        """Whether Koku keeps the files whole and only ever adds them (koku contract 3.5)."""
        return bool(self.version) and not self.daily_reports

    def days(self, report_type: str) -> list[str]:
        """The days of which ``report_type`` has rows, in order."""
        table = self.tables.get(report_type)
        return [] if table is None else sorted(pc.unique(table["day"]).to_pylist())

    def hours(self, report_type: str, day: str) -> int:
        """``reportnumhours`` of a day: from the manifest's dates, rounded up; else the hours seen in the rows."""
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
        if self.start and self.end:
            begin, end = max(self.start, midnight), min(self.end, midnight + timedelta(days=1))
            if end > begin:
                return math.ceil((end - begin).total_seconds() / 3600)
        table = self.tables[report_type]
        return int(pc.count_distinct(table.filter(pc.equal(table["day"], day))["interval_start"]).as_py())


def read_payload(folder: Path) -> PayloadData:
    """Read manifest.json and the CSV files that it names.

    Raises:
        Inconclusive: a file is missing, or is not what it must be; one sentence says which.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        names = list(manifest.get("files") or [])
        data = PayloadData(
            uuid=str(manifest["uuid"]),
            cluster_id=str(manifest["cluster_id"]),
            version=str(manifest.get("version", "")),
            daily_reports=bool(manifest.get("daily_reports", False)),
            start=_moment(manifest.get("start")),
            end=_moment(manifest.get("end")),
        )
    except OSError as error:
        raise Inconclusive(f"The payload's manifest cannot be read: {path}: {error.strerror}.") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Inconclusive(f"The payload's manifest is not usable: {path}: {error!r}.") from error
    data.tables.update(tables(folder / name for name in names))
    return data


def tables(files: Iterable[Path | bytes]) -> dict[str, Any]:
    """The rows of CSV ``files`` (paths or contents) by report type, as ``PayloadData.tables`` has them.

    Raises:
        Inconclusive: a file is no report; nothing could be expected of it.
    """
    found: dict[str, list[Any]] = {}
    for position, file in enumerate(files):
        name = str(file) if isinstance(file, Path) else f"CSV object {position}"
        kind, table = _read(file, name)
        if table.num_rows:
            table = table.append_column("file", pa.array([position] * table.num_rows, pa.int32()))
            found.setdefault(kind.name, []).append(table)
    return {name: _joined(REPORT_TYPES[name], parts) for name, parts in found.items()}


def _read(file: Path | bytes, name: str) -> tuple[ReportType, Any]:
    source = file if isinstance(file, Path) else pa.BufferReader(file)
    try:
        header = _header(file)
        kind = detect(header)
        if kind is None:
            raise Inconclusive(f"The header fits no kind of report: {name}: {', '.join(header)[:200]}.")
        wanted = [
            column for column in (*kind.identity, *kind.texts, *kind.numeric, "interval_start") if column in header
        ]
        table = csv.read_csv(
            source,
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=False
            ),
        )
    except OSError as error:
        raise Inconclusive(f"The CSV file cannot be read: {name}: {error.strerror or error}.") from error
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise Inconclusive(f"The CSV file is damaged: {name}: {str(error).splitlines()[0]}") from error
    return kind, _typed(kind, table)


def _header(file: Path | bytes) -> list[str]:
    if isinstance(file, Path):
        with file.open("rb") as stream:
            line = stream.readline()
    else:
        line = file.split(b"\n", 1)[0]
    return [column.strip('"') for column in line.decode("utf-8").strip().split(",")]


def _typed(kind: ReportType, table: Any) -> Any:
    columns: dict[str, Any] = {}
    for column in (*kind.identity, *kind.texts):
        if column in table.column_names:
            texts = table[column]
            columns[column] = labels.column_as_json(texts) if column in kind.labels else texts
        elif column in kind.identity:
            columns[column] = pa.array([""] * table.num_rows, pa.string())
    for column in kind.numeric:
        columns[column] = numbers.exact(table[column])
    columns["interval_start"] = table["interval_start"]
    columns["day"] = pc.utf8_slice_codeunits(table["interval_start"], 0, 10)
    return pa.table(columns)


def _joined(kind: ReportType, parts: list[Any]) -> Any:
    """One table of several: text columns as they are, numbers in a type that fits all of them."""
    if len(parts) == 1:
        return parts[0]
    for column in kind.numeric:
        values = [value for part in parts for value in pc.unique(part[column]).to_pylist()]
        common = numbers.decimal_type(values, sum(part.num_rows for part in parts))
        parts = [part.set_column(part.column_names.index(column), column, part[column].cast(common)) for part in parts]
    return pa.concat_tables(parts, promote_options="default")


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
