"""The metrics a rate can be for: what the API calls them, and what they price (docs/contract/koku.md 5.5)."""

from __future__ import annotations

from dataclasses import dataclass

_HOURS_CPU, _HOURS_MEMORY, _MONTHS = "core-hours", "GiB-hours", "GiB-month"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its kind as the rate table has it, its labels in the API, its cost type where a rate names none."""

    kind: str
    label: str
    measurement: str
    unit: str
    cost_type: str = "Infrastructure"


def _used(kind: str, label: str, measurement: str, unit: str) -> Metric:
    return Metric(kind, label, measurement, unit, "Supplementary")


METRICS = {
    "cpu_core_usage_per_hour": _used("cpu", "CPU", "Usage", _HOURS_CPU),
    "cpu_core_request_per_hour": _used("cpu", "CPU", "Request", _HOURS_CPU),
    "cpu_core_effective_usage_per_hour": _used("cpu", "CPU", "Effective-usage", _HOURS_CPU),
    "memory_gb_usage_per_hour": _used("memory", "Memory", "Usage", _HOURS_MEMORY),
    "memory_gb_request_per_hour": _used("memory", "Memory", "Request", _HOURS_MEMORY),
    "memory_gb_effective_usage_per_hour": _used("memory", "Memory", "Effective-usage", _HOURS_MEMORY),
    "storage_gb_usage_per_month": _used("storage", "Storage", "Usage", _MONTHS),
    "storage_gb_request_per_month": _used("storage", "Storage", "Request", _MONTHS),
    "node_core_cost_per_hour": Metric("node", "Node", "Count", "core-hour"),
    "node_cost_per_month": Metric("node", "Node", "Count", "node-month"),
    "node_core_cost_per_month": Metric("node", "Node", "Count", "core-month"),
    "cluster_cost_per_month": Metric("cluster", "Cluster", "Count", "cluster-month"),
    "cluster_cost_per_hour": Metric("cluster", "Cluster", "Count", "cluster-hour"),
    "cluster_core_cost_per_hour": Metric("cluster", "Cluster", "Count", "core-hour"),
    "pvc_cost_per_month": Metric("pvc", "Persistent volume claims", "Count", "pvc-month"),
    "vm_cost_per_month": Metric("vm", "Virtual Machine", "Count", "vm-month"),
    "vm_cost_per_hour": Metric("vm", "Virtual Machine", "Count", "vm-hour"),
    "vm_core_cost_per_month": Metric("vm", "Virtual Machine", "Count", "core-month"),
    "vm_core_cost_per_hour": Metric("vm", "Virtual Machine", "Count", "core-hour"),
    "project_per_month": Metric("project", "Project", "Count", "project-month"),
    "gpu_cost_per_month": Metric("gpu", "GPU", "Count", "gpu-month"),
}
TAG_ONLY = frozenset({"project_per_month"})
# What a plain rate of these prices is found in the row of the daily summary itself.
USAGE_METRICS = (
    "cpu_core_usage_per_hour",
    "cpu_core_request_per_hour",
    "cpu_core_effective_usage_per_hour",
    "memory_gb_usage_per_hour",
    "memory_gb_request_per_hour",
    "memory_gb_effective_usage_per_hour",
    "storage_gb_usage_per_month",
    "storage_gb_request_per_month",
    "node_core_cost_per_hour",
    "cluster_core_cost_per_hour",
    "cluster_cost_per_hour",
)
# The kinds of monthly cost, as the daily summary names them, in the order they are priced.
MONTHLY_METRICS = {
    "Node": "node_cost_per_month",
    "Node_Core_Month": "node_core_cost_per_month",
    "Cluster": "cluster_cost_per_month",
    "PVC": "pvc_cost_per_month",
}
# Metrics that are accepted and kept, but not priced by this stand-in.
NOT_PRICED = frozenset(name for name, metric in METRICS.items() if metric.kind in {"vm", "project", "gpu"})
