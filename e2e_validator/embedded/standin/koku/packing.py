"""From flat rows to the nested answer: ``data[].projects[].values[]``, ``{value, units}`` pairs.

See docs/contract/koku.md 5.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from e2e_validator.embedded.standin.koku.report_kinds import ReportKind

Row = dict[str, Any]

_MONEY = {"infra": "infrastructure", "sup": "supplementary", "cost": "cost"}
_MONEY_KEYS = {
    f"{short}_{part}": (group, part) for short, group in _MONEY.items() for part in ("raw", "markup", "usage", "total")
}
_MONEY_KEYS |= {
    f"cost_{part}_distributed": ("cost", f"{part}_distributed")
    for part in ("platform", "worker_unallocated", "network_unattributed", "storage_unattributed", "gpu_unallocated")
}
_MONEY_KEYS["cost_total_distributed"] = ("cost", "distributed")
_AMOUNTS = ("usage", "request", "limit", "capacity")
_UNUSED = {
    "request_unused": ("request", "unused"),
    "request_unused_percent": ("request", "unused_percent"),
    "capacity_unused": ("capacity", "unused"),
    "capacity_unused_percent": ("capacity", "unused_percent"),
    "capacity_count": ("capacity", "count"),
    "capacity_count_units": ("capacity", "count_units"),
}
_OPENSHIFT_PREFIXES = ("openshift-", "kube-")


def classification(project: str | None) -> str:
    """What kind of project a namespace is."""
    if project and (project == "openshift" or project.startswith(_OPENSHIFT_PREFIXES)):
        return "default"
    if project in {"Platform unallocated", "Worker unallocated", "GPU unallocated"}:
        return "unallocated"
    if project in {"Storage unattributed", "Network unattributed"}:
        return "unattributed"
    return "project"


def pack(row: Row, kind: ReportKind, currency: str) -> Row:
    """Nest the figures of one row (or of the total) with their units; other keys stay."""
    packed: Row = {key: value for key, value in row.items() if key not in {*_MONEY_KEYS, *_AMOUNTS, *_UNUSED}}
    for key, (group, part) in _MONEY_KEYS.items():
        if key in row:
            packed.setdefault(group, {})[part] = {"value": row[key], "units": currency}
    if kind.quantities:
        for key in _AMOUNTS:
            if key in row:
                packed[key] = {"value": row[key], "units": kind.quantities.units}
        for key, (group, part) in _UNUSED.items():
            if key in row:
                packed[group][part] = row[key]
    return packed


def pack_score(row: Row, currency: str, *, computed: bool) -> Row:
    """The efficiency of a row; ``{}`` where it is not computed (tags, two group-bys)."""
    percent, wasted = row.pop("usage_efficiency", 0), row.pop("wasted_cost", 0)
    if not computed:
        return {}
    return {"usage_efficiency_percent": percent, "wasted_cost": {"value": wasted, "units": currency}}


def title(key: str) -> str:
    """The name a group has in the answer: a tag goes by its key."""
    return key.removeprefix("tag:")


def _nested(groups: list[str], rows: list[Row], kind: ReportKind, currency: str) -> list[Row]:
    """The list under one level of grouping."""
    if not groups:
        return [
            {title(key): value for key, value in pack(row, kind, currency).items() if key != "rank"} for row in rows
        ]
    group, rest = groups[0], groups[1:]
    label = f"{title(rest[0])}s" if rest else "values"
    by_value: dict[str, list[Row]] = {}
    for row in rows:
        by_value.setdefault(row[group], []).append(row)
    return [{title(group): value, label: _nested(rest, same, kind, currency)} for value, same in by_value.items()]


def data(buckets: Iterable[str], groups: list[str], rows: list[Row], kind: ReportKind, currency: str) -> list[Row]:
    """``data``: every date of the span, also the empty ones."""
    label = f"{title(groups[0])}s" if groups else "values"
    by_date: dict[str, list[Row]] = {date: [] for date in buckets}
    for row in rows:
        for group in groups:
            if row[group] in {None, ""}:
                row[group] = f"No-{title(group)}"
        if row["date"] in by_date:
            by_date[row["date"]].append(row)
    return [{"date": date, label: _nested(groups, same, kind, currency)} for date, same in by_date.items()]
