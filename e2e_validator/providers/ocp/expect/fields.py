"""The figures that each report shows, under the names that both sides of the comparison use.

See docs/contract/koku.md 5.5.
"""

from __future__ import annotations

from collections.abc import Iterable

REPORTS = ("compute", "memory", "volumes", "costs")
# "total" is the report without group_by by month, "daily" the same by day; the others are group_by[x]=* by month.
GROUPINGS = ("total", "daily", "project", "node", "cluster")
# By the value of a label, for each enabled key: group_by[tag:<key>]=* by month.
TAG_PREFIX = "tag:"

QUANTITIES = (
    "usage",
    "request",
    "request.unused",
    "request.unused_percent",
    "capacity",
    "capacity.unused",
    "capacity.unused_percent",
    "capacity.count",
)
LIMIT = "limit"
EFFICIENCY, WASTED = "efficiency_percent", "wasted_cost"

_PARTS = ("raw", "markup", "usage", "total")
_MONEY = tuple(f"{group}.{part}" for group in ("infrastructure", "supplementary", "cost") for part in _PARTS)
_DISTRIBUTED = "cost.distributed"
_SHARES = tuple(
    f"cost.{share}"
    for share in (
        "platform_distributed",
        "worker_unallocated_distributed",
        "network_unattributed_distributed",
        "storage_unattributed_distributed",
        "gpu_unallocated_distributed",
    )
)


def groupings(enabled_tags: Iterable[str] = ()) -> tuple[str, ...]:
    """Every way to ask for a report."""
    return (*GROUPINGS, *(f"{TAG_PREFIX}{key}" for key in enabled_tags))


def money(report: str, grouping: str) -> tuple[str, ...]:
    """The fields with money."""
    if report == "costs":
        return (*_MONEY, _DISTRIBUTED, *_SHARES) if grouping == "project" else _MONEY
    return _MONEY if report == "volumes" else (*_MONEY, _DISTRIBUTED, WASTED)


def quantities(report: str) -> tuple[str, ...]:
    """The fields without money."""
    if report == "costs":
        return ()
    return QUANTITIES if report == "volumes" else (*QUANTITIES, LIMIT, EFFICIENCY)


def fields(report: str, grouping: str) -> tuple[str, ...]:
    """Every numeric field of a report's total and of each of its groups; by label there is no score."""
    every = (*quantities(report), *money(report, grouping))
    scored = not grouping.startswith(TAG_PREFIX)
    return tuple(field for field in every if scored or field not in {EFFICIENCY, WASTED})
