"""Cached pages that survive the data they were made of: the reports show the old figures for an hour.

It is proven by asking the same question in other words, which no cache has seen: only if that answer agrees with the
data, every stage before the reports included, and the same question is then still answered wrongly, are the pages stale
(docs/contract/koku.md 5.6).
"""

from __future__ import annotations

from e2e_validator.diagnose.case import Case
from e2e_validator.errors import PhaseFailed
from e2e_validator.repair.repair import Repair, RepairResult, Tools


def apply(_case: Case, tools: Tools) -> RepairResult:
    """Have masu drop the cached pages of the organisation; they are made anew when they are asked for."""
    if not tools.masu.forget_views():
        raise PhaseFailed("masu does not offer invalidate_cache/ here; the pages end by themselves within an hour")
    return RepairResult(
        "had masu drop the organisation's cached report pages", "not needed: pages are made anew when asked"
    )


REPAIR = Repair(
    name="stale_view_cache",
    phases=("api",),
    causes=("views_stale",),
    action="masu invalidate_cache/ for the organisation's report pages",
    writes="nothing; cached pages of the organisation are dropped",
    undo="not needed: pages are made anew when they are asked for",
    contract="docs/contract/koku.md 5.6, 7.3",
    apply=apply,
)
