"""Driving the stand-in's pipeline as the world outside does: sources, objects, masu, and looks into the database."""

from __future__ import annotations

import io
import json
import os
import signal
import tarfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests
from minio import Minio
from patience import ANSWER_SECONDS, came
from psycopg.rows import DictRow, dict_row

from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.slowness import slowness

TIMES = "report_period_start,report_period_end,interval_start,interval_end"
POD_HEADER = (
    f"{TIMES},pod,namespace,node,resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,"
    "pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,"
    "pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,"
    "node_capacity_memory_byte_seconds,pod_labels"
)
STORAGE_HEADER = (
    f"{TIMES},namespace,pod,persistentvolumeclaim,persistentvolume,storageclass,persistentvolumeclaim_capacity_bytes,"
    "persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,"
    "persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels"
)
GIB = 2**30
HOUR = 3600


@dataclass(frozen=True)
class Pod:
    """A pod that does the same every hour: cores and GiB used, requested, limited; its node's cores and GiB."""

    name: str
    namespace: str
    node: str
    cpu: tuple[float, float, float]
    memory: tuple[float, float, float]
    capacity: tuple[int, int]


@dataclass(frozen=True)
class Claim:
    """A volume claim of a pod: GiB of capacity, request and usage."""

    name: str
    pod: str
    namespace: str
    gib: tuple[float, float, float]


@dataclass
class Payload:
    """A tarball in the making; ``day`` is in November 2026, ``hours`` count from its midnight."""

    cluster: str
    pods: list[Pod]
    claims: list[Claim] = field(default_factory=list)
    day: int = 10
    hours: int = 24
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    manifest: dict[str, Any] = field(default_factory=dict)

    def pack(self) -> bytes:
        """The gzipped tarball."""
        files = {
            f"{self.key}_openshift_usage_report.0.csv": self._pods(),
            f"{self.key}_openshift_usage_report.1.csv": self._volumes(),
            f"{self.key}_openshift_usage_report.2.csv": self._nodes(),
        }
        start = f"2026-11-{self.day:02d}T00:00:00+00:00"
        end = f"2026-11-{self.day + self.hours // 24:02d}T{self.hours % 24:02d}:00:00+00:00"
        said = {
            "uuid": self.key, "cluster_id": self.cluster, "date": start, "start": start, "end": end, "version": "1",
            "files": list(files), "daily_reports": True, "cr_status": {"clusterVersion": "stable"},
        }  # fmt: skip
        return pack({"manifest.json": json.dumps(said | self.manifest), **files})

    def _lines(self, header: str, row: Callable[[], list[str]]) -> str:
        lines = [header]
        for hour in range(self.hours):
            moment = f"2026-11-{self.day:02d} {hour:02d}"
            times = (
                "2026-11-01 00:00:00 +0000 UTC,2026-12-01 00:00:00 +0000 UTC,"
                f"{moment}:00:00 +0000 UTC,{moment}:59:59 +0000 UTC"
            )
            lines += [f"{times},{part}" for part in row()]
        return "\n".join(lines) + "\n"

    def _pods(self) -> str:
        return self._lines(POD_HEADER, lambda: [",".join(map(str, cells(pod))) for pod in self.pods])

    def _volumes(self) -> str:
        def row() -> list[str]:
            return [
                f"{claim.namespace},{claim.pod},{claim.name},pv-{claim.name},gp2,{claim.gib[0] * GIB},"
                + ",".join(str(gib * GIB * HOUR) for gib in claim.gib)
                + ",label_tier:data,"
                for claim in self.claims
            ]

        return self._lines(STORAGE_HEADER, row)

    def _nodes(self) -> str:
        names = sorted({pod.node for pod in self.pods})
        return self._lines(f"{TIMES},node,node_labels", lambda: [f"{name},label_zone:a" for name in names])


def cells(pod: Pod) -> tuple[object, ...]:
    """The cells of a pod's row, after the times."""
    cores, gib = pod.capacity
    capacity = (cores, cores * HOUR, gib * GIB, gib * GIB * HOUR)
    used = (*(core * HOUR for core in pod.cpu), *(part * GIB * HOUR for part in pod.memory))
    return (pod.name, pod.namespace, pod.node, f"i-{pod.node}", *used, *capacity, "label_app:web")


