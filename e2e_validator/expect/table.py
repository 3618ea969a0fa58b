"""Rows in columns: plain lists, grouped and summed exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Any, TypeVar

# Digits of a column and of its sums: numbers.check_width refuses what needs more, so that no sum is ever rounded.
WIDE = 76
# A sum that would have to be rounded raises in place of being wrong.
_EXACT = Context(prec=WIDE, traps=[Inexact, InvalidOperation])
_ZERO = Decimal(0)

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length: texts (``str``), numbers (``Decimal``, ``int``); None where a file has no such column."""

    columns: dict[str, list[Any]]
    rows: int

    def __getitem__(self, column: str) -> list[Any]:
        return self.columns[column]

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def having(self, column: str, values: list[Any]) -> Table:
        """The table with a column more, or with other values in one that it has."""
        return replace(self, columns={**self.columns, column: values})

    def where(self, keep: Sequence[bool]) -> Table:
        """The rows that have True in ``keep``."""
        kept = {
            name: [value for value, wanted in zip(values, keep, strict=True) if wanted]
            for name, values in self.columns.items()
        }
        return Table(kept, sum(keep))

    def grouped(
        self,
        keys: Sequence[str],
        *,
        sums: Iterable[str] = (),
        highest: Iterable[str] = (),
        lowest: Iterable[str] = (),
    ) -> list[dict[str, Any]]:
        """A row for each different combination of ``keys``, in the order in which they come first.

        Each has the keys, how many ``rows`` there are, and ``<column>_sum``, ``<column>_max``, ``<column>_min``.
        """
        places: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        for row, key in enumerate(zip(*(self.columns[key] for key in keys), strict=True)):
            places[key].append(row)
        wanted: list[tuple[str, list[Any], Callable[[Iterable[Any]], Any]]] = [
            *((f"{name}_sum", self.columns[name], _sum) for name in sums),
            *((f"{name}_max", self.columns[name], max) for name in highest),
            *((f"{name}_min", self.columns[name], min) for name in lowest),
        ]
        found = []
        with localcontext(_EXACT):
            for key, rows in places.items():
                group: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"rows": len(rows)}
                for name, values, of in wanted:
                    group[name] = of(map(values.__getitem__, rows))
                found.append(group)
        return found


def joined(parts: Sequence[Table]) -> Table:
    """The rows of all ``parts``; None in a column that a part lacks."""
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return Table(
        {name: [value for part in parts for value in part.columns.get(name, [None] * part.rows)] for name in names},
        sum(part.rows for part in parts),
    )


def each_once(function: Callable[[_T], _R], values: Iterable[_T]) -> list[_R]:
    """``function`` of every value, worked out once for each different one: data repeat the same few many times."""
    values = list(values)
    known = {value: function(value) for value in dict.fromkeys(values)}
    return [known[value] for value in values]


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, _ZERO)
