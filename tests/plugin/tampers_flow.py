"""Breaks the data on their way, the flow, rejections and the cleanup."""

from __future__ import annotations

import csv
import io
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio
from scene import Scene, after, before

from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target
from e2e_validator.providers.ocp.generate.payload import recorded_payload
from e2e_validator.providers.ocp.generate.tarball import pack
from e2e_validator.providers.ocp.provider import PROVIDER

# --- the data, after the expectation was written -------------------------------------------------------------------


@after("generate")
def csv_value_changed(scene: Scene) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[7]["pod_usage_cpu_core_seconds"] = str(float(rows[7]["pod_usage_cpu_core_seconds"]) + 0.01)

    _rewrite_csv(scene, "pod_usage_cpu_core_seconds", change)


@after("generate")
def csv_row_doubled(scene: Scene) -> None:
    _rewrite_csv(scene, "pod_usage_cpu_core_seconds", lambda rows: rows.append(rows[-1]))


@after("generate")
def csv_day_missing(scene: Scene) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        last = max(row["interval_start"][:10] for row in rows)
        rows[:] = [row for row in rows if not row["interval_start"].startswith(last)]

    _rewrite_csv(scene, "pod_usage_cpu_core_seconds", change)


def _rewrite_csv(scene: Scene, column: str, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Change the rows of the payload's file that has ``column``."""
    for path in Path(scene.payload["payload_folder"]).glob("*.csv"):
        before_ = path.read_text(encoding="utf-8")
        if column in before_.partition("\n")[0]:
            path.write_text(_changed_csv(before_, change), encoding="utf-8")
            return
    raise AssertionError(f"no CSV file has {column}")


def _changed_csv(text: str, change: Callable[[list[dict[str, str]]], None]) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    names = list(rows[0])
    change(rows)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


# --- the flow ------------------------------------------------------------------------------------------------------


@after("source")
def tenant_row_lost(scene: Scene) -> None:
    scene.sql("DELETE FROM reporting_tenant_api_provider WHERE uuid = %(provider)s::uuid", rows=1)


@after("upload")
def object_lost(scene: Scene) -> None:
    objects = Objects(scene.target)
    objects.remove(objects.ingress, scene.payload["object_key"])


@before("convert")
def report_failed(scene: Scene) -> None:
    scene.wait_until_converted()
    _set_status(scene, "status = 2, failed_status = 4")


@before("convert")
def report_undefined(scene: Scene) -> None:
    scene.wait_until_converted()
    _set_status(scene, "status = 7")


@before("convert")
def report_done_without_time(scene: Scene) -> None:
    scene.wait_until_converted()
    _set_status(scene, "completed_datetime = NULL")


def _set_status(scene: Scene, assignment: str) -> None:
    scene.sql(
        f"UPDATE reporting_common_costusagereportstatus SET {assignment} WHERE id = (SELECT min(r.id)"
        " FROM reporting_common_costusagereportstatus r JOIN reporting_common_costusagereportmanifest m"
        " ON m.id = r.manifest_id WHERE m.assembly_id = %(uuid)s)",
        rows=1,
        uuid=scene.payload["uuid"],
    )


@before("convert")
def archive_value_changed(scene: Scene) -> None:
    scene.wait_until_converted()
    objects = Objects(scene.target)
    client = _store(scene.target)
    account = scene.target.schema_name.removeprefix("acct")
    for key in objects.keys(objects.archive, f"data/csv/{account}/OCP/source={scene.provider}/"):
        text = objects.read(objects.archive, key).decode()
        if "pod_usage_memory_byte_seconds" not in text.partition("\n")[0]:
            continue

        def change(rows: list[dict[str, str]]) -> None:
            rows[0]["pod_usage_memory_byte_seconds"] = "1"

        data = _changed_csv(text, change).encode()
        kept = client.stat_object(bucket_name=objects.archive, object_name=key).metadata or {}
        metadata = {name: value for name, value in kept.items() if name.lower().startswith("x-amz-meta-")}
        client.put_object(
            bucket_name=objects.archive,
            object_name=key,
            data=io.BytesIO(data),
            length=len(data),
            metadata=dict(metadata),
        )
        return
    raise AssertionError("there is no archived pod usage")


def _store(target: Target) -> Minio:
    url = urlsplit(target.s3_url)
    return Minio(
        url.netloc,
        access_key=target.s3_access_key,
        secret_key=target.s3_secret_key,
        secure=False,
        region="us-east-1",
    )


@after("summary")
def manifest_never_completed(scene: Scene) -> None:
    scene.wait_until_completed(scene.payload["uuid"])
    scene.sql(
        "UPDATE reporting_common_costusagereportmanifest SET completed_datetime = NULL WHERE assembly_id = %(uuid)s",
        rows=1,
        uuid=scene.payload["uuid"],
    )


@after("manifest")
def upload_doubled(scene: Scene) -> None:
    again = str(uuid.uuid4())
    folder = scene.folder / "again"
    tarball = scene.folder / "again.tar.gz"
    recorded_payload(
        Path(scene.payload["tarball"]), folder, cluster_id=scene.state["source"]["key"], manifest_uuid=again
    )
    objects = Objects(scene.target)
    key = f"{scene.payload['object_key']}.again"
    objects.put(key, pack(folder, tarball))
    Masu(scene.target).announce(PROVIDER.names.announced_at, key)
    scene.wait_until_completed(again)
    objects.remove(objects.ingress, key)
    shutil.rmtree(folder)


# --- rejections ----------------------------------------------------------------------------------------------------


@after("source")
def rejected_but_has_a_source(scene: Scene) -> None:
    """Koku knows the cluster after all."""
    KokuApi(scene.target).create_source(
        _unwanted_cluster(scene),
        _unwanted_cluster(scene),
        PROVIDER.source_body(_unwanted_cluster(scene), _unwanted_cluster(scene)),
    )


@before("cleanup", scenario="rejected_but_has_a_source")
def _remove_the_source(scene: Scene) -> None:
    koku = KokuApi(scene.target)
    for source in koku.sources(_unwanted_cluster(scene)):
        koku.delete_source(str(source["id"]))


def _unwanted_cluster(scene: Scene) -> str:
    """The cluster id of the scenario; only the control payload's stands in the state."""
    token = str(scene.state["control_source"]["key"]).rpartition("-")[2]
    return f"e2e-rejected-but-has-a-source-{token}"


@before("ingest")
def rejected_but_healthy(scene: Scene) -> None:
    """The payload arrives whole, as if Koku had mended it."""
    objects = Objects(scene.target)
    payload = scene.payload
    objects.put(payload["object_key"], pack(Path(payload["payload_folder"]), Path(payload["tarball"])))


@before("ingest")
def rejected_half_but_healthy(scene: Scene) -> None:
    rejected_but_healthy(scene)


@before("ingest")
def control_lost(scene: Scene) -> None:
    """Nobody hears of the control payload: the same silence as of a listener that is dead."""
    objects = Objects(scene.target)
    control = next(payload for payload in scene.state["payloads"] if payload["control"])
    objects.remove(objects.ingress, control["object_key"])


# --- cleanup -------------------------------------------------------------------------------------------------------

SURVIVOR = "openshift_node_labels_line_items"


@before("cleanup")
def row_survives(scene: Scene) -> None:
    """Rows of this source in one table cannot be deleted."""
    scene.execute(
        "CREATE OR REPLACE FUNCTION e2e_keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        f"CREATE TRIGGER e2e_keep BEFORE DELETE ON {SURVIVOR} FOR EACH ROW WHEN (OLD.source = '{scene.provider}')"
        " EXECUTE FUNCTION e2e_keep()",
    )
