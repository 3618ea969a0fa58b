"""ServiceAccount, Roles and RoleBindings: one role for each namespace, with what is needed there and nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.deployment.manifests.permissions import PERMISSIONS, Permission, Where
from e2e_validator.deployment.namespace.names import ROUTER_CA

Json = dict[str, Any]
NAME = "e2e-validator"
LABELS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "validator"}


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a run in ``namespace``; ``around`` names the namespaces of what stands elsewhere."""

    namespace: str
    around: Mapping[Where, str] = field(default_factory=dict)
    last_resort: bool = False

    @property
    def user(self) -> str:
        """How the API server calls the account."""
        return f"system:serviceaccount:{self.namespace}:{NAME}"

    def places(self) -> dict[str, list[Permission]]:
        """Namespace -> what is needed there; places that are not named are left out."""
        known = {**self.around, Where.DEPLOYMENT: self.namespace}
        found: dict[str, list[Permission]] = {}
        for one in PERMISSIONS:
            if one.where in known and (self.last_resort or not one.last_resort):
                found.setdefault(known[one.where], []).append(one)
        return found


def around(kafka: str, keycloak: str, object_store: str, trino: str, *, openshift: bool) -> dict[Where, str]:
    """The namespaces that are named."""
    named = {Where.KAFKA: kafka, Where.KEYCLOAK: keycloak, Where.OBJECT_STORE: object_store, Where.TRINO: trino}
    router = {Where.ROUTER: ROUTER_CA[0]} if openshift else {}
    return {where: name for where, name in named.items() if name} | router


def rbac(account: Account) -> Iterator[Json]:
    """The account, and a role with its binding for each namespace."""
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": account.namespace, "labels": LABELS},
    }
    for namespace, permissions in account.places().items():
        metadata = {"name": NAME, "namespace": namespace, "labels": LABELS}
        api = "rbac.authorization.k8s.io"
        yield {"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": _rules(permissions)}
        yield {
            "apiVersion": f"{api}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": api, "kind": "Role", "name": NAME},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": account.namespace}],
        }


def _rules(permissions: list[Permission]) -> list[Json]:
    """One rule for each group, verbs and names, so that a reader finds a permission where the table has it."""
    rules: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for one in permissions:
        resources = rules.setdefault((one.group, one.verbs, one.names), [])
        if one.resource not in resources:
            resources.append(one.resource)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": list(verbs)}
        | ({"resourceNames": list(names)} if names else {})
        for (group, verbs, names), resources in rules.items()
    ]


def table(account: Account) -> list[str]:
    """What each permission is for, as lines of a table."""
    rows = [
        (namespace, one.resource, ", ".join(one.verbs), one.purpose)
        for namespace, permissions in account.places().items()
        for one in permissions
    ]
    heads = ("NAMESPACE", "RESOURCE", "VERBS", "WHAT FOR")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(3)]
    return [
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]])
        for row in (heads, *rows)
    ]
