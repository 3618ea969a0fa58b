"""The deviations in an expectation: the figures by the data beside those as Koku, each with the name of its cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from e2e_validator.expect import deviation
from e2e_validator.expect.ledger import RELATIVE, SMALLEST, number
from e2e_validator.expect.measures import Key, Measures, exactly
from e2e_validator.providers.ocp.expect.by_data.figures import decided
from e2e_validator.providers.ocp.expect.deviations.clue import Clue
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS

_ZERO = Decimal(0)
# What tells most comes first.
_FIELDS = ("usage", "request", "capacity", "cost.total", "limit")
_GROUPINGS = ("project", "node", "total", "cluster", "daily")
_REPORTS = ("compute", "volumes", "costs", "memory")


@dataclass(frozen=True, slots=True)
class TwoValues:
    """A figure of which the data say one thing, and Koku another; None where Koku has no such row."""

    key: Key
    field: str
    by_data: Decimal
    as_koku: Decimal | None

    def __str__(self) -> str:
        """``compute / project shop usage is 48, the data say 24``."""
        report, grouping, group, period = self.key
        by = f"{report} / {grouping} {group}".rstrip()
        when = f" on {period}" if grouping == "daily" and period else ""
        there = "missing" if self.as_koku is None else number(self.as_koku)
        return f"{by}{when} {self.field} is {there}, the data say {number(self.by_data)}"


Deviation = deviation.Deviation[Clue, TwoValues]


@exactly
def deviations(by_data: Measures, as_koku: Measures, clues: Sequence[Clue]) -> list[Deviation]:
    """Every deviation between the two, in the order of the registry; what no clue explains is ``unexplained``.

    A difference that several clues may explain counts for each of them.
    """
    different = list(differing(by_data, as_koku))
    at_work = [clue for clue in clues if _at_work(clue, different)]
    # Two that cancel each other out in a project's month still differ day by day.
    explained = ((figure, _covering(at_work, figure) or _covering(clues, figure)) for figure in different)
    return deviation.by_name(DEVIATIONS, explained, _telling)


def _covering(clues: Sequence[Clue], figure: TwoValues) -> list[Clue]:
    return [clue for clue in clues if clue.covers(figure.key, figure.field)]


def _at_work(clue: Clue, different: Sequence[TwoValues]) -> bool:
    """Whether it changes a figure of its own, not only one that it shares with all others."""
    own = [figure for figure in different if clue.covers(figure.key, figure.field)]
    return bool(own) and (not clue.projects or any(_is_own(figure.key) for figure in own))


def _is_own(key: Key) -> bool:
    return bool(key[2]) and key[1] in {"project", "node"}


def differing(by_data: Measures, as_koku: Measures) -> Iterable[TwoValues]:
    """The figures that the data decide and Koku has otherwise. A row that only one side has is 0 on the other."""
    for key in by_data.keys() | as_koku.keys():
        mine, koku = by_data.get(key), as_koku.get(key)
        if mine is None:
            # Nothing of such a group is in the data.
            mine = dict.fromkeys(decided(key[0], key[1], total=not key[3]), _ZERO)
        for field, value in mine.items():
            there = _ZERO if koku is None else koku.get(field, _ZERO)
            if abs(there - value) > max(RELATIVE * max(abs(value), abs(there)), SMALLEST):
                yield TwoValues(key, field, value, None if koku is None else there)


def _telling(figure: TwoValues) -> tuple[bool, int, int, int, Decimal, Key]:
    report, grouping, group, _ = figure.key
    there = figure.as_koku or _ZERO
    size = abs(there - figure.by_data) / max(abs(there), abs(figure.by_data))
    return (
        not _is_own(figure.key),
        _rank(_FIELDS, figure.field),
        _rank(_GROUPINGS, grouping) if group or grouping not in {"project", "node"} else len(_GROUPINGS),
        _rank(_REPORTS, report),
        -size,
        figure.key,
    )


def _rank(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
