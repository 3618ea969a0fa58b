"""The environment of a container, as Kubernetes makes it: secrets and config maps followed, each value with its origin.

A value that cannot be followed is a problem only where it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from e2e_validator.deployment.namespace.pods import Pod
from e2e_validator.deployment.namespace.refusals import NotAllowed

_REFERENCE = re.compile(r"\$(?:\$|\(([A-Za-z0-9_.-]+)\))")
Keys = Mapping[str, str] | None


class KeyReader(Protocol):
    """What is asked for the keys of secrets and config maps; None when there is no such object."""

    def secret(self, namespace: str, name: str) -> Keys:
        """The decoded keys of a secret."""

    def config_map(self, namespace: str, name: str) -> Keys:
        """The keys of a config map."""


@dataclass(frozen=True, slots=True)
class EnvValue:
    """A variable: its value, where that comes from, and why there is none."""

    value: str = field(repr=False)
    origin: str
    secret: bool = False
    problem: str = ""
    remedy: str = ""
    """What to do about the problem; empty unless it is that the API server refuses to let us read."""


class PodEnv:
    """The variables of one container of a pod."""

    def __init__(self, pod: Pod, container: Mapping[str, Any], reader: KeyReader) -> None:
        """Nothing is read before it is asked for."""
        self.pod = pod
        self.container = container
        self._reader = reader
        self._entries = {entry["name"]: entry for entry in container.get("env") or []}

    @property
    def where(self) -> str:
        """For origins."""
        return f"pod {self.pod.name}"

    def get(self, name: str) -> EnvValue | None:
        """The variable, or None when the container has none of this name."""
        entry = self._entries.get(name)
        if entry is None:
            return self._from_whole(name)
        if "valueFrom" not in entry:
            origin = f"env {name} of {self.where}"
            refused: list[EnvValue] = []
            text = self._expanded(entry.get("value") or "", {name}, refused)
            if refused:
                return EnvValue("", origin, problem=refused[0].problem, remedy=refused[0].remedy)
            return EnvValue(text, origin)
        return self._from_reference(name, entry["valueFrom"])

    def first(self, names: tuple[str, ...]) -> EnvValue | None:
        """The first of several variables that is there and not empty."""
        there = [found for name in names if (found := self.get(name)) is not None]
        return next((found for found in there if found.value or found.problem), None)

    def file(self, path: str) -> EnvValue | None:
        """The text of a file that a secret or a config map is mounted as; None when it comes from elsewhere."""
        volumes = {volume["name"]: volume for volume in self.pod.spec.get("volumes") or []}
        for mount in sorted(self.container.get("volumeMounts") or [], key=lambda entry: -len(entry["mountPath"])):
            folder = mount["mountPath"].rstrip("/")
            if path == folder and mount.get("subPath"):
                key = mount["subPath"]
            elif path.startswith(f"{folder}/"):
                key = path[len(folder) + 1 :]
            else:
                continue
            return self._of_volume(volumes.get(mount["name"]) or {}, key)
        return None

    def _of_volume(self, volume: Mapping[str, Any], path: str) -> EnvValue | None:
        for kind, field_name, read in (
            ("secret", "secretName", self._reader.secret),
            ("configMap", "name", self._reader.config_map),
        ):
            source = volume.get(kind)
            if source is None:
                continue
            items = {item["path"]: item["key"] for item in source.get("items") or []}
            key = items.get(path, path)
            return self._keyed(kind, source[field_name], key, read, f"file {path} of {self.where}")
        return None

    def _from_whole(self, name: str) -> EnvValue | None:
        """A variable of ``envFrom``; the last source that has it wins, as in Kubernetes."""
        found: EnvValue | None = None
        for source in self.container.get("envFrom") or []:
            prefix = source.get("prefix") or ""
            if not name.startswith(prefix):
                continue
            for kind, read in (("secretRef", self._reader.secret), ("configMapRef", self._reader.config_map)):
                if kind not in source:
                    continue
                reference = source[kind]["name"]
                try:
                    keys = read(self.pod.namespace, reference) or {}
                except NotAllowed as refusal:
                    found = found or EnvValue("", f"{kind} {reference}", problem=str(refusal), remedy=refusal.remedy)
                    continue
                if (key := name[len(prefix) :]) in keys:
                    what = "secret" if kind == "secretRef" else "config map"
                    found = EnvValue(
                        keys[key], f"{what} {reference} key {key}, env of {self.where}", secret=kind == "secretRef"
                    )
        return found

    def _from_reference(self, name: str, source: Mapping[str, Any]) -> EnvValue | None:
        where = f"env {name} of {self.where}"
        if (reference := source.get("secretKeyRef")) is not None:
            found = self._keyed("secret", reference["name"], reference["key"], self._reader.secret, where)
        elif (reference := source.get("configMapKeyRef")) is not None:
            found = self._keyed("configMap", reference["name"], reference["key"], self._reader.config_map, where)
        elif (reference := source.get("fieldRef")) is not None:
            fields = {
                "metadata.name": self.pod.name,
                "metadata.namespace": self.pod.namespace,
                "status.podIP": self.pod.ip,
            }
            value = fields.get(reference["fieldPath"])
            return EnvValue(value, where) if value else EnvValue("", where, problem=f"{where} is a field of the pod")
        else:
            return EnvValue("", where, problem=f"{where} is not a plain value")
        # What may not be read may well be there.
        return None if found.problem and not found.remedy and reference.get("optional") else found

    def _keyed(self, kind: str, name: str, key: str, read: Callable[[str, str], Keys], where: str) -> EnvValue:
        secret = kind == "secret"
        what = "secret" if secret else "config map"
        origin = f"{what} {name} key {key}, {where}"
        try:
            keys = read(self.pod.namespace, name)
        except NotAllowed as refusal:
            problem = f"{refusal}, which {where} comes from"
            return EnvValue("", origin, secret=secret, problem=problem, remedy=refusal.remedy)
        if keys is None:
            return EnvValue("", origin, secret=secret, problem=f"there is no {what} {name}, which {where} names")
        if key not in keys:
            there = f"; it has {', '.join(sorted(keys))}" if keys else "; it is empty"
            return EnvValue("", origin, secret=secret, problem=f"the {what} {name} has no key {key}{there}")
        return EnvValue(keys[key], origin, secret=secret)

    def _expanded(self, text: str, seen: set[str], refused: list[EnvValue]) -> str:
        """``$(NAME)`` is another variable's value, ``$$`` a dollar; what is not there stays as it is.

        What may not be read is added to ``refused``.
        """

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name is None:
                return "$"
            other = self._entries.get(name)
            if other is None or name in seen:
                return match[0]
            if "valueFrom" in other:
                found = self._from_reference(name, other["valueFrom"])
                if found and found.remedy:
                    refused.append(found)
                return found.value if found and not found.problem else match[0]
            return self._expanded(other.get("value") or "", seen | {name}, refused)

        return _REFERENCE.sub(replace, text)


def envs(pod: Pod, reader: KeyReader) -> Iterator[PodEnv]:
    """The environments of all containers of a pod."""
    for container in pod.containers:
        yield PodEnv(pod, container, reader)


def main_env(pod: Pod, reader: KeyReader, telling: tuple[str, ...]) -> PodEnv | None:
    """The environment of the container that has most of the ``telling`` variables: sidecars have none."""
    found = list(envs(pod, reader))
    if not found:
        return None
    return max(found, key=lambda env: sum(env.get(name) is not None for name in telling))
