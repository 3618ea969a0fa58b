"""Sources and tags of the stand-in's public API."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from patience import ANSWER_SECONDS
from standin_api_server import TODAY, Api, api_server

from e2e_validator.embedded.standin.clock import Clock

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_server(tmp_path_factory.mktemp("log")) as running:
        yield running


def _create(api: Api, name: str, **changes: Any) -> requests.Response:
    new = {"name": name, "source_type": "OCP", "authentication": {"credentials": {"cluster_id": name}}}
    return requests.post(
        api.url + "sources/", json=new | {"billing_source": {"data_source": {}}} | changes, timeout=ANSWER_SECONDS
    )


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
    assert requests.patch(api.url + path, json={"paused": True}, timeout=ANSWER_SECONDS).json()["paused"] is True
    assert api.body("sources/", {"name": "one"})["data"][0]["paused"] is True
    assert api.body(f"sources/{created.json()['uuid']}/stats/")["provider_linked"] is True
    gone = requests.delete(api.url + path, timeout=ANSWER_SECONDS)
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
    provider = _create(api, "tagged").json()["uuid"]
    api.insert("reporting_enabledtagkeys", uuid=uuid.uuid4(), key="environment", enabled=True, provider_type="OCP")
    period = {"cluster_id": "tagged", "cluster_alias": "tagged", "provider_id": provider}
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
    assert requests.put(api.url + "settings/tags/disable/", json=ids, timeout=ANSWER_SECONDS).status_code == 204
    assert api.body("tags/openshift/", {"limit": 50})["data"] == []
    assert api.body("tags/openshift/", {"filter[enabled]": "false"})["data"][0]["key"] == "environment"
    assert requests.put(api.url + "settings/tags/enable/", json=ids, timeout=ANSWER_SECONDS).status_code == 204
    assert api.body("settings/tags/")["data"][0]["enabled"] is True


def test_tag_keys_are_chosen_by_what_one_of_them_has_alone(api: Api) -> None:
    # A new organisation knows no key, so not even OCP is a choice: a real Koku answered so.
    with api.pool.connection() as connection:
        connection.execute("DELETE FROM reporting_enabledtagkeys")
    refused = api.get("settings/tags/", {"filter[source_type]": "OCP"})
    detail = "Select a valid choice. OCP is not one of the available choices."
    assert (refused.status_code, refused.json()) == (
        400,
        {"errors": [{"detail": detail, "source": None, "status": 400}]},
    )
    assert api.body("settings/tags/")["data"] == []
    key = uuid.uuid4()
    api.insert("reporting_enabledtagkeys", uuid=key, key="environment", enabled=True, provider_type="OCP")
    for query in ({"filter[source_type]": "OCP"}, {"filter[provider_type]": "OCP"}, {"filter[uuid]": str(key)}):
        assert [entry["key"] for entry in api.body("settings/tags/", query)["data"]] == ["environment"]
    for name, value in (("source_type", "ocp"), ("provider_type", "AWS"), ("uuid", str(uuid.uuid4()))):
        assert api.get("settings/tags/", {f"filter[{name}]": value}).status_code == 400
    assert api.body("settings/tags/", {"filter[key]": "nothing"})["data"] == []


def test_a_month_counts_as_data_once_its_manifest_is_complete(api: Api) -> None:
    provider = _create(api, "complete").json()["uuid"]
    now = Clock(TODAY).now()
    manifest = {"assembly_id": "m", "num_total_files": 0, "provider_id": provider, "completed_datetime": now}
    month = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    api.insert(
        "reporting_common_costusagereportmanifest",
        **manifest, creation_datetime=now, billing_period_start_datetime=month, operator_version="operator:4.1.0",
    )  # fmt: skip
    detail = api.body(f"sources/{provider}/")
    assert [detail[name] for name in ("current_month_data", "previous_month_data", "has_data")] == [False, True, True]
    assert detail["additional_context"]["operator_update_available"] is True


def test_a_source_page_is_emptied_by_every_change(api: Api) -> None:
    before = api.body("sources/")["meta"]["count"]
    created = _create(api, "counted")
    assert api.body("sources/")["meta"]["count"] == before + 1
    requests.delete(f"{api.url}sources/{created.json()['id']}/", timeout=ANSWER_SECONDS)
    assert api.body("sources/")["meta"]["count"] == before


@pytest.mark.parametrize("path", ["sources/%C2%B2/", "sources/99999999999/", "sources/none/", "sources/7777/stats/"])
def test_a_source_that_is_not_there_is_404(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"), [("offset=99999999999999999999", 200), ("limit=x", 200), ("name=%00", 400)]
)
def test_odd_page_parameters_break_nothing(api: Api, query: str, status: int) -> None:
    assert api.get(f"sources/?{query}").status_code == status
