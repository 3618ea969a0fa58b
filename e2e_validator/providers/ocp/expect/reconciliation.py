"""The reconciliation: a line for each report and grouping, and what was shared out, expected against actual."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rich.console import Console
from rich.table import Table

from e2e_validator.expect.ledger import SMALLEST, WHOLE_ROW, Difference, Kind, number
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.providers.ocp.expect.noise import compare
from e2e_validator.providers.ocp.expect.rate_rows import SHARES

# Koku keeps 15 digits; what is nearer than this is the same number written differently.
EXACTLY = Decimal("1e-12")
_POOL = "pool"
_ZERO = Decimal(0)


class Status(StrEnum):
    """How near the two sides are; of several figures the worst counts."""

    EXACT = "exact"
    WITHIN = "within tolerance"
    VARIANCE = "variance"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of ``compared`` figures ``differing`` are off, and ``figure`` is the worst of them.

    Where nothing is off, ``figure`` is the answer's most telling total. ``where`` is the group and the date; empty
    for the total. ``expected`` or ``actual`` is None where that side has no value.
    """

    report: str
    grouping: str
    where: str
    figure: str
    expected: Decimal | None
    actual: Decimal | None
    status: Status
    compared: int
    differing: int

    @property
    def difference(self) -> Decimal | None:
        """Actual less expected; None without both."""
        return None if self.expected is None or self.actual is None else self.actual - self.expected

    @property
    def ok(self) -> bool:
        """Whether every figure of the line is what the data say."""
        return self.status in {Status.EXACT, Status.WITHIN}


@exactly
def reconcile(expected: Measures, actual: Measures) -> list[Line]:
    """A line for each report and grouping of ``expected`` or ``actual`` (as ``expect.figures`` keys them).

    A line for each pool of costs follows: what was taken, and what the projects of users were given.
    """
    answers = list(dict.fromkeys(key[:2] for key in (*expected, *actual)))
    lines = [_line((report, grouping), expected, actual) for report, grouping in answers]
    return [*lines, *_pools(expected, actual)]


def _line(answer: tuple[str, ...], expected: Measures, actual: Measures) -> Line:
    want = {key: row for key, row in expected.items() if key[:2] == answer}
    have = {key: row for key, row in actual.items() if key[:2] == answer}
    report, grouping = answer
    compared = sum(len(row) for row in want.values())
    off = compare(report, want, have)
    if off:
        worst = off[0]
        where = " ".join(part for part in worst.key[2:] if part)
        status = Status.MISSING if any(one.kind is Kind.MISSING for one in off) else Status.VARIANCE
        left, right = _sides(worst)
        return Line(report, grouping, where, worst.field, left, right, status, compared, len(off))
    figure = "usage" if report != "costs" else "cost.distributed" if grouping == "project" else "cost.total"
    total = (report, grouping, "", "")
    status = Status.WITHIN if compare(report, want, have, relative=EXACTLY) else Status.EXACT
    return Line(report, grouping, "", figure, want[total].get(figure), have[total].get(figure), status, compared, 0)


def _sides(difference: Difference) -> tuple[Decimal | None, Decimal | None]:
    return (None, None) if difference.field == WHOLE_ROW else (difference.expected, difference.actual)


def _pools(expected: Measures, actual: Measures) -> Iterable[Line]:
    """What was taken from the owners of each pool, and what was given to others; only pools that hold something."""
    for share in SHARES.values():
        want, have = _taken_and_given(expected, share), _taken_and_given(actual, share)
        if not any((*want, *have)):
            continue
        for name, left, right in zip(("taken", "given"), want, have, strict=True):
            off = abs(right - left)
            scale = max(abs(left), abs(right))
            status = (
                Status.EXACT
                if off <= max(EXACTLY * scale, SMALLEST)
                else Status.WITHIN
                if off <= Decimal("1e-9") * scale
                else Status.VARIANCE
            )
            figure = f"{share.removesuffix('_distributed')} {name}"
            yield Line("costs", _POOL, "", figure, left, right, status, 1, int(status is Status.VARIANCE))


def _taken_and_given(figures: Measures, share: str) -> tuple[Decimal, Decimal]:
    values = [
        row.get(f"cost.{share}", _ZERO) for key, row in figures.items() if key[:2] == ("costs", "project") and key[3]
    ]
    return -sum((value for value in values if value < 0), _ZERO), sum((value for value in values if value > 0), _ZERO)


def reconciliation_table(
    lines: Sequence[Line], *, title: str = "", coverage: Mapping[str, Decimal | None] | None = None, width: int = 120
) -> str:
    """The lines as plain text, at most ``width`` columns; and how much of the cost has each enabled label."""
    table = Table(title=title or None, title_justify="left", expand=False)
    for name in ("REPORT", "BY", "FIGURE"):
        table.add_column(name, overflow="fold")
    for name in ("EXPECTED", "ACTUAL", "DIFFERENCE"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("STATUS")
    for line in lines:
        table.add_row(*_cells(line))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(table, markup=False)
    for key, percent in (coverage or {}).items():
        shown = "there is no cost" if percent is None else f"{percent:.2f} % of the cost"
        console.print(f"tag {key}: {shown}", markup=False, highlight=False)
    return out.getvalue()


def _cells(line: Line) -> tuple[str, ...]:
    figure = f"{line.where}\n{line.figure}".strip()
    difference = line.difference
    sign = "" if difference is None else ("+" if difference > 0 else "") + number(difference)
    if line.figure == WHOLE_ROW:
        expected, actual = ("present", "-") if line.status is Status.MISSING else ("-", "present")
    else:
        expected, actual = number(line.expected), number(line.actual)
    off = f" ({line.differing} of {line.compared})" if line.differing else ""
    return line.report, line.grouping, figure, expected, actual, sign if not line.ok else "0", f"{line.status}{off}"
