"""What lies in the archive of a source: day CSVs, raw and daily parquet files (docs/contract/clouds.md 6, 7)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from e2e_validator.access.parquet import NoParquetError, read_parquet
from e2e_validator.engine.context import Context
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import GaveUp
from e2e_validator.expect.measures import Key, Measures, add, exactly
from e2e_validator.providers.aws.expect.columns import CSV_NAMES, NUMBERS
from e2e_validator.providers.aws.expect.doubles import cell
from e2e_validator.providers.aws.expect.schema import DAILY_SCHEMA, raw_schema
from e2e_validator.providers.aws.names import DAILY_PARQUET, DAY_CSV, RAW_PARQUET
from e2e_validator.providers.aws.parquet_texts import ComparedTexts, compare_texts

_PLACE = r"year=(\d{4})/month=(\d\d)/((\d{4}-\d\d-\d\d)_manifestid-(\d+)_basefile-(.+)_batch-\d+)"
_KEYS = {
    DAY_CSV: re.compile(_PLACE + r"\.csv"),
    RAW_PARQUET: re.compile(_PLACE + r"_\d+\.parquet"),
    DAILY_PARQUET: re.compile(_PLACE + r"_daily_\d+\.parquet"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One object: its place (month, day, position of its assembly, file), the stem of its name, its content."""

    place: Key
    stem: str
    key: str
    content: bytes


@dataclass
class Columns:
    """How many files have a column of a type, and how many must; both by kind, and name with type."""

    there: Counter[Key] = field(default_factory=Counter)
    wanted: Counter[Key] = field(default_factory=Counter)

    def look(self, kind: str, there: Iterable[tuple[str, str]], wanted: Mapping[str, str]) -> None:
        """Count the columns of one file."""
        self.there.update((kind, f"{name} {of}") for name, of in there)
        self.wanted.update((kind, f"{name} {of}") for name, of in wanted.items())

    def measures(self) -> tuple[Measures, Measures]:
        """Those that must be there, and those that are."""
        return _files(self.wanted), _files(self.there)


@dataclass
class Archive:
    """All objects of a source at one look: rows and sums by their place."""

    csv: Measures = field(default_factory=dict)
    csv_sums: Measures = field(default_factory=dict)
    raw: Measures = field(default_factory=dict)
    daily: Measures = field(default_factory=dict)
    raw_texts: ComparedTexts = field(default_factory=ComparedTexts)
    daily_texts: ComparedTexts = field(default_factory=ComparedTexts)
    columns: Columns = field(default_factory=Columns)


def _files(counted: Mapping[Key, int]) -> Measures:
    return {key: {"files": Decimal(count)} for key, count in counted.items()}


@exactly
def read_archive(context: Context, raw_texts: Measures, daily_texts: Measures) -> Archive:
    """Read every object of the source; ``raw_texts`` and ``daily_texts`` are what the parquet files must hold.

    Raises:
        GaveUp: a parquet file is damaged.
        Blocked: pyarrow is not installed.
        Unreachable: the store does not answer.
    """
    archive = Archive()
    headers: dict[str, list[str]] = {}
    for found in _found(context, DAY_CSV):
        header, rows, sums = _csv(found.content)
        headers[found.stem] = header
        add(archive.csv, found.place, {"rows": Decimal(rows)})
        archive.csv[found.place]["columns"] = Decimal(len(header))
        add(archive.csv_sums, found.place, sums)
    for kind, measures in ((RAW_PARQUET, archive.raw), (DAILY_PARQUET, archive.daily)):
        files = []
        for found in _found(context, kind):
            try:
                file = read_parquet(found.key, found.content)
            except NoParquetError as error:
                raise GaveUp(error.headline, detail=error.detail) from error
            wanted = raw_schema(headers.get(found.stem, ())) if kind == RAW_PARQUET else DAILY_SCHEMA
            archive.columns.look("raw" if kind == RAW_PARQUET else "daily", file.columns, wanted)
            add(measures, found.place, {"rows": Decimal(file.rows), **file.sums(NUMBERS)})
            files.append((found.place, file))
        if kind == RAW_PARQUET:
            archive.raw_texts = compare_texts(files, raw_texts, daily=False)
        else:
            archive.daily_texts = compare_texts(files, daily_texts, daily=True)
    return archive


def _found(context: Context, kind: str) -> list[Found]:
    """The objects of one kind; one at no place that is known has its key as its place."""
    objects, account = context.clients.objects, context.target.schema_name.removeprefix("acct")
    prefix = kind.format(account=account, uuid=context.provider_uuid)
    positions = _positions(context)
    keys = list(objects.keys(objects.archive, prefix))
    read = side_by_side(lambda key: objects.read_with_manifest_id(objects.archive, key), keys)
    found = []
    for key, (content, manifest) in zip(keys, read, strict=True):
        place: Key = (key,)
        stem = key
        name = _KEYS[kind].fullmatch(key.removeprefix(prefix))
        if name is not None and name[5] in positions:
            position = positions[name[5]]
            # The metadata say the same as the name, or Koku would never find the object again to replace it.
            said = position if manifest == name[5] else f"{position} with the metadata of manifest {manifest}"
            place, stem = (f"{name[1]}-{name[2]}", name[4], said, name[6]), name[3]
        found.append(Found(place, stem, key, content))
    return found


def _positions(context: Context) -> dict[str, str]:
    """The position of the assembly, from 0, of each manifest by its id."""
    first: dict[str, int] = {}
    for sent in context.state.payloads:
        if not sent.control:
            first.setdefault(sent.uuid, sent.index - 1)
    return {str(one.id): str(first[one.uuid]) for one in context.observe().manifests if one.uuid in first}


def _csv(content: bytes) -> tuple[list[str], int, dict[str, Decimal]]:
    """The header of a day CSV, its rows, and the sums of its numbers; a column that is not there counts 0."""
    reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    header = next(reader, [])
    at = {name: header.index(CSV_NAMES[name]) for name in NUMBERS if CSV_NAMES[name] in header}
    sums = dict.fromkeys(NUMBERS, Decimal(0))
    rows = 0
    for row in reader:
        rows += 1
        for name, place in at.items():
            sums[name] += cell(row[place])
    return header, rows, sums
