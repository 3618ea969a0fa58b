"""``filter[limit]`` and ``[offset]``: the best groups of the whole span, the rest as "Others".

See docs/contract/koku.md 5.4.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
# Figures that keep their own value of the day; any other figure ranked by is replaced by its rank total, as in Koku.
_KEPT = {"cost_total", "cost_total_distributed", "usage"}
_NOT_FIGURES = {"date", "clusters", "source_uuid"}


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was asked for, and the ranks found."""

    groups: list[str]
    limit: int
    offset: int | None
    ranks: list[Row]
    by_project: bool

    def _key(self, row: Row) -> tuple[Any, ...]:
        """The group of a row."""
        return tuple(row[group] for group in self.groups)

    def _filled(self, rows: list[Row]) -> list[Row]:
        """A row for every rank on every date that has data, zero where the group has none."""
        found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in rows:
            found[row["date"], *self._key(row)].append(row)
        figures = [name for name in rows[0] if name not in _NOT_FIGURES and name not in self.groups]
        filled = []
        for number, rank in enumerate(self.ranks, start=1):
            own = {group: rank[group] for group in self.groups}
            replaced = {name: value for name, value in rank.items() if name in figures and name not in _KEPT}
            replaced |= {"clusters": rank["clusters"], "source_uuid": rank["source_uuid"], "rank": number}
            for date in dict.fromkeys(row["date"] for row in rows):
                for row in found.get((date, *self._key(rank)), [{"absent": True}]):
                    values = {name: row.get(name) for name in figures}
                    filled.append({"date": date, **own, **values, **replaced, "absent": "absent" in row})
        return filled

    def _others(self, rows: list[Row]) -> list[Row]:
        """One row per date for all that ranked too low."""
        low = [row for row in rows if row["rank"] > self.limit]
        label = "Others" if len({self._key(row) for row in low}) > 1 else "Other"
        clusters = _distinct(row["clusters"] for row in low)
        sources = _distinct(row["source_uuid"] for row in low)
        by_date: dict[str, list[Row]] = defaultdict(list)
        for row in low:
            by_date[row["date"]].append(row)
        others = []
        for date, same in by_date.items():
            total = {name: _sum(row[name] for row in same) for name in same[0] if name not in _NOT_FIGURES}
            total |= dict.fromkeys(self.groups, label)
            total |= {"date": date, "clusters": clusters, "source_uuid": sources, "rank": self.limit + 1}
            if self.by_project:
                total |= {"default_project": "False", "classification": None}
            others.append(total)
        return others

    def apply(self, rows: list[Row]) -> list[Row]:
        """The rows of the answer, each with its ``rank``."""
        if not rows:
            return rows
        filled = self._filled(rows)
        if self.offset is not None:
            chosen = [row for row in filled if self.offset < row["rank"] <= self.offset + self.limit]
        else:
            chosen = [row for row in filled if row["rank"] <= self.limit] + self._others(filled)
            if self.by_project:
                chosen = [{"default_project": None, **row} for row in chosen]
        for row in chosen:
            if row.pop("absent", False):
                row["classification"] = None
            for name, value in row.items():
                if value is None and name not in {*self.groups, "default_project", "classification"}:
                    row[name] = 0  # a missing figure, and also the missing name of a cost group
        return chosen


def _distinct(lists: Iterable[list[str]]) -> list[str]:
    """All values, once."""
    return list(dict.fromkeys(value for values in lists for value in values))


def _sum(values: Iterable[Any]) -> Any:
    """Figures added, names and lists put together (what Koku's data frame does with them), nothing is 0."""
    found = [value for value in values if value is not None]
    if not found:
        return 0
    total = found[0]
    for value in found[1:]:
        total = total + value
    return total
