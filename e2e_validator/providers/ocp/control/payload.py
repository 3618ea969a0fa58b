"""The neighbour's payloads: two hours a day of one pod and one volume, with figures that no scenario has.

Its nodes have an id and a role of their own: Koku takes a node's role by name and id, whose ever it is
(docs/contract/koku.md 6.2), and the neighbour must not be what changes a scenario's figures.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from e2e_validator.calendar_months import first_of_month, month_after
from e2e_validator.providers.ocp.control.shared import Shared
from e2e_validator.providers.ocp.generate.tarball import MANIFEST

HOURS = 2
_GIB = 2**30
_SPAN = ("report_period_start", "report_period_end", "interval_start", "interval_end")
_PODS = (
    *_SPAN, "node", "namespace", "pod", "pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds",
    "pod_limit_cpu_core_seconds", "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
    "pod_limit_memory_byte_seconds", "node_capacity_cpu_cores", "node_capacity_cpu_core_seconds",
    "node_capacity_memory_bytes", "node_capacity_memory_byte_seconds", "node_role", "resource_id", "pod_labels",
)  # fmt: skip
_VOLUMES = (
    *_SPAN, "node", "namespace", "pod", "persistentvolumeclaim", "persistentvolume", "storageclass", "csi_driver",
    "csi_volume_handle", "persistentvolumeclaim_capacity_bytes", "persistentvolumeclaim_capacity_byte_seconds",
    "volume_request_storage_byte_seconds", "persistentvolumeclaim_usage_byte_seconds", "persistentvolume_labels",
    "persistentvolumeclaim_labels",
)  # fmt: skip
_NODES = (*_SPAN, "node", "node_labels")


def write_payloads(shared: Sequence[Shared], folder: Path, *, cluster_id: str) -> Iterator[tuple[str, Path]]:
    """A payload folder for each month, with its uuid; as the operator makes them (docs/contract/koku.md 3.3, 3.4)."""
    for month in sorted({f"{one.day:%Y-%m}" for one in shared}):
        days = [one for one in shared if f"{one.day:%Y-%m}" == month]
        manifest_uuid, into = str(uuid.uuid4()), folder / month
        into.mkdir(parents=True)
        names = []
        for name, columns, rows in (
            ("pod_usage", _PODS, _pods(days)),
            ("storage_usage", _VOLUMES, _volumes(days)),
            ("node_labels", _NODES, _nodes(days)),
        ):
            names.append(f"{manifest_uuid}_openshift_{name}_report.0.csv")
            with (into / names[-1]).open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(rows)
        first, last = (datetime.combine(one.day, datetime.min.time(), UTC) for one in (days[0], days[-1]))
        manifest = {
            "cluster_id": cluster_id,
            "uuid": manifest_uuid,
            "date": first.isoformat(),
            "files": names,
            "start": first.isoformat(),
            "end": (last + timedelta(hours=HOURS)).isoformat(),
            "version": "neighbour",
            "certified": False,
            "cr_status": {},
            "daily_reports": True,
        }
        (into / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        yield manifest_uuid, into


def _spans(days: Iterable[Shared]) -> Iterator[tuple[Shared, int, int, tuple[str, ...]]]:
    """Each hour of each day: the day, its number, the hour, and the four times of a row."""
    for number, one in enumerate(days, start=1):
        midnight = datetime.combine(one.day, datetime.min.time(), UTC)
        month, after = first_of_month(midnight), month_after(midnight)
        for hour in range(HOURS):
            start = midnight + timedelta(hours=hour)
            yield one, number, hour, tuple(map(_text, (month, after, start, start + timedelta(minutes=59, seconds=59))))


def _pods(days: Iterable[Shared]) -> Iterator[tuple[object, ...]]:
    for one, number, hour, span in _spans(days):
        used, asked = 600 + 60 * number + hour, 900 + 60 * number
        memory = 3600 * _GIB // 8
        yield (
            *span, one.node, one.namespace, f"neighbour-{number}", used, asked, 2 * asked, memory, 2 * memory,
            3 * memory, 2, 7200, 4 * _GIB, 3600 * 4 * _GIB, "worker", f"neighbour-{one.node}"[:200], "",
        )  # fmt: skip


def _volumes(days: Iterable[Shared]) -> Iterator[tuple[object, ...]]:
    for one, number, _, span in _spans(days):
        size = 3 * _GIB
        yield (
            *span, one.node, one.namespace, f"neighbour-{number}", f"neighbour-{number}", f"neighbour-{number}",
            "standard", "", f"neighbour-{number}", size, size * 3600, size * 1800, size * 900, "", "",
        )  # fmt: skip


def _nodes(days: Iterable[Shared]) -> Iterator[tuple[object, ...]]:
    for one, _, _, span in _spans(days):
        yield (*span, one.node, "")


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC"
