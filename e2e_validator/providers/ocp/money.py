"""What the api phase says of money: the reconciliation, the invariants, and costs worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from e2e_validator.engine.context import Context
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.hand_worked import equal
from e2e_validator.expect.ledger import number
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.invariants import invariants, not_conserved, tag_coverage
from e2e_validator.providers.ocp.expect.reconciliation import reconcile, reconciliation_table
from e2e_validator.providers.ocp.hand_figures import TOTAL, of_project
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.scenario.model import Costs


def reconciliation(context: Context, expected: Measures, actual: Measures) -> str:
    """The table: a line per report and grouping, what was shared out, and the coverage of each enabled tag key."""
    return reconciliation_table(
        reconcile(expected, actual),
        title=f"reconciliation of {context.plan.name}",
        coverage=tag_coverage(actual) if context.loaded.enable_tags else None,
    )


def check_money(context: Context, actual: Measures, first: date, last: date) -> list[str]:
    """What is to be said of the costs, when they keep the rules and are what the scenario's author worked out.

    Raises:
        NumbersDiffer: a rule is broken, or a cost is another one.
    """
    if context.plan.negative:
        return []
    rates = own_expectation(context).stage("costs", len(context.plan.payloads) - 1)
    broken = invariants(actual, lost=not_conserved(rates, first, last))
    if broken:
        raise NumbersDiffer(f"invariants of the API: {broken[0]}", detail="\n".join(broken))
    wanted = context.loaded.scenario.expect.costs
    said = []
    if wanted is not None:
        _check_given(wanted, actual)
        said.append("costs are 0 while usage is not, as expected" if wanted.zero else "costs worked out by hand equal")
    elif context.loaded.cost_model is not None and not actual[TOTAL]["cost.total"]:
        said.append("every cost is 0 in spite of a cost model")
    if context.loaded.enable_tags:
        said += [_covered(key, percent) for key, percent in sorted(tag_coverage(actual).items())]
    return said


def _check_given(wanted: Costs, actual: Measures) -> None:
    """Each cost of ``expect.costs`` in the scenario."""
    if wanted.zero:
        _check_zero(actual)
        return
    problems = []
    if wanted.total is not None:
        problems += _differs("the total cost", wanted.total, actual[TOTAL].get("cost.total"))
    for what, figure, given in (
        ("the cost", "cost.total", wanted.by_project),
        ("the distributed cost", "cost.distributed", wanted.distributed),
    ):
        for project, value in given.items():
            problems += _differs(f"{what} of {project}", value, of_project(actual, project, figure))
    if problems:
        raise NumbersDiffer(f"expect.costs: {problems[0]}", detail="\n".join(problems))


def _check_zero(actual: Measures) -> None:
    usage = sum(actual[report, "total", "", ""].get("usage", Decimal(0)) for report in ("compute", "memory"))
    if not usage:
        raise NumbersDiffer("expect.costs is zero, but usage is 0 too: nothing was charged because nothing was used")
    costs = {
        "/".join(part for part in key if part) + f" {field}": value
        for key, row in actual.items()
        for field, value in row.items()
        if field.startswith(("cost.", "infrastructure.", "supplementary.")) and value
    }
    if costs:
        where, value = max(costs.items(), key=lambda item: abs(item[1]))
        raise NumbersDiffer(f"expect.costs is zero, but {where} is {number(value)}")


def _differs(what: str, wanted: Decimal, got: Decimal | None) -> list[str]:
    return [] if equal(wanted, got) else [f"{what} is {number(got)}, worked out by hand {number(wanted)}"]


def _covered(key: str, percent: Decimal | None) -> str:
    return f"tag {key}: no cost" if percent is None else f"tag {key} covers {percent:.1f} % of the cost"
