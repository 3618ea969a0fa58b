"""The one table of what a run asks of the API server, and what for. The manifests are made of it, and nothing else.

A test compares it with what discovery, forwards, preflight and failure bundle really ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """In which namespace a permission is needed."""

    DEPLOYMENT = "deployment"
    KAFKA = "kafka"
    KEYCLOAK = "keycloak"
    OBJECT_STORE = "object store"
    TRINO = "trino"
    ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of a role; ``names`` narrows it to objects of these names."""

    where: Where
    resource: str
    verbs: tuple[str, ...]
    purpose: str
    group: str = ""
    names: tuple[str, ...] = ()
    last_resort: bool = False
    """Left out unless it is asked for."""


# A websocket is opened with GET; newer API servers ask for "create" as well.
_OPEN = ("create", "get")
_FORWARD = "port-forward, where a port is not reached directly"

PERMISSIONS: tuple[Permission, ...] = (
    Permission(Where.DEPLOYMENT, "pods", ("list",), "find the release, its components, and a pod that is ready"),
    Permission(Where.DEPLOYMENT, "services", ("get", "list"), "what a host name in the pods' settings means"),
    Permission(Where.DEPLOYMENT, "configmaps", ("get", "list"), "settings of the pods; the cluster's authorities"),
    Permission(Where.DEPLOYMENT, "secrets", ("get",), "credentials of database and object store, by the pods' names"),
    Permission(Where.DEPLOYMENT, "routes", ("list",), "the gateway's address on OpenShift", "route.openshift.io"),
    Permission(Where.DEPLOYMENT, "ingresses", ("list",), "the gateway's address elsewhere", "networking.k8s.io"),
    Permission(Where.DEPLOYMENT, "pods/portforward", _OPEN, _FORWARD),
    Permission(
        Where.DEPLOYMENT,
        "pods/exec",
        _OPEN,
        "reach what only masu's pod reaches, such as a database outside; it can do anything in a pod",
        last_resort=True,
    ),
    Permission(Where.DEPLOYMENT, "deployments", ("list",), "preflight: replicas", "apps"),
    Permission(Where.DEPLOYMENT, "statefulsets", ("list",), "preflight: replicas", "apps"),
    Permission(Where.DEPLOYMENT, "jobs", ("list",), "preflight: migrations", "batch"),
    Permission(Where.DEPLOYMENT, "endpoints", ("list",), "preflight: services without pods"),
    Permission(Where.DEPLOYMENT, "persistentvolumeclaims", ("list",), "preflight: volumes that are not bound"),
    Permission(Where.DEPLOYMENT, "networkpolicies", ("list",), "preflight: what blocks a run", "networking.k8s.io"),
    Permission(Where.DEPLOYMENT, "events", ("list",), "preflight and failure bundle: what the cluster said"),
    Permission(Where.DEPLOYMENT, "pods/log", ("get",), "failure bundle: logs, those before a crash too"),
    Permission(Where.KAFKA, "services", ("get",), "what the brokers' address means"),
    Permission(Where.KAFKA, "pods", ("get", "list"), "the brokers' pods"),
    Permission(Where.KAFKA, "pods/portforward", _OPEN, _FORWARD),
    Permission(Where.OBJECT_STORE, "services", ("get",), "what the store's address means"),
    Permission(Where.OBJECT_STORE, "pods", ("list",), "the store's pods"),
    Permission(Where.OBJECT_STORE, "pods/portforward", _OPEN, _FORWARD),
    Permission(Where.TRINO, "services", ("get",), "what Trino's address means"),
    Permission(Where.TRINO, "pods", ("list",), "Trino's pods"),
    Permission(Where.TRINO, "pods/portforward", _OPEN, _FORWARD),
    Permission(Where.KEYCLOAK, "secrets", ("get",), "the client whose tokens the gateway takes"),
    Permission(Where.KEYCLOAK, "routes", ("list",), "which service is behind Keycloak's Route", "route.openshift.io"),
    Permission(Where.KEYCLOAK, "ingresses", ("list",), "which service is behind its Ingress", "networking.k8s.io"),
    Permission(Where.KEYCLOAK, "services", ("get",), "the service, where the Route is not reached from here"),
    Permission(Where.KEYCLOAK, "pods", ("list",), "Keycloak's pods"),
    Permission(Where.KEYCLOAK, "pods/portforward", _OPEN, _FORWARD),
    Permission(
        Where.ROUTER,
        "configmaps",
        ("get",),
        "the router's authority, with which Routes are verified",
        names=("default-ingress-cert",),
    ),
)
