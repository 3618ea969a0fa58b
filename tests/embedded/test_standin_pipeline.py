"""The stand-in's pipeline on real servers: the recordings of a real Koku, its traps, and masu."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from standin_deployment import Claim, Deployment, Payload, Pod, pack

from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
NAMES = sorted(folder.name for folder in RECORDINGS.iterdir() if (folder / "recording.json").exists())
OWN_IDS = {"uuid", "source_uuid", "report_period_id"}
WEB = Pod("web-1", "web", "n1", cpu=(0.5, 1, 2), memory=(1, 2, 4), capacity=(4, 16))
LOG_OF = {
    "neg_dot_slash": "Reason: No manifest found in payload",
    "neg_garbage_csv": "Unable to extract payload. Error: ValueError: time data 'z' does not match",
    "neg_missing_column": "Report processing error: Unknown processor error: None",
    "neg_no_dates": "missing start or end dates - cannot summarize ocp reports",
    "neg_no_source": "Received unexpected OCP report from rec-neg-no-source",
    "neg_not_gzip": "Reason: not a gzip file",
    "neg_outside_retention": "Received OCP data outside our retention period for rec-neg-outside-retention",
    "neg_truncated": "Reason: Compressed file ended before the end-of-stream marker was reached",
}


@pytest.fixture(scope="module")
def koku(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack of its own, because its processes are killed and its logs are read."""
    folder = tmp_path_factory.mktemp("pipeline")
    with EmbeddedStack.start(today=date(2026, 11, 21), report_dir=folder) as stack:
        deployment = Deployment(stack, folder / "embedded")
        yield deployment
        deployment.conn.close()


@pytest.fixture
def source(koku: Deployment) -> str:
    """A fresh source; the cluster has the name ``c-<first characters of it>``."""
    return koku.create_source(f"c-{uuid.uuid4().hex[:8]}")


def cluster_of(koku: Deployment, source: str) -> str:
    return str(koku.row("SELECT name FROM api_provider WHERE uuid = %s", source)["name"])


def files_of(koku: Deployment, source: str) -> list[tuple[int, int | None, bool, bool]]:
    """Status, failed status, started, completed of each file, in order."""
    rows = koku.rows(
        "SELECT s.status, s.failed_status, s.started_datetime, s.completed_datetime"
        " FROM reporting_common_costusagereportstatus s"
        " JOIN reporting_common_costusagereportmanifest m ON m.id = s.manifest_id WHERE m.provider_id = %s"
        " ORDER BY s.id",
        source,
    )
    return [
        (row["status"], row["failed_status"], bool(row["started_datetime"]), bool(row["completed_datetime"]))
        for row in rows
    ]


@pytest.fixture(scope="module")
def replayed(koku: Deployment) -> dict[str, str]:
    """Every recording sent again, one after the other; its source by name."""
    sources = {}
    for name in NAMES:
        recording = json.loads((RECORDINGS / name / "recording.json").read_text())
        known = recording["spec"].get("source", True)
        sources[name] = koku.create_source(recording["cluster_id"]) if known else recording["provider_uuid"]
        for upload in recording["uploads"]:
            data = (RECORDINGS / name / upload["payload"]).read_bytes()
            if recording["spec"].get("expect") == "rejected":
                koku.upload(data)
            else:
                koku.ingest(sources[name], data)
    # The listener takes one payload after the other: when this one is through, all before it are.
    last = koku.create_source("after-the-recordings")
    koku.ingest(last, Payload("after-the-recordings", [WEB]).pack())
    return sources


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_recording_ends_in_the_same_state(koku: Deployment, replayed: dict[str, str], name: str) -> None:
    last = json.loads((RECORDINGS / name / "recording.json").read_text())["uploads"][-1]["timeline"][-1]
    seen = koku.seen(replayed[name])
    assert seen == {key: last[key] for key in seen}


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_recording_gives_the_summary_to_each_digit(
    koku: Deployment, replayed: dict[str, str], name: str
) -> None:
    found = koku.rows("SELECT * FROM reporting_ocpusagelineitem_daily_summary WHERE source_uuid = %s", replayed[name])
    with (RECORDINGS / name / "db" / "daily_summary.csv").open() as file:
        recorded = list(csv.DictReader(file))
    assert sorted(map(comparable, found)) == sorted(map(comparable, recorded))


def comparable(row: dict[str, Any]) -> list[tuple[str, str]]:
    texts = {key: json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for key, value in row.items()}
    return sorted((key, "" if text is None else str(text)) for key, text in texts.items() if key not in OWN_IDS)


@pytest.mark.parametrize("name", LOG_OF)
def test_a_rejection_is_logged_in_kokus_words(koku: Deployment, replayed: dict[str, str], name: str) -> None:
    assert replayed[name]
    assert LOG_OF[name] in koku.logged("listener")


