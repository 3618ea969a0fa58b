"""What nise makes for OpenShift (docs/contract/nise.md 1.4)."""

from __future__ import annotations

from e2e_validator.generate.month import NiseKind

NISE = NiseKind(
    name="ocp",
    key_option="--ocp-cluster-id",
    files={
        "ocp_pod_usage": "pod_usage",
        "ocp_storage_usage": "storage_usage",
        "ocp_node_label": "node_labels",
        "ocp_namespace_label": "namespace_labels",
        "ocp_vm_usage": "vm_usage",
        "ocp_gpu_usage": "gpu_usage",
    },
)
