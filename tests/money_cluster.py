"""Small clusters written as nise writes them: six CSV files and manifest.json, every number exact."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

MIB = 2**20
HOUR = 3600
_TIMES = ("report_period_start", "report_period_end", "interval_start", "interval_end")
_PODS = (
    *("pod", "namespace", "node", "resource_id"),
    *(f"pod_{what}_cpu_core_seconds" for what in ("usage", "request", "limit")),
    *(f"pod_{what}_memory_byte_seconds" for what in ("usage", "request", "limit")),
    *("node_capacity_cpu_cores", "node_capacity_cpu_core_seconds"),
    *("node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "pod_labels"),
)
_VOLUMES = (
    *("namespace", "pod", "node", "persistentvolumeclaim", "persistentvolume", "storageclass", "csi_driver"),
    *("csi_volume_handle", "persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds"),
    *("volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds"),
    *("persistentvolume_labels", "persistentvolumeclaim_labels"),
)
_MACHINES = (
    *("node", "resource_id", "namespace", "vm_name", "vm_instance_type", "vm_os", "vm_guest_os_arch"),
    *("vm_guest_os_name", "vm_guest_os_version", "vm_uptime_total_seconds", "vm_cpu_limit_cores"),
    *("vm_cpu_limit_core_seconds", "vm_cpu_request_cores", "vm_cpu_request_core_seconds", "vm_cpu_request_sockets"),
    *("vm_cpu_request_socket_seconds", "vm_cpu_request_threads", "vm_cpu_request_thread_seconds"),
    *("vm_cpu_usage_total_seconds", "vm_memory_limit_bytes", "vm_memory_limit_byte_seconds"),
    *("vm_memory_request_bytes", "vm_memory_request_byte_seconds", "vm_memory_usage_byte_seconds", "vm_device"),
    *("vm_volume_mode", "vm_persistentvolumeclaim_name", "vm_disk_allocated_size_byte_seconds", "vm_labels"),
)
_GPUS = (
    *("node", "namespace", "pod", "gpu_uuid", "gpu_model_name", "gpu_vendor_name", "gpu_memory_capacity_mib"),
    *("gpu_pod_uptime", "mig_instance_id", "mig_profile", "mig_strategy"),
)


@dataclass(frozen=True)
class Node:
    """A node; without ``reported`` it has no row of labels, and so no role."""

    name: str
    cores: int = 4
    mib: int = 16384
    labels: str = ""
    reported: bool = True


@dataclass(frozen=True)
class Pod:
    """A pod; ``cpu`` (thousandths of a core) and ``memory`` (MiB) are used, requested and limited.

    In odd hours it uses ``odd`` (cpu, memory) instead. It runs in ``hours`` of each day, both inclusive.
    """

    name: str
    namespace: str
    node: str
    cpu: tuple[int, int, int] = (500, 1000, 2000)
    memory: tuple[int, int, int] = (1024, 2048, 4096)
    labels: str = ""
    odd: tuple[int, int] | None = None
    hours: tuple[int, int] = (0, 23)

    def runs(self, hour: datetime) -> bool:
        """Whether it runs in this hour."""
        return self.hours[0] <= hour.hour <= self.hours[1]


@dataclass(frozen=True)
class Claim:
    """A claim of a volume by a pod; ``mib`` are its capacity, request and usage."""

    name: str
    namespace: str
    pod: str
    volume: str
    mib: tuple[int, int, int] = (10240, 10240, 4096)
    labels: str = ""
    claim_labels: str = ""
    storage_class: str = "gp2"


@dataclass(frozen=True)
class Cluster:
    """What runs; ``namespaces`` are the labels of some of them."""

    nodes: tuple[Node, ...]
    pods: tuple[Pod, ...]
    claims: tuple[Claim, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    """The hours of a cluster that are sent at once; ``end`` is the first hour that is not."""

    cluster: Cluster
    start: datetime
    end: datetime

    def months(self) -> Iterator[tuple[datetime, datetime]]:
        """Its hours, month by month: each is a payload of its own."""
        start = self.start
        while start < self.end:
            after = next_month(start)
            yield start, min(after, self.end)
            start = after


def next_month(moment: datetime) -> datetime:
    """The first hour of the month after."""
    first = moment.replace(day=1, hour=0)
    return (first + timedelta(days=31)).replace(day=1)


def write(upload: Upload, start: datetime, end: datetime, folder: Path, *, cluster_id: str) -> str:
    """The payload of ``start`` to ``end`` (within one month) in ``folder``; its uuid.

    Resource ids have the cluster's id in them: Koku keeps the roles of all nodes of all clusters together.
    """
    folder.mkdir(parents=True)
    key = str(uuid.uuid4())
    cluster = upload.cluster
    nodes = [(node.name, node.labels) for node in cluster.nodes if node.reported]
    tables: list[tuple[tuple[str, ...], list[tuple[object, ...]]]] = [
        (_PODS, _pods(cluster, start, end, cluster_id)),
        (_VOLUMES, _volumes(cluster, start, end)),
        (("node", "node_labels"), _labels(start, end, nodes)),
        (("namespace", "namespace_labels"), _labels(start, end, cluster.namespaces.items())),
        (_MACHINES, []),
        (_GPUS, []),
    ]
    names = []
    for number, (header, rows) in enumerate(tables):
        names.append(f"{key}_openshift_report.{number}.csv")
        with (folder / names[-1]).open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow((*_TIMES, *header))
            writer.writerows(rows)
    manifest = {
        "cluster_id": cluster_id,
        "uuid": key,
        "date": start.isoformat(timespec="microseconds"),
        "files": names,
        "start": start.isoformat(timespec="microseconds"),
        "end": end.isoformat(timespec="microseconds"),
        "version": "5.4.4",
        "certified": False,
        "cr_status": {"clusterID": cluster_id, "clusterVersion": "stable-4.6", "operator_commit": "5.4.4"},
        "daily_reports": True,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return key


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every hour from ``start`` up to ``end``."""
    while start < end:
        yield start
        start += timedelta(hours=1)


