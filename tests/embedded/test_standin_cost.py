"""The stand-in's prices on real servers: what a real Koku charged, the contract's example, and each metric alone."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from standin_deployment import Claim, Deployment, Pod
from standin_shop import SPAN, SUMMARY, Shop, model, rate, tag_rate, value

from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
MONEY = RECORDINGS / "with_cost_model"
# The one with tags comes last: the keys it enables would give labels to the others.
NAMES = sorted((folder.name for folder in MONEY.iterdir()), key=lambda name: ("tag" in name, name))
OWN_IDS = {"uuid", "source_uuid", "report_period_id"}
# The nodes of the contract's example. Running the API server is what makes the second one a master.
WORKER, MASTER = (4, 16), (8, 32)
EXAMPLE = [
    Pod("pod1", "app-a", "n1", (0.5, 1, 2), (1, 2, 4), WORKER),
    Pod("pod2", "app-b", "n1", (1.5, 1, 2), (2, 1, 4), WORKER),
    Pod("etcd-0", "openshift-kube-apiserver", "n2", (1, 2, 0), (4, 4, 0), MASTER),
]
CLAIM = Claim("pvc-1", "pod1", "app-a", gib=(100, 100, 40))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("cost")
    with EmbeddedStack.start(today=date(2026, 11, 21), report_dir=folder) as stack:
        deployment = Deployment(stack, folder / "embedded")
        yield Shop(deployment, stack.endpoints.koku_url)
        deployment.conn.close()


def _tags(shop: Shop, action: str, keys: list[str]) -> None:
    body = {"schema": "org1234567", "provider_type": "ocp", "action": action, "tag_keys": keys}
    assert shop.koku.masu_post("enabled_tags/", json=body).status_code == 200


@pytest.fixture(scope="module")
def replayed(shop: Shop) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every recording with a cost model sent again: its source, and the answer to the cost model."""
    found = {}
    for name in NAMES:
        recording = json.loads((MONEY / name / "recording.json").read_text())
        source = shop.koku.create_source(recording["cluster_id"])
        texts = {"name": recording["cluster_id"], "description": name, "source_type": "OCP", "source_uuids": [source]}
        answer = shop.call("POST", "cost-models/", 201, recording["spec"]["cost_model"] | texts)
        keys = recording["spec"].get("enable_tags", [])
        _tags(shop, "create", keys)
        for upload in recording["uploads"]:
            shop.koku.ingest(source, (MONEY / name / upload["payload"]).read_bytes())
        _tags(shop, "delete", keys)
        found[name] = source, answer
    return found


