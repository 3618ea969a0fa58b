"""Keycloak: whose tokens the gateway takes, and a client of it that gets tokens for itself.

See docs/contract/chart.md 1.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.names import (
    CLIENT_PREFERENCE,
    CLIENT_SECRET_KEYS,
    CLIENT_SECRET_NAMES,
    KEYCLOAK_NAMESPACES,
)
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.refusals import NotAllowed

_REALMS = "/realms/"


def find_keycloak(gateway: Component | None, keys: CachedKeys, given: Overrides, found: Found) -> None:
    """URL, realm, client and its secret; what the gateway's own configuration says, and nothing else, is believed."""
    audiences: list[str] = []
    if gateway is not None:
        audiences = _of_gateway(gateway, keys, found, given)
    for name in ("keycloak.url", "keycloak.realm"):
        if (chosen := given.get(name)) is not None:
            found.add(chosen)
    if "keycloak.url" not in found:
        return
    _find_namespace(keys, audiences, found)
    _find_client(keys, audiences, given, found)


def _of_gateway(gateway: Component, keys: CachedKeys, found: Found, given: Overrides) -> list[str]:
    """Issuer and audiences of the JWT filter; the issuer is ``<url>/realms/<realm>``."""
    pod = gateway.best
    for volume in pod.spec.get("volumes") or []:
        name = (volume.get("configMap") or {}).get("name")
        if not name:
            continue
        try:
            texts = keys.config_map(pod.namespace, name) or {}
        except NotAllowed as refusal:
            found.warn("keycloak.url", f"The gateway's configuration cannot be read: {refusal.description}.")
            continue
        for key, text in texts.items():
            for provider in _providers(text):
                issuer = str(provider["issuer"])
                url, realms, realm = issuer.partition(_REALMS)
                if not realms:
                    continue
                origin = f"issuer in config map {name} key {key}, mounted by pod {pod.name}"
                if given.get("keycloak.url") is None:
                    found.put("keycloak.url", url, origin)
                if given.get("keycloak.realm") is None:
                    found.put("keycloak.realm", realm.strip("/"), origin)
                return [str(audience) for audience in provider.get("audiences") or []]
    return []


def _providers(text: str) -> Iterator[Mapping[str, Any]]:
    """Every mapping in a YAML text that has an ``issuer``."""
    try:
        stack: list[Any] = [yaml.safe_load(text)]
    except yaml.YAMLError:
        return
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            if isinstance(node.get("issuer"), str):
                yield node
            stack += list(node.values())
        elif isinstance(node, list):
            stack += node


def _find_namespace(keys: CachedKeys, audiences: list[str], found: Found) -> None:
    """Where Keycloak runs: in its own address, or where a secret of one of its clients is by convention."""
    labels = (urlsplit(found.get("keycloak.url")).hostname or "").split(".")
    if len(labels) > 2 and labels[2] == "svc":
        found.put("keycloak.namespace", labels[1], f"host {'.'.join(labels)}")
        return
    refused: dict[str, NotAllowed] = {}
    for namespace in KEYCLOAK_NAMESPACES:
        for client in _clients(audiences):
            try:
                there = _client_secret(keys, namespace, client) is not None
            except NotAllowed as refusal:
                refused.setdefault(namespace, refusal)
                continue
            if there:
                found.put("keycloak.namespace", namespace, f"by convention; it has a secret of the client {client}")
                return
    if refused:
        # It is in one of them, and which one is not known.
        first, *others = refused
        also = f", nor in namespace {', '.join(others)}" if others else ""
        found.lack("keycloak.namespace", f"{refused[first]}{also}; {refused[first].remedy}")


def _clients(audiences: list[str]) -> list[str]:
    """The clients that the gateway takes, machines first."""
    first = [client for client in CLIENT_PREFERENCE if client in audiences or not audiences]
    return first + [client for client in audiences if client not in first]


def _find_client(keys: CachedKeys, audiences: list[str], given: Overrides, found: Found) -> None:
    chosen_client, chosen_secret = given.get("keycloak.client_id"), given.get("keycloak.client_secret")
    if chosen_client is not None:
        found.add(chosen_client)
    if chosen_secret is not None:
        found.add(chosen_secret)
        if chosen_client is None:
            found.put("keycloak.client_id", _clients(audiences)[0], "first audience of the gateway")
        return
    namespace = found.get("keycloak.namespace")
    clients = [chosen_client.value] if chosen_client else _clients(audiences)
    looked: list[str] = []
    for client in clients if namespace else []:
        try:
            secret = _client_secret(keys, namespace, client)
        except NotAllowed as refusal:
            found.warn(
                "keycloak.client_secret",
                f"The secret of the client {client} cannot be read: {refusal.description}; or {_REMEDY}.",
            )
            return
        looked += [name.format(client=client) for name in CLIENT_SECRET_NAMES]
        if secret is not None:
            name, key, value = secret
            origin = f"secret {name} key {key} in namespace {namespace}"
            found.put("keycloak.client_id", client, origin)
            found.put("keycloak.client_secret", value, origin, secret=True)
            return
    where = f"namespace {namespace} has no secret {' or '.join(looked)}" if namespace else "its namespace is not known"
    refused = "" if namespace else found.why_not("keycloak.namespace")
    where = f"{refused}; or" if refused else f"{where};"
    found.warn("keycloak.client_secret", f"No secret of a client of Keycloak was found: {where} {_REMEDY}.")


_REMEDY = "give it with E2E_KEYCLOAK_CLIENT_SECRET"


def _client_secret(keys: CachedKeys, namespace: str, client: str) -> tuple[str, str, str] | None:
    """Name, key and value of a client's secret; raises NotAllowed."""
    for pattern in CLIENT_SECRET_NAMES:
        name = pattern.format(client=client)
        there = keys.secret(namespace, name)
        for key in CLIENT_SECRET_KEYS:
            if there and there.get(key):
                return name, key, there[key]
    return None
