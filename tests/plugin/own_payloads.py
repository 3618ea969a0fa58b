"""Payloads of our own invention, with the quirks that operators send: each is a tarball in a folder of its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

GIB = 2**30
PERIOD = {
    "report_period_start": "2026-11-01 00:00:00 +0000 UTC",
    "report_period_end": "2026-12-01 00:00:00 +0000 UTC",
}


def _columns(names: str) -> list[str]:
    return names.split(",")


UUID = "7d1e2b1c-6c3f-4a64-9a0e-5b6f0c9d%04d"
POD = _columns(
    "report_period_start,report_period_end,interval_start,interval_end,node,namespace,pod,pod_usage_cpu_core_seconds,"
    "pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,"
    "pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,"
    "node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds,node_role,"
    "resource_id,pod_labels"
)
STORAGE = _columns(
    "report_period_start,report_period_end,interval_start,interval_end,namespace,pod,node,persistentvolumeclaim,"
    "persistentvolume,storageclass,csi_driver,csi_volume_handle,persistentvolumeclaim_capacity_bytes,"
    "persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,"
    "persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels"
)
NODE = _columns("report_period_start,report_period_end,interval_start,interval_end,node,node_labels")
SPACE = _columns("report_period_start,report_period_end,interval_start,interval_end,namespace,namespace_labels")
VM = _columns(
    "report_period_start,report_period_end,interval_start,interval_end,node,resource_id,namespace,vm_name,"
    "vm_instance_type,vm_os,vm_guest_os_arch,vm_guest_os_name,vm_guest_os_version,vm_uptime_total_seconds,"
    "vm_cpu_limit_cores,vm_cpu_limit_core_seconds,vm_cpu_request_cores,vm_cpu_request_core_seconds,"
    "vm_cpu_request_sockets,vm_cpu_request_socket_seconds,vm_cpu_request_threads,vm_cpu_request_thread_seconds,"
    "vm_cpu_usage_total_seconds,vm_memory_limit_bytes,vm_memory_limit_byte_seconds,vm_memory_request_bytes,"
    "vm_memory_request_byte_seconds,vm_memory_usage_byte_seconds,vm_device,vm_volume_mode,"
    "vm_persistentvolumeclaim_name,vm_disk_allocated_size_byte_seconds,vm_labels"
)
Row = dict[str, Any]
Files = dict[str, bytes]


def hours(day: int = 10, count: int = 24) -> list[Row]:
    """The times of ``count`` hours of a day of November 2026."""
    return [
        PERIOD
        | {
            "interval_start": f"2026-11-{day:02} {hour:02}:00:00 +0000 UTC",
            "interval_end": f"2026-11-{day:02} {hour:02}:59:59 +0000 UTC",
        }
        for hour in range(count)
    ]


def pods(
    when: Iterable[Row], pod: str = "web-0", namespace: str = "shop", cores: float = 0.5, **more: Any
) -> list[Row]:
    """Rows of a pod that uses ``cores`` and asks for twice as many, with six decimals as operators write them."""
    return [
        hour
        | {
            "node": "worker-1",
            "namespace": namespace,
            "pod": pod,
            "pod_usage_cpu_core_seconds": f"{cores * 3600:.6f}",
            "pod_request_cpu_core_seconds": f"{cores * 7200:.6f}",
            "pod_usage_memory_byte_seconds": f"{GIB * 3600:.6f}",
            "pod_request_memory_byte_seconds": f"{2 * GIB * 3600:.6f}",
            "node_capacity_cpu_cores": "8.000000",
            "node_capacity_cpu_core_seconds": f"{8 * 3600:.6f}",
            "node_capacity_memory_bytes": f"{32 * GIB:.6f}",
            "node_capacity_memory_byte_seconds": f"{32 * GIB * 3600:.6f}",
            "node_role": "worker",
            "resource_id": "i-1",
            "pod_labels": "label_app:web",
        }
        | more
        for hour in when
    ]


def labels(when: Iterable[Row], node: str = "label_kubernetes_io_arch:amd64", space: str = "") -> tuple[list[Row], ...]:
    """Rows of both label files."""
    return (
        [hour | {"node": "worker-1", "node_labels": node} for hour in when],
        [hour | {"namespace": "shop", "namespace_labels": space or "label_name:shop"} for hour in when],
    )


def sheet(columns: Iterable[str], rows: Iterable[Mapping[str, Any]], **how: Any) -> bytes:
    """A CSV file; ``how`` goes to the writer."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), restval="", extrasaction="ignore", lineterminator="\n", **how)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def plain(when: list[Row] | None = None, **more: Any) -> Files:
    """A whole payload of one pod."""
    when = when or hours()
    nodes, spaces = labels(when)
    return {"pods.csv": sheet(POD, pods(when, **more)), "node.csv": sheet(NODE, nodes), "ns.csv": sheet(SPACE, spaces)}


def windows() -> Files:
    """A byte order mark, lines that end with CR LF, every cell in quotes."""
    files = plain()
    files["pods.csv"] = b"\xef\xbb\xbf" + sheet(POD, pods(hours()), quoting=csv.QUOTE_ALL).replace(b"\n", b"\r\n")
    return files


