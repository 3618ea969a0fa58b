"""Judge and double agree on the money of random small clusters, at every stage, to a relative 1e-9."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from money_cluster import Claim, Cluster, Node, Pod, Upload, hours, write
from money_drawn import Example, examples
from money_run import Deployment, agree

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation

# The day of the session's stack.
TODAY = date(2026, 11, 21)
pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def deployment(stack_target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The session's stack, and a folder for each example."""
    folder, numbers = tmp_path_factory.mktemp("drawn"), itertools.count()

    def new_folder() -> Path:
        made = folder / str(next(numbers))
        made.mkdir()
        return made

    clients = Clients(stack_target, "OCP")
    yield Deployment(stack_target, clients, TODAY, new_folder)
    clients.close()


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    # Each example is a second: what it shrinks to is not worth the minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(example=examples())
def test_drawn_clusters_cost_what_is_expected_at_every_stage(deployment: Deployment, example: Example) -> None:
    agree(deployment, example)


# --- what drawing found --------------------------------------------------------------------------------------------

NODE = Node("n1")
WEB, JOB = Pod("web", "app-a", "n1"), Pod("job", "app-b", "n1")


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def model(**rates: str) -> dict[str, Any]:
    """A cost model of Infrastructure rates."""
    return {
        "rates": [
            {
                "metric": {"name": metric},
                "cost_type": "Infrastructure",
                "tiered_rates": [{"unit": "USD", "value": Decimal(value)}],
            }
            for metric, value in rates.items()
        ],
        "distribution_info": {"distribution_type": "cpu", "platform_cost": True, "worker_cost": True},
        "currency": "USD",
    }


def test_claims_of_no_node_have_no_size_in_the_total_by_node(deployment: Deployment) -> None:
    """The judge counted the largest of them in ``meta.total`` as in their own group; Koku leaves it out there."""
    claims = (Claim("c1", "app-a", "gone", "v1", (2048, 1024, 512)), Claim("c2", "app-a", "gone", "v2"))
    sent = Upload(Cluster((NODE,), (WEB,), claims), at(11, 9), at(11, 10))
    agree(deployment, Example((sent,), model(storage_gb_usage_per_month="1.5")))


@pytest.mark.parametrize("price", ["0.0000000001", "0.0000000163", "0.000000367"])
def test_costs_rounded_to_fifteen_decimals_do_not_differ(deployment: Deployment, price: str) -> None:
    """The judge held the 15 decimals that the daily summary keeps against it."""
    rates = dict.fromkeys(("node_cost_per_month", "storage_gb_request_per_month", "pvc_cost_per_month"), price)
    cluster = Cluster((NODE,), (WEB, JOB), (Claim("c1", "app-a", "web", "v1", (333, 77, 5)),))
    agree(deployment, Example((Upload(cluster, at(11, 9), at(11, 11)),), model(**rates)))


def test_a_project_of_one_month_has_nothing_in_the_other(deployment: Deployment) -> None:
    """The judge expected no row; Koku fills in every group that it ranks on every date that has any."""
    other = Pod("api", "app-c", "n2")
    first = Upload(Cluster((NODE, Node("n2")), (WEB, other)), at(10, 31), at(11, 1))
    second = Upload(Cluster((NODE, Node("n2")), (WEB, JOB)), at(11, 1), at(11, 2))
    agree(deployment, Example((first, second), model(cpu_core_usage_per_hour="0.5", node_cost_per_month="31")))


def test_shares_of_volume_costs_are_among_those_without_a_label(deployment: Deployment) -> None:
    """The judge looked for claims alone; by label Koku reads the daily summary, where shares have no claim."""
    etcd = Pod("etcd", "openshift-etcd", "n1")
    claim = Claim("c1", "openshift-etcd", "etcd", "v1", labels="label_tier:gold")
    sent = Upload(Cluster((NODE,), (WEB, etcd), (claim,)), at(11, 9), at(11, 10))
    agree(deployment, Example((sent,), model(storage_gb_request_per_month="3"), tags=("tier",)))


@pytest.mark.parametrize("labels", ["", "label_kubernetes_io_arch:amd64"])
def test_a_node_may_be_a_master_until_its_architecture_is_known(deployment: Deployment, labels: str) -> None:
    """The judge kept the first role; Koku keeps it once it has the architecture too, and never for days before."""
    nodes = (Node("n1", labels=labels),)
    server = Pod("api", "openshift-kube-apiserver", "n1")
    first = Upload(Cluster(nodes, (WEB,)), at(11, 9), at(11, 10))
    second = Upload(Cluster(nodes, (WEB, server)), at(11, 10), at(11, 11))
    agree(deployment, Example((first, second), model(node_cost_per_month="300")))


# --- conservation, without a deployment ----------------------------------------------------------------------------


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(example=examples())
def test_what_is_shared_out_sums_to_0_or_is_a_known_corner(
    tmp_path_factory: pytest.TempPathFactory, example: Example
) -> None:
    """The corners are told from the pods and claims that were drawn, not from what was computed."""
    upload = example.uploads[0]
    folder = tmp_path_factory.mktemp("shared") / "payload"
    start, end = next(iter(upload.months()))
    write(upload, start, end, folder, cluster_id="c")
    both = {"platform_cost": True, "worker_cost": True}
    body = dict(example.model or {}) | {"distribution_info": {"distribution_type": "cpu", **both}}
    rates = Expectation.from_payloads([folder], cluster_alias="c", cost_model=CostModel.from_json(body)).stage(
        "costs", 0
    )
    days = {hour.date().isoformat() for hour in hours(start, end)}
    for day, share in product(days, ("platform_distributed", "worker_distributed")):
        rows = {key: row["distributed_cost"] for key, row in rates.items() if (key[0], key[4]) == (day, share)}
        if _used_by_users(upload.cluster, start, end, day):
            size = sum((abs(cost) for cost in rows.values()), Decimal(0))
            assert abs(sum(rows.values(), Decimal(0))) <= Decimal("1e-9") * size
        else:
            # Costs are taken from their owners and given to nobody; not even that without a project of a user.
            assert not any(is_user(key[2]) for key in rows)
            cluster = upload.cluster
            projects = {pod.namespace for pod in cluster.pods} | {claim.namespace for claim in cluster.claims}
            assert not rows or any(map(is_user, projects))


def is_user(namespace: str) -> bool:
    """Whether a namespace is neither the platform's nor what a node had left."""
    return not namespace.startswith(("openshift-", "kube-")) and namespace not in {
        "openshift",
        "Platform unallocated",
        "Worker unallocated",
    }


def _used_by_users(cluster: Cluster, start: datetime, end: datetime, day: str) -> bool:
    """Whether the projects of users used or requested any CPU on that day."""
    return any(
        pod.runs(hour) and (pod.cpu[1] or (pod.odd[0] if pod.odd and hour.hour % 2 else pod.cpu[0]))
        for hour, pod in product(hours(start, end), cluster.pods)
        if is_user(pod.namespace) and hour.date().isoformat() == day
    )
