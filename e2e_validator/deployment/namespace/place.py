"""What a host name of the deployment means: a service of the cluster, one of its pods, or something outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.pods import Pod, Service
from e2e_validator.deployment.namespace.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class InPods:
    """Pods behind an address, and the port that they listen on (a number, or a port's name)."""

    namespace: str
    selector: Mapping[str, str]
    port: int | str
    pod: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """An address that is no pod of the cluster; ``inner`` if it means something in the cluster alone."""

    host: str
    port: int
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An address as the deployment has it, and what it means."""

    host: str
    port: int
    meaning: InPods | Outside = field(repr=False)
    problem: str = ""
    refused: NotAllowed | None = None
    """The permission that is missing to know what it means."""


def locate(kube: Kube, namespace: str, host: str, port: int) -> Place:
    """Find out what ``host`` means to a pod of ``namespace``; raises ClusterAway."""
    labels = host.rstrip(".").split(".")
    if is_loopback(host):
        # Of a pod, not of this machine: something beside Koku in its pod, such as a proxy to a database.
        return Place(host, port, Outside(host, port, inner=True), problem=f"{host} is the pod's own")
    if _is_address(host):
        return Place(host, port, Outside(host, port))
    try:
        if len(labels) >= 4 and labels[3] == "svc":
            return _of_pod(kube, labels[2], labels[0], host, port)
        if len(labels) > 2 and labels[2] != "svc":
            return Place(host, port, Outside(host, port))
        place = labels[1] if len(labels) > 1 else namespace
        entry = kube.get("services", place, labels[0])
    except NotAllowed as refusal:
        inner = len(labels) == 1 or (len(labels) > 2 and labels[2] == "svc")
        return Place(host, port, Outside(host, port, inner=inner), problem=str(refusal), refused=refusal)
    if entry is None:
        inner = len(labels) == 1 or len(labels) > 2
        problem = f"there is no service {labels[0]} in namespace {place}" if inner else ""
        return Place(host, port, Outside(host, port, inner=inner), problem=problem)
    return _of_service(Service.from_json(entry), host, port)


def _of_service(service: Service, host: str, port: int) -> Place:
    if service.external_name:
        return Place(host, port, Outside(service.external_name, port))
    if not service.selector:
        return Place(host, port, Outside(host, port, inner=True))
    if port not in service.ports:
        ports = ", ".join(map(str, service.ports)) or "none"
        problem = f"the service {service.name} has no port {port} (it has {ports})"
        return Place(host, port, Outside(host, port, inner=True), problem=problem)
    return Place(host, port, InPods(service.namespace, service.selector, service.ports[port]))


def _of_pod(kube: Kube, namespace: str, name: str, host: str, port: int) -> Place:
    """``pod.subdomain.namespace.svc``: one pod of a headless service."""
    entry = kube.get("pods", namespace, name)
    if entry is None:
        problem = f"there is no pod {name} in namespace {namespace}"
        return Place(host, port, Outside(host, port, inner=True), problem=problem)
    pod = Pod.from_json(entry)
    return Place(host, port, InPods(namespace, pod.labels, port, pod.name))


def is_loopback(host: str) -> bool:
    """Whether the name means the machine, or the pod, that uses it."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
