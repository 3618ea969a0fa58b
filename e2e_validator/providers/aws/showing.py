"""Every figure that the reports show is the one that follows from the data; then the whole ledger once more."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.deviating import describe, refuse_missing, refuse_unaccepted
from e2e_validator.engine.outcome import Outcome
from e2e_validator.expect.deviation_text import details
from e2e_validator.expect.ledger import number
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.aws import hand_figures
from e2e_validator.providers.aws.comparing import lake_stages
from e2e_validator.providers.aws.expect.question import PATHS
from e2e_validator.providers.aws.lists import answered_lists, expected_lists
from e2e_validator.providers.aws.own import own_expectation
from e2e_validator.providers.aws.packages import package_stages
from e2e_validator.providers.aws.questions import WrongShape, answered, expected
from e2e_validator.providers.aws.tables import summary_stages, ui_stage

_REPORTS = ("costs", "instance-types", "storage")


def show(context: Context) -> Outcome:
    """Compare every figure; if one differs, the first stage that differs is named."""
    wanted = expected(context) | expected_lists(context)
    try:
        there = context.waiter().wait_for_value(
            "the reports of the API", lambda: answered(context) | answered_lists(context)
        )
    except WrongShape as error:
        before = "" if context.plan.negative else f"{judge(_stages_before(context))}\n\n"
        raise WrongShape(error.headline, detail=f"{before}{error.detail}") from error
    stages = [] if context.plan.negative else _stages_before(context)
    stages.append(Stage("UI tables -> API" if stages else "nothing -> API", wanted, there))
    lines = judge(stages)
    if context.plan.negative:
        return Outcome(f"no figures in any of {len(PATHS)} reports", {"stages": 1}, {"ledger.txt": lines})
    found = own_expectation(context).deviations()
    refuse_unaccepted(context, found, details)
    refuse_missing(context, found)
    count = sum(len(values) for values in wanted.values())
    return Outcome(
        ", ".join([f"{count:,} figures and {len(stages)} stages equal", *hand_figures.said(context)]),
        {
            "figures": count,
            "stages": len(stages),
            "totals": _totals(wanted, there),
            "deviations": describe(found),
        },
        {"ledger.txt": lines, **({"deviations.txt": details(found)} if found else {})},
        tuple(one.name for one in found),
    )


def _totals(wanted: Measures, there: Measures) -> dict[str, dict[str, tuple[str, str]]]:
    """The total of each report as text, expected and actual."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for report in _REPORTS:
        key = (report, "unblended_cost", "total", "", "")
        for field, value in wanted[key].items():
            name = field.rpartition(" ")[0]
            if name in {"cost.total", "usage"}:
                said = number(value), number(there.get(key, {}).get(field))
                found.setdefault(report, {})[name.removeprefix("cost.")] = said
    return found


def _stages_before(context: Context) -> list[Stage]:
    """The ledger up to the UI tables, read afresh: what changed after a phase looked is seen here."""
    last = len(context.plan.payloads)
    return [
        *package_stages(context, context.state.payloads),
        *lake_stages(context, last),
        *summary_stages(context, last),
        ui_stage(context, last),
    ]
