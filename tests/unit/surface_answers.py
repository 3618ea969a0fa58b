"""Answers of reports as Koku gives them, made of a few rows: what the relations are tried on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.fields import REPORTS, fields
from e2e_validator.providers.ocp.expect.surface.check import Check
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import Subject

CLUSTER, ALIAS = "e2e-cluster", "e2e-source"
FIRST, LAST, TODAY = date(2026, 11, 18), date(2026, 11, 20), date(2026, 11, 21)
UNITS = {"compute": "Core-Hours", "memory": "GiB-Hours", "volumes": "GiB-Mo"}
_MONEY = ("raw", "markup", "usage", "total")
_SHARES = ("platform", "worker_unallocated", "network_unattributed", "storage_unattributed", "gpu_unallocated")


@dataclass(frozen=True, slots=True)
class Row:
    """What one project used on one day and node."""

    day: str
    project: str
    node: str
    usage: Decimal
    cost: Decimal
    cluster: str = CLUSTER

    def value(self, grouping: str) -> str:
        """The group of the row."""
        return {"project": self.project, "node": self.node, "cluster": self.cluster}[grouping]


def row(day: int, project: str, node: str, usage: int, cost: int, cluster: str = CLUSTER) -> Row:
    """A row of November."""
    return Row(f"2026-11-{day:02}", project, node, Decimal(usage), Decimal(cost), cluster)


ROWS = [
    row(18, "web", "n1", 5, 50),
    row(18, "shop", "n2", 3, 20),
    row(19, "web", "n2", 4, 60),
    row(19, "openshift-dns", "n1", 1, 9),
    row(20, "shop", "n1", 2, 30),
    row(20, "batch", "n2", 1, 4),
]


def figures(report: str, rows: Iterable[Row], *, project: bool = False) -> dict[str, Any]:
    """The figures of one entry."""
    rows = list(rows)
    cost, usage = sum((each.cost for each in rows), Decimal(0)), sum((each.usage for each in rows), Decimal(0))

    def pair(value: Decimal, units: str = "USD") -> dict[str, Any]:
        return {"value": value, "units": units}

    nothing = {part: pair(Decimal(0)) for part in _MONEY}
    full = nothing | {"usage": pair(cost), "total": pair(cost)}
    found: dict[str, Any] = {"infrastructure": nothing, "supplementary": full, "cost": dict(full)}
    if report == "costs":
        if project:
            found["cost"] |= {f"{share}_distributed": pair(Decimal(0)) for share in _SHARES}
            found["cost"]["distributed"] = pair(cost)
        return found
    units = UNITS[report]
    found |= {name: pair(usage, units) for name in ("usage", "request", "capacity")}
    if report != "volumes":
        found["limit"] = pair(usage, units)
        found["cost"]["distributed"] = pair(cost)
    return found


def answer(report: str, rows: Sequence[Row], *groupings: str, daily: bool = False, dates: Sequence[str] = ()) -> Any:
    """The body of an answer; without ``dates`` those that have rows."""
    dates = dates or sorted({_date(each, daily=daily) for each in rows})
    project = "project" in groupings
    periods = []
    for one in dates:
        inside = [each for each in rows if _date(each, daily=daily) == one]
        periods.append({"date": one, **_level(report, one, inside, groupings, project=project)})
    total = figures(report, rows, project=project)
    meta = {"count": len(dates), "limit": 1000, "offset": 0, "currency": "USD", "total": total}
    meta |= {"start_date": FIRST.isoformat(), "end_date": LAST.isoformat()}
    if project and report == "costs":
        meta["distributed_overhead"] = False
    links = dict.fromkeys(("first", "next", "previous", "last"))
    return {"meta": meta, "links": links, "data": periods}


def _date(each: Row, *, daily: bool) -> str:
    return each.day if daily else each.day[:7]


def _level(report: str, when: str, rows: Sequence[Row], groupings: Sequence[str], *, project: bool) -> dict[str, Any]:
    if not groupings:
        if not rows:
            return {"values": []}
        entry = {"date": when, "clusters": [ALIAS], "source_uuid": ["u"], **figures(report, rows, project=project)}
        if project:
            platform = rows[0].project.startswith("openshift-")
            entry |= {"classification": "default" if platform else "project"}
            entry |= {"cost_group": "Platform" if platform else 0}
        return {"values": [entry]}
    by: dict[str, list[Row]] = defaultdict(list)
    for each in rows:
        by[each.value(groupings[0])].append(each)
    best = sorted(by, key=lambda name: -_rank(report, by[name]))
    return {
        f"{groupings[0]}s": [
            {groupings[0]: name, **_level(report, when, by[name], groupings[1:], project=project)} for name in best
        ]
    }


def _rank(report: str, rows: Sequence[Row]) -> Decimal:
    return sum((each.cost if report == "costs" else each.usage for each in rows), Decimal(0))


def shown(report: str, rows: Sequence[Row], *groupings: str, **how: Any) -> Shown:
    """An answer that was read."""
    return read_shown(report, groupings, answer(report, rows, *groupings, **how))


def expected(first: date, last: date) -> Measures:
    """What the data say of a span: the plain answers' own figures."""
    inside = [each for each in ROWS if first.isoformat() <= each.day <= last.isoformat()]
    found: Measures = {}
    for report in REPORTS:
        for grouping in ("total", "daily", "project", "node", "cluster"):
            groups = () if grouping in {"total", "daily"} else (grouping,)
            plain = shown(report, inside, *groups, daily=grouping == "daily")
            names = fields(report, grouping)
            found[report, grouping, "", ""] = {name: plain.total[name] for name in names if name in plain.total}
            for each in plain.rows:
                figured = {name: each.figures[name] for name in names if name in each.figures}
                found[report, grouping, each.group, each.date] = figured
    return found


def subject(**change: Any) -> Subject:
    """The source of ``ROWS``, its plain answers those of a Koku that is right."""
    plain = {
        (report, grouping): shown(
            report,
            ROWS,
            *(() if grouping in {"total", "daily"} else (grouping,)),
            daily=grouping == "daily",
        )
        for report in REPORTS
        for grouping in ("total", "daily", "project", "node", "cluster")
    }
    given: dict[str, Any] = {
        "cluster_id": CLUSTER,
        "cluster_alias": ALIAS,
        "first": FIRST,
        "last": LAST,
        "today": TODAY,
        "shown": plain,
        "expected": expected,
        "cost_group": lambda project: "Platform" if project.startswith("openshift-") else None,
    }
    return Subject(**given | change)


def one(checks: Iterable[Check], part: str) -> Check:
    """The first check whose question has ``part`` in it."""
    found = [check for check in checks if part in str(check.question)]
    assert found, part
    first: Check = found[0]
    return first
