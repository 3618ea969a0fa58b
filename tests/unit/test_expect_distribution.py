"""Platform and worker costs shared out, and the corners in which they are not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_charged import FIRST, LAST, D, charged, cost, golden_files, plain_files
from expect_models import GOLDEN, rate
from expect_payloads import claim_rows, hours, pod_rows

from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.invariants import invariants, not_conserved


def shared(**info: Any) -> dict[str, Any]:
    return GOLDEN | {"distribution_info": info}


def shares(expectation: Expectation) -> dict[tuple[str, str], Decimal]:
    return {
        (key[4], key[2]): row["distributed_cost"]
        for key, row in expectation.stage("costs", 0).items()
        if key[4].endswith("_distributed")
    }


@pytest.mark.parametrize("by", ["cpu", "memory"])
def test_distribution_conserves(tmp_path: Path, by: str) -> None:
    expectation = charged(tmp_path, shared(distribution_type=by), **golden_files(2))
    rates = expectation.stage("costs", 0)
    assert set(not_conserved(rates, FIRST, LAST)) >= {"platform_distributed", "worker_unallocated_distributed"}
    assert all(abs(value) < Decimal("1e-50") for value in not_conserved(rates, FIRST, LAST).values())
    assert len(shares(expectation)) == 7
    assert invariants(expectation.figures(FIRST, LAST)) == []


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        ({"platform_cost": True, "worker_cost": False}, {"platform_distributed"}),
        ({"platform_cost": False, "worker_cost": True}, {"worker_distributed"}),
        ({"platform_cost": False, "worker_cost": False}, set()),
    ],
)
def test_only_what_is_asked_for_is_shared_out(tmp_path: Path, info: dict[str, bool], kinds: set[str]) -> None:
    assert {kind for kind, _ in shares(charged(tmp_path, shared(**info), **golden_files()))} == kinds


def test_without_a_project_of_a_user_nothing_is_shared_out(tmp_path: Path) -> None:
    files = plain_files(namespace="openshift-dns")
    expectation = charged(tmp_path, shared(), **files)
    assert shares(expectation) == {}
    assert cost(expectation, "openshift-dns") > 0
    assert invariants(expectation.figures(FIRST, LAST)) == []


def test_without_effective_usage_costs_are_taken_and_not_given(tmp_path: Path) -> None:
    pods = [
        *pod_rows(hours(24), namespace="openshift-dns", node_role="worker"),
        *pod_rows(hours(24), pod="idle", cpu=(0, 0, 0), memory=(0, 0, 0), node_role="worker"),
    ]
    expectation = charged(tmp_path, shared(), **plain_files() | {"pods": [pods]})
    taken = shares(expectation)
    assert set(taken) == {("platform_distributed", "openshift-dns"), ("worker_distributed", "Worker unallocated")}
    assert all(value < 0 for value in taken.values())
    figures = expectation.figures(FIRST, LAST)
    total = figures["costs", "project", "", ""]
    assert abs(total["cost.distributed"]) < Decimal("1e-40") < total["cost.total"]
    assert invariants(figures) == []
    lost = not_conserved(expectation.stage("costs", 0), FIRST, LAST)
    assert invariants(figures, lost=lost) == []
    assert len(invariants(figures, lost={})) == 2


def test_a_platform_claim_is_shared_out_too(tmp_path: Path) -> None:
    when = hours(24)
    pods = [*pod_rows(when, node_role="worker"), *pod_rows(when, pod="reg", namespace="openshift", node_role="worker")]
    files = plain_files() | {"pods": [pods], "claims": [claim_rows(when, namespace="openshift", pod="reg")]}
    model = {"name": "m", "rates": [rate("storage_gb_request_per_month", 3)]}
    rows = charged(tmp_path, model, **files).stage("costs", 0)
    assert rows[D, "Storage", "openshift", "n1", "platform_distributed", ""]["distributed_cost"] == pytest.approx(-10)
    assert rows[D, "Pod", "app-a", "n1", "platform_distributed", ""]["distributed_cost"] == pytest.approx(10)
    volumes = charged(tmp_path, model, **files).figures(FIRST, LAST)["volumes", "total", "", ""]
    assert volumes["cost.total"] == pytest.approx(10)


@pytest.mark.parametrize(
    ("namespace", "platform"),
    [("openshift", True), ("openshift-x", True), ("kube-x", True), ("openshiftx", False), ("kube", False)],
)
def test_which_projects_are_the_platforms(tmp_path: Path, namespace: str, platform: bool) -> None:
    pods = [*pod_rows(hours(24)), *pod_rows(hours(24), pod="other", namespace=namespace)]
    expectation = charged(tmp_path, shared(worker_cost=False), pods=[pods])
    assert (("platform_distributed", namespace) in shares(expectation)) is platform
