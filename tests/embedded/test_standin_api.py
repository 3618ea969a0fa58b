"""The stand-in's public API on a real PostgreSQL and a real Valkey, without the pipeline behind it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import requests
from patience import ANSWER_SECONDS
from standin_api_server import Api, api_server, served

from e2e_validator.embedded.standin.view_cache import invalidate_views

pytestmark = pytest.mark.embedded

DAYS = (dt.date(2026, 11, 10), dt.date(2026, 11, 11))
SOURCE = uuid.uuid4()
MONTH = {"filter[time_scope_value]": "-1", "filter[time_scope_units]": "month", "filter[resolution]": "monthly"}
CLUSTER = MONTH | {"filter[cluster]": "golden"}
# Namespace: cost group, infrastructure, supplementary, platform and worker distributed; a day of
# docs/contract/koku.md 6.5.
GOLDEN_COSTS = {
    "app-a": (None, 36.211111, 7.546667, 136.244622, 33.004267),
    "app-b": (None, 54.166667, 6.684, 204.366933, 49.506400),
    "openshift-etcd": (1, 63.888889, 15.432, -79.320889, 0),
    "Platform unallocated": (1, 191.666667, 69.624, -261.290667, 0),
    "Worker unallocated": (None, 54.166667, 28.344, 0, -82.510667),
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_server(tmp_path_factory.mktemp("log")) as running:
        _load(running)
        yield running


def report(api: Api, name: str, **params: Any) -> dict[str, Any]:
    """A report of this month for the golden cluster."""
    return api.body(f"reports/openshift/{name}/", CLUSTER | params)


def _load(api: Api) -> None:
    """Two days of the golden example, in the tables that the pipeline fills."""
    keys = {"uuid": SOURCE, "name": "golden", "type": "OCP"}
    api.insert("api_provider", **keys, setup_complete=True, active=True, paused=False)
    api.insert("reporting_tenant_api_provider", **keys, provider_id=SOURCE)
    cluster = {"cluster_id": "golden", "cluster_alias": "golden", "source_uuid": SOURCE}
    for day in DAYS:
        where = cluster | {"usage_start": day, "usage_end": day}
        for namespace, (group, infrastructure, supplementary, platform, worker) in GOLDEN_COSTS.items():
            row = where | {"namespace": namespace, "cost_category_id": group}
            costs = {"Infrastructure": infrastructure, "Supplementary": supplementary}
            shares = {"platform_distributed": platform, "worker_distributed": worker}
            for column, amounts in (("cost_model_cpu_cost", costs), ("distributed_cost", shares)):
                for rate_type, amount in amounts.items():
                    money = {column: amount, "cost_model_rate_type": rate_type}
                    api.insert("reporting_ocp_cost_summary_by_project_p", id=uuid.uuid4(), **row, **money)
        pods = {"pod_usage_cpu_core_hours": 72, "pod_request_cpu_core_hours": 96, "pod_limit_cpu_core_hours": 96}
        api.insert("reporting_ocp_pod_summary_p", id=uuid.uuid4(), **where, data_source="Pod", **pods)
        cost = {"cost_model_cpu_cost": "173.870666666666667", "cost_model_rate_type": "Supplementary"}
        api.insert("reporting_ocp_pod_summary_p", id=uuid.uuid4(), **where, data_source="Pod", **cost)
        for node, cores, namespace, usage in (
            ("n1", 4, "app-a", 12),
            ("n1", 4, "app-b", 36),
            ("n2", 8, "openshift-etcd", 24),
        ):
            row = where | {"uuid": uuid.uuid4(), "data_source": "Pod", "node": node, "namespace": namespace}
            capacity = {"node_capacity_cpu_cores": cores, "node_capacity_cpu_core_hours": cores * 24}
            labels = {"pod_labels": json.dumps({"environment": "prod"} if namespace == "app-a" else {})}
            amounts = {"pod_usage_cpu_core_hours": usage, "cluster_capacity_cpu_core_hours": 288}
            api.insert("reporting_ocpusagelineitem_daily_summary", **row, **capacity, **labels, **amounts)
    api.insert("reporting_enabledtagkeys", uuid=uuid.uuid4(), key="environment", enabled=True, provider_type="OCP")


def _identity(**changes: Any) -> str:
    user = {"username": "u", "email": "u@example.com", "is_org_admin": changes.get("admin", True)}
    who = {"account_number": "1", "org_id": changes.get("org_id", "1234567"), "type": "User", "user": user}
    rights = {"cost_management": {"is_entitled": changes.get("entitled", True)}}
    return base64.b64encode(json.dumps({"identity": who, "entitlements": rights}).encode()).decode()


def test_compute_totals_are_the_golden_ones(api: Api) -> None:
    total = report(api, "compute")["meta"]["total"]
    assert total["usage"] == {"value": 144.0, "units": "Core-Hours"}
    assert total["request"]["value"] == 192.0
    assert total["request"]["unused_percent"] == pytest.approx(8.333333333333334)  # 48 of the capacity, 576
    assert total["capacity"]["value"] == 576.0
    assert total["capacity"]["count"] == 12.0
    assert total["cost"]["total"]["value"] == pytest.approx(347.74133333333333, rel=1e-9)
    assert total["total_score"]["usage_efficiency_percent"] == 75
    assert total["total_score"]["wasted_cost"]["value"] == pytest.approx(86.93533333333333, rel=1e-9)


def test_projects_carry_the_golden_money(api: Api) -> None:
    answer = report(api, "costs", **{"group_by[project]": "*"})
    meta, projects = answer["meta"], {row["project"]: row["values"][0] for row in answer["data"][0]["projects"]}
    assert meta["distributed_overhead"] is True
    assert meta["total"]["cost"]["total"]["value"] == pytest.approx(1055.4613333333334, rel=1e-8)
    assert meta["total"]["cost"]["distributed"]["value"] == pytest.approx(1055.4613333333334, rel=1e-8)
    assert meta["total"]["infrastructure"]["total"]["value"] == pytest.approx(800.2, rel=1e-8)
    assert projects["app-a"]["cost"]["distributed"]["value"] == pytest.approx(2 * 213.006667, rel=1e-8)
    assert projects["openshift-etcd"]["cost"]["distributed"]["value"] == pytest.approx(0, abs=1e-9)
    assert projects["openshift-etcd"]["cost_group"] == "Platform"
    kinds = {name: row["classification"] for name, row in projects.items()}
    assert kinds == {
        "app-a": "project", "app-b": "project", "openshift-etcd": "default",
        "Platform unallocated": "unallocated", "Worker unallocated": "unallocated",
    }  # fmt: skip


def test_limit_ranks_by_cost_and_sums_the_rest_as_others(api: Api) -> None:
    answer = report(api, "costs", **{"group_by[project]": "*", "filter[limit]": 2})
    projects = answer["data"][0]["projects"]
    assert [row["project"] for row in projects] == ["Platform unallocated", "Worker unallocated", "Others"]
    assert answer["meta"]["others"] == 3
    others = projects[2]["values"][0]
    assert others["cost"]["total"]["value"] == pytest.approx(2 * (43.757778 + 60.850667 + 79.320889), rel=1e-8)
    assert others["default_project"] == "False"
    assert projects[1]["values"][0]["cost_group"] == 0
    assert projects[1]["values"][0]["default_project"] is None


def test_offset_pages_through_the_ranks(api: Api) -> None:
    answer = report(api, "costs", **{"group_by[project]": "*", "filter[limit]": 2, "filter[offset]": 2})
    assert [row["project"] for row in answer["data"][0]["projects"]] == ["openshift-etcd", "app-b"]
    assert (answer["meta"]["count"], answer["meta"]["limit"], answer["meta"]["offset"]) == (5, 2, 2)
    assert "filter%5Boffset%5D=4" in answer["links"]["next"]


def test_daily_answers_have_every_day_of_the_span(api: Api) -> None:
    answer = report(api, "compute", **{"filter[resolution]": "daily"})
    days = {row["date"]: row["values"] for row in answer["data"]}
    assert len(days) == 21
    assert days["2026-11-09"] == []
    assert days["2026-11-10"][0]["usage"]["value"] == 72.0
    assert days["2026-11-10"][0]["capacity"]["value"] == 288.0


def test_capacity_of_a_node_has_no_count_units(api: Api) -> None:
    for day in DAYS:
        keys = {"cluster_id": "golden", "cluster_alias": "golden", "source_uuid": SOURCE, "data_source": "Pod"}
        amounts = {"node": "n2", "pod_usage_cpu_core_hours": 24, "node_capacity_cpu_cores": 8}
        row = keys | amounts | {"id": uuid.uuid4(), "usage_start": day, "usage_end": day}
        api.insert("reporting_ocp_pod_summary_by_node_p", **row)
    capacity = report(api, "compute", **{"group_by[node]": "*"})["data"][0]["nodes"][0]["values"][0]["capacity"]
    assert capacity == {
        "value": 384.0, "units": "Core-Hours", "unused": 336.0, "unused_percent": 87.5, "count": 8.0
    }  # fmt: skip


def test_tag_groups_read_the_daily_summary_and_have_no_score(api: Api) -> None:
    answer = report(api, "compute", **{"group_by[tag:environment]": "*"})
    rows = {row["environment"]: row["values"][0] for row in answer["data"][0]["environments"]}
    assert rows["prod"]["usage"]["value"] == 24.0
    assert rows["No-environment"]["usage"]["value"] == 120.0
    assert rows["prod"]["score"] == answer["meta"]["total"]["total_score"] == {}


def test_exclusion_keeps_what_does_not_match(api: Api) -> None:
    total = report(api, "costs", **{"group_by[project]": "*", "exclude[project]": "app-"})["meta"]["total"]
    assert total["cost"]["total"]["value"] == pytest.approx(2 * (79.320889 + 261.290667 + 82.510667), rel=1e-8)


def test_no_data_has_integer_zeros_and_no_others(api: Api) -> None:
    absent = {"filter[cluster]": "nowhere", "group_by[project]": "*", "filter[limit]": 5}
    answer = report(api, "volumes", **absent)
    assert answer["data"] == [{"date": "2026-11", "projects": []}]
    assert "others" not in answer["meta"]
    assert answer["meta"]["total"]["persistent_volume_claim"] == 0


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("start_date=2026-11-01", {"error": ["The parameters [start_date, end_date] must both be defined."]}),
        (
            "start_date=2026-07-31&end_date=2026-11-01",
            {"start_date": ["Parameter start_date must be from 2026-08-01 to 2026-11-22"]},
        ),
        ("filter[x]=1", {"filter": {"x": ["Unsupported parameter or invalid value"]}}),
        ("group_by[tag:team]=*", {"group_by": {"tag:team": ["Unsupported parameter or invalid value"]}}),
    ],
)
def test_a_wrong_parameter_is_refused_with_koku_s_words(api: Api, query: str, body: dict[str, Any]) -> None:
    answer = api.get(f"reports/openshift/costs/?{query}")
    assert (answer.status_code, answer.json()) == (400, body)


@pytest.mark.parametrize("path", ["reports/openshift/costs/", "tags/openshift/"])
def test_reports_reach_back_as_far_as_the_organisation_keeps(api: Api, path: str) -> None:
    query = "start_date=2026-08-31&end_date=2026-11-01"
    assert api.get(f"{path}?{query}").status_code == 200
    api.insert("tenant_settings", singleton=True, data_retention_months=3)
    try:
        answer = api.get(f"{path}?{query}&limit=7")
        assert (answer.status_code, answer.json()) == (
            400,
            {"start_date": ["Parameter start_date must be from 2026-09-01 to 2026-11-22"]},
        )
    finally:
        with api.pool.connection() as connection:
            connection.execute("DELETE FROM tenant_settings")


@pytest.mark.parametrize("path", ["reports/aws/costs/", "reports/openshift/infrastructures/aws/costs/", "nothing/"])
def test_cloud_paths_are_absent(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    "header",
    ["garbage", "e30", _identity(entitled=False), _identity(admin=False)],
    ids=["text", "padding", "entitlement", "access"],
)
def test_identities_without_rights_get_an_html_403(api: Api, header: str) -> None:
    answer = api.get("reports/openshift/costs/", identity=header)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert api.get("status/", identity=header).json() == {"status": "OK"}


def test_an_unknown_organisation_gets_an_empty_answer(api: Api) -> None:
    answer = api.get("reports/openshift/costs/", identity=_identity(org_id="9"))
    assert answer.status_code == 200
    assert answer.json()["meta"] == {"count": 0}
    assert answer.json()["data"] == []


def test_a_page_stays_until_it_is_deleted(api: Api) -> None:
    query = {"group_by[cluster]": "*", "start_date": "2026-11-10", "end_date": "2026-11-11"}
    params = {"filter[cluster]": "stale"} | query
    assert api.body("reports/openshift/costs/", params)["data"][0]["clusters"] == []
    keys = {"cluster_id": "stale", "cluster_alias": "stale", "source_uuid": SOURCE}
    row = keys | {"id": uuid.uuid4(), "usage_start": DAYS[0], "usage_end": DAYS[0]}
    api.insert("reporting_ocp_cost_summary_p", **row)
    assert api.body("reports/openshift/costs/", params)["data"][0]["clusters"] == []
    assert api.body("reports/openshift/costs/", params | {"limit": 99})["data"][0]["clusters"]
    invalidate_views(api.valkey, api.config.schema)
    assert api.body("reports/openshift/costs/", params)["data"][0]["clusters"]


def test_pages_live_an_hour_under_the_tenant_s_prefix(api: Api) -> None:
    report(api, "memory")
    keys = list(api.valkey.scan_iter("org1234567:api:*openshift-view*"))
    assert keys
    assert 3500 < int(str(api.valkey.ttl(keys[0]))) <= 3600
    assert not list(api.valkey.scan_iter("*computing*"))


def test_without_valkey_reading_works_and_writing_does_nothing(api: Api) -> None:
    dead = redis.Redis(port=1, decode_responses=True)
    with served(api.config, dead) as running:
        assert report(running, "compute")["meta"]["total"]["usage"]["value"] == 144.0
        new = {"name": "x", "source_type": "OCP", "authentication": {"credentials": {"cluster_id": "x"}}}
        assert requests.post(running.url + "sources/", json=new, timeout=ANSWER_SECONDS).status_code == 500
    assert api.body("sources/", {"name": "x"})["data"] == []
