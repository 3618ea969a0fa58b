"""The daily summary: formulas, unallocated rows, node roles, shared volumes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_payloads import DAY, claim_rows, hours, node_rows, payload, pod_rows

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.expectation import Expectation

D = "2026-11-05"


def golden(tmp_path: Path, days: int = 1) -> Expectation:
    """The example of docs/contract/koku.md 6.5: two nodes, n2 a master, three pods and a claim."""
    when = hours(24 * days)
    pods = [
        *pod_rows(when, node_role="worker"),
        *pod_rows(when, pod="pod2", namespace="app-b", cpu=(1.5, 1, 2), memory=(2, 1, 4), node_role="worker"),
        *pod_rows(
            when,
            pod="etcd-0",
            namespace="openshift-etcd",
            node="n2",
            cores=8,
            gib=32,
            cpu=(1, 2, 0),
            memory=(4, 4, 0),
            node_role="master",
        ),
    ]
    folder = payload(
        tmp_path / "golden",
        pods=[pods],
        claims=[claim_rows(when)],
        nodes=[[*node_rows(when), *node_rows(when, node="n2")]],
        end=DAY + timedelta(days=days),
    )
    return Expectation.from_payloads([folder], cluster_alias="golden")


def summary(tmp_path: Path, **files: Any) -> Measures:
    return Expectation.from_payloads([payload(tmp_path / "p", **files)], cluster_alias="x").stage("summary", 0)


@pytest.mark.parametrize(
    ("namespace", "node", "cpu", "memory"),
    [
        ("app-a", "n1", (12, 24, 24), (24, 48)),
        ("app-b", "n1", (36, 24, 36), (48, 24)),
        ("openshift-etcd", "n2", (24, 48, 48), (96, 96)),
        ("Platform unallocated", "n2", (168, 144, 144), (672, 672)),
        ("Worker unallocated", "n1", (48, 48, 36), (312, 312)),
    ],
)
def test_the_golden_example_of_the_contract(
    tmp_path: Path, namespace: str, node: str, cpu: tuple[int, ...], memory: tuple[int, ...]
) -> None:
    row = golden(tmp_path).stage("summary", 0)[D, "Pod", namespace, node, ""]
    words = ("usage", "request", "effective_usage")
    assert tuple(row[f"pod_{word}_cpu_core_hours"] for word in words) == cpu
    assert tuple(row[f"pod_{word}_memory_gigabyte_hours"] for word in words[:2]) == memory
    assert ("pod_limit_cpu_core_hours" in row) is not namespace.endswith("unallocated")


def test_capacity_is_the_nodes_not_the_sum_over_its_pods(tmp_path: Path) -> None:
    row = golden(tmp_path).stage("summary", 0)[D, "Pod", "app-a", "n1", ""]
    assert row["node_capacity_cpu_cores"] == 4
    assert row["node_capacity_cpu_core_hours"] == 96
    assert row["node_capacity_memory_gigabyte_hours"] == 384
    assert row["cluster_capacity_cpu_core_hours"] == 288
    assert row["cluster_capacity_memory_gigabyte_hours"] == 1152


def test_capacity_counts_only_hours_in_which_a_node_has_a_pod(tmp_path: Path) -> None:
    rows = [*pod_rows(hours(10)), *pod_rows(hours(14)[8:], pod="later")]
    row = summary(tmp_path, pods=[rows], nodes=[node_rows(hours(1))])[D, "Pod", "app-a", "n1", ""]
    assert row["node_capacity_cpu_core_hours"] == 14 * 4


def test_a_claim_is_on_the_node_of_its_pod_in_months_of_30_days(tmp_path: Path) -> None:
    row = golden(tmp_path).stage("summary", 0)[D, "Storage", "app-a", "n1", "pvc-1"]
    assert row["persistentvolumeclaim_capacity_gigabyte"] == 100
    assert row["persistentvolumeclaim_capacity_gigabyte_months"] == pytest.approx(Decimal(100) / 30)
    assert row["persistentvolumeclaim_usage_gigabyte_months"] == pytest.approx(Decimal(40) / 30)


def test_a_volume_on_two_nodes_is_shared_except_for_its_capacity(tmp_path: Path) -> None:
    when = hours(24)
    pods = [*pod_rows(when), *pod_rows(when, pod="pod-2", node="n2")]
    claims = [*claim_rows(when), *claim_rows(when, pod="pod-2", claim="pvc-2")]
    rows = summary(tmp_path, pods=[pods], claims=[claims])
    for node, claim in (("n1", "pvc-1"), ("n2", "pvc-2")):
        row = rows[D, "Storage", "app-a", node, claim]
        assert row["persistentvolumeclaim_capacity_gigabyte_months"] == pytest.approx(Decimal(100) / 30)
        assert row["volume_request_storage_gigabyte_months"] == pytest.approx(Decimal(50) / 30)
        assert row["persistentvolumeclaim_usage_gigabyte_months"] == pytest.approx(Decimal(20) / 30)


def test_a_pod_that_moved_has_its_claim_on_both_nodes(tmp_path: Path) -> None:
    pods = [*pod_rows(hours(12)), *pod_rows(hours(24)[12:], node="n2")]
    rows = summary(tmp_path, pods=[pods], claims=[claim_rows(hours(24))])
    assert {key[3] for key in rows if key[1] == "Storage"} == {"n1", "n2"}
    assert rows[D, "Storage", "app-a", "n2", "pvc-1"]["volume_request_storage_gigabyte_months"] == pytest.approx(
        Decimal(50) / 30
    )


def test_a_claim_without_a_known_pod_has_no_node(tmp_path: Path) -> None:
    rows = summary(tmp_path, pods=[pod_rows(hours(24))], claims=[claim_rows(hours(24), pod="")])
    assert (D, "Storage", "app-a", "", "pvc-1") in rows


def test_a_pod_without_a_node_is_no_usage(tmp_path: Path) -> None:
    rows = summary(tmp_path, pods=[[*pod_rows(hours(1)), *pod_rows(hours(1), pod="pending", node="")]])
    assert {key[3] for key in rows} == {"n1"}


@pytest.mark.parametrize(
    ("nodes", "pods", "namespace"),
    [
        ([node_rows(hours(1))], {}, "Worker unallocated"),
        ([node_rows(hours(1), labels="label_node_role_kubernetes_io:infra")], {}, "Platform unallocated"),
        ([node_rows(hours(1))], {"namespace": "openshift-kube-apiserver"}, "Platform unallocated"),
        ([node_rows(hours(1))], {"node_role": "infra"}, "Platform unallocated"),
        ([node_rows(hours(1))], {"node_role": ""}, ""),
        ([], {}, ""),
    ],
)
def test_what_a_node_has_left_is_named_by_its_role(
    tmp_path: Path, nodes: list[Any], pods: dict[str, Any], namespace: str
) -> None:
    rows = summary(tmp_path, pods=[pod_rows(hours(1), **pods)], nodes=nodes)
    assert {key[2] for key in rows} == {pods.get("namespace", "app-a"), namespace}


@pytest.mark.parametrize(
    ("labels", "tomorrow_s"),
    [("label_kubernetes_io_arch:amd64", "Platform unallocated"), ("label_a:b", "Worker unallocated")],
)
def test_a_role_stays_once_the_architecture_is_known_too(tmp_path: Path, labels: str, tomorrow_s: str) -> None:
    """Until then each summary looks for both anew; days that are not summarised again keep what they have."""
    first = payload(
        tmp_path / "a",
        pods=[pod_rows(hours(24), namespace="openshift-kube-apiserver")],
        nodes=[node_rows(hours(1), labels=labels)],
    )
    tomorrow = DAY + timedelta(days=1)
    second = payload(
        tmp_path / "b",
        uuid="21111111-1111-4111-8111-111111111111",
        pods=[pod_rows(hours(24, tomorrow))],
        nodes=[node_rows(hours(1, tomorrow), labels=labels)],
        start=tomorrow,
        end=tomorrow + timedelta(days=1),
    )
    after = Expectation.from_payloads([first, second], cluster_alias="x").stage("summary", 1)
    assert (D, "Pod", "Platform unallocated", "n1", "") in after
    assert ("2026-11-06", "Pod", tomorrow_s, "n1", "") in after


def test_an_overbooked_node_has_less_than_nothing_left(tmp_path: Path) -> None:
    rows = summary(tmp_path, pods=[pod_rows(hours(24), cpu=(1, 6, 6))], nodes=[node_rows(hours(1))])
    assert rows[D, "Pod", "Worker unallocated", "n1", ""]["pod_request_cpu_core_hours"] == -48


def test_the_figures_of_the_golden_example(tmp_path: Path) -> None:
    figures = golden(tmp_path, days=2).figures(date(2026, 11, 1), date(2026, 11, 30))
    compute = figures["compute", "total", "", ""]
    wanted = {"usage": 144, "request": 192, "limit": 192, "capacity": 576, "efficiency_percent": 75}
    assert {field: compute[field] for field in wanted} == wanted
    assert compute["request.unused_percent"] == pytest.approx(Decimal("8.33333333333333"))
    memory = figures["memory", "total", "", ""]
    assert [memory[field] for field in ("usage", "request", "limit", "capacity")] == [336, 336, 384, 2304]
    volumes = figures["volumes", "total", "", ""]
    assert volumes["usage"] == pytest.approx(Decimal("2.66666666666666"))
    assert volumes["capacity"] == volumes["request"] == pytest.approx(Decimal("6.66666666666666"))
