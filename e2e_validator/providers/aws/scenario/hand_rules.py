"""What a scenario may say of costs that were worked out by hand."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from e2e_validator.errors import Problem
from e2e_validator.scenario.document import Document, KeyPath, did_you_mean
from e2e_validator.scenario.rules import mapping, rejected

COST_TYPES = ("unblended_cost", "blended_cost", "savingsplan_effective_cost", "calculated_amortized_cost")
GROUPINGS = ("account", "service")
_COSTS: KeyPath = ("expect", "costs")


def group_of(text: str) -> tuple[str, str]:
    """Grouping and group of ``service: AmazonS3``."""
    grouping, _, group = text.partition(":")
    return grouping.strip(), group.strip()


def check_costs(document: Document) -> Iterator[Problem]:
    """What is wrong with ``expect.costs``, the figures themselves apart."""
    raw = mapping(document.data)
    costs = mapping(raw, "expect").get("costs")
    if costs is None:
        return
    if rejected(raw):
        hint = "nothing of a rejected payload is shown"
        yield document.problem(_COSTS, "'costs' is not allowed with expect.rejected", hint, at_key=True)
    if costs == "zero":
        yield document.problem(_COSTS, "expect.costs: zero is for rates that charge nothing", "write total: '0'")
    if not isinstance(costs, dict):
        return
    for key in ("by_project", "distributed"):
        if costs.get(key):
            what, hint = f"expect.costs.{key}: a bill has no projects", "write by_group: {'service: AmazonS3': '1'}"
            yield document.problem((*_COSTS, key), what, hint, at_key=True)
    for name in mapping(costs, "by_type"):
        if name not in COST_TYPES[1:]:
            what = f"expect.costs.by_type: '{name}' is none of {', '.join(COST_TYPES[1:])}"
            hint = "that is total" if name == COST_TYPES[0] else did_you_mean(name, COST_TYPES[1:])
            yield document.problem((*_COSTS, "by_type", name), what, hint, at_key=True)
    for name in mapping(costs, "by_group"):
        grouping, group = group_of(str(name))
        if grouping not in GROUPINGS or not group:
            what = f"expect.costs.by_group: '{name}' is no group of {' or '.join(GROUPINGS)}"
            yield document.problem((*_COSTS, "by_group", name), what, _instead(grouping, group), at_key=True)


def _instead(grouping: str, group: str) -> str:
    """The same group with a key that there is; the value alone tells an account by its digits."""
    value = group or grouping
    if not value or (not group and value in GROUPINGS):
        return "write 'service: AmazonS3'"
    close = difflib.get_close_matches(grouping, GROUPINGS, n=1) if group else []
    key = close[0] if close else "account" if value.isdigit() else "service"
    return f"write '{key}: {value}'"
