"""How the costs come about, as a person would write it: which data, which price, which sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from e2e_validator.errors import HarnessError
from e2e_validator.expect.ledger import RELATIVE, number
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.providers.ocp.expect.command import expectation_of
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.deviations.text import foretold
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.rate_rows import DISTRIBUTED, SHARES
from e2e_validator.providers.ocp.expect.summary import BLANK, UsageRow
from e2e_validator.providers.ocp.expect.terms import Term, terms

_ZERO = Decimal(0)
_Sums = dict[str, dict[str, Decimal]]


@dataclass
class _Day:
    """What is said of one day; days of which the same is said are said once."""

    days: list[str]
    lines: list[str]


def explain(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    enabled_tags: Sequence[str] = (),
    today: date | None = None,
) -> str:
    """The arithmetic of the costs of ``payloads`` (tarballs or folders), day by day and project by project.

    Raises:
        UsageError: a file is no tarball or no cost model.
        Inconclusive: a payload cannot be read.
    """
    with expectation_of(payloads, cost_model_file, enabled_tags, today) as (expectation, model):
        return explain_expectation(expectation, model)


@exactly
def explain_expectation(expectation: Expectation, model: CostModel | None) -> str:
    """The same of an expectation that was computed with ``model``.

    Raises:
        HarnessError: the arithmetic shown would not lead to the figures expected (a bug in this program).
    """
    days = [day for day in expectation.days() if expectation.today is None or day <= expectation.today]
    if not days:
        nothing = date(2026, 1, 1)
        return "\n".join(
            ["There are no data: every figure is 0.", *foretold(expectation.deviations(nothing, nothing)), ""]
        )
    figures = expectation.figures(days[0], days[-1])
    out = [_heading(days, expectation, figures), *foretold(expectation.deviations(days[0], days[-1]))]
    if model is None:
        return "\n".join([*out, "There is no cost model: every cost is 0.", ""])
    if model.empty:
        return "\n".join([*out, "The cost model has no rates: every cost is 0 while usage is not.", ""])
    usage = _by_day(expectation.usage())
    paid, shared = _paid_and_shared(expectation.stage("costs", -1))
    totals: dict[str, Decimal] = defaultdict(Decimal)
    blocks: list[_Day] = []
    for day in days:
        text = day.isoformat()
        if model.covers(day):
            found = [_as_shown(term) for term in terms(usage[text], model, paid[text])]
            for term in found:
                totals[term.project] += term.amount
            lines = [*_bills(found), *_shares(shared[text])]
        else:
            lines = [f"nothing: the price list is effective {model.start} to {model.end}"]
        if blocks and blocks[-1].lines == lines:
            blocks[-1].days.append(text)
        else:
            blocks.append(_Day([text], lines))
    _check(totals, figures)
    for block in blocks:
        out += ["", _when(block.days), *(f"  {line}" for line in block.lines)]
    return "\n".join([*out, "", *_sums(totals, figures, model), ""])


def _as_shown(term: Term) -> Term:
    """The term of the group in which the API shows it: what has no project's name is priced, too."""
    return replace(term, project="No-project") if term.project == BLANK else term


def _heading(days: list[date], expectation: Expectation, figures: Measures) -> str:
    compute, memory = (figures[report, "total", "", ""] for report in ("compute", "memory"))
    volumes = figures["volumes", "total", "", ""]
    return (
        f"{days[0]} to {days[-1]}, cluster {expectation.cluster_id}: "
        f"{number(compute['usage'])} core-hours of {number(compute['capacity'])}, "
        f"{number(memory['usage'])} GiB-hours of {number(memory['capacity'])}, "
        f"{number(volumes['usage'])} GiB-months of {number(volumes['capacity'])} used"
    )


def _by_day(rows: list[UsageRow]) -> dict[str, list[UsageRow]]:
    days: dict[str, list[UsageRow]] = defaultdict(list)
    for row in rows:
        days[row.day].append(row)
    return days


def _paid_and_shared(rates: Measures) -> tuple[_Sums, dict[str, dict[str, dict[str, Decimal]]]]:
    """By day: what the claims of each project pay by the month; by share, what each project gives or gets."""
    paid: _Sums = defaultdict(lambda: defaultdict(Decimal))
    shared: dict[str, dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Decimal)))
    for (day, _, namespace, _, rate_type, monthly_type), costs in rates.items():
        if monthly_type == "PVC":
            paid[day][namespace] += costs["cost_model_volume_cost"]
        if rate_type in SHARES:
            shared[day][SHARES[rate_type]][namespace] += costs[DISTRIBUTED]
    return paid, shared


def _bills(found: list[Term]) -> Iterator[str]:
    projects: dict[str, list[Term]] = defaultdict(list)
    for term in found:
        projects[term.project].append(term)
    for project, members in projects.items():
        yield f"{project}: {number(sum((term.amount for term in members), _ZERO))}"
        yield from (f"  {term.text}" for term in members)


def _shares(shared: dict[str, dict[str, Decimal]]) -> Iterator[str]:
    """What is shared out: from whom, and to whom."""
    for name, costs in shared.items():
        taken = {project: -cost for project, cost in sorted(costs.items()) if cost < 0}
        given = {project: cost for project, cost in sorted(costs.items()) if cost > 0}
        left = ", ".join(f"{project} {number(cost)}" for project, cost in taken.items())
        right = ", ".join(f"{project} {number(cost)}" for project, cost in given.items()) or "no project"
        yield f"{name}: {number(sum(taken.values(), _ZERO))} from {left}; to {right}"


def _when(days: list[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} days, each of them)"


def _check(totals: dict[str, Decimal], figures: Measures) -> None:
    shown: dict[str, Decimal] = defaultdict(Decimal)
    for key, row in figures.items():
        if key[:2] == ("costs", "project") and key[3]:
            shown[key[2]] += row["cost.total"]
    for project in totals.keys() | shown.keys():
        left, right = totals.get(project, _ZERO), shown.get(project, _ZERO)
        if abs(left - right) > RELATIVE * max(abs(left), abs(right)):
            raise HarnessError(
                f"The arithmetic of {project} comes to {number(left)}, the expectation to {number(right)}."
            )


def _sums(totals: dict[str, Decimal], figures: Measures, model: CostModel) -> Iterator[str]:
    total = figures["costs", "project", "", ""]
    yield f"Costs in {model.currency}"
    for project in sorted(totals):
        rows = [row for key, row in figures.items() if key[:3] == ("costs", "project", project)]
        distributed = sum((row["cost.distributed"] for row in rows), _ZERO)
        line = f"  {project}: {number(totals[project])}"
        if abs(distributed - totals[project]) > RELATIVE * abs(totals[project]):
            line += f", distributed {_near_zero(distributed)}"
        yield line
    yield f"  infrastructure: {number(total['infrastructure.total'])}"
    yield f"  supplementary: {number(total['supplementary.total'])}"
    raw, markup = number(total["cost.raw"]), number(total["cost.markup"])
    yield f"  markup: {number(model.markup)} % of the raw cost {raw} = {markup}"
    yield f"  total: {number(total['cost.total'])}"


def _near_zero(value: Decimal) -> str:
    return "0" if abs(value) < Decimal("1e-15") else number(value)
