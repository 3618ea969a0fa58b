"""What Koku takes a node for: worker, master or infra (docs/contract/koku.md 6.2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.digest import Digest
from e2e_validator.providers.ocp.expect.summarised import summarises
from e2e_validator.providers.ocp.expect.summary import Roles

__all__ = ["Known", "Nodes", "learn", "summarises", "with_foreign"]

_MASTERS_NAMESPACE = "openshift-kube-apiserver"
_ARCHITECTURE = "kubernetes_io_arch"
_INFRA_LABEL = '"node_role_kubernetes_io": "infra"'


@dataclass(frozen=True, slots=True)
class Known:
    """What Koku has noted of a node; until it has both, every summary notes both anew."""

    role: str
    architecture: str


Nodes = Mapping[tuple[str, str], Known]


def learn(known: Nodes, digests: Sequence[Digest], counted: Counted) -> Nodes:
    """Nodes by (node, resource_id) after the last of ``digests`` was summarised; what is known in full stays.

    The role is the file's ``node_role`` where it has that column; else master where the API server's namespace
    runs, infra by the node's label, worker otherwise. Only nodes with pods and a node label row in the payload's
    range.
    """
    namespaces: dict[tuple[str, str], set[str]] = defaultdict(set)
    given: dict[tuple[str, str], str] = {}
    labels: dict[str, set[str]] = defaultdict(set)
    for (report_type, day), positions in counted.items():
        if not summarises(digests[-1].payload, day):
            continue
        for position in positions:
            for group in digests[position].groups.get((report_type, day), []):
                if report_type == "pod_usage":
                    key = (group["node"], group["resource_id"])
                    namespaces[key].add(group["namespace"])
                    if "node_role" in group:
                        given[key] = max(given.get(key, ""), group["node_role"])
                elif report_type == "node_labels":
                    labels[group["node"]].add(group["node_labels"])
    nodes = dict(known)
    for key, present in namespaces.items():
        before, texts = known.get(key), labels.get(key[0])
        if texts and not (before and before.role and before.architecture):
            role = given[key] if key in given else _derived(present, texts)
            nodes[key] = Known(role, json.loads(max(texts) or "{}").get(_ARCHITECTURE, ""))
    return nodes


def with_foreign(known: Roles, foreign: Roles) -> Roles:
    """The roles that Koku finds: it looks them up without the cluster, and takes the last in the alphabet."""
    return {node: max(known.get(node, ""), foreign.get(node, "")) for node in (*known, *foreign)}


def _derived(namespaces: set[str], labels: set[str]) -> str:
    if _MASTERS_NAMESPACE in namespaces:
        return "master"
    return "infra" if any(_INFRA_LABEL in text for text in labels) else "worker"