def _times(hour: datetime) -> tuple[str, ...]:
    first = hour.replace(day=1, hour=0)
    moments = (first, next_month(hour), hour, hour + timedelta(seconds=HOUR - 1))
    return tuple(f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC" for moment in moments)


def _pods(cluster: Cluster, start: datetime, end: datetime, cluster_id: str) -> list[tuple[object, ...]]:
    nodes = {node.name: node for node in cluster.nodes}
    rows: list[tuple[object, ...]] = []
    for hour, pod in product(hours(start, end), cluster.pods):
        if not pod.runs(hour):
            continue
        node = nodes[pod.node]
        cpu, memory = pod.cpu, pod.memory
        if pod.odd and hour.hour % 2:
            cpu, memory = (pod.odd[0], *cpu[1:]), (pod.odd[1], *memory[1:])
        # nise writes some numbers as integers and some as floats; both are the same decimals here.
        seconds = [Decimal(part) * HOUR / 1000 for part in cpu]
        sizes = (node.cores, node.cores * HOUR, node.mib * MIB, node.mib * MIB * HOUR)
        whose = (pod.name, pod.namespace, pod.node, f"i-{cluster_id}-{pod.node}")
        rows.append((*_times(hour), *whose, *seconds, *(part * MIB * HOUR for part in memory), *sizes, pod.labels))
    return rows


def _volumes(cluster: Cluster, start: datetime, end: datetime) -> list[tuple[object, ...]]:
    places = {(pod.namespace, pod.name): pod.node for pod in cluster.pods}
    rows: list[tuple[object, ...]] = []
    for hour, claim in product(hours(start, end), cluster.claims):
        node = places.get((claim.namespace, claim.pod), "")
        whose = (claim.namespace, claim.pod, node, claim.name, claim.volume, claim.storage_class, "ebs.csi.aws.com")
        sizes = (claim.mib[0] * MIB, *(part * MIB * HOUR for part in claim.mib))
        rows.append((*_times(hour), *whose, f"h-{claim.volume}", *sizes, claim.labels, claim.claim_labels))
    return rows


def _labels(start: datetime, end: datetime, named: Iterable[tuple[str, str]]) -> list[tuple[object, ...]]:
    return [(*_times(hour), *pair) for hour, pair in product(hours(start, end), list(named))]
