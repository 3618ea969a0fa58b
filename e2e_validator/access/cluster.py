"""The cluster around a deployment: pods, events, logs, whatever a check or a failure bundle wants to see. Read only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.deployment import Target
from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.namespace.components import Component, components_of
from e2e_validator.deployment.namespace.kube import Executed, Kube
from e2e_validator.deployment.namespace.kubeconfig import connect
from e2e_validator.deployment.namespace.pods import Pod
from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed

Json = dict[str, Any]


class Cluster:
    """One namespace; every process of a run may have its own.

    Every method raises Unreachable when the API server does not answer, and Refused when it does not allow it (401,
    403); the message names the permission, and what to do.
    """

    def __init__(self, address: ClusterAddress, kube: Kube | None = None) -> None:
        """Connect lazily; nothing is sent yet. Raises UsageError when the kubeconfig is gone."""
        self.address = address
        self._kube = kube or connect(address.kubeconfig, address.context)

    @classmethod
    def of(cls, target: Target) -> Cluster | None:
        """The cluster that a target stands in; None where there is none, or it is not known."""
        return cls(target.cluster) if target.cluster is not None else None

    def listed(self, plural: str, *, labels: str = "", fields: str = "", namespace: str = "") -> list[Json]:
        """The objects of a kind, as JSON; the namespace is the deployment's unless another one is named."""
        with _reading():
            return self._kube.list(plural, namespace or self.address.namespace, labels=labels, fields=fields)

    def get(self, plural: str, name: str, *, namespace: str = "") -> Json | None:
        """One object, or None when there is none."""
        with _reading():
            return self._kube.get(plural, namespace or self.address.namespace, name)

    def pods(self) -> list[Pod]:
        """Every pod of the namespace, other releases' and jobs' too."""
        return [Pod.from_json(entry) for entry in self.listed("pods")]

    def components(self) -> dict[str, Component]:
        """The release's components by our names (``api``, ``masu``, ``worker``), with their pods as they are now."""
        return components_of(self.pods(), self.address.release)

    def events(self) -> list[Json]:
        """What happened in the namespace lately, oldest first."""
        return sorted(self.listed("events"), key=_when)

    def log(
        self, pod: str, container: str, *, previous: bool = False, tail: int = 0, since_seconds: int = 0
    ) -> str | None:
        """A container's log, or that of the one before it; None when there is none."""
        with _reading():
            return self._kube.log(
                self.address.namespace, pod, container, previous=previous, tail=tail, since_seconds=since_seconds
            )

    def execute(self, pod: str, container: str, command: Sequence[str], *, timeout_seconds: float = 30.0) -> Executed:
        """Run a command in a container; one that only looks."""
        with _reading():
            return self._kube.execute(self.address.namespace, pod, container, command, timeout_seconds=timeout_seconds)

    def version(self) -> str:
        """The API server's version."""
        with _reading():
            return self._kube.version()


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what the API server does into what every client here raises."""
    try:
        yield
    except ClusterAway as error:
        raise Unreachable(str(error)) from error
    except NotAllowed as refusal:
        raise Refused(refusal.description, refusal.status, "") from refusal


def _when(event: Json) -> str:
    """When an event was seen last; ISO times can be compared as they are."""
    series = event.get("series") or {}
    created = event["metadata"].get("creationTimestamp")
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"), created)
    return next((str(time) for time in times if time), "")
