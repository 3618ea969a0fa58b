"""Reports that differ from the data because Koku shows cached pages; proven by asking in other words.

An answer that was made while the data changed looks the same: wrong, and a moment later in other words right. So the
same question must be wrong again after the other words were right, and they right again after that.
"""

from __future__ import annotations

from e2e_validator.diagnose.observed import AskedTwice
from e2e_validator.diagnose.registry import recognise
from e2e_validator.engine.context import Context
from e2e_validator.engine.examining import make_case
from e2e_validator.engine.repair_runner import NO_EFFECT, RepairRunner
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect import ledger
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import judge
from e2e_validator.providers.ocp.expect import noise
from e2e_validator.providers.ocp.reports import LIMIT, answers
from e2e_validator.providers.ocp.stages import line_item_stages, rate_stage, summary_stage, ui_stage
from e2e_validator.repair.stale_view_cache import REPAIR

SECOND_ASKING = "right at the second asking"


def answers_to_judge(context: Context, expected: Measures, actual: Measures) -> tuple[Measures, str]:
    """The answers that count in place of ``actual``, and a word for the facts if they are others.

    Pages that are proven stale are dropped, if that may be done, and asked for anew. A difference that is in the data
    as well is none of the cache's: then nothing is done.
    """
    if _right(expected, actual) or not _data_agree(context):
        return actual, ""
    if not _right(expected, _ask(context, "the reports, asked in other words", LIMIT - 1)):
        return actual, ""
    again = _ask(context, "the reports, asked the same once more")
    if _right(expected, again):
        return again, SECOND_ASKING
    steady = _right(expected, _ask(context, "the reports, in other words once more", LIMIT - 2))
    return _without_old_pages(context, expected, again, steady=steady), ""


def _without_old_pages(context: Context, expected: Measures, old: Measures, *, steady: bool) -> Measures:
    """What is answered once the pages are dropped; the old answers where that may not or cannot be done."""
    differing = noise.check("API", expected, old).differences
    asked = AskedTwice(len(differing), ledger.describe(differing[0]), steady)
    case = make_case(context, still=0.0, dead=False, asked=asked)
    finding = recognise(case.observed, case.expected, figures=True)
    if finding is None or finding.cause not in REPAIR.causes:
        return old
    runner = RepairRunner(context)
    runner.recognise(finding, REPAIR.name, 0.0)
    if runner.refusal(REPAIR, finding):
        return old
    attempt = runner.do(REPAIR, case, finding)
    if attempt is None:
        return old
    after = _ask(context, "the reports after that")
    took = _right(expected, after)
    runner.ended(attempt, "worked" if took else NO_EFFECT)
    if took:
        context.finding = None
    return after


def _ask(context: Context, what: str, limit: int = LIMIT) -> Measures:
    return context.waiter().wait_for_value(what, lambda: answers(context, limit))


def _right(expected: Measures, actual: Measures) -> bool:
    return noise.check("API", expected, actual).ok


def _data_agree(context: Context) -> bool:
    """Whether every stage before the reports is what it must be."""
    last = len(context.plan.payloads)
    stages = [
        *line_item_stages(context, last),
        summary_stage(context, last),
        rate_stage(context, last),
        ui_stage(context, last),
    ]
    try:
        judge(stages)
    except NumbersDiffer:
        return False
    return True
