"""By the data: sums of parts are wholes, the order of rows is nothing, and every deviation has a name."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from expect_models import INFRASTRUCTURE, SUPPLEMENTARY, rate, tag_rate
from expect_payloads import DAY, claim_rows, hours, namespace_rows, node_rows, payload, pod_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.metrics import PRICED
from e2e_validator.providers.ocp.expect.noise import compare

FIRST, LAST = DAY.date(), (DAY + timedelta(days=1)).date()
WHEN = hours(3) + hours(3, DAY + timedelta(days=1))
AMOUNT = st.sampled_from([0, 0.25, 0.5, 1, 1.75, 3])
HOURS = st.sets(st.sampled_from(range(6)), min_size=1)
NODES = ("n1", "n2", "n3")
PROJECT = st.sampled_from(["shop", "lab", "openshift-dns", "kube-system", "openshift-kube-apiserver", ""])
LABELS = st.sampled_from(["", "label_team:red", "label_team:blue", "label_other:x"])
POD = st.fixed_dictionaries(
    {
        "namespace": PROJECT,
        "node": st.sampled_from([*NODES, ""]),
        "moves_to": st.sampled_from([None, None, *NODES]),
        "hours": HOURS,
        "cpu": st.tuples(AMOUNT, AMOUNT, AMOUNT),
        "memory": st.tuples(AMOUNT, AMOUNT, AMOUNT),
        "pod_labels": LABELS,
    }
)
CLAIM = st.fixed_dictionaries(
    {
        "pod": st.integers(0, 4),
        "name": st.sampled_from(["c1", "c2"]),
        "hours": HOURS,
        "gib": st.sampled_from([(10, 10, 2), (20, 20, 5), (0, 0, 0)]),
        "rebound": st.booleans(),
    }
)
CLUSTER = st.fixed_dictionaries(
    {
        "pods": st.lists(POD, min_size=1, max_size=5),
        "claims": st.lists(CLAIM, max_size=4),
        "roles": st.none()
        | st.tuples(*[st.sampled_from(["worker", "master", "infra", "control-plane", ""])] * len(NODES)),
        "node_labels": st.lists(st.tuples(st.sampled_from(NODES), HOURS, LABELS), max_size=4),
        "namespace_labels": st.lists(st.tuples(PROJECT, HOURS, LABELS), max_size=4),
    }
)


def _priced_once(one: Any) -> tuple[str, str, bool]:
    """What makes a rate one of its kind: a model has no two of it."""
    return one["metric"]["name"], one["cost_type"], "tag_rates" in one


PRICE = st.sampled_from(["0.0071", "1.5", "1000"])
COST_TYPE = st.sampled_from([INFRASTRUCTURE, SUPPLEMENTARY])
TAGGED = [metric for metric in PRICED if metric.startswith(("cpu_core_", "memory_gb_", "storage_gb_"))]
MODEL = st.fixed_dictionaries(
    {
        "rates": st.lists(
            st.builds(rate, st.sampled_from(PRICED), PRICE, COST_TYPE)
            | st.builds(
                tag_rate,
                st.sampled_from(TAGGED),
                st.sampled_from(["team", "other"]),
                st.fixed_dictionaries({"red": PRICE, "x": PRICE}),
                default=st.sampled_from(["", "red"]),
                cost_type=COST_TYPE,
            ),
            max_size=6,
            unique_by=_priced_once,
        ),
        "distribution_info": st.fixed_dictionaries(
            {
                "distribution_type": st.sampled_from(["cpu", "memory"]),
                "platform_cost": st.booleans(),
                "worker_cost": st.booleans(),
            }
        ),
    }
)
SIZES = {"n1": (4, 16), "n2": (8, 32), "n3": (2, 8), "": (0, 0)}
Files = dict[str, Any]


def files(cluster: dict[str, Any]) -> Files:
    """The CSV files of a cluster, one of each kind."""
    roles = dict(zip(NODES, cluster["roles"], strict=True)) if cluster["roles"] else {}
    pods: list[Any] = []
    for number, pod in enumerate(cluster["pods"]):
        for place in sorted(pod["hours"]):
            node = pod["moves_to"] if pod["moves_to"] and place % 3 == 2 and pod["node"] else pod["node"]
            cores, gib = SIZES[node]
            more = {"node_role": roles.get(node, "")} if roles else {}
            values = {key: pod[key] for key in ("namespace", "cpu", "memory", "pod_labels")}
            pods += pod_rows([WHEN[place]], pod=f"pod-{number}", node=node, cores=cores, gib=gib, **values, **more)
    claims: list[Any] = []
    seen = set()
    for claim in cluster["claims"]:
        number = claim["pod"] % len(cluster["pods"])
        namespace = cluster["pods"][number]["namespace"]
        for place in sorted(claim["hours"]):
            volume = f"pv-{namespace}-{claim['name']}" + ("-2" if claim["rebound"] and place % 3 else "")
            if (number, namespace, claim["name"], place) in seen:
                continue
            seen.add((number, namespace, claim["name"], place))
            claims += claim_rows(
                [WHEN[place]],
                pod=f"pod-{number}",
                namespace=namespace,
                claim=claim["name"],
                volume=volume,
                gib=claim["gib"],
            )
    nodes = [
        row
        for node, places, labels in cluster["node_labels"]
        for row in node_rows([WHEN[place] for place in sorted(places)], node=node, labels=labels)
    ]
    namespaces = [
        row
        for name, places, labels in cluster["namespace_labels"]
        for row in namespace_rows([WHEN[place] for place in sorted(places)], namespace=name, labels=labels)
    ]
    return {"pods": [pods], "claims": [claims], "nodes": [nodes], "namespaces": [namespaces]}


def expected(contents: Files, model: dict[str, Any]) -> Expectation:
    with TemporaryDirectory() as folder:
        made = payload(Path(folder, "p"), **contents, end=DAY + timedelta(days=2))
        return Expectation.from_payloads(
            [made], cluster_alias="x", cost_model=CostModel.from_json(model), enabled_tags=["team"]
        )


def total_of(figures: Measures, report: str, grouping: str, field: str) -> Decimal | None:
    """The sum over the groups of an answer; None where a group is not decided."""
    rows = [row for key, row in figures.items() if key[:2] == (report, grouping) and key[3]]
    return None if any(field not in row for row in rows) else sum((row[field] for row in rows), Decimal(0))


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(cluster=CLUSTER, model=MODEL)
def test_every_deviation_has_a_name(cluster: dict[str, Any], model: dict[str, Any]) -> None:
    found = expected(files(cluster), model).deviations(FIRST, LAST)
    unexplained = [one for one in found if one.name == "unexplained"]
    assert not unexplained, [str(figure) for one in unexplained for figure in one.figures[:5]]


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(cluster=CLUSTER, model=MODEL)
def test_the_parts_sum_to_the_whole(cluster: dict[str, Any], model: dict[str, Any]) -> None:
    figures = expected(files(cluster), model).by_data(FIRST, LAST)
    compared = 0
    for report in ("compute", "memory", "volumes", "costs"):
        for grouping in ("total", "daily", "project", "cluster", "node"):
            for field, whole in figures[report, "total", "", ""].items():
                parts = total_of(figures, report, grouping, field)
                if parts is not None and not (field == "capacity" and grouping == "project" and report != "volumes"):
                    groups = [key for key in figures if key[:2] == (report, grouping) and key[3]]
                    if groups:
                        assert abs(parts - whole) <= Decimal("1e-25") * max(abs(whole), Decimal(1)), (
                            report,
                            grouping,
                            field,
                        )
                        compared += 1
    assert compared or not any(pod["node"] for pod in cluster["pods"])


@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@given(cluster=CLUSTER, model=MODEL, seed=st.integers(0, 1000), parts=st.integers(1, 3))
def test_the_order_of_rows_and_count_of_files_change_nothing(
    cluster: dict[str, Any], model: dict[str, Any], seed: int, parts: int
) -> None:
    contents = files(cluster)
    other: Files = {}
    for kind, (rows,) in contents.items():
        shuffled = list(rows)
        random.Random(seed).shuffle(shuffled)
        other[kind] = [shuffled[part::parts] for part in range(parts)]
    one, another = (expected(each, model).by_data(FIRST, LAST) for each in (contents, other))
    assert compare("by the data", one, another) == []
