"""One answer of a report, read strictly: every figure a number with its unit (docs/contract/koku.md 5.5).

A 200 of another shape is the product's fault: a client that reads the answer would show wrong figures, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.measures import Key, Measures, numbered
from e2e_validator.providers.ocp.expect.fields import EFFICIENCY, TAG_PREFIX, WASTED

_MONEY = ("infrastructure", "supplementary", "cost")
_AMOUNTS = ("usage", "request", "limit", "capacity")
_PARTS = ("unused", "unused_percent", "count")
# Report -> the unit of its quantities, and of what it counts.
UNITS = {
    "compute": ("Core-Hours", "Core"),
    "memory": ("GiB-Hours", "GiB"),
    "volumes": ("GiB-Mo", "GiB"),
    "costs": ("", ""),
}
PLAIN = frozenset({"total", "daily"})


class WrongShape(NumbersDiffer):
    """A 200 that is no such answer: a figure is no number, a unit is wrong, a part is missing."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One entry: its date, the values of its groups (in the order of ``Shown.groupings``), figures and the rest."""

    date: str
    groups: tuple[str, ...]
    figures: dict[str, Decimal]
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The values of its groups in one text."""
        return " + ".join(self.groups)


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer: ``meta.total`` as ``total``, the dates of ``data`` in order, a row for each entry in order."""

    report: str
    groupings: tuple[str, ...]
    meta: Mapping[str, Any]
    links: Mapping[str, Any]
    dates: tuple[str, ...]
    rows: tuple[ShownRow, ...]
    total: dict[str, Decimal]

    @property
    def grouping(self) -> str:
        """Its groupings in one text; ``total`` without any."""
        return "+".join(self.groupings) or "total"

    @property
    def names(self) -> tuple[str, ...]:
        """The groups in the order in which they come first."""
        return tuple(dict.fromkeys(row.group for row in self.rows))


def read_shown(report: str, groupings: Sequence[str], body: Any, where: str = "") -> Shown:
    """Read the body of a report's answer, which is the JSON document with its numbers as Decimal.

    Args:
        report: which report.
        groupings: what was grouped by, in any order; nothing (or ``total``, ``daily``) without group_by.
        body: the document.
        where: how messages call the answer; by default the report and its grouping.

    Raises:
        WrongShape: it is no such answer.
    """
    keys = tuple(name for name in groupings if name not in PLAIN)
    where = where or f"{report} by {'+'.join(groupings) or 'total'}"
    try:
        meta, data, links = body["meta"], body["data"], body["links"]
        if "total" not in meta:
            raise WrongShape(f"the answer to {where} has no meta.total: Koku knows no such organisation")
        reader = _Reader(report, where, meta.get("currency"))
        total = reader.figures(meta["total"], "meta.total")
        dates = tuple(str(period["date"]) for period in data)
        rows = tuple(row for period in data for row in _rows(reader, keys, period))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongShape(f"the answer to {where} has another shape than a report's: {error!r}") from error
    return Shown(report, keys, meta, links, dates, rows, total)


def measures(shown: Shown, fields: Sequence[str], grouping: str = "") -> Measures:
    """The figures ``fields`` of an answer, keyed as ``expect.figures`` keys them.

    Of a group that is listed twice the smaller one has ``#2`` after its date.
    """
    grouping = grouping or shown.grouping
    twins: dict[Key, list[dict[str, Decimal]]] = {}
    for row in shown.rows:
        twins.setdefault((shown.report, grouping, row.group, row.date), []).append(_only(row.figures, fields))
    return {(shown.report, grouping, "", ""): _only(shown.total, fields)} | numbered(twins)


def _only(figures: Mapping[str, Decimal], fields: Sequence[str]) -> dict[str, Decimal]:
    return {name: figures[name] for name in fields if name in figures}


def _rows(reader: _Reader, keys: tuple[str, ...], period: Mapping[str, Any]) -> Iterator[ShownRow]:
    for groups, entry in _entries(keys, period):
        values = tuple(str(groups[key]) for key in keys)
        place = " / ".join((*values, str(period["date"])))
        said = {name: value for name, value in entry.items() if name not in (*_MONEY, *_AMOUNTS, "score")}
        yield ShownRow(str(period["date"]), values, reader.figures(entry, place), said)


def _entries(keys: tuple[str, ...], level: Mapping[str, Any]) -> Iterator[tuple[dict[str, str], Mapping[str, Any]]]:
    """Each entry below ``level`` with its groups; which of two groupings is the outer one, the answer tells."""
    if not keys:
        for entry in level["values"]:
            yield {}, entry
        return
    outer = next((key for key in keys if f"{_title(key)}s" in level), keys[0])
    inner = tuple(key for key in keys if key != outer)
    for group in level[f"{_title(outer)}s"]:
        for groups, entry in _entries(inner, group):
            yield {outer: group[_title(outer)], **groups}, entry


def _title(key: str) -> str:
    return key.removeprefix(TAG_PREFIX)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The figures of one answer; every one must have the unit of its kind."""

    report: str
    where: str
    currency: Any

    def figures(self, entry: Mapping[str, Any], place: str) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        amounts, counts = UNITS[self.report]
        for group in _MONEY:
            for part, pair in (entry.get(group) or {}).items():
                self._take(found, f"{group}.{part}", pair, self.currency, place)
        for name in _AMOUNTS:
            pair = entry.get(name)
            if pair is None:
                continue
            self._take(found, name, pair, amounts, place)
            for part in _PARTS:
                self._number(found, f"{name}.{part}", pair.get(part), place)
            if "count_units" in pair and pair["count_units"] != counts:
                raise self._wrong(f"{name}.count_units {pair['count_units']!r} where {counts} is right", place)
        self._score(found, entry, place)
        return found

    def _score(self, found: dict[str, Decimal], entry: Mapping[str, Any], place: str) -> None:
        score = entry.get("score", entry.get("total_score"))
        if not score:
            return
        self._number(found, EFFICIENCY, score["usage_efficiency_percent"], place)
        self._take(found, WASTED, score["wasted_cost"], self.currency, place)

    def _take(self, found: dict[str, Decimal], name: str, pair: Mapping[str, Any], units: Any, place: str) -> None:
        if pair["units"] != units:
            raise self._wrong(f"{name} in {pair['units']!r} where {units} is right", place)
        self._number(found, name, pair["value"], place)

    def _number(self, found: dict[str, Decimal], name: str, value: Any, place: str) -> None:
        """A number is kept; null is absent, which is never the same as 0."""
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
            raise self._wrong(f"no number in {name}: {value!r}", place)
        number = Decimal(str(value))
        if not number.is_finite():
            raise self._wrong(f"no finite number in {name}: {value}", place)
        if number.is_signed() and not number:
            raise self._wrong(f"a negative zero in {name}", place)
        found[name] = number

    def _wrong(self, what: str, place: str) -> WrongShape:
        return WrongShape(f"the answer to {self.where} has {what} ({place})")