def test_the_golden_day_has_the_usage_of_the_contract(koku: Deployment, source: str) -> None:
    pods = [
        Pod("pod1", "app-a", "n1", (0.5, 1, 2), (1, 2, 4), (4, 16)),
        Pod("pod2", "app-b", "n1", (1.5, 1, 2), (2, 1, 4), (4, 16)),
        Pod("etcd-0", "openshift-kube-apiserver", "n2", (1, 2, 0), (4, 4, 0), (8, 32)),
    ]
    claims = [Claim("pvc-1", "pod1", "app-a", gib=(100, 100, 40))]
    koku.ingest(source, Payload(cluster_of(koku, source), pods, claims).pack())
    names = ("cpu_core", "memory_gigabyte")
    columns = [f"pod_{what}_{unit}_hours" for unit in names for what in ("usage", "request", "effective_usage")]
    rows = koku.rows(
        f"SELECT namespace, cost_category_id, {', '.join(columns)} FROM reporting_ocpusagelineitem_daily_summary"
        " WHERE source_uuid = %s AND data_source = 'Pod'",
        source,
    )
    assert {row["namespace"]: tuple(row[column] for column in columns) for row in rows} == {
        "app-a": (12, 24, 24, 24, 48, 48),
        "app-b": (36, 24, 36, 48, 24, 48),
        "openshift-kube-apiserver": (24, 48, 48, 96, 96, 96),
        "Platform unallocated": (168, 144, 144, 672, 672, 672),
        "Worker unallocated": (48, 48, 36, 312, 312, 288),
    }
    in_platform = {row["namespace"] for row in rows if row["cost_category_id"]}
    assert in_platform == {"openshift-kube-apiserver", "Platform unallocated"}
    volume = koku.row(
        "SELECT node, persistentvolumeclaim_capacity_gigabyte AS gib, round(volume_request_storage_gigabyte_months, 9)"
        " AS request FROM reporting_ocpusagelineitem_daily_summary WHERE source_uuid = %s AND data_source = 'Storage'",
        source,
    )
    assert (volume["node"], volume["gib"], float(volume["request"])) == ("n1", 100, 3.333333333)


def test_the_archive_has_a_file_per_type_day_and_manifest(koku: Deployment, source: str) -> None:
    koku.ingest(source, Payload(cluster_of(koku, source), [WEB]).pack())
    manifest = koku.row("SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s", source)["id"]
    days = [f"year=2026/month=11/{kind}.2026-11-10.{manifest}.0.csv" for kind in ("node_labels", "pod_usage")]
    whole = [key for key in koku.archived(source) if key.endswith("_openshift_usage_report.1.csv")]
    assert koku.archived(source) == sorted([*days, *whole])
    assert len(whole) == 1
    assert koku.manifest_id_of(days[1]) == manifest


def test_without_the_tenant_copy_a_retry_doubles_the_half_day(koku: Deployment, source: str) -> None:
    koku.conn.execute("DELETE FROM reporting_tenant_api_provider WHERE uuid = %s", [source])
    data = Payload(cluster_of(koku, source), [WEB]).pack()
    koku.upload(data)
    koku.wait_for(lambda: koku.seen(source)["status"] == [[2, 1, 0], [3, 2, 0]])
    koku.wait_for(lambda: "failed" in koku.seen(source)["state"]["processing"])
    assert files_of(koku, source)[0] == (2, 4, False, False)
    counts = koku.row(
        "SELECT (SELECT count(*) FROM openshift_pod_usage_line_items WHERE source = %s) AS raw,"
        " (SELECT count(*) FROM openshift_pod_usage_line_items_daily WHERE source = %s) AS daily",
        source,
        source,
    )
    assert (counts["raw"], counts["daily"]) == (0, 1)
    manifest = koku.row("SELECT * FROM reporting_common_costusagereportmanifest WHERE provider_id = %s", source)
    assert list(manifest["s3_parquet_cleared_tracker"].values()) == [True]
    assert "violates foreign key constraint" in koku.logged("listener")
    koku.conn.execute(
        "INSERT INTO reporting_tenant_api_provider (uuid, name, type, provider_id)"
        " SELECT uuid, name, type, uuid FROM api_provider WHERE uuid = %s",
        [source],
    )
    koku.ingest(source, data)
    assert files_of(koku, source) == [(1, 4, True, True), (1, None, True, True), (1, None, True, True)]
    assert koku.usage(source) == 24  # the pod used 12: everything says done, and it is counted twice