def shuffled() -> Files:
    """Columns in another order, blank lines, a file with a header alone, pods in two files."""
    files = plain()
    files["pods.csv"] = sheet(reversed(POD), pods(hours(count=12))).replace(b"shop", b"shop") + b"\n\n"
    files["more.csv"] = b"\n" + sheet(sorted(POD), pods(hours()[12:]) + pods(hours(), "web-1", cores=0.25))
    files["vm.csv"] = sheet(VM, [])
    files["none.csv"] = b""
    return files


def words() -> Files:
    """Words that stand for no value, in labels and numbers; unicode; HTML in a storage class and a handle."""
    files = plain(pod_labels="label_app:Größe 日本|label_empty:|label_a:b:c|label_app_label_x:1|plain:NA")
    rows = [
        hour
        | {
            "namespace": "shop",
            "pod": "web-0",
            "node": "worker-1",
            "persistentvolumeclaim": "data",
            "persistentvolume": "pv-1",
            "storageclass": "a<b>&'c\"",
            "csi_driver": "efs.csi",
            "csi_volume_handle": "fs-1::fsap-1&x",
            "persistentvolumeclaim_capacity_bytes": f"{10 * GIB:.6f}",
            "persistentvolumeclaim_capacity_byte_seconds": f"{10 * GIB * 3600:.6f}",
            "volume_request_storage_byte_seconds": "1e13",
            "persistentvolumeclaim_usage_byte_seconds": "1_000_000",
            "persistentvolume_labels": "label_tier:gold",
        }
        for hour in hours()
    ]
    files["st.csv"] = sheet(STORAGE, rows)
    return files


def unreadable() -> Files:
    """Numbers that are none: counted as 0, and said."""
    rows = pods(hours())
    for row, text in zip(rows, ("abc", "NULL", "0x10", "1,5", "NaN", "", " 5 ", "+7"), strict=False):
        row["pod_limit_cpu_core_seconds"] = text
    return plain() | {"pods.csv": sheet(POD, rows)}


def gaps() -> Files:
    """A day with 23 hours, a node whose capacity is blank in one, a pod of an unknown node, a claim without a name."""
    when = hours()[:7] + hours()[8:]
    rows = pods(when) + pods(when[:3], "wait", node="", node_role="", resource_id="")
    for row in rows[-3:]:
        row.update(dict.fromkeys([name for name in POD if name.startswith("node_capacity")], ""))
    rows[2] |= {"node_capacity_cpu_core_seconds": "", "node_capacity_memory_byte_seconds": ""}
    nodes, spaces = labels(when)
    claim = [hour | {"namespace": "shop", "pod": "web-0", "storageclass": "gp2"} for hour in when]
    return {
        "st.csv": sheet(STORAGE, claim),
        "node.csv": sheet(NODE, nodes),
        "pods.csv": sheet(POD, rows),
        "ns.csv": sheet(SPACE, spaces),
    }


def machines() -> Files:
    """A virtual machine with its pod; texts that change within the day."""
    when = hours()
    rows = [
        hour
        | {
            "node": "worker-1",
            "resource_id": "i-1",
            "namespace": "shop",
            "vm_name": "fedora",
            "vm_os": "fedora 4" + ("1" if number < 12 else "2"),
            "vm_guest_os_version": "41",
            "vm_uptime_total_seconds": "3600.000000",
            "vm_cpu_request_cores": "2.000000",
            "vm_cpu_request_core_seconds": "7200.000000",
            "vm_labels": "label_os:linux",
        }
        for number, hour in enumerate(when)
    ]
    pod = {"pod_labels": "label_vm_kubevirt_io_name:fedora|label_app:web"}
    return plain(when, **pod) | {"vm.csv": sheet(VM, rows)}


def extra_rows() -> Files:
    """Rows with too many fields, a short last line, a row twice, a huge number in another column."""
    rows = pods(hours())
    rows.append(dict(rows[3]))
    content = sheet(POD, rows).rstrip(b"\n").rsplit(b",", 2)[0]
    lines = content.split(b"\n")
    lines.insert(5, lines[4] + b",x,y")
    files = plain()
    return files | {"pods.csv": b"\n".join(lines)}


def ros_too() -> Files:
    """Files for resource optimisation beside those with usage."""
    return plain() | {"ros.csv": b"container_name,pod\nweb,web-0\n"}


OWN: dict[str, Callable[[], Files]] = {
    "own_windows": windows,
    "own_shuffled": shuffled,
    "own_words": words,
    "own_unreadable": unreadable,
    "own_gaps": gaps,
    "own_machines": machines,
    "own_extra_rows": extra_rows,
    "own_ros_too": ros_too,
}


def write(name: str, folder: Path) -> None:
    """The tarball of a payload, in ``folder``, which is made."""
    files = OWN[name]()
    ros = [file for file in files if file.startswith("ros")]
    manifest = {
        "uuid": UUID % list(OWN).index(name),
        "cluster_id": name,
        "version": "cdd836a19466190844727ff8f71730cd39dc28b7",
        "date": "2026-11-11T00:00:02.5Z",
        "files": [file for file in files if file not in ros],
        "resource_optimization_files": ros or None,
        "start": "2026-11-10T00:00:00Z",
        "end": "2026-11-10T23:59:59Z",
        "certified": False,
        "daily_reports": True,
        "cr_status": {"clusterVersion": "stable-4.20", "upload": {"upload": True}},
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for file, content in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            member = tarfile.TarInfo(file)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    folder.mkdir(parents=True)
    (folder / "payload.0.20261101-20261201.tar.gz").write_bytes(gzip.compress(raw.getvalue()))
