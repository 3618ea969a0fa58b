"""Capacity, ranking, nesting and pages: the arithmetic of an answer without a database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from e2e_validator.embedded.standin.koku.capacity import ClusterCapacity, add_unused
from e2e_validator.embedded.standin.koku.packing import classification, data, pack_score
from e2e_validator.embedded.standin.koku.page import Page
from e2e_validator.embedded.standin.koku.ranking import Ranking
from e2e_validator.embedded.standin.koku.report_kinds import COSTS
from e2e_validator.embedded.standin.koku.source_rows import step_states

D = Decimal


@pytest.mark.parametrize(
    ("usage", "request_", "capacity", "expected"),
    [
        (144, 192, 576, (384, D(384) / 576 * 100, 48, D(48) / 576 * 100)),
        (468, 420, 1920, (1452, D("75.625"), 0, 0)),  # more used than requested
        (30, 10, 20, (0, 0, 0, 0)),  # more used than there is
        (8, D("23.5"), 0, (0, 0, D("15.5"), 1550)),  # no capacity counts as 1
    ],
)
def test_unused_is_what_neither_usage_nor_request_takes(
    usage: Any, request_: Any, capacity: Any, expected: tuple[Any, ...]
) -> None:
    row = {"usage": D(usage), "request": D(request_), "capacity": D(capacity)}
    add_unused(row)
    names = ("capacity_unused", "capacity_unused_percent", "request_unused", "request_unused_percent")
    assert tuple(row[name] for name in names) == expected


def _capacity(*, whole_span: bool) -> ClusterCapacity:
    days = [dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 2)]
    capacities = [{"usage_start": day, "cluster": "a", "capacity": D(96)} for day in days]
    capacities.append({"usage_start": days[1], "cluster": "b", "capacity": D(10)})
    counts = [
        {"usage_start": days[1], "cluster": "a", "node": "n1", "capacity_count": D(4)},
        {"usage_start": days[2], "cluster": "a", "node": "n1", "capacity_count": D(8)},  # grew overnight
        {"usage_start": days[2], "cluster": "a", "node": "n2", "capacity_count": D(2)},
    ]
    found = ClusterCapacity("Core", "monthly", whole_span=whole_span, counts_capacity=True)
    return found.load(capacities, counts)


def test_capacity_adds_days_and_counts_a_node_once_at_its_most() -> None:
    row: dict[str, Any] = {"date": "2026-11", "clusters": ["a"]}
    _capacity(whole_span=False).complete(row)
    assert (row["capacity"], row["capacity_count"]) == (192, 10)
    assert _capacity(whole_span=False).total() == {
        "capacity": 298, "capacity_count": 10, "capacity_count_units": "Core"
    }  # fmt: skip


def test_a_month_without_start_date_has_the_spans_capacity() -> None:
    row: dict[str, Any] = {"date": "2026-11", "clusters": ["a", "b"]}
    _capacity(whole_span=True).complete(row)
    assert row["capacity"] == 298


def _rank(project: str) -> dict[str, Any]:
    return {"project": project, "clusters": [f"c-{project}"], "source_uuid": [], "cost_total": None}


def _rows() -> list[dict[str, Any]]:
    amounts = [("d1", "a", 5, "Platform"), ("d1", "b", 3, "Platform"), ("d1", "c", 2, "Platform"), ("d2", "a", 1, None)]
    return [
        {"date": date, "project": name, "cost_total": D(cost), "cost_group": group, "clusters": [], "source_uuid": []}
        for date, name, cost, group in amounts
    ]


def test_ranks_fill_missing_days_with_zero_and_sum_the_rest() -> None:
    ranking = Ranking(["project"], 1, None, [_rank(name) for name in "abc"], by_project=True)
    found = {(row["date"], row["project"]): row for row in ranking.apply(_rows())}
    assert {key: row["cost_total"] for key, row in found.items()} == {
        ("d1", "a"): 5, ("d2", "a"): 1, ("d1", "Others"): 5, ("d2", "Others"): 0
    }  # fmt: skip
    assert found["d1", "Others"]["clusters"] == ["c-b", "c-c"]
    # What Koku's data frame makes of it: names are put together, a missing name is 0.
    assert found["d1", "Others"]["cost_group"] == "PlatformPlatform"
    assert found["d2", "a"]["cost_group"] == 0


def test_one_group_too_many_is_other_and_an_offset_has_none() -> None:
    ranks = [_rank(name) for name in "abc"]
    two = Ranking(["project"], 2, None, ranks, by_project=True).apply(_rows())
    assert {row["project"] for row in two} == {"a", "b", "Other"}
    paged = Ranking(["project"], 1, 1, ranks, by_project=True).apply(_rows())
    assert {row["project"] for row in paged} == {"b"}
    assert all("default_project" not in row for row in paged)


def test_empty_dates_stay_and_missing_names_are_labelled() -> None:
    rows = [{"date": "d2", "node": None, "project": "p", "cost_total": D(1)}]
    assert data(["d1", "d2"], ["node", "project"], rows, COSTS, "USD") == [
        {"date": "d1", "nodes": []},
        {"date": "d2", "nodes": [{"node": "No-node", "projects": [{"project": "p", "values": [
            {"date": "d2", "node": "No-node", "project": "p", "cost": {"total": {"value": 1, "units": "USD"}}}
        ]}]}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("project", "kind"),
    [
        ("openshift", "default"), ("openshift-x", "default"), ("kube-system", "default"), ("openshiftx", "project"),
        ("Worker unallocated", "unallocated"), ("Network unattributed", "unattributed"), (None, "project"),
    ],
)  # fmt: skip
def test_projects_are_classified_by_name(project: str | None, kind: str) -> None:
    assert classification(project) == kind


def test_a_score_that_is_not_computed_is_empty() -> None:
    row = {"usage_efficiency": 75, "wasted_cost": D(1), "usage": 1}
    assert pack_score(row, "USD", computed=False) == {}
    assert row == {"usage": 1}


def test_links_lead_through_the_pages() -> None:
    page = Page("/p/", "limit=3&b=1&offset=3", count=10, limit=3, offset=3)
    assert page.links == {
        "first": "/p/?b=1&limit=3&offset=0", "next": "/p/?b=1&limit=3&offset=6",
        "previous": "/p/?b=1&limit=3", "last": "/p/?b=1&limit=3&offset=7",
    }  # fmt: skip
    assert Page("/p/", "", count=3, limit=3, offset=0).links["next"] is None


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"start": "a"}, "in-progress"), ({"start": "a", "end": "b"}, "complete"),
        ({"start": "a", "end": "b", "failed": "c"}, "failed"), ({}, "pending"), (None, "pending"),
    ],
)  # fmt: skip
def test_a_step_that_failed_is_failed_whatever_else_it_has(state: dict[str, str] | None, word: str) -> None:
    assert step_states({"processing": state})["processing"]["state"] == word
