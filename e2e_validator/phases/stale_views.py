"""Reports that differ from the data because Koku shows cached pages; proven by asking in other words."""

from __future__ import annotations

from e2e_validator.diagnose.finding import Finding
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect import ledger
from e2e_validator.expect.measures import Measures
from e2e_validator.phases.context import Context
from e2e_validator.phases.examining import make_case
from e2e_validator.phases.hops import judge, line_item_hops, rate_hop, summary_hop, ui_hop
from e2e_validator.phases.mending import NO_EFFECT, Mending
from e2e_validator.phases.reports import LIMIT, answers
from e2e_validator.repair.stale_view_cache import REPAIR


def pages_are_stale(context: Context, expected: Measures, actual: Measures) -> bool:
    """Whether the pages were stale and have been dropped, so that it is worth asking again.

    A difference that is in the data as well is none of the cache's: then nothing is done.
    """
    if ledger.check("API", expected, actual).ok:
        return False
    last = len(context.plan.parcels)
    try:
        judge(
            [*line_item_hops(context, last), summary_hop(context, last), rate_hop(context, last), ui_hop(context, last)]
        )
    except NumbersDiffer:
        return False
    fresh = context.waiter().wait_for_value("the reports, asked in other words", lambda: answers(context, LIMIT - 1))
    differing = ledger.check("API", expected, actual).differences
    if not ledger.check("API", expected, fresh).ok:
        return False
    finding = Finding(
        "views_stale",
        f"{len(differing)} figures of the reports are old ones: asked with another limit, every figure is right",
        {"figures": len(differing), "first": ledger.describe(differing[0])},
        "the cached pages end within an hour; masu's invalidate_cache/ drops them at once",
    )
    mending = Mending(context)
    mending.recognise(finding, REPAIR.name, 0.0)
    if mending.refusal(REPAIR, finding):
        return False
    case = make_case(context, still=0.0, dead=False)
    attempt = mending.do(REPAIR, case, finding)
    if attempt is None:
        return False
    again = context.waiter().wait_for_value("the reports after that", lambda: answers(context))
    took = ledger.check("API", expected, again).ok
    mending.ended(attempt, "worked" if took else NO_EFFECT)
    if took:
        context.finding = None
    return took
