"""Pods and services, as far as discovery looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_ENDED = {"Succeeded", "Failed"}


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod; ``ready`` as its condition says, ``ended`` for jobs that are done, and for pods that are going away."""

    name: str
    namespace: str
    labels: Mapping[str, str]
    phase: str = "Running"
    ready: bool = True
    leaving: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ip: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing runs in it any more, or soon."""
        return self.phase in _ENDED or self.leaving

    @property
    def containers(self) -> list[Json]:
        """Its containers, init containers left out."""
        return list(self.spec.get("containers") or [])

    @property
    def images(self) -> list[str]:
        """The containers' images."""
        return [str(container.get("image", "")) for container in self.containers]

    def port(self, name: str) -> int | None:
        """The number of a named port of any container."""
        for container in self.containers:
            for port in container.get("ports") or []:
                if port.get("name") == name:
                    return int(port["containerPort"])
        return None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pod:
        """A pod as the API server tells it."""
        metadata, status = data["metadata"], data.get("status") or {}
        conditions = {entry.get("type"): entry.get("status") for entry in status.get("conditions") or []}
        return cls(
            name=metadata["name"],
            namespace=metadata.get("namespace", ""),
            labels=metadata.get("labels") or {},
            phase=status.get("phase", "Unknown"),
            ready=conditions.get("Ready") == "True",
            leaving=bool(metadata.get("deletionTimestamp")),
            spec=data.get("spec") or {},
            ip=status.get("podIP", ""),
        )


@dataclass(frozen=True, slots=True)
class Service:
    """A service; ``ports`` maps its port to the pods' (a number, or a port's name), ``selector`` may be empty."""

    name: str
    namespace: str
    ports: Mapping[int, int | str]
    selector: Mapping[str, str]
    external_name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    """The ports that have a name."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Service:
        """A service as the API server tells it."""
        spec = data.get("spec") or {}
        ports = {int(entry["port"]): entry.get("targetPort", entry["port"]) for entry in spec.get("ports") or []}
        return cls(
            name=data["metadata"]["name"],
            namespace=data["metadata"].get("namespace", ""),
            ports=ports,
            selector=spec.get("selector") or {},
            external_name=spec.get("externalName", "") if spec.get("type") == "ExternalName" else "",
            labels=data["metadata"].get("labels") or {},
            names={entry["name"]: int(entry["port"]) for entry in spec.get("ports") or [] if entry.get("name")},
        )


def selector_text(labels: Mapping[str, str]) -> str:
    """Labels as a selector of the API."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def fits(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether all wanted labels are there."""
    return all(labels.get(key) == value for key, value in wanted.items())
