"""The ledger: each stage compared figure by figure; the first stage at which a number changes is the finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum

from e2e_validator.expect.measures import Key, Measures, exactly

RELATIVE = Decimal("1e-9")
# Koku keeps 15 decimals of each row (docs/contract/koku.md 3.9): this is more than what rounding changes, never a
# difference.
SMALLEST = Decimal("1e-12")
# Koku keeps 15 digits: where it subtracts two numbers, the difference is no more exact than they are.
_NOISE = Decimal("1e-12")
WHOLE_ROW = "(row)"
_SHOWN = Context(prec=15)

Scale = Callable[[Key, str, Mapping[str, Decimal]], Decimal]
"""The size of the numbers of which a figure (key, field, its row) is a difference; 0 for one that is none."""


def no_difference(_key: Key, _field: str, _row: Mapping[str, Decimal]) -> Decimal:
    """The scale of figures that are no difference of others."""
    return Decimal(0)


class Kind(StrEnum):
    """How two sides differ."""

    VALUE = "value"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what the data say.

    ``field`` is ``(row)`` where a whole row is missing or extra. ``expected`` or ``actual`` is None where that
    side has no value: the figure is missing, or NULL. ``difference`` is actual less expected, None without both.
    """

    stage: str
    key: Key
    field: str
    kind: Kind
    expected: Decimal | None
    actual: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """Actual less expected; None where a side has none, or no finite one."""
        if self.expected is None or self.actual is None or not self.actual.is_finite():
            return None
        return self.actual - self.expected

    @property
    def relative(self) -> Decimal:
        """The size relative to the larger side; what is missing or extra is larger than any difference."""
        if self.expected is None or self.actual is None or not self.actual.is_finite():
            return Decimal("Infinity")
        largest = max(abs(self.expected), abs(self.actual))
        return abs(self.actual - self.expected) / largest if largest else Decimal(0)


@dataclass(frozen=True, slots=True)
class StageResult:
    """A stage after its comparison: ``rows`` are the rows counted (or the keys), ``sums`` the figures compared."""

    stage: str
    rows: int
    sums: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether every figure is what the data say."""
        return not self.differences


@exactly
def compare(
    stage: str, expected: Measures, actual: Measures, *, relative: Decimal = RELATIVE, scale: Scale = no_difference
) -> list[Difference]:
    """Every difference between two sides of a stage, the largest first."""
    found = [Difference(stage, key, WHOLE_ROW, Kind.MISSING, None, None) for key in expected.keys() - actual.keys()]
    found += [Difference(stage, key, WHOLE_ROW, Kind.EXTRA, None, None) for key in actual.keys() - expected.keys()]
    for key in expected.keys() & actual.keys():
        left, right = expected[key], actual[key]
        for field in left.keys() | right.keys():
            want, have = left.get(field), right.get(field)
            if want is None:
                found.append(Difference(stage, key, field, Kind.EXTRA, None, have))
            elif have is None:
                found.append(Difference(stage, key, field, Kind.MISSING, want, None))
            elif not _equal(want, have, relative, _NOISE * scale(key, field, left)):
                found.append(Difference(stage, key, field, Kind.VALUE, want, have))
    return sorted(found, key=_by_size)


def check(
    stage: str, expected: Measures, actual: Measures, *, relative: Decimal = RELATIVE, scale: Scale = no_difference
) -> StageResult:
    """Compare a stage and count what was compared."""
    rows = sum(int(row.get("rows", 1)) for row in expected.values())
    sums = sum(1 for row in expected.values() for field in row if field != "rows")
    return StageResult(stage, rows, sums, tuple(compare(stage, expected, actual, relative=relative, scale=scale)))


def first_difference(stages: Iterable[StageResult]) -> StageResult | None:
    """The first stage, in the order given, at which a number is not what it was before."""
    return next((stage for stage in stages if not stage.ok), None)


def stage_line(result: StageResult) -> str:
    """``CSV -> payload: ok (96 rows, 19 sums)``, or how many figures differ and the largest of them."""
    counted = f"{result.rows} rows, {result.sums} sums"
    if result.ok:
        return f"{result.stage}: ok ({counted})"
    number = len(result.differences)
    figures = "1 figure differs" if number == 1 else f"{number} figures differ"
    return f"{result.stage}: {figures} ({counted}); {describe(result.differences[0])}"


def describe(difference: Difference) -> str:
    """One difference in a line: where, what was expected, what is there."""
    where = " / ".join(part for part in difference.key if part) or "total"
    if difference.field == WHOLE_ROW:
        return f"{where}: the row is {difference.kind}"
    return f"{where}: {difference.field} is {number(difference.actual)}, expected {number(difference.expected)}"


def number(value: Decimal | None) -> str:
    """A figure with 15 significant digits, without trailing zeros; ``-`` where there is none."""
    if value is None:
        return "-"
    return f"{_SHOWN.plus(value).normalize():f}" if value else "0"


def summarise(results: Sequence[StageResult]) -> list[str]:
    """A line for each stage."""
    return [stage_line(result) for result in results]


def _equal(want: Decimal, have: Decimal, relative: Decimal, noise: Decimal) -> bool:
    # A double precision column can hold infinity and NaN: neither is near anything.
    return have.is_finite() and abs(have - want) <= max(
        relative * max(abs(want), abs(have)), noise, SMALLEST if want or noise else noise
    )


def _by_size(difference: Difference) -> tuple[bool, Decimal, int, Key, str]:
    """What is missing or extra first, then the largest; a figure that follows from others comes after them."""
    derived = difference.field.endswith((".unused", ".unused_percent", "efficiency_percent", "wasted_cost"))
    first = 0 if difference.field == WHOLE_ROW else 1 if difference.field == "rows" else 2
    return derived, -difference.relative, first, difference.key, difference.field
