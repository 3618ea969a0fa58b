"""Payloads and what a cost model charges for them: what the tests of money share."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from expect_payloads import DAY, claim_rows, hours, namespace_rows, node_rows, payload, pod_rows

from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation

D = "2026-11-05"
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)

# (metric, distribution) -> what the pod and the rest of its node pay, as CPU or as memory.
METRICS = [
    ("cpu_core_usage_per_hour", "cpu", "compute", (12, 84)),
    ("cpu_core_request_per_hour", "cpu", "compute", (24, 72)),
    ("cpu_core_effective_usage_per_hour", "memory", "compute", (24, 72)),
    ("memory_gb_usage_per_hour", "cpu", "memory", (24, 360)),
    ("memory_gb_request_per_hour", "cpu", "memory", (48, 336)),
    ("memory_gb_effective_usage_per_hour", "cpu", "memory", (48, 336)),
    ("node_core_cost_per_hour", "cpu", "compute", (24, 72)),
    ("cluster_core_cost_per_hour", "cpu", "compute", (24, 72)),
    # An eighth of the memory is an eighth of the 96 core-hours, and still a cost of CPU.
    ("node_core_cost_per_hour", "memory", "compute", (12, 84)),
    ("cluster_core_cost_per_hour", "memory", "compute", (12, 84)),
    ("cluster_cost_per_hour", "cpu", "compute", (6, 18)),
    ("cluster_cost_per_hour", "memory", "memory", (3, 21)),
    ("node_cost_per_month", "cpu", "compute", (Decimal(1) / 120, Decimal(3) / 120)),
    ("node_cost_per_month", "memory", "memory", (Decimal(1) / 240, Decimal(7) / 240)),
    ("node_core_cost_per_month", "cpu", "compute", (Decimal(4) / 120, Decimal(12) / 120)),
    ("node_core_cost_per_month", "memory", "memory", (Decimal(4) / 240, Decimal(28) / 240)),
    ("cluster_cost_per_month", "cpu", "compute", (Decimal(1) / 120, Decimal(3) / 120)),
    ("cluster_cost_per_month", "memory", "memory", (Decimal(1) / 240, Decimal(7) / 240)),
]


def golden_files(days: int = 1) -> dict[str, Any]:
    """Two nodes, n2 a master, three pods and a claim: docs/contract/koku.md 6.5."""
    when = hours(24 * days)
    etcd: dict[str, Any] = {"pod": "etcd-0", "namespace": "openshift-etcd", "node": "n2", "cores": 8, "gib": 32}
    pods = [
        *pod_rows(when, node_role="worker"),
        *pod_rows(when, pod="pod2", namespace="app-b", cpu=(1.5, 1, 2), memory=(2, 1, 4), node_role="worker"),
        *pod_rows(when, **etcd, cpu=(1, 2, 0), memory=(4, 4, 0), node_role="master"),
    ]
    return {
        "pods": [pods],
        "claims": [claim_rows(when)],
        "nodes": [[*node_rows(when), *node_rows(when, node="n2")]],
        "end": DAY + timedelta(days=days),
    }


def charged(tmp_path: Path, model: dict[str, Any], *, tags: tuple[str, ...] = (), **files: Any) -> Expectation:
    folder = payload(tmp_path / f"p{len(list(tmp_path.iterdir()))}", **files)
    return Expectation.from_payloads(
        [folder], cluster_alias="x", cost_model=CostModel.from_json(model), enabled_tags=tags
    )


def plain_files(when: list[str] | None = None, **pod: Any) -> dict[str, Any]:
    """A worker of 4 cores and 16 GiB with one pod (usage .5, request 1 core; 1 and 2 GiB)."""
    times = when or hours(24)
    first = datetime.fromisoformat(times[0].removesuffix(" UTC"))
    return {
        "pods": [pod_rows(times, node_role="worker", **pod)],
        "nodes": [node_rows(times)],
        "start": first,
        "end": first + timedelta(hours=len(times)),
    }


def cost(expectation: Expectation, project: str, report: str = "costs", field: str = "cost.total") -> Decimal:
    figures = expectation.figures(FIRST, LAST)
    return sum((row[field] for key, row in figures.items() if key[:3] == (report, "project", project)), Decimal(0))


def labelled_files() -> dict[str, Any]:
    when = hours(24)
    pods = [
        *pod_rows(when, pod_labels="label_env:prod|label_app:x", node_role="worker"),
        *pod_rows(when, pod="b", pod_labels="label_env:stage", node_role="worker"),
        *pod_rows(when, pod="c", pod_labels="label_env:test", node_role="worker"),
        *pod_rows(when, pod="d", namespace="app-b", pod_labels="", node_role="worker"),
    ]
    return plain_files() | {
        "pods": [pods],
        "claims": [claim_rows(when, persistentvolume_labels="label_env:prod")],
        "namespaces": [namespace_rows(when, labels="label_team:red|label_env:space")],
    }
