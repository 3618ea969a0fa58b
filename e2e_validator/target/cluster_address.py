"""Which namespace of which cluster a target stands in; every process of a run can connect there by itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ClusterAddress(BaseModel):
    """What is needed to ask the cluster for pods, events and logs; credentials stay in the kubeconfig.

    ``kubeconfig`` and ``context`` are empty for the client's own defaults (``KUBECONFIG``, ``~/.kube/config``, the
    service account of a pod). ``release`` is the value of ``app.kubernetes.io/instance``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: str
    release: str = ""
    kubeconfig: str = ""
    context: str = ""
