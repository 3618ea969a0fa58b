"""Kubernetes objects, as small as discovery needs them, and a cluster that is a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from e2e_validator.deployment.namespace.names import COMPONENT, INSTANCE
from e2e_validator.deployment.namespace.pods import Pod, fits
from e2e_validator.deployment.namespace.refusals import NotAllowed

Json = dict[str, Any]
NS = "cost"


def env(**values: Any) -> list[Json]:
    """Variables: a text, or what stands in ``valueFrom``."""
    return [
        {"name": name, **({"value": value} if isinstance(value, str) else {"valueFrom": value})}
        for name, value in values.items()
    ]


def from_secret(name: str, key: str, *, optional: bool = False) -> Json:
    return {"secretKeyRef": {"name": name, "key": key, "optional": optional}}


def pod_json(
    name: str,
    labels: Mapping[str, str],
    *,
    variables: Iterable[Json] = (),
    phase: str = "Running",
    ready: bool = True,
    namespace: str = NS,
    spec: Mapping[str, Any] | None = None,
    container: Mapping[str, Any] | None = None,
) -> Json:
    main = {"name": "main", "image": "koku:1", "env": list(variables), **(container or {})}
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {"containers": [main], **(spec or {})},
        "status": {
            "phase": phase,
            "podIP": "10.0.0.7",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def pod(name: str, labels: Mapping[str, str], **more: Any) -> Pod:
    return Pod.from_json(pod_json(name, labels, **more))


def component(name: str, release: str = "cost-onprem", **more: str) -> dict[str, str]:
    """Labels of a component's pods."""
    return {COMPONENT: name, **({INSTANCE: release} if release else {}), **more}


def service_json(name: str, selector: Mapping[str, str], ports: Mapping[int, int | str], **spec: Any) -> Json:
    return {
        "metadata": {"name": name, "namespace": NS},
        "spec": {
            "selector": dict(selector),
            "ports": [{"port": port, "targetPort": inner} for port, inner in ports.items()],
            **spec,
        },
    }


class FakeKube:
    """Objects by kind; ``forbidden`` holds kinds (or a kind and a name) that may not be read."""

    def __init__(self, objects: Mapping[str, Iterable[Json]] | None = None) -> None:
        self.objects: dict[str, list[Json]] = {kind: list(entries) for kind, entries in (objects or {}).items()}
        self.secrets: dict[tuple[str, str], dict[str, str]] = {}
        self.config_maps: dict[tuple[str, str], dict[str, str]] = {}
        self.forbidden: set[str] = set()
        self.reads: list[tuple[str, str, str]] = []
        self.in_cluster = False
        self.server = "https://cluster"
        self.kubeconfig = self.context = ""
        self.groups = {"route.openshift.io"}

    def serves(self, group: str) -> bool:
        return group in self.groups

    def list(self, plural: str, namespace: str, *, labels: str = "", fields: str = "") -> list[Json]:
        assert not fields
        if plural in self.forbidden:
            raise NotAllowed(f"not allowed to list {plural} in namespace {namespace} (403)", 403)
        wanted = dict(part.split("=", 1) for part in labels.split(",") if part)
        return [
            entry
            for entry in self.objects.get(plural, [])
            if entry["metadata"].get("namespace", NS) == namespace
            and fits(entry["metadata"].get("labels") or {}, wanted)
        ]

    def get(self, plural: str, namespace: str, name: str) -> Json | None:
        if plural in self.forbidden:
            raise NotAllowed(f"not allowed to get {plural} in namespace {namespace} (403)", 403)
        found = [entry for entry in self.objects.get(plural, []) if entry["metadata"]["name"] == name]
        return next((entry for entry in found if entry["metadata"].get("namespace", NS) == namespace), None)

    def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        self.reads.append(("secret", namespace, name))
        if "secrets" in self.forbidden or f"secrets/{name}" in self.forbidden:
            raise NotAllowed(f"not allowed to get secrets in namespace {namespace} ({name}) (403)", 403)
        return self.secrets.get((namespace, name))

    def config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        self.reads.append(("config_map", namespace, name))
        if "configmaps" in self.forbidden:
            raise NotAllowed(f"not allowed to get configmaps in namespace {namespace} ({name}) (403)", 403)
        return self.config_maps.get((namespace, name))
