"""The texts of a file, column by column, as sums of digests: the same for the same texts in whatever order.

The digests of a column lie in drawers, so that a sum that differs is that of few texts, among which the one that
differs can be found. What is empty counts nothing: a column that is not there, an empty cell and NULL are one
(docs/contract/clouds.md 7).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from e2e_validator.expect.measures import Key, Measures
from e2e_validator.expect.quoting import quoted

ROWS = "whole rows"
DRAWERS = 64
_MODULUS = 2**64
# Texts of a column that are counted by themselves before they are added to the sums.
_WAITING = 4096
_NAMED = 3


@lru_cache(maxsize=65536)
def digest(text: str) -> int:
    """64 bits that stand for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


@dataclass
class ColumnTexts:
    """The texts of one column: ``sums`` has (rows, sum of the digests) by drawer, for what is in it so far."""

    waiting: Counter[str] = field(default_factory=Counter)
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """One row more with this text."""
        self.waiting[text] += 1
        if len(self.waiting) > _WAITING:
            self._settle()

    def drawers(self) -> dict[int, tuple[int, int]]:
        """Rows and sum by drawer."""
        self._settle()
        return self.sums

    def _settle(self) -> None:
        for text, rows in self.waiting.items():
            number = digest(text)
            there, total = self.sums.get(number % DRAWERS, (0, 0))
            self.sums[number % DRAWERS] = (there + rows, (total + rows * number) % _MODULUS)
        self.waiting.clear()


@dataclass
class Texts:
    """The texts of a file by column; under ``ROWS`` those of each row together."""

    columns: dict[str, ColumnTexts] = field(default_factory=dict)

    def add_row(self, texts: Mapping[str, str]) -> None:
        """One row more, by its columns."""
        for column, text in texts.items():
            if text:
                if column not in self.columns:
                    self.columns[column] = ColumnTexts()
                self.columns[column].add(text)

    def measures(self, place: Key) -> Measures:
        """(place, column, drawer) -> rows and sum of the digests, exactly."""
        return {
            (*place, column, _drawer(number)): {"rows": Decimal(rows), "digest": Decimal(total)}
            for column, texts in self.columns.items()
            for number, (rows, total) in sorted(texts.drawers().items())
        }


def _drawer(number: int) -> str:
    return f"texts {number + 1} of {DRAWERS}"


def told_apart(
    expected: Measures, place: Key, there: Texts, values: Mapping[str, Mapping[str, int]]
) -> tuple[Measures, Measures]:
    """What is expected of the file at ``place``, and what is there, with each text that differs by its name.

    ``expected`` is of this file alone; ``values`` are the texts of each column that are there, with their rows. Drawers
    that are equal stay as they are. Of a drawer that is not, the text is found whose rows alone make the difference;
    if there is none, the drawer stands for its texts, some of which are named. Whole rows are told apart where all the
    columns are equal.
    """
    actual = there.measures(place)
    want, have = dict(expected), dict(actual)
    differing: dict[str, list[Key]] = {}
    for key in sorted(expected.keys() | actual.keys()):
        if expected.get(key) != actual.get(key):
            differing.setdefault(key[-2], []).append(key)
    for column, keys in differing.items():
        named = [one for key in keys for one in _named(expected.get(key), actual.get(key), values.get(column, {}))]
        for key in keys:
            want.pop(key, None)
            have.pop(key, None)
        if column == ROWS and len(differing) > 1:
            continue
        for text, rows, were in named:
            key = (*place, column, quoted(text))
            have |= {key: {"rows": Decimal(rows)}}
            want |= {key: {"rows": Decimal(were)}} if were else {}
        if not named:
            expect_rows, rows_there = _rows(expected, keys), _rows(actual, keys)
            texts = [text for text in sorted(values.get(column, {})) if (*place, column, _of(text)) in keys]
            other = f"other texts, such as {', '.join(map(quoted, texts[:_NAMED]))}"
            same = expect_rows == rows_there
            want |= {(*place, column, "texts"): {"rows": expect_rows}} if expect_rows else {}
            have |= {(*place, column, other if same else "texts"): {"rows": rows_there}} if rows_there else {}
    return want, have


def _of(text: str) -> str:
    return _drawer(digest(text) % DRAWERS)


def _rows(measures: Measures, keys: list[Key]) -> Decimal:
    return sum((measures[key]["rows"] for key in keys if key in measures), Decimal(0))


def _named(
    want: Mapping[str, Decimal] | None, have: Mapping[str, Decimal] | None, values: Mapping[str, int]
) -> Iterator[tuple[str, int, int]]:
    """The text that alone makes the difference of a drawer: with its rows, and how many they must be."""
    zero = {"rows": Decimal(0), "digest": Decimal(0)}
    want, have = want or zero, have or zero
    more = int(have["rows"] - want["rows"])
    apart = int(have["digest"] - want["digest"]) % _MODULUS
    for text, rows in sorted(values.items()):
        if more and more * digest(text) % _MODULUS == apart:
            yield text, rows, rows - more
