"""The six OCP report types: what recognises them, and how hourly rows become daily ones.

See docs/contract/koku.md 3.4, 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass

TIMES = ("report_period_start", "report_period_end", "interval_start", "interval_end")
LABELS = (
    "pod_labels",
    "persistentvolume_labels",
    "persistentvolumeclaim_labels",
    "node_labels",
    "namespace_labels",
    "vm_labels",
)
# Keys of virtual machines are not offered for enabling; Koku always keeps the one it needs of them.
TAG_LABELS = tuple(name for name in LABELS if name != "vm_labels")
INTEGERS = ("mig_slice_count", "gpu_max_slices")
EFFECTIVE = {
    "pod_effective_usage_cpu_core_seconds": ("pod_usage_cpu_core_seconds", "pod_request_cpu_core_seconds"),
    "pod_effective_usage_memory_byte_seconds": ("pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds"),
}
ANOMALY = 1e18


@dataclass(frozen=True, slots=True)
class ReportType:
    """One type: columns its header must have, numbers, grouping keys, and what is summed or maximised over a day."""

    name: str
    required: frozenset[str]
    keys: tuple[str, ...]
    sums: tuple[str, ...] = ()
    maxima: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    checked: frozenset[str] = frozenset()

    @property
    def raw_table(self) -> str:
        """The table of one row per CSV row."""
        return f"openshift_{self.name}_line_items"

    @property
    def daily_table(self) -> str:
        """The table of one row per group and day."""
        return f"{self.raw_table}_daily"


_POD_SUMS = (
    "pod_usage_cpu_core_seconds",
    "pod_request_cpu_core_seconds",
    "pod_limit_cpu_core_seconds",
    "pod_usage_memory_byte_seconds",
    "pod_request_memory_byte_seconds",
    "pod_limit_memory_byte_seconds",
    "node_capacity_cpu_core_seconds",
    "node_capacity_memory_byte_seconds",
)
_POD_MAXIMA = ("node_capacity_cpu_cores", "node_capacity_memory_bytes")
_STORAGE_SUMS = (
    "persistentvolumeclaim_capacity_byte_seconds",
    "volume_request_storage_byte_seconds",
    "persistentvolumeclaim_usage_byte_seconds",
)
_STORAGE_NAMES = ("namespace", "pod", "persistentvolumeclaim", "persistentvolume", "storageclass")
_STORAGE_LABELS = ("persistentvolume_labels", "persistentvolumeclaim_labels")
_VM_SUMS = (
    "vm_uptime_total_seconds",
    "vm_cpu_limit_core_seconds",
    "vm_cpu_request_core_seconds",
    "vm_cpu_request_socket_seconds",
    "vm_cpu_request_thread_seconds",
    "vm_cpu_usage_total_seconds",
    "vm_memory_limit_byte_seconds",
    "vm_memory_request_byte_seconds",
    "vm_memory_usage_byte_seconds",
    "vm_disk_allocated_size_byte_seconds",
)
_VM_SIZES = (
    "vm_cpu_limit_cores",
    "vm_cpu_request_cores",
    "vm_cpu_request_sockets",
    "vm_cpu_request_threads",
    "vm_memory_limit_bytes",
    "vm_memory_request_bytes",
)
_VM_WORDS = (
    "resource_id",
    "vm_instance_type",
    "vm_os",
    "vm_guest_os_arch",
    "vm_guest_os_name",
    "vm_guest_os_version",
    "vm_device",
    "vm_volume_mode",
    "vm_persistentvolumeclaim_name",
)
_GPU_WORDS = ("gpu_model_name", "gpu_vendor_name")

# The order matters: a header that fits several types is taken for the first of them.
REPORT_TYPES = (
    ReportType(
        name="storage_usage",
        required=frozenset((*TIMES, *_STORAGE_NAMES, "persistentvolumeclaim_capacity_bytes", *_STORAGE_SUMS))
        | frozenset(_STORAGE_LABELS),
        keys=("namespace", "node", "pod", *_STORAGE_NAMES[2:], "csi_driver", "csi_volume_handle", *_STORAGE_LABELS),
        sums=_STORAGE_SUMS,
        maxima=("persistentvolumeclaim_capacity_bytes",),
        numbers=frozenset((*_STORAGE_SUMS, "persistentvolumeclaim_capacity_bytes")),
        checked=frozenset((*_STORAGE_SUMS, "persistentvolumeclaim_capacity_bytes")),
    ),
    ReportType(
        name="pod_usage",
        required=frozenset((*TIMES, "pod", "namespace", "node", "resource_id", "pod_labels", *_POD_SUMS, *_POD_MAXIMA)),
        keys=("namespace", "node", "pod", "pod_labels"),
        sums=(*_POD_SUMS, *EFFECTIVE),
        maxima=(*_POD_MAXIMA, "resource_id", "node_role"),
        numbers=frozenset((*_POD_SUMS, *_POD_MAXIMA)),
        checked=frozenset((*_POD_SUMS, "node_capacity_memory_bytes")),
    ),
    ReportType(name="node_labels", required=frozenset((*TIMES, "node", "node_labels")), keys=("node", "node_labels")),
    ReportType(
        name="namespace_labels",
        required=frozenset((*TIMES, "namespace", "namespace_labels")),
        keys=("namespace", "namespace_labels"),
    ),
    ReportType(
        name="vm_usage",
        required=frozenset((*TIMES, "node", "namespace", "vm_name", "vm_labels", *_VM_SUMS, *_VM_SIZES, *_VM_WORDS)),
        keys=("namespace", "node", "vm_name", "vm_labels"),
        sums=_VM_SUMS,
        maxima=(*_VM_SIZES, *_VM_WORDS),
        numbers=frozenset((*_VM_SUMS, *_VM_SIZES)),
    ),
    ReportType(
        name="gpu_usage",
        required=frozenset((*TIMES, "node", "namespace", "pod", "gpu_uuid", *_GPU_WORDS, "gpu_memory_capacity_mib"))
        | {"gpu_pod_uptime"},
        keys=("node", "namespace", "pod", "gpu_uuid", "mig_instance_id"),
        sums=("gpu_pod_uptime",),
        maxima=(*_GPU_WORDS, "gpu_memory_capacity_mib", "mig_profile", "mig_strategy", *INTEGERS),
        numbers=frozenset(("gpu_pod_uptime", "gpu_memory_capacity_mib")),
    ),
)


def detect_type(header: list[str]) -> ReportType | None:
    """The type whose required columns are all in the header; None if there is none."""
    columns = set(header)
    return next((kind for kind in REPORT_TYPES if kind.required <= columns), None)