def test_the_same_uuid_again_rewrites_only_the_download_step(koku: Deployment, source: str) -> None:
    data = Payload(cluster_of(koku, source), [WEB]).pack()
    koku.ingest(source, data)
    query = "SELECT * FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
    before, files = koku.row(query, source), files_of(koku, source)
    koku.upload(data)

    def downloaded_again() -> bool:
        download = koku.row(query, source)["state"]["download"]
        return bool(download["start"] != before["state"]["download"]["start"] and "end" in download)

    koku.wait_for(downloaded_again)
    after = koku.row(query, source)
    before["state"].pop("download")
    after["state"].pop("download")
    assert (after, files_of(koku, source), koku.usage(source)) == (before, files, 12)


@pytest.mark.parametrize(("hours", "usage"), [((12, 24), 12), ((24, 12), 12), ((24, 24), 12)])
def test_a_day_sent_again_is_replaced_only_if_it_has_grown(
    koku: Deployment, source: str, hours: tuple[int, int], usage: float
) -> None:
    for count in hours:
        koku.ingest(source, Payload(cluster_of(koku, source), [WEB], hours=count).pack())
    assert koku.usage(source) == usage
    skipped = koku.row(
        "SELECT count(*) AS n FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
        " AND NOT s3_parquet_cleared_tracker::text LIKE '%%pod_usage%%'",
        source,
    )
    assert skipped["n"] == (0 if hours == (12, 24) else 1)


def test_reports_that_are_not_daily_add_up(koku: Deployment, source: str) -> None:
    for _ in range(2):
        payload = Payload(cluster_of(koku, source), [WEB], manifest={"daily_reports": False})
        koku.ingest(source, payload.pack())
    assert koku.usage(source) == 24
    assert (
        koku.row("SELECT max(reportnumhours) AS h FROM openshift_pod_usage_line_items WHERE source = %s", source)["h"]
        == 0
    )


def test_rows_of_another_month_move_into_its_new_partition(koku: Deployment, source: str) -> None:
    cluster, early = cluster_of(koku, source), {"daily_reports": False, "date": "2026-10-31T23:00:00Z"}
    koku.ingest(source, Payload(cluster, [WEB], day=12, manifest=early).pack())
    koku.conn.execute("DROP TABLE IF EXISTS openshift_pod_usage_line_items_2026_11 CASCADE")
    koku.ingest(source, Payload(cluster, [WEB], day=12, manifest=early).pack())
    where = "SELECT tableoid::regclass::text AS name FROM openshift_pod_usage_line_items WHERE source = %s LIMIT 1"
    assert koku.row(where, source) == {"name": "openshift_pod_usage_line_items_default"}
    koku.ingest(source, Payload(cluster, [WEB], day=13).pack())
    assert koku.row(where, source) == {"name": "openshift_pod_usage_line_items_2026_11"}


def test_a_payload_in_two_tarballs_waits_for_both(koku: Deployment, source: str) -> None:
    payload = Payload(cluster_of(koku, source), [WEB])
    first, second = payload.key + "_openshift_usage_report.0.csv", payload.key + "_openshift_usage_report.2.csv"
    files = {"manifest.json": payload_manifest(payload, [first, second])}
    koku.upload(pack(files | {second: payload._nodes()}))
    koku.wait_for(lambda: koku.seen(source)["status"] == [[1, 1, 1], [3, 1, 0]])
    koku.ingest(source, pack(files | {first: payload._pods()}))
    assert koku.usage(source) == 12


def payload_manifest(payload: Payload, files: list[str]) -> str:
    said = {
        "uuid": payload.key, "cluster_id": payload.cluster, "date": "2026-11-10T00:00:00Z", "files": files,
        "start": "2026-11-10T00:00:00Z", "end": "2026-11-11T00:00:00Z", "daily_reports": True,
    }  # fmt: skip
    return json.dumps(said)


def test_a_lost_summary_leaves_its_manifest_open(koku: Deployment, source: str) -> None:
    hold = koku.hold("worker-0")
    data = Payload(cluster_of(koku, source), [WEB]).pack()
    koku.upload(data)
    koku.wait_for(lambda: koku.masu("celery_queue_lengths/").json()["ocp"] == 1)
    (queued,) = koku.masu("celery_queue_tasks/", queue="ocp").json()["queued_tasks"]["ocp"]
    assert queued["name"] == "masu.processor.tasks.summarize_reports"
    assert koku.masu("clear_celery_queues/", queue="ocp").json() == {"purged_tasks": 1}
    hold.unlink()
    body = {"schema": "org1234567", "provider_uuid": source, "start_date": "2026-11-10", "end_date": "2026-11-10"}
    answer = koku.masu("report_data/", **body)
    (task,) = answer.json()["Report Data Task IDs"]
    assert list(task) == ["(datetime.date(2026, 11, 10), datetime.date(2026, 11, 10))"]
    period = "SELECT derived_cost_datetime AS priced FROM reporting_ocpusagereportperiod WHERE provider_id = %s"
    koku.wait_for(lambda: koku.row(period, source)["priced"])
    koku.wait_for(lambda: koku.masu("running_celery_tasks/").json() == {"active_tasks": []})
    seen = koku.seen(source)
    assert (koku.usage(source), seen["completed"], sorted(seen["state"])) == (12, False, ["download", "processing"])


