"""The public door of a deployment: a Route, or an Ingress, to its gateway (docs/contract/chart.md 1.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pods import Service
from e2e_validator.deployment.namespace.refusals import NotAllowed

API = "/api/"


@dataclass(frozen=True, slots=True)
class Entrance:
    """A Route or an Ingress: its public URL and the service behind it."""

    kind: str
    name: str
    url: str
    service: str
    path: str
    secure_behind: bool = False
    """Whether the service behind it is spoken to with TLS as well."""


def find_gateway(kube: Kube, namespace: str, services: Sequence[Service], given: Overrides, found: Found) -> None:
    """The gateway's public URL, ending in ``/api/``; ``services`` are those that lead to the gateway's pods."""
    if (chosen := given.get("gateway.url")) is not None:
        found.add(chosen)
        return
    doors, refused = entrances(kube, namespace)
    for kind, refusal in refused.items():
        found.warn("gateway.url", f"{kind} to the gateway cannot be looked for: {refusal.description}.")
    names = {service.name for service in services}
    # Exactly the API; then what has it below it.
    to_gateway = [door for door in doors if door.service in names and API.startswith(door.path.rstrip("/") + "/")]
    api = [door for door in to_gateway if door.path.rstrip("/") == API.rstrip("/")] or to_gateway
    urls = {f"{door.url}{API}": door for door in api}
    if len(urls) > 1:
        told = ", ".join(f"{door.kind} {door.name} ({url})" for url, door in urls.items())
        found.warn("gateway.url", f"Several doors lead to the gateway: {told}; choose one with --set gateway.url=URL.")
    for url, door in list(urls.items())[:1]:
        found.put("gateway.url", url, f"{door.kind} {door.name}")


def entrances(kube: Kube, namespace: str) -> tuple[list[Entrance], dict[str, NotAllowed]]:
    """Every Route and Ingress of a namespace, and which of the two may not be listed."""
    found: list[Entrance] = []
    refused: dict[str, NotAllowed] = {}
    for kind, plural, read in (("Routes", "routes", _of_route), ("Ingresses", "ingresses", _of_ingress)):
        try:
            found += [door for entry in kube.list(plural, namespace) for door in read(entry)]
        except NotAllowed as refusal:
            refused[kind] = refusal
    return found, refused


def _of_route(data: Mapping[str, Any]) -> list[Entrance]:
    spec = data.get("spec") or {}
    if not spec.get("host"):
        return []
    scheme = "https" if spec.get("tls") else "http"
    return [
        Entrance(
            "Route",
            data["metadata"]["name"],
            f"{scheme}://{spec['host']}",
            (spec.get("to") or {}).get("name", ""),
            spec.get("path") or "/",
            (spec.get("tls") or {}).get("termination") in {"reencrypt", "passthrough"},
        )
    ]


def _of_ingress(data: Mapping[str, Any]) -> list[Entrance]:
    spec = data.get("spec") or {}
    secure = {host for entry in spec.get("tls") or [] for host in entry.get("hosts") or []}
    found = []
    for rule in spec.get("rules") or []:
        host = rule.get("host")
        if not host:
            continue
        for path in (rule.get("http") or {}).get("paths") or []:
            service = ((path.get("backend") or {}).get("service") or {}).get("name", "")
            scheme = "https" if host in secure else "http"
            found.append(
                Entrance("Ingress", data["metadata"]["name"], f"{scheme}://{host}", service, path.get("path") or "/")
            )
    return found