def _comparable(row: dict[str, Any]) -> list[tuple[str, str]]:
    texts = {key: json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for key, value in row.items()}
    return sorted((key, "" if text is None else str(text)) for key, text in texts.items() if key not in OWN_IDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_recording_costs_the_same_to_the_last_digit(
    shop: Shop, replayed: dict[str, tuple[str, dict[str, Any]]], name: str
) -> None:
    found = shop.koku.rows(f"SELECT * FROM {SUMMARY} WHERE source_uuid = %s", replayed[name][0])
    with (MONEY / name / "db" / "daily_summary.csv").open() as file:
        recorded = list(csv.DictReader(file))
    assert sorted(map(_comparable, found)) == sorted(map(_comparable, recorded))


@pytest.mark.parametrize("name", NAMES)
def test_a_cost_model_is_answered_as_recorded(replayed: dict[str, tuple[str, dict[str, Any]]], name: str) -> None:
    recorded = json.loads((MONEY / name / "recording.json").read_text())["cost_model_response"]["body"]
    assert _without_ids(replayed[name][1]) == _without_ids(recorded)


def _without_ids(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_ids(item) for item in part]
    if isinstance(part, dict):
        own = ("uuid", "source_uuids", "created_timestamp", "updated_timestamp")
        return {key: None if key in own else _without_ids(item) for key, item in part.items()}
    return part


EXAMPLE_RATES = [
    rate("cpu_core_usage_per_hour", 0.007, "Supplementary"),
    rate("cpu_core_request_per_hour", 0.2, "Supplementary"),
    rate("memory_gb_usage_per_hour", 0.009, "Supplementary"),
    rate("memory_gb_request_per_hour", 0.05, "Supplementary"),
    rate("storage_gb_usage_per_month", 0.01, "Supplementary"),
    rate("storage_gb_request_per_month", 0.01, "Supplementary"),
    rate("node_cost_per_month", 1000),
    rate("cluster_cost_per_month", 10000),
    rate("pvc_cost_per_month", 3),
]


def test_the_golden_day_costs_what_the_contract_says(shop: Shop) -> None:
    source = shop.source(*EXAMPLE, claims=[CLAIM], rates={"rates": EXAMPLE_RATES})
    projects = {
        name: (
            value(row["infrastructure"]),
            value(row["supplementary"]),
            *(value(row["cost"], part) for part in ("total", "platform_distributed", "worker_unallocated_distributed")),
            value(row["cost"], "distributed"),
        )
        for name, row in shop.costs(source, "project").items()
    }
    assert projects == {
        "app-a": (36.211111, 7.546667, 43.757778, 136.244622, 33.004267, 213.006667),
        "app-b": (54.166667, 6.684, 60.850667, 204.366933, 49.5064, 314.724),
        "openshift-kube-apiserver": (63.888889, 15.432, 79.320889, -79.320889, 0, 0),
        "Platform unallocated": (191.666667, 69.624, 261.290667, -261.290667, 0, 0),
        "Worker unallocated": (54.166667, 28.344, 82.510667, 0, -82.510667, 0),
    }
    total = shop.costs(source)
    assert [value(total[part]) for part in ("cost", "infrastructure", "supplementary")] == [
        527.730667,
        400.1,
        127.630667,
    ]
    query = SPAN | {"filter[cluster]": shop.cluster(source)}
    compute = shop.call("GET", "reports/openshift/compute/", 200, **query)["meta"]["total"]
    assert value(compute["cost"]) == 173.870667
    assert value(compute["total_score"], "wasted_cost") == 43.467667


@pytest.fixture(scope="module")
def example(shop: Shop) -> tuple[str, str]:
    """The golden day once, and its cost model, whose rates the tests replace."""
    source = shop.source(*EXAMPLE, claims=[CLAIM], rates={"rates": [rate("cpu_core_usage_per_hour", 1)]})
    (found,) = shop.call("GET", "cost-models/", 200, source_uuid=source)["data"]
    return source, found["uuid"]


DAY = 24
# What one dollar of each metric makes of the day: 12 cores and 48 GiB on two nodes, one namespace with a claim.
ONE_DOLLAR = {
    "cpu_core_usage_per_hour": ("", 12 * DAY),
    "cpu_core_request_per_hour": ("", 12 * DAY),
    "cpu_core_effective_usage_per_hour": ("", 12 * DAY),
    "memory_gb_usage_per_hour": ("", 48 * DAY),
    "memory_gb_request_per_hour": ("", 48 * DAY),
    "memory_gb_effective_usage_per_hour": ("", 48 * DAY),
    "storage_gb_usage_per_month": ("", 40 / 30),
    "storage_gb_request_per_month": ("", 100 / 30),
    "node_core_cost_per_hour": ("", 12 * DAY),
    "cluster_core_cost_per_hour": ("", 12 * DAY),
    "cluster_cost_per_hour": ("", DAY),
    "node_cost_per_month": ("/Node", 2 / 30),
    "node_core_cost_per_month": ("/Node_Core_Month", 12 / 30),
    "cluster_cost_per_month": ("/Cluster", 1 / 30),
    "pvc_cost_per_month": ("/PVC", 1 / 30),
}


@pytest.mark.parametrize(
    ("metric", "distribution"),
    [(metric, "cpu") for metric in ONE_DOLLAR]
    + [pytest.param(metric, "memory", marks=pytest.mark.long) for metric in ONE_DOLLAR if metric[0] in "nc"],
)
def test_each_metric_alone_costs_the_whole_capacity(
    shop: Shop, example: tuple[str, str], metric: str, distribution: str
) -> None:
    source, key = example
    monthly, cost = ONE_DOLLAR[metric]
    shop.replace(key, source, rates=[rate(metric, 1)], distribution=distribution)
    paid = shop.paid(source)
    assert paid.pop(f"Infrastructure{monthly}") == pytest.approx(cost)
    assert paid == pytest.approx(dict.fromkeys(paid, 0), abs=1e-9)
    assert value(shop.costs(source)["cost"]) == pytest.approx(cost, abs=1e-6)


def test_rates_of_one_metric_add_up_and_monthly_ones_are_infra(shop: Shop, example: tuple[str, str]) -> None:
    source, key = example
    twice = [rate("cpu_core_usage_per_hour", 1), rate("cpu_core_usage_per_hour", 0.5)]
    monthly = [rate("node_cost_per_month", 30, kind) for kind in ("Infrastructure", "Supplementary")]
    shown = shop.replace(key, source, rates=[*twice, *monthly], shared=False)
    assert shop.paid(source) == {"Infrastructure": 12 * DAY * 1.5, "Infrastructure/Node": 2}
    assert [each["custom_name"] for each in shown["rates"][:2]] == [
        "cpu_core_usage_per_hour-Infrastructure",
        "cpu_core_usage_per_hour-Infrastructure-2",
    ]


def test_pricing_again_changes_no_sum_nor_summarising_a_row(shop: Shop, example: tuple[str, str]) -> None:
    source, key = example
    shop.replace(key, source, rates=EXAMPLE_RATES)
    # Pricing alone would meet what the cost model before this one has distributed.
    shop.summarise(source)
    first = shop.paid(source)
    count = f"SELECT count(*) AS n FROM {SUMMARY} WHERE source_uuid = %s"
    # 5 pod rows and a volume, each with its usage rates; two monthly prices and the claim's; 4 + 3 distributed.
    assert shop.koku.row(count, source)["n"] == 6 + 6 + 5 + 5 + 1 + 4 + 3
    for zeros in (11, 11):
        # As on Koku, pricing alone meets the rows of the distribution before it, and prices them too, at nothing.
        shop.price(source)
        assert (shop.paid(source), shop.koku.row(count, source)["n"]) == (first, 30 + zeros)
    for _ in range(2):
        shop.summarise(source)
        assert (shop.paid(source), shop.koku.row(count, source)["n"]) == (first, 30)


def test_a_page_stays_old_until_the_cost_step_is_done(shop: Shop, example: tuple[str, str]) -> None:
    source, key = example
    shop.replace(key, source, rates=[rate("cluster_cost_per_month", 30)])
    assert value(shop.costs(source)["cost"]) == 1
    shop.koku.conn.execute("UPDATE reporting_ocp_cost_summary_p SET cost_model_cpu_cost = 7 * cost_model_cpu_cost")
    assert value(shop.costs(source)["cost"]) == 1
    shop.replace(key, source, rates=[rate("cluster_cost_per_month", 60)])
    assert value(shop.costs(source)["cost"]) == 2


def test_without_effective_prices_there_are_no_cost_rows(shop: Shop, example: tuple[str, str]) -> None:
    source, key = example
    shown = shop.replace(key, source, rates=EXAMPLE_RATES)
    assert len(shop.paid(source)) > 3
    (prices,) = shown["price_lists"]
    path = f"price-lists/{prices['uuid']}/"
    changed = shop.call("PUT", path, 200, {"effective_start_date": "2026-12-01"})
    assert (changed["version"], changed["assigned_cost_models"][0]["uuid"]) == (2, key)
    shop.price(source)
    assert shop.paid(source) == {}
    assert value(shop.costs(source)["cost"]) == 0
    shop.call("PUT", path, 400, {"effective_start_date": "2026-11-02"})
    shop.call("DELETE", path, 400)
    shop.call("PUT", path, 200, {"effective_start_date": "2026-11-01"})
    shop.koku.wait_for(lambda: len(shop.paid(source)) > 3)


def test_a_cost_model_is_mapped_replaced_and_deleted(shop: Shop) -> None:
    source = shop.source(EXAMPLE[0], rates={"rates": [rate("cpu_core_usage_per_hour", 1)]})
    (found,) = shop.call("GET", "cost-models/", 200, source_uuid=source)["data"]
    path = f"cost-models/{found['uuid']}/"
    assert found["sources"][0]["operator_update_available"] is True
    assert shop.call("GET", path, 200) == found
    assert shop.call("GET", f"sources/{source}/", 200)["cost_models"] == [
        {"name": found["name"], "uuid": found["uuid"]}
    ]
    refused = shop.call("POST", "cost-models/", 400, model(source, rates=[]))["errors"][0]
    text = f"Source {source} is already associated with cost model: {found['uuid']}."
    assert refused == {"detail": text, "source": "cost-models", "status": 400}
    assert shop.call("GET", "cost-models/", 200, source_uuid=source)["meta"]["count"] == 1
    # A body without sources takes them away, and their cost with them.
    shown = shop.call(
        "PUT", path, 200, model(source, rates=[rate("cpu_core_usage_per_hour", 2)]) | {"source_uuids": []}
    )
    assert shown["sources"] == []
    shop.koku.wait_for(lambda: shop.paid(source) == {})
    shop.call("PUT", path, 200, model(source, rates=[]))
    shop.call("DELETE", path, 204)
    shop.call("GET", path, 404)
    assert shop.call("GET", f"sources/{source}/", 200)["cost_models"] == []
    operations = "SELECT operation FROM cost_model_audit WHERE uuid = %s ORDER BY id"
    found_operations = [row["operation"] for row in shop.koku.rows(operations, found["uuid"])]
    assert (found_operations[0], found_operations[-1]) == ("INSERT", "DELETE")
    # The prices outlive the cost model, until somebody deletes them.
    shop.call("DELETE", f"price-lists/{found['price_lists'][0]['uuid']}/", 204)


PLATFORM_ONLY = [EXAMPLE[2]]
IDLE = [Pod("idle", "app-a", "n2", (0, 0, 0), (0, 0, 0), MASTER), EXAMPLE[2]]


@pytest.mark.parametrize(
    ("pods", "distributed"),
    [(PLATFORM_ONLY, {}), (IDLE, {"platform_distributed": -8.0 * DAY})],
    ids=["no project takes nothing", "idle projects let it be lost"],
)
def test_the_two_cases_in_which_distribution_does_not_conserve(
    shop: Shop, pods: list[Pod], distributed: dict[str, float]
) -> None:
    source = shop.source(*pods, rates={"rates": [rate("cpu_core_usage_per_hour", 1)]})
    assert shop.paid(source) == {"Infrastructure": 8 * DAY, **distributed}


def test_a_month_s_price_is_divided_by_the_days_of_its_own_month(shop: Shop) -> None:
    recording = json.loads((RECORDINGS / "two_months" / "recording.json").read_text())
    source = shop.koku.create_source(recording["cluster_id"])
    shop.create(source, rates=[rate("cluster_cost_per_month", 930)])
    for upload in recording["uploads"]:
        shop.koku.ingest(source, (RECORDINGS / "two_months" / upload["payload"]).read_bytes())
    rows = shop.koku.rows(
        f"SELECT usage_start, sum(cost_model_cpu_cost) AS cost FROM {SUMMARY} WHERE source_uuid = %s"
        " AND cost_model_rate_type = 'Infrastructure' GROUP BY usage_start ORDER BY usage_start",
        source,
    )
    days = {row["usage_start"]: round(float(row["cost"]), 9) for row in rows}
    assert {day.month for day in days} == {10, 11}
    assert days == {day: {10: 30, 11: 31}[day.month] for day in days}
    # A changed cost model prices this month again; the last one only through masu.
    (found,) = shop.call("GET", "cost-models/", 200, source_uuid=source)["data"]
    shop.replace(found["uuid"], source, rates=[rate("cluster_cost_per_month", 1860)])
    october, november = (len([day for day in days if day.month == month]) for month in (10, 11))
    assert shop.paid(source)["Infrastructure/Cluster"] == 30 * october + 62 * november
    shop.price(source, start_date="2026-10-01", end_date="2026-10-31")
    assert shop.paid(source)["Infrastructure/Cluster"] == 60 * october + 62 * november


@pytest.fixture(scope="module")
def tagged(shop: Shop) -> tuple[str, str]:
    """A day of two pods and a claim with their labels, and the cost model, whose rates the tests replace."""
    _tags(shop, "create", ["app", "tier"])
    source = shop.source(*EXAMPLE[:2], claims=[CLAIM], rates={"rates": []})
    _tags(shop, "delete", ["app", "tier"])
    (found,) = shop.call("GET", "cost-models/", 200, source_uuid=source)["data"]
    return source, found["uuid"]


@pytest.mark.parametrize(
    ("rates", "paid"),
    [
        # The default costs the values that have no price of their own; a value's own price comes first.
        (tag_rate("cpu_core_request_per_hour", "stage", web=2, stage=1), {"Supplementary/Tag": 2 * 48.0}),
        (tag_rate("cpu_core_request_per_hour", "stage", prod=2, stage=1), {"Supplementary/Tag": 48.0}),
        (tag_rate("cpu_core_request_per_hour", prod=2), {}),
        # One tag value on one node costs the whole node, whoever uses how much of it.
        (tag_rate("node_cost_per_month", web=60), {"Supplementary/Node": 2.0}),
        (tag_rate("node_core_cost_per_month", "stage", prod=60, stage=30), {"Supplementary/Node_Core_Month": 4.0}),
        (tag_rate("node_core_cost_per_hour", web=1), {"Supplementary/Node_Core_Hour": 4.0 * DAY}),
        (tag_rate("storage_gb_request_per_month", key="tier", data=3), {"Supplementary/Tag": 10.0}),
        (tag_rate("pvc_cost_per_month", key="tier", data=60), {"Supplementary/PVC": 2.0}),
    ],
)
def test_tags_have_prices_of_their_own(
    shop: Shop, tagged: tuple[str, str], rates: dict[str, Any], paid: dict[str, float]
) -> None:
    source, key = tagged
    shop.replace(key, source, rates=[rates], shared=False)
    assert shop.paid(source) == paid


def test_costs_by_tag_have_a_bucket_for_what_carries_none(shop: Shop, tagged: tuple[str, str]) -> None:
    source, key = tagged
    shop.replace(key, source, rates=[rate("cpu_core_request_per_hour", 1)], shared=False)
    assert {name: value(row["cost"]) for name, row in shop.costs(source, "tag:app").items()} == {
        "web": 48,
        "No-app": 48,
    }


def test_a_switched_key_counts_from_the_next_summary_on(shop: Shop, tagged: tuple[str, str]) -> None:
    source, key = tagged
    shop.replace(key, source, rates=[tag_rate("cpu_core_request_per_hour", web=1)], shared=False)
    query = {"filter[key]": "app", "filter[provider_type]": "OCP"}
    (app,) = [tag for tag in shop.call("GET", "settings/tags/", 200, **query)["data"] if tag["key"] == "app"]
    for action, paid in (("disable", {}), ("enable", {"Supplementary/Tag": 48.0}), ("disable", {})):
        before = shop.paid(source)
        shop.call("PUT", f"settings/tags/{action}/", 204, {"ids": [app["uuid"]]})
        shop.price(source)
        assert shop.paid(source) == before
        shop.summarise(source)
        assert shop.paid(source) == paid


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"schema": "org1234567"}, "provider_uuid and schema are required parameters."),
        ({"schema": "org1234567", "provider_uuid": str(uuid.uuid4())}, "Provider does not exist."),
        ({"schema": "org1234567", "provider_uuid": "x", "queue": "nowhere"}, "'queue' must be one of "),
    ],
)
def test_masu_refuses_to_price_what_is_not_there(shop: Shop, query: dict[str, str], said: str) -> None:
    answer = shop.koku.masu("update_cost_model_costs/", **query)
    assert (answer.status_code, answer.json()["Error"][: len(said)]) == (400, said)
