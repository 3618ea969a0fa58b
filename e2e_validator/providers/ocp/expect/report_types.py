"""The six kinds of OCP report: how a header tells them apart, and how their rows add up.

See docs/contract/koku.md 3.4, 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

PERIOD = ("report_period_start", "report_period_end", "interval_start", "interval_end")

# Rows in which one of the watched columns is larger are left out on the way to the line items
# (docs/contract/koku.md 3.4).
ANOMALY = Decimal(10) ** 18
_WATCHED = ("_core_seconds", "_byte_seconds", "_bytes")


@dataclass(frozen=True, slots=True)
class ReportType:
    """One kind of report.

    ``identity`` are the columns of a daily group, ``labels`` those of them that are label strings. Of a group's
    hourly rows ``summed`` columns are added and of ``highest`` ones the maximum is kept. ``optional`` columns may
    be missing from the file; ``known`` ones may be there, and are looked at no further.
    """

    name: str
    identity: tuple[str, ...]
    required: frozenset[str]
    summed: tuple[str, ...] = ()
    highest: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[str, ...]:
        """Every column with a number."""
        return self.summed + self.highest

    @property
    def watched(self) -> tuple[str, ...]:
        """The columns of which a huge value makes Koku leave the row out."""
        if self.name not in {"pod_usage", "storage_usage"}:
            return ()
        return tuple(column for column in self.numeric if column.endswith(_WATCHED))

    @property
    def columns(self) -> frozenset[str]:
        """Every column of the CSV file that Koku's table has."""
        return self.required | frozenset(self.optional) | frozenset(self.known)

    @property
    def line_item_numbers(self) -> tuple[str, ...]:
        """The numeric columns of the line item tables: those of the file, and what Koku adds to each row."""
        return self.numeric + (EFFECTIVE if self.name == "pod_usage" else ())

    @property
    def table(self) -> str:
        """The raw line item table; the daily one has the suffix ``_daily`` (docs/contract/koku.md 3.7)."""
        return f"openshift_{self.name}_line_items"


# max(usage, request) of each hourly row (docs/contract/koku.md 3.5).
EFFECTIVE = ("pod_effective_usage_cpu_core_seconds", "pod_effective_usage_memory_byte_seconds")


def _type(
    name: str,
    identity: Sequence[str],
    *,
    summed: Sequence[str] = (),
    highest: Sequence[str] = (),
    labels: Sequence[str] = (),
    optional: Sequence[str] = (),
    texts: Sequence[str] = (),
    more: Sequence[str] = (),
    known: Sequence[str] = (),
) -> ReportType:
    required = {*PERIOD, *identity, *summed, *highest, *texts, *more} - set(optional)
    return ReportType(
        name,
        tuple(identity),
        frozenset(required),
        tuple(summed),
        tuple(highest),
        tuple(labels),
        tuple(optional),
        tuple(texts),
        tuple(known),
    )


_ALL = (
    _type(
        "pod_usage",
        ("namespace", "node", "pod", "pod_labels"),
        summed=(
            "pod_usage_cpu_core_seconds",
            "pod_request_cpu_core_seconds",
            "pod_limit_cpu_core_seconds",
            "pod_usage_memory_byte_seconds",
            "pod_request_memory_byte_seconds",
            "pod_limit_memory_byte_seconds",
            "node_capacity_cpu_core_seconds",
            "node_capacity_memory_byte_seconds",
        ),
        highest=("node_capacity_cpu_cores", "node_capacity_memory_bytes"),
        labels=("pod_labels",),
        optional=("node_role",),
        texts=("resource_id", "node_role"),
    ),
    _type(
        "storage_usage",
        (
            "namespace",
            "node",
            "pod",
            "persistentvolumeclaim",
            "persistentvolume",
            "storageclass",
            "csi_driver",
            "csi_volume_handle",
            "persistentvolume_labels",
            "persistentvolumeclaim_labels",
        ),
        summed=(
            "persistentvolumeclaim_capacity_byte_seconds",
            "volume_request_storage_byte_seconds",
            "persistentvolumeclaim_usage_byte_seconds",
        ),
        highest=("persistentvolumeclaim_capacity_bytes",),
        labels=("persistentvolume_labels", "persistentvolumeclaim_labels"),
        optional=("node", "csi_driver", "csi_volume_handle"),
    ),
    _type("node_labels", ("node", "node_labels"), labels=("node_labels",)),
    _type("namespace_labels", ("namespace", "namespace_labels"), labels=("namespace_labels",)),
    _type(
        "vm_usage",
        ("namespace", "node", "vm_name", "vm_labels"),
        summed=(
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
        ),
        highest=(
            "vm_cpu_limit_cores",
            "vm_cpu_request_cores",
            "vm_cpu_request_sockets",
            "vm_cpu_request_threads",
            "vm_memory_limit_bytes",
            "vm_memory_request_bytes",
        ),
        labels=("vm_labels",),
        texts=(
            "resource_id",
            "vm_instance_type",
            "vm_os",
            "vm_guest_os_arch",
            "vm_guest_os_name",
            "vm_guest_os_version",
            "vm_device",
            "vm_volume_mode",
            "vm_persistentvolumeclaim_name",
        ),
    ),
    _type(
        "gpu_usage",
        ("node", "namespace", "pod", "gpu_uuid", "mig_instance_id"),
        summed=("gpu_pod_uptime",),
        highest=("gpu_memory_capacity_mib",),
        optional=("mig_instance_id",),
        texts=("gpu_model_name", "gpu_vendor_name"),
        known=("mig_profile", "mig_strategy", "mig_slice_count", "mig_memory_capacity_mib", "gpu_max_slices"),
    ),
)

REPORT_TYPES: dict[str, ReportType] = {report_type.name: report_type for report_type in _ALL}


def detect(header: Sequence[str]) -> ReportType | None:
    """The kind of report with this header: the first whose required columns are all in it, or None."""
    columns = set(header)
    return next((kind for kind in _ALL if kind.required <= columns), None)