def pack(files: Mapping[str, str]) -> bytes:
    """A gzipped tarball of these texts."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


class Deployment:
    """A running stack, seen from outside."""

    def __init__(self, stack: EmbeddedStack, logs: Path) -> None:
        self._end = stack.endpoints
        self._logs = logs
        self.conn: psycopg.Connection[DictRow] = psycopg.connect(
            self._end.dsn, autocommit=True, row_factory=dict_row, options=f"-c search_path={self._end.schema},public"
        )
        address = self._end.s3_url.removeprefix("http://")
        self.objects = Minio(
            address, self._end.s3_access_key, self._end.s3_secret_key, secure=False, region="us-east-1"
        )

    def rows(self, query: str, *values: Any) -> list[DictRow]:
        """What a query finds."""
        return self.conn.execute(query.encode(), values).fetchall()

    def row(self, query: str, *values: Any) -> DictRow:
        """The one row a query finds."""
        (row,) = self.rows(query, *values)
        return row

    def create_source(self, cluster: str) -> str:
        """A new source for that cluster; its uuid."""
        body = {
            "name": cluster,
            "source_type": "OCP",
            "authentication": {"credentials": {"cluster_id": cluster}},
            "billing_source": {"data_source": {}},
        }
        answer = requests.post(f"{self._end.koku_url}sources/", json=body, timeout=ANSWER_SECONDS)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["uuid"])

    def delete_source(self, source: str) -> int:
        """Delete it through the API; the HTTP status."""
        key = self.row("SELECT source_id FROM api_sources WHERE source_uuid = %s", source)["source_id"]
        return requests.delete(f"{self._end.koku_url}sources/{key}/", timeout=ANSWER_SECONDS).status_code

    def masu(self, path: str, **query: Any) -> requests.Response:
        """Ask masu."""
        return requests.get(f"{self._end.masu_url}{path}", params=query, timeout=ANSWER_SECONDS)

    def masu_post(self, path: str, **what: Any) -> requests.Response:
        """Tell masu."""
        return requests.post(f"{self._end.masu_url}{path}", timeout=ANSWER_SECONDS, **what)

    def upload(self, data: bytes) -> str:
        """Put a tarball into the ingress bucket and announce it; its key."""
        key = uuid.uuid4().hex
        self.objects.put_object(self._end.buckets["ingress"], key, io.BytesIO(data), len(data))
        answer = self.masu("ingest_ocp_payload/", org_id=self._end.org_id, payload_name=key)
        assert answer.status_code == 202, answer.text
        return key

    def archived(self, source: str) -> list[str]:
        """The keys archived for a source."""
        prefix = f"data/csv/{self._end.schema}/OCP/source={source}/"
        found = self.objects.list_objects(self._end.buckets["archive"], prefix=prefix, recursive=True)
        return sorted(str(item.object_name).removeprefix(prefix) for item in found)

    def manifest_id_of(self, key: str) -> int:
        """The metadata of an archived object."""
        (found,) = (
            item.object_name
            for item in self.objects.list_objects(self._end.buckets["archive"], prefix="data/", recursive=True)
            if str(item.object_name).endswith(key)
        )
        stat = self.objects.stat_object(self._end.buckets["archive"], str(found))
        return int(str((stat.metadata or {})["x-amz-meta-manifestid"]))

    def seen(self, source: str) -> dict[str, Any]:
        """What the recordings watch: newest manifest, its files' status, steps of ``state``, summary rows."""
        manifests = self.rows(
            "SELECT id, num_total_files, completed_datetime, state FROM reporting_common_costusagereportmanifest"
            " WHERE provider_id = %s ORDER BY id DESC LIMIT 1",
            source,
        )
        manifest = manifests[0] if manifests else None
        status = self.rows(
            "SELECT status, count(*) AS files, count(completed_datetime) AS completed"
            " FROM reporting_common_costusagereportstatus WHERE manifest_id = %s GROUP BY status ORDER BY status",
            manifest["id"] if manifest else 0,
        )
        summary = "SELECT count(*) AS rows FROM reporting_ocpusagelineitem_daily_summary WHERE source_uuid = %s"
        return {
            "manifest": manifest is not None,
            "files": manifest["num_total_files"] if manifest else None,
            "status": [[row["status"], row["files"], row["completed"]] for row in status],
            "state": {step: sorted(words) for step, words in manifest["state"].items()} if manifest else None,
            "completed": bool(manifest and manifest["completed_datetime"]),
            "summary_rows": self.row(summary, source)["rows"],
        }

    def wait_for(self, what: Callable[[], object], within_s: float = 10) -> None:
        """Wait until it is true."""
        assert came(what, within_s), f"not within {within_s} s on a machine {slowness():.1f} times slower than usual"

    def ingest(self, source: str, data: bytes) -> None:
        """Upload and wait for the end of everything."""
        query = (
            "SELECT count(completed_datetime) AS done FROM reporting_common_costusagereportmanifest"
            " WHERE provider_id = %s"
        )
        before = self.row(query, source)["done"]
        self.upload(data)
        self.wait_for(lambda: self.row(query, source)["done"] > before)

    def usage(self, source: str) -> float:
        """CPU core-hours used in the daily summary, without the rows of spare capacity."""
        return float(
            self.row(
                "SELECT coalesce(sum(pod_usage_cpu_core_hours), 0) AS hours"
                " FROM reporting_ocpusagelineitem_daily_summary"
                " WHERE source_uuid = %s AND namespace NOT LIKE '%% unallocated'",
                source,
            )["hours"]
        )

    def logged(self, process: str) -> str:
        """Everything a process of the stand-in has logged."""
        return (self._logs / f"koku-{process}.jsonl").read_text()

    def hold(self, process: str) -> Path:
        """Kill a process and keep it dead until the file returned is removed."""
        hold = self._logs / f"koku-{process}.hold"
        hold.touch()
        os.kill(int((self._logs / f"koku-{process}.pid").read_text()), signal.SIGKILL)
        return hold
