"""api: every figure that the reports show is the one that follows from the data; then the whole ledger once more."""

from __future__ import annotations

from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.deviations.text import deviation_details
from e2e_validator.expect.fields import REPORTS
from e2e_validator.expect.ledger import number
from e2e_validator.expect.ledger_table import figures_table
from e2e_validator.expect.measures import Measures
from e2e_validator.phases.context import Context
from e2e_validator.phases.deviating import check_deviations, told, with_what_is_gone
from e2e_validator.phases.hops import Hop, judge, line_item_hops, payload_hop, rate_hop, summary_hop, ui_hop
from e2e_validator.phases.money import check_money, reconciliation
from e2e_validator.phases.outcome import Outcome
from e2e_validator.phases.reports import answers, days
from e2e_validator.phases.stale_views import answers_to_judge

TOTALS = ("usage", "request", "limit", "capacity", "cost.total")


def run(context: Context) -> Outcome:
    """Compare every figure; if one differs, the first hop that differs is named."""
    first, last = days(context)
    expected = context.expectation.figures(first, last)
    actual = context.waiter().wait_for_value("the reports of the API", lambda: answers(context, span=(first, last)))
    said = ""
    if not context.plan.negative and actual != expected:
        actual, said = answers_to_judge(context, expected, actual)
    hops = [] if context.plan.negative else _hops_before(context)
    hops.append(Hop("UI tables -> API" if hops else "nothing -> API", expected, actual))
    table = reconciliation(context, expected, actual)
    try:
        lines = judge(hops)
        money = check_money(context, actual, first, last)
    except NumbersDiffer as error:
        headline = with_what_is_gone(context, error.headline, actual, first, last)
        raise NumbersDiffer(headline, detail=f"{error.detail}\n\n{table}") from error
    known = check_deviations(context, first, last)
    figures = sum(len(values) for values in expected.values())
    facts = f"{figures:,} figures and {len(hops)} hops equal" + (f", {said}" if said else "")
    if context.plan.negative:
        facts = f"no usage in any of {len(REPORTS)} reports"
    return Outcome(
        facts,
        {
            "figures": figures,
            "hops": len(hops),
            "totals": _totals(context, expected, actual),
            "said": money,
            "deviations": told(known),
        },
        {
            "ledger.txt": lines,
            "figures.txt": figures_table(expected, actual),
            "reconciliation.txt": table,
            **({"deviations.txt": deviation_details(known)} if known else {}),
        },
        tuple(one.name for one in known),
    )


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


def _hops_before(context: Context) -> list[Hop]:
    """The ledger up to the UI tables, read afresh: what changed after a phase looked is seen here."""
    last = len(context.plan.parcels)
    return [
        *(payload_hop(context, sent) for sent in context.state.parcels),
        *line_item_hops(context, last),
        summary_hop(context, last),
        rate_hop(context, last),
        ui_hop(context, last),
    ]
