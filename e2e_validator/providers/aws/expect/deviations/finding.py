"""The deviations in an expectation: the figures by the data beside those as Koku, each with the name of its cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from e2e_validator.expect import deviation
from e2e_validator.expect.ledger import RELATIVE, SMALLEST, number
from e2e_validator.expect.measures import Key, Measures, exactly
from e2e_validator.providers.aws.expect.deviations.clue import Clue
from e2e_validator.providers.aws.expect.deviations.registry import DEVIATIONS, LAST_DIGIT, ROUNDED

_ZERO = Decimal(0)
# Of a sum, what its roundings may take before it is worth a name.
_SEEN = Decimal("1e-6")


@dataclass(frozen=True, slots=True)
class TwoValues:
    """A figure of which the data say one thing, and Koku another; None where that side does not say."""

    key: Key
    field: str
    by_data: Decimal | None
    as_koku: Decimal | None

    @property
    def size(self) -> Decimal | None:
        """How far they are apart; None where the data do not say."""
        return None if self.by_data is None else abs((self.as_koku or _ZERO) - self.by_data)

    def __str__(self) -> str:
        """``costs unblended_cost / account 1 of 2026-11: cost is 0, the data say 24``."""
        report, cost_type, grouping, group, period = self.key
        there = "missing" if self.as_koku is None else number(self.as_koku)
        say = "nothing of it" if self.by_data is None else number(self.by_data)
        where = f"{grouping} {group}".strip()
        return f"{report} {cost_type} / {where} of {period}: {self.field} is {there}, the data say {say}"


Deviation = deviation.Deviation[Clue, TwoValues]


@exactly
def deviations(by_data: Measures, as_koku: Measures, clues: Sequence[Clue], rounded: Measures) -> list[Deviation]:
    """Every deviation between the two, in the order of the registry; what no clue explains is ``unexplained``.

    ``rounded`` counts under ``rows`` the rows that Koku has rounded in each figure: cost and markup of each may be off
    by half of the last digit. That is how exact a figure is, and no deviation as long as it is not a millionth of it.
    """
    return deviation.by_name(DEVIATIONS, _explained(differing(by_data, as_koku), clues, rounded), _largest)


def _explained(
    figures: Iterable[TwoValues], clues: Sequence[Clue], rounded: Measures
) -> Iterator[tuple[TwoValues, list[Clue]]]:
    for figure in figures:
        why = [clue for clue in clues if clue.covers(figure.key, figure.field, figure.size)]
        rounding = [clue for clue in why if clue.name == ROUNDED]
        if rounding and figure.size is not None and figure.size <= _exactness(rounded, figure.key):
            if figure.size <= _SEEN * abs(figure.as_koku or _ZERO):
                continue
            why = rounding
        yield figure, why


def _exactness(rounded: Measures, key: Key) -> Decimal:
    return rounded.get(key, {}).get("rows", _ZERO) * LAST_DIGIT


def differing(by_data: Measures, as_koku: Measures) -> Iterator[TwoValues]:
    """The figures that differ by more than 1e-9 of them. A row that only one side has is 0 on the other."""
    for key in sorted(by_data.keys() | as_koku.keys()):
        mine, koku = by_data.get(key, {}), as_koku.get(key)
        for field in sorted(mine.keys() | (koku or {}).keys()):
            value, there = mine.get(field, _ZERO), (koku or {}).get(field, _ZERO)
            shown = None if koku is None else there
            if value.is_nan():
                yield TwoValues(key, field, None, shown)
            elif abs(there - value) > max(RELATIVE * max(abs(value), abs(there)), SMALLEST):
                yield TwoValues(key, field, value, shown)


def _largest(figure: TwoValues) -> tuple[bool, Decimal, Key, str]:
    return figure.size is not None, -(figure.size or _ZERO), figure.key, figure.field
