"""Every figure that the reports show is the one that follows from the data; then the whole ledger once more."""

from __future__ import annotations

from datetime import date

from e2e_validator.engine.context import Context
from e2e_validator.engine.deviating import describe
from e2e_validator.engine.outcome import Outcome
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.ledger import number
from e2e_validator.expect.ledger_table import figures_table
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.ocp.deviating import check_deviations, with_what_is_gone
from e2e_validator.providers.ocp.expect.deviations.text import deviation_details
from e2e_validator.providers.ocp.expect.fields import REPORTS
from e2e_validator.providers.ocp.expect.surface.shown import Shown, WrongShape
from e2e_validator.providers.ocp.money import check_money, reconciliation
from e2e_validator.providers.ocp.organisation_groups import unless_groups_changed
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.reports import days, figures, shown
from e2e_validator.providers.ocp.stages import (
    label_stage,
    line_item_stages,
    payload_stage,
    rate_stage,
    stage,
    summary_stage,
    ui_stage,
)
from e2e_validator.providers.ocp.stale_views import answers_to_judge
from e2e_validator.providers.ocp.surface import check_surface

TOTALS = ("usage", "request", "limit", "capacity", "cost.total")


@unless_groups_changed
def show(context: Context) -> Outcome:
    """Compare every figure; if one differs, the first stage that differs is named."""
    first, last = days(context)
    expected = own_expectation(context).figures(first, last)
    answered = _answered(context, (first, last))
    actual = figures(answered)
    said = ""
    if not context.plan.negative and actual != expected:
        before = actual
        actual, said = answers_to_judge(context, expected, actual)
        answered = answered if actual == before else _answered(context, (first, last))
    stages = [] if context.plan.negative else _stages_before(context)
    stages.append(stage("UI tables -> API" if stages else "nothing -> API", expected, actual))
    table = reconciliation(context, expected, actual)
    try:
        lines = judge(stages)
        money = check_money(context, actual, first, last)
    except NumbersDiffer as error:
        headline = with_what_is_gone(context, error.headline, actual, first, last)
        raise NumbersDiffer(headline, detail=f"{error.detail}\n\n{table}") from error
    surface = None
    if not context.plan.negative:
        try:
            surface = check_surface(context, answered, (first, last))
        except NumbersDiffer as error:
            raise NumbersDiffer(error.headline, detail=f"{error.detail}\n\n{lines}\n\n{table}") from error
    known = check_deviations(context, first, last)
    count = sum(len(values) for values in expected.values()) + (surface.figures if surface else 0)
    facts = f"{count:,} figures and {len(stages)} stages equal" + (f", {said}" if said else "")
    if surface is None:
        facts = f"no usage in any of {len(REPORTS)} reports"
    return Outcome(
        facts,
        {
            "figures": count,
            "stages": len(stages),
            "questions": surface.questions if surface else 0,
            "totals": _totals(context, expected, actual),
            "said": money,
            "deviations": describe(known),
        },
        {
            "ledger.txt": lines,
            "figures.txt": figures_table(expected, actual),
            "reconciliation.txt": table,
            **({"surface.txt": surface.lines} if surface else {}),
            **({"deviations.txt": deviation_details(known)} if known else {}),
        },
        tuple(one.name for one in known),
    )


def _answered(context: Context, span: tuple[date, date]) -> dict[tuple[str, str], Shown]:
    """The plain answers.

    Raises:
        WrongShape: one is no answer of a report; its detail has the ledger up to the UI tables.
        NumbersDiffer: the data differ before that already.
    """
    try:
        return context.waiter().wait_for_value("the reports of the API", lambda: shown(context, span=span))
    except WrongShape as error:
        if context.plan.negative:
            raise
        raise WrongShape(
            error.headline, detail=f"{judge(_stages_before(context))}\n\n{error.detail}".strip()
        ) from error


def _totals(context: Context, expected: Measures, actual: Measures) -> dict[str, dict[str, tuple[str, str]]]:
    """The total of each report as text, expected and actual."""
    if context.plan.negative:
        return {}
    return {
        report: {
            figure.removeprefix("cost."): (
                number(expected[report, "total", "", ""].get(figure)),
                number(actual[report, "total", "", ""].get(figure)),
            )
            for figure in TOTALS
            if figure in expected[report, "total", "", ""] and ((report == "costs") == figure.startswith("cost."))
        }
        for report in REPORTS
    }


def _stages_before(context: Context) -> list[Stage]:
    """The ledger up to the UI tables, read afresh: what changed after a phase looked is seen here."""
    last = len(context.plan.payloads)
    return [
        *(payload_stage(context, sent) for sent in context.state.payloads),
        *line_item_stages(context, last),
        summary_stage(context, last),
        label_stage(context, last),
        rate_stage(context, last),
        ui_stage(context, last),
    ]
