"""The texts of parquet files as they are, beside those that must be there (docs/contract/clouds.md 7)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from e2e_validator.access.parquet import ParquetFile
from e2e_validator.expect.measures import Key, Measures
from e2e_validator.providers.aws.expect.columns import NUMBERS
from e2e_validator.providers.aws.expect.daily import START_DAY, as_json, with_whole
from e2e_validator.providers.aws.expect.schema import CATEGORIES, TAGS
from e2e_validator.providers.aws.expect.texts import Texts, told_apart

# Another one in each file that is written.
_RANDOM = "row_uuid"


@dataclass
class ComparedTexts:
    """What the texts of some files must be and are: digests where they are equal, a text where they are not."""

    wanted: Measures = field(default_factory=dict)
    there: Measures = field(default_factory=dict)


def compare_texts(files: Iterable[tuple[Key, ParquetFile]], expected: Measures, *, daily: bool) -> ComparedTexts:
    """Compare the texts of each place; several files at one place are one. ``daily`` files have no hours.

    The numbers of a row of a raw file are compared with its texts; those of a daily one are sums of doubles, which are
    compared as such.
    """
    wanted: dict[Key, Measures] = defaultdict(dict)
    for key, values in expected.items():
        wanted[key[:-2]][key] = values
    places: dict[Key, list[ParquetFile]] = defaultdict(list)
    for place, file in files:
        places[place].append(file)
    found = ComparedTexts()
    for place in sorted(wanted.keys() | places.keys()):
        of_place = wanted.get(place, {})
        there = Texts()
        for row in _rows(places.get(place, ()), daily=daily):
            there.add_row(row)
        have = there.measures(place)
        if have != of_place:
            of_place, have = told_apart(of_place, place, there, _values(places.get(place, ()), daily=daily))
        found.wanted |= of_place
        found.there |= have
    return found


def _values(files: Iterable[ParquetFile], *, daily: bool) -> Mapping[str, Mapping[str, int]]:
    """Each text of each column, with its rows."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(files, daily=daily):
        for name, text in row.items():
            found[name][text] += 1
    return found


def _rows(files: Iterable[ParquetFile], *, daily: bool) -> Iterator[dict[str, str]]:
    """The texts of each row."""
    for file in files:
        there = [name for name, _ in file.columns]
        names = [name for name in there if name not in NUMBERS and name != _RANDOM]
        numbers = [] if daily else sorted(set(NUMBERS) & set(there))
        columns = [[_text(name, value, daily=daily) for value in file.values(name)] for name in names]
        amounts = [[Decimal(repr(value or 0.0)) for value in file.values(name)] for name in numbers]
        for number in range(file.rows):
            texts = {name: column[number] for name, column in zip(names, columns, strict=True)}
            yield with_whole(texts, [column[number] for column in amounts])


def _text(name: str, value: Any, *, daily: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if daily and name == START_DAY else value.isoformat()
    return _canonical(str(value)) if name in {TAGS, CATEGORIES} else str(value)


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    """A JSON object as the expectation writes it; any other text as it is."""
    try:
        pairs = json.loads(text)
        return as_json((str(key), str(value)) for key, value in pairs.items())
    except (ValueError, AttributeError):
        return text
