"""The stand-in's public API on a real PostgreSQL and a real Valkey, without the pipeline behind it."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
import uvicorn
from psycopg import sql

from e2e_validator.embedded.engines.postgres import postgres
from e2e_validator.embedded.engines.valkey import valkey
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool, connect, create_schema, open_pool
from e2e_validator.embedded.standin.koku.app import PREFIX, build_app
from e2e_validator.embedded.standin.queues import open_valkey
from e2e_validator.embedded.standin.view_cache import invalidate_views

pytestmark = pytest.mark.embedded

TODAY = dt.date(2026, 11, 21)
DAYS = (dt.date(2026, 11, 10), dt.date(2026, 11, 11))
SOURCE = uuid.uuid4()
MONTH = {"filter[time_scope_value]": "-1", "filter[time_scope_units]": "month", "filter[resolution]": "monthly"}
CLUSTER = MONTH | {"filter[cluster]": "golden"}
# Namespace: cost group, infrastructure, supplementary, platform and worker distributed; a day of koku contract 6.5.
GOLDEN_COSTS = {
    "app-a": (None, 36.211111, 7.546667, 136.244622, 33.004267),
    "app-b": (None, 54.166667, 6.684, 204.366933, 49.506400),
    "openshift-etcd": (1, 63.888889, 15.432, -79.320889, 0),
    "Platform unallocated": (1, 191.666667, 69.624, -261.290667, 0),
    "Worker unallocated": (None, 54.166667, 28.344, 0, -82.510667),
}


@dataclasses.dataclass(frozen=True)
class Api:
    """A served application and what is behind it."""

    url: str
    config: StandinConfig
    pool: Pool
    valkey: redis.Redis

    def get(self, path: str, params: dict[str, Any] | None = None, identity: str | None = None) -> requests.Response:
        return requests.get(self.url + path, params=params, headers={"x-rh-identity": identity}, timeout=10)

    def body(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.get(path, params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def report(self, name: str, **params: Any) -> dict[str, Any]:
        return self.body(f"reports/openshift/{name}/", CLUSTER | params)

    def insert(self, table: str, **values: Any) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        holes = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, holes)
        with self.pool.connection() as connection:
            connection.execute(statement, list(values.values()))


def _serve(config: StandinConfig, cache: redis.Redis) -> Iterator[Api]:
    pool = open_pool(config, max_size=3)
    app = build_app(config, Clock(TODAY), pool, cache)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", http="h11", loop="asyncio"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    yield Api(f"http://127.0.0.1:{listener.getsockname()[1]}{PREFIX}/", config, pool, cache)
    server.should_exit = True
    thread.join(10)
    listener.close()
    pool.close()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with EmbeddedStack.start(engines=(postgres, valkey)) as stack:
        site = stack._site
        config = StandinConfig(
            dsn=site.endpoints.dsn,
            s3_url="", s3_access_key="", s3_secret_key="", bucket_ingress="", bucket_archive="", bucket_ros="",
            valkey_url=f"redis://:{site.cache_password}@127.0.0.1:{site.ports.cache}/0",
            org_id="1234567", account="10001", schema="org1234567", koku_port=0, masu_port=0,
            today=TODAY, pace="fast", log_dir=Path(tmp_path_factory.mktemp("log")),
        )  # fmt: skip
        with connect(config) as connection:
            create_schema(connection, config, Clock(TODAY))
        for served in _serve(config, open_valkey(config.valkey_url)):
            _load(served)
            yield served


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
    total = api.report("compute")["meta"]["total"]
    assert total["usage"] == {"value": 144.0, "units": "Core-Hours"}
    assert total["request"]["value"] == 192.0
    assert total["request"]["unused_percent"] == pytest.approx(8.333333333333334)  # 48 of the capacity, 576
    assert total["capacity"]["value"] == 576.0
    assert total["capacity"]["count"] == 12.0
    assert total["cost"]["total"]["value"] == pytest.approx(347.74133333333333, rel=1e-9)
    assert total["total_score"]["usage_efficiency_percent"] == 75
    assert total["total_score"]["wasted_cost"]["value"] == pytest.approx(86.93533333333333, rel=1e-9)


def test_projects_carry_the_golden_money(api: Api) -> None:
    answer = api.report("costs", **{"group_by[project]": "*"})
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
    answer = api.report("costs", **{"group_by[project]": "*", "filter[limit]": 2})
    projects = answer["data"][0]["projects"]
    assert [row["project"] for row in projects] == ["Platform unallocated", "Worker unallocated", "Others"]
    assert answer["meta"]["others"] == 3
    others = projects[2]["values"][0]
    assert others["cost"]["total"]["value"] == pytest.approx(2 * (43.757778 + 60.850667 + 79.320889), rel=1e-8)
    assert others["default_project"] == "False"
    assert projects[1]["values"][0]["cost_group"] == 0
    assert projects[1]["values"][0]["default_project"] is None


def test_offset_pages_through_the_ranks(api: Api) -> None:
    answer = api.report("costs", **{"group_by[project]": "*", "filter[limit]": 2, "filter[offset]": 2})
    assert [row["project"] for row in answer["data"][0]["projects"]] == ["openshift-etcd", "app-b"]
    assert (answer["meta"]["count"], answer["meta"]["limit"], answer["meta"]["offset"]) == (5, 2, 2)
    assert "filter%5Boffset%5D=4" in answer["links"]["next"]


def test_daily_answers_have_every_day_of_the_span(api: Api) -> None:
    answer = api.report("compute", **{"filter[resolution]": "daily"})
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
    capacity = api.report("compute", **{"group_by[node]": "*"})["data"][0]["nodes"][0]["values"][0]["capacity"]
    assert capacity == {
        "value": 384.0, "units": "Core-Hours", "unused": 336.0, "unused_percent": 87.5, "count": 8.0
    }  # fmt: skip


def test_tag_groups_read_the_daily_summary_and_have_no_score(api: Api) -> None:
    answer = api.report("compute", **{"group_by[tag:environment]": "*"})
    rows = {row["environment"]: row["values"][0] for row in answer["data"][0]["environments"]}
    assert rows["prod"]["usage"]["value"] == 24.0
    assert rows["No-environment"]["usage"]["value"] == 120.0
    assert rows["prod"]["score"] == answer["meta"]["total"]["total_score"] == {}


def test_exclusion_keeps_what_does_not_match(api: Api) -> None:
    total = api.report("costs", **{"group_by[project]": "*", "exclude[project]": "app-"})["meta"]["total"]
    assert total["cost"]["total"]["value"] == pytest.approx(2 * (79.320889 + 261.290667 + 82.510667), rel=1e-8)


def test_no_data_has_integer_zeros_and_no_others(api: Api) -> None:
    absent = {"filter[cluster]": "nowhere", "group_by[project]": "*", "filter[limit]": 5}
    answer = api.report("volumes", **absent)
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


def test_an_unknown_organisation_gets_an_empty_answer_without_a_total(api: Api) -> None:
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
    api.report("memory")
    keys = list(api.valkey.scan_iter("org1234567:api:*openshift-view*"))
    assert keys
    assert 3500 < int(str(api.valkey.ttl(keys[0]))) <= 3600
    assert not list(api.valkey.scan_iter("*computing*"))


def test_without_valkey_reading_works_and_writing_changes_nothing(api: Api) -> None:
    dead = redis.Redis(port=1, decode_responses=True)
    for served in _serve(api.config, dead):
        assert served.report("compute")["meta"]["total"]["usage"]["value"] == 144.0
        new = {"name": "x", "source_type": "OCP", "authentication": {"credentials": {"cluster_id": "x"}}}
        assert requests.post(served.url + "sources/", json=new, timeout=10).status_code == 500
    assert api.body("sources/", {"name": "x"})["data"] == []


def _create(api: Api, name: str, **changes: Any) -> requests.Response:
    new = {"name": name, "source_type": "OCP", "authentication": {"credentials": {"cluster_id": name}}}
    return requests.post(api.url + "sources/", json=new | {"billing_source": {"data_source": {}}} | changes, timeout=10)


def test_a_source_is_created_listed_paused_and_deleted(api: Api) -> None:
    assert api.body("sources/", {"name": "one"})["data"] == []
    created = _create(api, "one")
    assert created.status_code == 201
    assert created.json().keys() == {
        "id", "uuid", "name", "source_type", "authentication", "billing_source", "paused", "updated_timestamp"
    }  # fmt: skip
    listed = api.body("sources/", {"name": "one"})["data"]
    assert [(row["id"], row["provider_linked"], row["status"], row["has_data"]) for row in listed] == [
        (created.json()["id"], True, None, False)
    ]
    path = f"sources/{created.json()['id']}/"
    assert requests.patch(api.url + path, json={"paused": True}, timeout=10).json()["paused"] is True
    assert api.body("sources/", {"name": "one"})["data"][0]["paused"] is True
    assert api.body(f"sources/{created.json()['uuid']}/stats/")["provider_linked"] is True
    gone = requests.delete(api.url + path, timeout=10)
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert api.body("sources/", {"name": "one"})["data"] == []


def test_sources_that_cannot_be_are_refused(api: Api) -> None:
    assert _create(api, "twice").status_code == 201
    duplicate = _create(api, "again", authentication={"credentials": {"cluster_id": "twice"}})
    assert (duplicate.status_code, duplicate.json()["errors"][0]["source"]) == (400, "source.duplicate")
    cloud = _create(api, "cloud", source_type="AWS-local")
    text = "source_type 'AWS-local' is not supported on-premise; only OCP is allowed."
    assert (cloud.status_code, cloud.json()["errors"][0]["detail"]) == (400, text)
    assert api.body("sources/", {"name": "cloud"})["meta"]["count"] == 0


def test_status_of_a_source_follows_its_latest_manifest(api: Api) -> None:
    provider = _create(api, "steps").json()["uuid"]
    state = {
        "download": {"start": "a", "end": "b", "time_taken_seconds": 1},
        "processing": {"start": "a", "failed": "b", "end": "c"},
    }
    manifest = {"assembly_id": "m", "num_total_files": 2, "provider_id": provider, "state": json.dumps(state)}
    times = {
        "creation_datetime": Clock(TODAY).now(),
        "billing_period_start_datetime": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    }
    api.insert("reporting_common_costusagereportmanifest", **manifest, **times)
    detail = api.body(f"sources/{provider}/")
    assert detail["status"] == {
        "download": {"start": "a", "end": "b", "state": "complete"},
        "processing": {"start": "a", "failed": "b", "end": "c", "state": "failed"},
        "summary": {"state": "pending"},
    }
    assert detail["current_month_data"] is False
    assert api.body(f"sources/{provider}/stats/")["2026-11-01"]["manifests"][0]["files_processed"] == "0/2"


def test_tag_keys_are_listed_switched_and_hidden_when_disabled(api: Api) -> None:
    period = {"cluster_id": "golden", "cluster_alias": "golden", "provider_id": SOURCE}
    month = {"report_period_start": "2026-11-01T00:00:00Z", "report_period_end": "2026-12-01T00:00:00Z"}
    api.insert("reporting_ocpusagereportperiod", id=900, **period, **month)
    for values, node in ((["prod", "dev"], "n1"), (["prod"], "n2")):
        labels = {"key": "environment", "values": values, "namespace": "app-a", "node": node}
        api.insert("reporting_ocpusagepodlabel_summary", uuid=uuid.uuid4(), report_period_id=900, **labels)
    assert api.body("tags/openshift/")["data"] == [{"key": "environment", "values": ["dev", "prod"], "enabled": True}]
    assert api.body("tags/openshift/environment/")["data"] == ["dev", "prod"]
    assert api.get("tags/openshift/unheard-of/").status_code == 404
    settings = api.body("settings/tags/")
    assert settings["meta"]["enabled_tags_count"] == 1
    ids = {"ids": [settings["data"][0]["uuid"]]}
    assert requests.put(api.url + "settings/tags/disable/", json=ids, timeout=10).status_code == 204
    assert api.body("tags/openshift/", {"limit": 50})["data"] == []
    assert api.body("tags/openshift/", {"filter[enabled]": "false"})["data"][0]["key"] == "environment"
    assert requests.put(api.url + "settings/tags/enable/", json=ids, timeout=10).status_code == 204
    assert api.body("settings/tags/")["data"][0]["enabled"] is True
