"""Each permission of the printed table, and what a user reads when just this one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from e2e_validator.deployment.manifests.permissions import Where


class Ends(Enum):
    """What becomes of the run."""

    AT_THE_START = "it is BLOCKED before it begins"
    IN_PREFLIGHT = "it is BLOCKED by preflight"
    NOT = "it goes on, and its header and the doctor say so"
    NOT_BUT_THE_BUNDLE_LACKS = "it goes on, and bundle.log says so"


@dataclass(frozen=True, slots=True)
class Missing:
    """One permission, taken away."""

    ends: Ends
    line: str
    """What the line begins with that names it."""
    exec_allowed: bool = False
    """Whether the last resort is allowed, on a deployment that needs it."""
    brokers_by_name: bool = False
    """Whether the brokers send their clients to pods by name."""
    trino_apart: bool = False
    """Whether it is missing on a classic deployment, whose Trino has a namespace of its own."""


Key = tuple[Where, str, str]
_GATEWAY = "gateway.url: {} to the gateway cannot be looked for: "
_KEYCLOAK = "keycloak: {} to Keycloak cannot be looked for: "
_CA = "ca: Certificate authorities of the cluster cannot be read: "


def _looked_at(check: str) -> Missing:
    return Missing(Ends.IN_PREFLIGHT, f"FAIL  {check}: it cannot be looked at: ")


def _reached(part: str, ends: Ends, **more: bool) -> Missing:
    return Missing(ends, f"{part}: Cannot be reached: ", **more)


CASES: dict[Key, Missing] = {
    (Where.DEPLOYMENT, "pods", "list"): Missing(Ends.AT_THE_START, "cannot be looked at: "),
    (Where.DEPLOYMENT, "services", "get"): _reached("database", Ends.AT_THE_START),
    (Where.DEPLOYMENT, "services", "list"): _looked_at("endpoints"),
    (Where.DEPLOYMENT, "configmaps", "get"): _looked_at("configuration"),
    (Where.DEPLOYMENT, "configmaps", "list"): Missing(Ends.NOT, _CA),
    (Where.DEPLOYMENT, "secrets", "get"): Missing(
        Ends.AT_THE_START, "database.user: The database user cannot be read: "
    ),
    (Where.DEPLOYMENT, "routes", "list"): Missing(Ends.NOT, _GATEWAY.format("Routes")),
    (Where.DEPLOYMENT, "ingresses", "list"): Missing(Ends.NOT, _GATEWAY.format("Ingresses")),
    (Where.DEPLOYMENT, "pods/portforward", "create"): _reached("database", Ends.AT_THE_START),
    (Where.DEPLOYMENT, "pods/portforward", "get"): _reached("database", Ends.AT_THE_START),
    (Where.DEPLOYMENT, "pods/exec", "create"): _reached("object store", Ends.AT_THE_START, exec_allowed=True),
    (Where.DEPLOYMENT, "pods/exec", "get"): _reached("object store", Ends.AT_THE_START, exec_allowed=True),
    (Where.DEPLOYMENT, "deployments", "list"): _looked_at("replicas"),
    (Where.DEPLOYMENT, "statefulsets", "list"): _looked_at("replicas"),
    (Where.DEPLOYMENT, "jobs", "list"): _looked_at("migrations"),
    (Where.DEPLOYMENT, "endpoints", "list"): _looked_at("endpoints"),
    (Where.DEPLOYMENT, "persistentvolumeclaims", "list"): _looked_at("storage"),
    (Where.DEPLOYMENT, "networkpolicies", "list"): _looked_at("network policies"),
    # Why a pod is not ready stands in the events; where all are ready, nobody asks before the bundle.
    (Where.DEPLOYMENT, "events", "list"): _looked_at("replicas"),
    (Where.DEPLOYMENT, "pods/log", "get"): Missing(Ends.NOT_BUT_THE_BUNDLE_LACKS, "logs       not collected: "),
    (Where.KAFKA, "services", "get"): _reached("kafka", Ends.NOT),
    (Where.KAFKA, "pods", "get"): _reached("kafka", Ends.NOT, brokers_by_name=True),
    (Where.KAFKA, "pods", "list"): _reached("kafka", Ends.NOT),
    (Where.KAFKA, "pods/portforward", "create"): _reached("kafka", Ends.NOT),
    (Where.KAFKA, "pods/portforward", "get"): _reached("kafka", Ends.NOT),
    (Where.OBJECT_STORE, "services", "get"): _reached("object store", Ends.AT_THE_START),
    (Where.OBJECT_STORE, "pods", "list"): _reached("object store", Ends.AT_THE_START),
    (Where.OBJECT_STORE, "pods/portforward", "create"): _reached("object store", Ends.AT_THE_START),
    (Where.OBJECT_STORE, "pods/portforward", "get"): _reached("object store", Ends.AT_THE_START),
    (Where.TRINO, "services", "get"): _reached("trino", Ends.AT_THE_START, trino_apart=True),
    (Where.TRINO, "pods", "list"): _reached("trino", Ends.AT_THE_START, trino_apart=True),
    (Where.TRINO, "pods/portforward", "create"): _reached("trino", Ends.AT_THE_START, trino_apart=True),
    (Where.TRINO, "pods/portforward", "get"): _reached("trino", Ends.AT_THE_START, trino_apart=True),
    (Where.KEYCLOAK, "secrets", "get"): Missing(
        Ends.NOT, "keycloak.client_secret: No secret of a client of Keycloak was found: "
    ),
    (Where.KEYCLOAK, "routes", "list"): Missing(Ends.NOT, _KEYCLOAK.format("Routes")),
    (Where.KEYCLOAK, "ingresses", "list"): Missing(Ends.NOT, _KEYCLOAK.format("Ingresses")),
    (Where.KEYCLOAK, "services", "get"): Missing(
        Ends.NOT, "keycloak: The service behind Keycloak's address cannot be looked at: "
    ),
    (Where.KEYCLOAK, "pods", "list"): _reached("keycloak", Ends.NOT),
    (Where.KEYCLOAK, "pods/portforward", "create"): _reached("keycloak", Ends.NOT),
    (Where.KEYCLOAK, "pods/portforward", "get"): _reached("keycloak", Ends.NOT),
    (Where.ROUTER, "configmaps", "get"): Missing(Ends.NOT, _CA),
}
# What a websocket is opened with: the sentence names both verbs, and the one differs little from the other.
STREAMS = ("pods/portforward", "pods/exec")
