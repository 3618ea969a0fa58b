"""What holds for every small cluster and every cost model."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from expect_charged import FIRST, LAST
from expect_models import INFRASTRUCTURE, SUPPLEMENTARY, rate
from expect_payloads import claim_rows, hours, node_rows, payload, pod_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.explain import explain_expectation
from e2e_validator.providers.ocp.expect.invariants import invariants, not_conserved
from e2e_validator.providers.ocp.expect.metrics import PRICED

HOURS = hours(3)
AMOUNT = st.sampled_from([0, 0.25, 0.5, 1, 1.75, 3])
POD = st.tuples(
    st.sampled_from(["app-a", "app-b", "openshift-dns", "kube-system"]),
    st.sampled_from(["n1", "n2"]),
    st.tuples(AMOUNT, AMOUNT, AMOUNT),
    st.tuples(AMOUNT, AMOUNT, AMOUNT),
    st.booleans(),
)
RATES = st.lists(
    st.builds(
        rate,
        st.sampled_from(PRICED),
        st.sampled_from(["0", "0.0071", "1.5", "1000"]),
        st.sampled_from([INFRASTRUCTURE, SUPPLEMENTARY]),
    ),
    max_size=6,
)
MODEL = st.fixed_dictionaries(
    {
        "rates": RATES,
        "distribution_info": st.fixed_dictionaries(
            {
                "distribution_type": st.sampled_from(["cpu", "memory"]),
                "platform_cost": st.booleans(),
                "worker_cost": st.booleans(),
            }
        ),
    }
)


def cluster(folder: Path, pods: list[Any]) -> Path:
    rows, claims = [], []
    for number, (namespace, node, cpu, memory, claimed) in enumerate(pods):
        name = f"pod-{number}"
        role = "worker" if node == "n1" else "master"
        where = {"pod": name, "namespace": namespace}
        rows += pod_rows(HOURS, **where, node=node, cpu=cpu, memory=memory, node_role=role)
        if claimed:
            claims += claim_rows(HOURS, **where, claim=f"pvc-{number}", volume=f"pv-{number % 2}")
    nodes = [*node_rows(HOURS), *node_rows(HOURS, node="n2")]
    return payload(folder, pods=[rows], claims=[claims], nodes=[nodes])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(pods=st.lists(POD, min_size=1, max_size=5), model=MODEL)
def test_every_rule_holds_and_the_arithmetic_gives_the_figures(pods: list[Any], model: dict[str, Any]) -> None:
    priced = CostModel.from_json(model)
    with TemporaryDirectory() as folder:
        expectation = Expectation.from_payloads(
            [cluster(Path(folder, "p"), pods)], cluster_alias="x", cost_model=priced
        )
    figures = expectation.figures(FIRST, LAST)
    lost = not_conserved(expectation.stage("costs", 0), FIRST, LAST)
    assert invariants(figures) == []
    assert invariants(figures, lost=lost) == []
    explain_expectation(expectation, priced)
    field = 2 if model["distribution_info"]["distribution_type"] == "cpu" else 3
    used = any(max(pod[field][0], pod[field][1]) > 0 for pod in pods if pod[0].startswith("app"))
    if used:
        assert all(abs(value) < Decimal("1e-45") for value in lost.values())
