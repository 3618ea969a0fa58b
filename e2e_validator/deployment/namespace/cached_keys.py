"""Secrets and config maps of a cluster, each read once."""

from __future__ import annotations

from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.pod_env import Keys
from e2e_validator.deployment.namespace.refusals import NotAllowed


class CachedKeys:
    """What ``PodEnv`` asks; a refusal is remembered too."""

    def __init__(self, kube: Kube) -> None:
        """Nothing is read yet."""
        self._kube = kube
        self._known: dict[tuple[str, str, str], Keys | NotAllowed] = {}

    def secret(self, namespace: str, name: str) -> Keys:
        """The decoded keys of a secret; raises NotAllowed and ClusterAway."""
        return self._read("secret", namespace, name)

    def config_map(self, namespace: str, name: str) -> Keys:
        """The keys of a config map; raises NotAllowed and ClusterAway."""
        return self._read("config_map", namespace, name)

    def _read(self, kind: str, namespace: str, name: str) -> Keys:
        address = (kind, namespace, name)
        if address not in self._known:
            read = self._kube.secret if kind == "secret" else self._kube.config_map
            try:
                self._known[address] = read(namespace, name)
            except NotAllowed as refusal:
                self._known[address] = refusal
        found = self._known[address]
        if isinstance(found, NotAllowed):
            raise found
        return found
