"""The API's figures, from a daily summary."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.fields import GROUPINGS, REPORTS, fields
from e2e_validator.providers.ocp.expect.figures import figures

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 30)


def pod(day: str, namespace: str, node: str, usage: int, *, request: int = 10, cores: int = 4) -> Measures:
    """A pod row of 24 hours on a node, the only one of its cluster."""
    values = {
        "pod_usage_cpu_core_hours": usage,
        "pod_request_cpu_core_hours": request,
        "pod_limit_cpu_core_hours": 20,
        "node_capacity_cpu_cores": cores,
        "node_capacity_cpu_core_hours": cores * 24,
        "cluster_capacity_cpu_core_hours": cores * 24,
    }
    return {(day, "Pod", namespace, node, ""): {field: Decimal(value) for field, value in values.items()}}


def claim(day: str, namespace: str, node: str, name: str, size: int) -> Measures:
    values = {
        "persistentvolumeclaim_capacity_gigabyte": size,
        "persistentvolumeclaim_capacity_gigabyte_months": size,
        "volume_request_storage_gigabyte_months": size,
        "persistentvolumeclaim_usage_gigabyte_months": 1,
    }
    return {(day, "Storage", namespace, node, name): {field: Decimal(value) for field, value in values.items()}}


def shown(summary: Measures, start: date = OCTOBER, end: date = NOVEMBER) -> Measures:
    return figures(summary, "c-1", start, end)


def test_every_row_has_every_field_of_its_report_and_no_other() -> None:
    rows = shown(pod("2026-11-05", "a", "n1", 5) | claim("2026-11-05", "a", "n1", "pvc", 10))
    assert {key[:2] for key in rows} == {(report, grouping) for report in REPORTS for grouping in GROUPINGS}
    for (report, grouping, _, _), row in rows.items():
        assert set(row) == set(fields(report, grouping))


def test_without_data_every_total_is_0_and_nothing_else_is_there() -> None:
    rows = shown({})
    assert {key[2:] for key in rows} == {("", "")}
    assert len(rows) == len(REPORTS) * len(GROUPINGS)
    assert not any(value for row in rows.values() for value in row.values())


def test_days_outside_the_range_do_not_count() -> None:
    summary = pod("2026-11-04", "a", "n1", 1) | pod("2026-11-05", "a", "n1", 2) | pod("2026-11-06", "a", "n1", 4)
    one = shown(summary, date(2026, 11, 5), date(2026, 11, 5))
    assert one["compute", "total", "", ""]["usage"] == 2
    assert {key[3] for key in one if key[1] == "daily"} == {"", "2026-11-05"}


def test_capacity_is_once_a_day_and_a_project_has_it_whole() -> None:
    summary = pod("2026-11-05", "a", "n1", 5) | pod("2026-11-05", "b", "n1", 5) | pod("2026-11-06", "a", "n1", 5)
    rows = shown(summary)
    assert rows["compute", "total", "", ""]["capacity"] == 2 * 96
    assert rows["compute", "project", "b", "2026-11"]["capacity"] == 2 * 96
    assert rows["compute", "project", "b", "2026-11"]["usage"] == 5
    assert rows["compute", "total", "", ""]["capacity.count"] == 4


def test_months_have_their_own_capacity_when_dates_were_given() -> None:
    rows = shown(pod("2026-10-31", "a", "n1", 5) | pod("2026-11-01", "a", "n1", 6))
    assert rows["compute", "cluster", "c-1", "2026-10"]["capacity"] == 96
    assert rows["compute", "cluster", "c-1", "2026-11"]["usage"] == 6
    assert rows["compute", "cluster", "", ""]["capacity"] == 192


def test_a_node_has_its_own_capacity() -> None:
    rows = shown(pod("2026-11-05", "a", "n1", 5) | pod("2026-11-05", "a", "n2", 5, cores=8))
    assert rows["compute", "node", "n2", "2026-11"]["capacity"] == 192
    assert rows["compute", "node", "n2", "2026-11"]["capacity.count"] == 8
    assert rows["compute", "node", "", ""]["capacity.count"] == 12


@pytest.mark.parametrize("namespace", ["Worker unallocated", "Platform unallocated"])
def test_what_is_left_is_no_usage_but_a_cost(namespace: str) -> None:
    rows = shown(pod("2026-11-05", "a", "n1", 5) | pod("2026-11-05", namespace, "n1", 91))
    assert rows["compute", "total", "", ""]["usage"] == 5
    assert ("compute", "project", namespace, "2026-11") not in rows
    assert rows["costs", "project", namespace, "2026-11"]["cost.total"] == 0


@pytest.mark.parametrize(
    ("usage", "asked", "wanted"),
    [
        (5, 10, {"request.unused": 5, "capacity.unused": 86, "efficiency_percent": 50}),
        (20, 10, {"request.unused": 0, "capacity.unused": 76, "efficiency_percent": 200}),
        (7, 8, {"efficiency_percent": 88}),
        (5, 0, {"request.unused": 0, "capacity.unused": 91, "efficiency_percent": 0}),
        (120, 10, {"capacity.unused": 0, "capacity.unused_percent": 0}),
    ],
)
def test_unused_and_efficiency(usage: int, asked: int, wanted: dict[str, Any]) -> None:
    row = shown(pod("2026-11-05", "a", "n1", usage, request=asked))["compute", "total", "", ""]
    assert {field: row[field] for field in wanted} == wanted


def test_the_count_of_volumes_is_the_largest_claim_of_each_node() -> None:
    summary = claim("2026-11-05", "a", "n1", "x", 10) | claim("2026-11-05", "a", "n1", "y", 30)
    summary |= claim("2026-11-06", "b", "n2", "z", 5)
    rows = shown(summary)
    assert rows["volumes", "total", "", ""]["capacity.count"] == 35
    assert rows["volumes", "project", "b", "2026-11"]["capacity.count"] == 35
    assert rows["volumes", "project", "b", "2026-11"]["capacity"] == 5
    assert rows["volumes", "node", "n1", "2026-11"]["capacity"] == 40


def test_a_claim_without_a_node_is_no_node_without_capacity() -> None:
    rows = shown(claim("2026-11-05", "a", "", "x", 10))
    assert rows["volumes", "node", "No-node", "2026-11"]["capacity"] == 0
    assert rows["volumes", "node", "No-node", "2026-11"]["request"] == 10
    assert rows["volumes", "total", "", ""]["capacity"] == 10
    assert rows["volumes", "total", "", ""]["capacity.count"] == 0
