"""A payload's folder, read as Koku reads it: the manifest, and a table for each kind of report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from e2e_validator.errors import Inconclusive
from e2e_validator.expect import numbers
from e2e_validator.expect.table import Table, joined
from e2e_validator.providers.ocp.expect.csv_rows import read_sheet
from e2e_validator.providers.ocp.expect.moments import next_day
from e2e_validator.providers.ocp.expect.obstacles import Obstacle
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES, ReportType
from e2e_validator.providers.ocp.expect.typed import ReadFile, typed
from e2e_validator.providers.ocp.expect.unread import Unread
from e2e_validator.providers.ocp.payload_manifest import MAX_BYTES, Manifest, parse_manifest


@dataclass(frozen=True)
class PayloadData:
    """What a payload says.

    ``tables`` maps a report type to its rows: identity columns as text (labels as JSON text), numbers as exact
    decimals, ``interval_start`` (YYYY-MM-DD HH:MM:SS), ``day`` (YYYY-MM-DD) and ``file`` (position of the CSV in the
    manifest). A type without a row has no table. What Koku does not take as it is written there is not in the tables,
    or there as 0, and stands in ``unread``; ``dropped`` counts such rows of which the archive still has the text.
    ``files`` are the names in the manifest, ``present`` those of them that are there; ``days_of_files`` has the days of
    each that is not empty, by its position. Of what Koku cannot load ``obstacles`` say why.
    """

    uuid: str
    cluster_id: str
    version: str
    daily_reports: bool
    start: datetime | None
    end: datetime | None
    tables: dict[str, Table] = field(default_factory=dict)
    date: datetime | None = None
    last_moment: datetime | None = None
    files: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    days_of_files: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    dropped: dict[tuple[str, str], int] = field(default_factory=dict)
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def additive(self) -> bool:
        """Whether Koku keeps the files whole and only ever adds them (docs/contract/koku.md 3.5)."""
        return bool(self.version) and not self.daily_reports

    @property
    def filed_under(self) -> str:
        """The month (YYYY-MM) under which whole files are archived and loaded: that of the manifest's date."""
        return f"{self.date:%Y-%m}" if self.date else ""

    def days(self, report_type: str) -> list[str]:
        """The days of which ``report_type`` has rows, in order."""
        table = self.tables.get(report_type)
        return [] if table is None else sorted(set(table["day"]))

    def hours(self, report_type: str, day: str) -> int:
        """``reportnumhours`` of a day: from the manifest's dates, rounded up; else the hours seen in the rows."""
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
        if self.start and self.end:
            begin, end = max(self.start, midnight), min(self.end, next_day(midnight))
            if end > begin:
                return math.ceil((end - begin).total_seconds() / 3600)
        table = self.tables[report_type]
        return len({start for start, its in zip(table["interval_start"], table["day"], strict=True) if its == day})

    def without(self, names: Iterable[str]) -> PayloadData:
        """The payload less the rows of the files ``names``: what Koku does with files that it has already taken in."""
        gone = set(names)
        places = {number for number, name in enumerate(self.files) if name in gone}
        if not places:
            return self
        kept = {
            name: table.where([place not in places for place in table["file"]]) for name, table in self.tables.items()
        }
        nothing: dict[str, Any] = {"dropped": {}, "unread": (), "obstacles": ()}
        return replace(
            self,
            **(nothing if gone >= set(self.present) else {}),
            tables={name: table for name, table in kept.items() if table.rows},
            present=tuple(name for name in self.present if name not in gone),
            days_of_files={place: days for place, days in self.days_of_files.items() if place not in places},
        )


def read_payload(folder: Path, *, partial: bool = False) -> PayloadData:
    """Read manifest.json and the CSV files that it names.

    ``partial``: the payload is one of several tarballs, and the others may hold files that are not there.

    Raises:
        Inconclusive: a file is missing, or is not what it must be; one sentence says which.
    """
    name = folder.name
    manifest = _manifest(folder)
    found: list[ReadFile] = []
    present: list[str] = []
    for position, file in enumerate(manifest.files):
        try:
            content = (folder / file).read_bytes()
        except FileNotFoundError as error:
            if partial:
                continue
            raise Inconclusive(f"The CSV file cannot be read: {name}/{file}: {error.strerror}.") from error
        except OSError as error:
            raise Inconclusive(f"The CSV file cannot be read: {name}/{file}: {error.strerror or error}.") from error
        present.append(file)
        read = _read(content, f"{name}/{file}", position)
        if read is not None:
            found.append(read)
    return PayloadData(
        uuid=str(manifest.uuid),
        cluster_id=manifest.cluster_id,
        version=manifest.version,
        daily_reports=manifest.daily_reports,
        start=manifest.start,
        end=manifest.end,
        tables=by_type(found),
        date=manifest.date,
        last_moment=manifest.last_moment,
        files=tuple(manifest.files),
        present=tuple(present),
        days_of_files={read.position: read.days for read in found},
        unread=tuple(one for read in found for one in read.unread),
        dropped=dropped_rows(found),
        obstacles=tuple(one for read in found for one in read.obstacles),
    )