def test_tags_reach_the_summary_once_enabled_and_resummarised(koku: Deployment, source: str) -> None:
    koku.ingest(source, Payload(cluster_of(koku, source), [WEB]).pack())
    key = koku.row("SELECT enabled FROM reporting_enabledtagkeys WHERE key = 'app' AND provider_type = 'OCP'")
    assert key == {"enabled": False}
    body = {"schema": "org1234567", "provider_type": "ocp", "action": "create", "tag_keys": ["app"]}
    assert koku.masu_post("enabled_tags/", json=body).json() == {"tag_keys": ["app"]}
    koku.masu("report_data/", schema="org1234567", provider_uuid=source, start_date="2026-11-10")
    labels = (
        "SELECT pod_labels FROM reporting_ocpusagelineitem_daily_summary WHERE source_uuid = %s AND namespace = 'web'"
    )
    koku.wait_for(lambda: koku.rows(labels, source) == [{"pod_labels": {"app": "web"}}])
    koku.wait_for(lambda: koku.rows("SELECT 1 FROM reporting_ocptags_values WHERE key = 'app' AND value = 'web'"))
    koku.masu_post("enabled_tags/", json=body | {"action": "delete"})


def test_a_deleted_source_leaves_nothing(koku: Deployment, source: str) -> None:
    koku.ingest(source, Payload(cluster_of(koku, source), [WEB]).pack())
    assert koku.delete_source(source) == 204
    assert koku.seen(source) | {"state": None} == {
        "manifest": False, "files": None, "status": [], "state": None, "completed": False, "summary_rows": 0,
    }  # fmt: skip
    assert not koku.rows("SELECT 1 FROM reporting_tenant_api_provider WHERE uuid = %s", source)
    koku.wait_for(lambda: not koku.rows("SELECT 1 FROM openshift_pod_usage_line_items WHERE source = %s", source))
    koku.wait_for(lambda: not koku.archived(source))


def test_an_object_that_is_not_there_is_accepted_and_then_logged(koku: Deployment) -> None:
    answer = koku.masu("ingest_ocp_payload/", org_id="1234567", payload_name="never-uploaded")
    assert answer.status_code == 202
    assert answer.json() == {
        "request-id": answer.json()["request-id"], "payload-name": ["never-uploaded"], "ingest-started": True
    }  # fmt: skip
    koku.wait_for(lambda: "Unable to download file. Error" in koku.logged("listener"))


def test_a_posted_file_is_stored_under_its_own_name(koku: Deployment, source: str) -> None:
    data = Payload(cluster_of(koku, source), [WEB]).pack()
    files = {"any": ("a.tar.gz", data)}
    answer = koku.masu_post("ingest_ocp_payload/", params={"org_id": "1234567"}, files=files)
    assert (answer.status_code, answer.json()["payload-name"], answer.json()["upload"]) == (
        202,
        ["a.tar.gz"],
        "success",
    )
    koku.wait_for(lambda: koku.seen(source)["completed"])


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("ingest_ocp_payload/", {"payload_name": "x"}, 400, {"error": "org_id is required"}),
        ("ingest_ocp_payload/", {"org_id": "1234567"}, 400, {"error": "no payload sent"}),
        ("report_data/", {"provider_uuid": "x"}, 400, {"Error": "schema is a required parameter."}),
        ("report_data/", {"schema": "x"}, 400, {"Error": "provider_uuid must be supplied as a parameter."}),
        ("manifests/999999/", {}, 404, {}),
        ("download/", {}, 404, {}),
        ("status/", {"liveness": ""}, 200, {"alive": True}),
        ("running_celery_tasks/", {}, 200, {}),
    ],
)
def test_masu_answers_as_kokus_does(
    koku: Deployment, path: str, query: dict[str, str], status: int, said: dict[str, object]
) -> None:
    answer = koku.masu(path, **query)
    assert answer.status_code == status
    assert answer.json() | said == answer.json()


def test_masu_shows_manifests_and_the_status_of_their_files(koku: Deployment, source: str) -> None:
    koku.ingest(source, Payload(cluster_of(koku, source), [WEB]).pack())
    (listed,) = koku.masu("manifests/", provider=source).json()["data"]
    assert listed["operator_version"] == "1"
    assert koku.masu(f"manifests/{listed['id']}/").json() == {"manifest": listed, "failed_reports": []}
    reports = koku.masu(f"manifests/{listed['id']}/reports/").json()
    assert reports["meta"] == {"count": 3}
    assert [report["status"] for report in reports["data"]] == ["Done"] * 3
    assert len(koku.masu("celery_queue_lengths/").json()) == 22
