"""The metrics of a cost model: what each of them prices (docs/contract/koku.md 5.5, 6.4)."""

from __future__ import annotations

INFRASTRUCTURE, SUPPLEMENTARY = "Infrastructure", "Supplementary"
COST_TYPES = (INFRASTRUCTURE, SUPPLEMENTARY)

# Metric -> the field of the daily summary that its rate is multiplied with.
CPU = {
    "cpu_core_usage_per_hour": "pod_usage_cpu_core_hours",
    "cpu_core_request_per_hour": "pod_request_cpu_core_hours",
    "cpu_core_effective_usage_per_hour": "pod_effective_usage_cpu_core_hours",
}
MEMORY = {
    "memory_gb_usage_per_hour": "pod_usage_memory_gigabyte_hours",
    "memory_gb_request_per_hour": "pod_request_memory_gigabyte_hours",
    "memory_gb_effective_usage_per_hour": "pod_effective_usage_memory_gigabyte_hours",
}
VOLUME = {
    "storage_gb_usage_per_month": "persistentvolumeclaim_usage_gigabyte_months",
    "storage_gb_request_per_month": "volume_request_storage_gigabyte_months",
}
# Metrics with a price for a core-hour of a node, used or not.
CORE_HOUR = ("node_core_cost_per_hour", "cluster_core_cost_per_hour")
CLUSTER_HOUR = "cluster_cost_per_hour"
# Each of these makes one kind of row, with this ``monthly_cost_type``.
MONTHLY = {
    "node_cost_per_month": "Node",
    "node_core_cost_per_month": "Node_Core_Month",
    "cluster_cost_per_month": "Cluster",
    "pvc_cost_per_month": "PVC",
}
QUANTITIES = CPU | MEMORY | VOLUME
USAGE = (*QUANTITIES, *CORE_HOUR, CLUSTER_HOUR)
# Known to the API; their data are virtual machines, GPUs and project labels.
LATER = (
    "vm_cost_per_month",
    "vm_cost_per_hour",
    "vm_core_cost_per_month",
    "vm_core_cost_per_hour",
    "project_per_month",
    "gpu_cost_per_month",
)
PRICED = (*USAGE, *MONTHLY)
TAG = "Tag"
