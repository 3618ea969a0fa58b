"""Which namespace of which cluster a target stands in; every process of a run can connect there by itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ClusterAddress(BaseModel):
    """What is needed to ask the cluster for pods, events and logs; credentials stay in the kubeconfig.

    ``kubeconfig`` and ``context`` are empty for the client's own defaults (``KUBECONFIG``, ``~/.kube/config``, the
    service account of a pod). ``server`` is the API server's URL, ``release`` the value of the label
    ``app.kubernetes.io/instance``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: str
    server: str = ""
    release: str = ""
    kubeconfig: str = ""
    context: str = ""
