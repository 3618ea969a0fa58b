"""What Koku makes of one CSV file: a CSV and two parquet files of each day (docs/contract/clouds.md 5, 6, 7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from e2e_validator.expect.measures import exactly
from e2e_validator.providers.aws.cost_file.reading import Line
from e2e_validator.providers.aws.expect.columns import (
    CATEGORY_PREFIX,
    CSV_NAMES,
    HIGHEST,
    INTERVAL,
    KEYS,
    LAST_TEXTS,
    NUMBERS,
    START,
    SUMMED,
    TAG_PREFIX,
    TIMES,
    USER_TAG,
)
from e2e_validator.providers.aws.expect.doubles import cell
from e2e_validator.providers.aws.expect.schema import CATEGORIES, TAGS
from e2e_validator.providers.aws.expect.texts import ROWS, Texts


@dataclass(frozen=True, slots=True)
class DailyKey:
    """A group of the daily parquet file: the day of UsageStartDate, the texts of ``columns.KEYS``, two JSON texts."""

    day: str
    texts: tuple[str, ...]
    tags: str
    categories: str

    def text(self, name: str) -> str:
        """The text of one of ``columns.KEYS``."""
        return self.texts[_PLACE[name]]


START_DAY = "lineitem_usagestartdate"
_RAW_TEXTS = tuple(sorted(CSV_NAMES.keys() - {*NUMBERS, *TIMES}))
# First that by which a reader finds a row.
_TOGETHER = tuple(dict.fromkeys(("lineitem_resourceid", START_DAY, *_RAW_TEXTS, *TIMES, TAGS, CATEGORIES)))
_PLACE = {name: place for place, name in enumerate(KEYS)}


@dataclass(slots=True)
class DailyRow:
    """A row of the daily parquet file: exact sums and highest values, the highest texts, and of how many rows."""

    numbers: dict[str, Decimal]
    texts: dict[str, str]
    rows: int = 1


def with_whole(texts: Mapping[str, str], numbers: Iterable[Decimal] = ()) -> dict[str, str]:
    """The texts of a row of a parquet file, and all of them as one; of a raw file with its ``numbers``."""
    parts = [texts.get(name, "") for name in _TOGETHER]
    return {**texts, ROWS: "|".join([*parts, *map(str, numbers)])}


@dataclass(slots=True)
class DayFile:
    """One day of a file: ``rows`` of the CSV and of the raw parquet, ``sums`` of its numbers, the ``daily`` rows."""

    rows: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(NUMBERS, Decimal(0)))
    daily: dict[DailyKey, DailyRow] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    """Those of the raw parquet file."""

    def daily_texts(self) -> Texts:
        """The texts of the daily parquet file."""
        found = Texts()
        for key, row in self.daily.items():
            texts = {START_DAY: key.day, **dict(zip(KEYS, key.texts, strict=True)), TAGS: key.tags}
            found.add_row(with_whole(texts | {CATEGORIES: key.categories} | row.texts))
        return found

    def daily_sums(self) -> dict[str, Decimal]:
        """The sums of the numeric columns of the daily parquet file."""
        return {name: sum((row.numbers[name] for row in self.daily.values()), Decimal(0)) for name in NUMBERS}


def interval_day(text: str) -> str:
    """The day by which a row is put into a file: that of the beginning of identity/TimeInterval."""
    return text.partition("T")[0].strip()


def usage_day(text: str) -> str:
    """The day of UsageStartDate in UTC.

    Raises:
        ValueError: it is no date.
    """
    when = datetime.fromisoformat(text.strip())
    return (when if when.tzinfo is None else when.astimezone(UTC)).date().isoformat()


def as_json(pairs: Iterable[tuple[str, str]]) -> str:
    """A JSON object of those that have a value, by its keys in order."""
    return json.dumps({key: value for key, value in sorted(pairs) if value}, ensure_ascii=False)


def tags_of(cells: Mapping[str, str]) -> str:
    """The tags of a row: those of users alone, without their prefix."""
    return as_json((name.removeprefix(USER_TAG), text) for name, text in cells.items() if name.startswith(USER_TAG))


def categories_of(cells: Mapping[str, str]) -> str:
    """The cost categories of a row."""
    return as_json(
        (name.removeprefix(CATEGORY_PREFIX), text) for name, text in cells.items() if name.startswith(CATEGORY_PREFIX)
    )


@exactly
def split(lines: Iterable[Line]) -> dict[str, DayFile]:
    """The rows by the day of their interval.

    Raises:
        ValueError: a UsageStartDate or the beginning of an interval is no date.
        Inconclusive: a number is infinite.
    """
    days: dict[str, DayFile] = {}
    for line in lines:
        day = date.fromisoformat(interval_day(line.cells[INTERVAL])).isoformat()
        _add(days.setdefault(day, DayFile()), line.cells)
    return days


def _add(day: DayFile, cells: Mapping[str, str]) -> None:
    day.rows += 1
    numbers = {name: cell(cells.get(CSV_NAMES[name], "")) for name in NUMBERS}
    for name, value in numbers.items():
        day.sums[name] += value
    key = DailyKey(
        usage_day(cells[START]),
        tuple(cells.get(CSV_NAMES[name], "") for name in KEYS),
        tags_of(cells),
        categories_of(cells),
    )
    day.texts.add_row(with_whole(_raw_texts(cells, key), [numbers[name] for name in sorted(numbers)]))
    texts = {name: cells.get(CSV_NAMES[name], "") for name in LAST_TEXTS}
    row = day.daily.get(key)
    if row is None:
        day.daily[key] = DailyRow(numbers, texts)
        return
    row.rows += 1
    for name in SUMMED:
        row.numbers[name] += numbers[name]
    for name in HIGHEST:
        row.numbers[name] = max(row.numbers[name], numbers[name])
    for name in LAST_TEXTS:
        row.texts[name] = max(row.texts[name], texts[name])


def _raw_texts(cells: Mapping[str, str], key: DailyKey) -> dict[str, str]:
    texts = {name: cells.get(CSV_NAMES[name], "") for name in _RAW_TEXTS}
    times = {name: moment(cells.get(CSV_NAMES[name], "")) for name in TIMES}
    return texts | times | {TAGS: key.tags, CATEGORIES: key.categories}


@lru_cache(maxsize=4096)
def moment(text: str) -> str:
    """A moment as the raw parquet files have it, in UTC; a text that is none as it is."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)).isoformat()


def flat_columns(header: Iterable[str], filled: Iterable[str]) -> tuple[str, ...]:
    """The columns that the day CSVs keep: Koku's own, and of tags and categories those with a value somewhere."""
    with_value = set(filled)
    known = set(CSV_NAMES.values())
    return tuple(
        name
        for name in header
        if name in known or (name.startswith((TAG_PREFIX, CATEGORY_PREFIX)) and name in with_value)
    )
