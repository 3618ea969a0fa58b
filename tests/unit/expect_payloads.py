"""Small payload folders for the tests of the judge: rows are given as what differs from a plain one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

GIB = 2**30
Row = Mapping[str, Any]

_PERIOD = ("report_period_start", "report_period_end", "interval_start", "interval_end")
POD_COLUMNS = (
    *_PERIOD,
    *("pod", "namespace", "node", "resource_id"),
    *(f"pod_{word}_cpu_core_seconds" for word in ("usage", "request", "limit")),
    *(f"pod_{word}_memory_byte_seconds" for word in ("usage", "request", "limit")),
    *("node_capacity_cpu_cores", "node_capacity_cpu_core_seconds"),
    *("node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "pod_labels"),
)
STORAGE_COLUMNS = (
    *_PERIOD,
    *("namespace", "pod", "node", "persistentvolumeclaim", "persistentvolume", "storageclass"),
    *("csi_driver", "csi_volume_handle"),
    *("persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds"),
    *("volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds"),
    *("persistentvolume_labels", "persistentvolumeclaim_labels"),
)
NODE_COLUMNS = (*_PERIOD, "node", "node_labels")
NAMESPACE_COLUMNS = (*_PERIOD, "namespace", "namespace_labels")
DAY = datetime(2026, 11, 5, tzinfo=UTC)


def hours(count: int = 24, start: datetime = DAY) -> list[str]:
    """``interval_start`` of ``count`` hours."""
    return [f"{start + timedelta(hours=hour):%Y-%m-%d %H:%M:%S} +0000 UTC" for hour in range(count)]


def pod_rows(
    when: Iterable[str],
    *,
    pod: str = "pod-1",
    namespace: str = "app-a",
    node: str = "n1",
    cores: int = 4,
    gib: int = 16,
    cpu: tuple[float, float, float] = (0.5, 1, 2),
    memory: tuple[float, float, float] = (1, 2, 4),
    **more: Any,
) -> list[Row]:
    """Hourly rows of a pod: ``cpu`` and ``memory`` are usage, request and limit in cores and GiB."""
    return [
        {
            "interval_start": start,
            "pod": pod,
            "namespace": namespace,
            "node": node,
            "resource_id": f"i-{node}",
            "node_capacity_cpu_cores": cores,
            "node_capacity_cpu_core_seconds": cores * 3600,
            "node_capacity_memory_bytes": gib * GIB,
            "node_capacity_memory_byte_seconds": gib * GIB * 3600,
            **{
                f"pod_{word}_cpu_core_seconds": value * 3600
                for word, value in zip(("usage", "request", "limit"), cpu, strict=True)
            },
            **{
                f"pod_{word}_memory_byte_seconds": int(value * GIB * 3600)
                for word, value in zip(("usage", "request", "limit"), memory, strict=True)
            },
            **more,
        }
        for start in when
    ]


def claim_rows(
    when: Iterable[str],
    *,
    pod: str = "pod-1",
    namespace: str = "app-a",
    claim: str = "pvc-1",
    volume: str = "pv-1",
    gib: tuple[int, int, int] = (100, 100, 40),
    **more: Any,
) -> list[Row]:
    """Hourly rows of a claim: ``gib`` are capacity, request and usage."""
    capacity, request, usage = (size * GIB for size in gib)
    return [
        {
            "interval_start": start,
            "pod": pod,
            "namespace": namespace,
            "persistentvolumeclaim": claim,
            "persistentvolume": volume,
            "storageclass": "gp2",
            "persistentvolumeclaim_capacity_bytes": capacity,
            "persistentvolumeclaim_capacity_byte_seconds": capacity * 3600,
            "volume_request_storage_byte_seconds": request * 3600,
            "persistentvolumeclaim_usage_byte_seconds": usage * 3600,
            **more,
        }
        for start in when
    ]


def node_rows(when: Iterable[str], *, node: str = "n1", labels: str = "") -> list[Row]:
    """Hourly label rows of a node."""
    return [{"interval_start": start, "node": node, "node_labels": labels} for start in when]


def namespace_rows(when: Iterable[str], *, namespace: str = "app-a", labels: str = "") -> list[Row]:
    """Hourly label rows of a namespace."""
    return [{"interval_start": start, "namespace": namespace, "namespace_labels": labels} for start in when]


def payload(
    folder: Path,
    *,
    uuid: str = "11111111-1111-4111-8111-111111111111",
    pods: Iterable[Iterable[Row]] = (),
    claims: Iterable[Iterable[Row]] = (),
    nodes: Iterable[Iterable[Row]] = (),
    namespaces: Iterable[Iterable[Row]] = (),
    start: datetime | None = DAY,
    end: datetime | None = DAY + timedelta(days=1),
    daily_reports: bool = True,
    version: str = "5.4.4",
) -> Path:
    """Write a payload folder; each element of ``pods``, ``claims``, ``nodes``, ``namespaces`` is a CSV of its own."""
    folder.mkdir(parents=True)
    names: list[str] = []
    kinds = (
        (POD_COLUMNS, pods),
        (STORAGE_COLUMNS, claims),
        (NODE_COLUMNS, nodes),
        (NAMESPACE_COLUMNS, namespaces),
    )
    for columns, files in kinds:
        for rows in files:
            names.append(f"{uuid}_openshift_report.{len(names)}.csv")
            _write(folder / names[-1], columns, list(rows))
    dates = {name: moment.isoformat() for name, moment in (("start", start), ("end", end)) if moment}
    manifest = {
        "uuid": uuid,
        "cluster_id": "c-1",
        "date": DAY.isoformat(),
        "files": names,
        "version": version,
        "daily_reports": daily_reports,
        **dates,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def _write(path: Path, columns: Iterable[str], rows: list[Row]) -> None:
    extra = sorted({name for row in rows for name in row} - set(columns))
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, [*columns, *extra], restval="")
        writer.writeheader()
        times = dict.fromkeys(_PERIOD, "2026-11-01 00:00:00 +0000 UTC")
        writer.writerows({**times, **row} for row in rows)