def read_payloads(folders: Sequence[Path]) -> list[PayloadData]:
    """The payloads in ``folders``; of several with one uuid each holds a part of the files that its manifest names.

    Raises:
        Inconclusive: a payload cannot be read, or a file is in none of its tarballs.
    """
    manifests = [_manifest(folder) for folder in folders]
    count = Counter(manifest.uuid for manifest in manifests)
    found = [
        read_payload(folder, partial=count[manifest.uuid] > 1)
        for folder, manifest in zip(folders, manifests, strict=True)
    ]
    there: dict[str, set[str]] = {}
    for one in found:
        there.setdefault(one.uuid, set()).update(one.present)
    for folder, one in zip(folders, found, strict=True):
        missing = [name for name in one.files if name not in there[one.uuid]]
        if missing:
            raise Inconclusive(f"The CSV file {missing[0]} of {folder.name}/manifest.json is in none of its tarballs.")
    return found


def tables(files: Iterable[Path | bytes]) -> dict[str, Table]:
    """The rows of CSV ``files`` (paths or contents) by report type, as ``PayloadData.tables`` has them.

    Raises:
        Inconclusive: a file is no report; nothing could be expected of it.
    """
    return by_type(read_files(files))


def read_files(files: Iterable[Path | bytes]) -> list[ReadFile]:
    """CSV ``files`` (paths or contents), those without a header left out.

    Raises:
        Inconclusive: a file is no report; nothing could be expected of it.
    """
    found = []
    for position, file in enumerate(files):
        name = file.name if isinstance(file, Path) else f"CSV object {position}"
        try:
            content = file.read_bytes() if isinstance(file, Path) else file
        except OSError as error:
            raise Inconclusive(f"The CSV file cannot be read: {name}: {error.strerror or error}.") from error
        read = _read(content, name, position)
        if read is not None:
            found.append(read)
    return found


def _manifest(folder: Path) -> Manifest:
    name = f"{folder.name}/manifest.json"
    try:
        with (folder / "manifest.json").open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise Inconclusive(f"The payload's manifest cannot be read: {name}: {error.strerror}.") from error
    try:
        return parse_manifest(content)
    except ValueError as error:
        raise Inconclusive(f"The payload's manifest is not usable: {name}: {error}.") from None


def _read(content: bytes, name: str, position: int) -> ReadFile | None:
    sheet = read_sheet(content, name)
    return None if sheet is None else typed(sheet, content, name, position)


def dropped_rows(files: Iterable[ReadFile]) -> dict[tuple[str, str], int]:
    """How many rows of each report type and day Koku leaves out, although it archives them."""
    dropped: dict[tuple[str, str], int] = {}
    for file in files:
        for day, count in file.dropped.items():
            dropped[file.kind.name, day] = dropped.get((file.kind.name, day), 0) + count
    return dropped


def by_type(files: Iterable[ReadFile]) -> dict[str, Table]:
    """The rows of ``files`` by report type, as ``PayloadData.tables`` has them."""
    found: dict[str, list[Table]] = {}
    for file in files:
        if file.table.rows:
            place = [file.position] * file.table.rows
            found.setdefault(file.kind.name, []).append(file.table.having("file", place))
    return {name: _joined(REPORT_TYPES[name], parts) for name, parts in found.items()}


def _joined(kind: ReportType, parts: list[Table]) -> Table:
    """One table of several, whose sums are exact, too."""
    if len(parts) == 1:
        return parts[0]
    for column in kind.numeric:
        values = {value for part in parts for value in part[column]}
        numbers.check_width(values, sum(part.rows for part in parts))
    return joined(parts)
