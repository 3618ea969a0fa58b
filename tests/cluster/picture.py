"""A rendered picture of the chart: every object of a deployment, and the real servers behind its pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cluster import release, surroundings
from cluster.backends import Backends
from cluster.forwards import ForwardRule
from cluster.installed import Installed
from cluster.kinds import OPENSHIFT_GROUPS
from cluster.programs import programs
from cluster.server import ApiServer
from cluster.settle import settled
from cluster.workloads import rendered

Json = dict[str, Any]
Key = tuple[str, str, str]
"""Kind, namespace, name."""
LISTENER_LOG = (
    "[2026-11-01 08:00:05] INFO Kafka is running.",
    "[2026-11-01 08:00:05] INFO Consumer is listening for messages...",
)


@dataclass(frozen=True, slots=True)
class LogText:
    """What a container wrote."""

    container: str
    lines: tuple[str, ...]
    previous: bool = False


@dataclass(slots=True)
class Picture:
    """Objects that may be changed (see :mod:`cluster.broken`) and loaded into a server, again after each change."""

    installed: Installed
    backends: Backends
    objects: dict[Key, Json]
    logs: dict[tuple[str, str], list[LogText]] = field(default_factory=dict)
    """Namespace, pod -> what its containers wrote."""
    _joined: list[Picture] = field(default_factory=list)
    _loaded: set[Key] = field(default_factory=set)
    _written: set[tuple[str, str, str, bool]] = field(default_factory=set)

    @property
    def without_groups(self) -> frozenset[str]:
        """The API groups that a server of this picture does not serve: without a Route it is no OpenShift."""
        return frozenset() if self.installed.route == "route" else OPENSHIFT_GROUPS

    def add(self, *entries: Json) -> None:
        """Add or replace objects."""
        for entry in entries:
            self.objects[_key(entry)] = entry

    def remove(self, kind: str, name: str, namespace: str = "") -> Json:
        """Take an object out; ours is the namespace of the deployment."""
        return self.objects.pop((kind, namespace or self.installed.namespace, name))

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        """An object, to be read or changed in place."""
        return self.objects[kind, namespace or self.installed.namespace, name]

    def of_kind(self, kind: str, namespace: str = "") -> list[Json]:
        """The objects of a kind in a namespace."""
        where = namespace or self.installed.namespace
        return [entry for key, entry in self.objects.items() if key[:2] == (kind, where)]

    def controller(self, workload: str) -> Json:
        """The deployment or stateful set of a workload, such as ``api`` or ``worker-ocp``."""
        name = self.installed.name(workload)
        for kind in ("Deployment", "StatefulSet"):
            if (kind, self.installed.namespace, name) in self.objects:
                return self.get(kind, name)
        raise KeyError(workload)

    def pods(self, workload: str) -> list[Json]:
        """The pods of a workload."""
        selector = self.installed.selector(workload)
        return [pod for pod in self.of_kind("Pod") if selector.items() <= (pod["metadata"].get("labels") or {}).items()]

    def write_log(self, pod: Json, container: str, *lines: str, previous: bool = False) -> None:
        """Let a container have written these lines."""
        key = (pod["metadata"]["namespace"], pod["metadata"]["name"])
        self.logs.setdefault(key, []).append(LogText(container, lines, previous))

    def join(self, other: Picture) -> None:
        """Take another deployment, and the servers behind it, into the same cluster."""
        for key, entry in other.objects.items():
            self.objects.setdefault(key, entry)
        for pod, texts in other.logs.items():
            self.logs.setdefault(pod, texts)
        self._joined.append(other)

    def forward_rules(self) -> list[ForwardRule]:
        """Where the ports of the pods really are."""
        installed, backends = self.installed, self.backends
        chart = installed.chart
        own = {
            ("database", 5432): backends.database,
            ("cache", 6379): backends.cache,
            ("api", 8000): backends.koku,
            ("api-reads", 8000): backends.koku,
            ("masu", 8000): backends.masu,
            ("trino", 8080): None if installed.onprem else backends.trino,
            ("gateway", 9080): backends.gateway,
        }
        rules = [
            ForwardRule(installed.namespace, port, to, installed.selector(workload))
            for (workload, port), to in own.items()
            if to is not None and workload in chart.components
        ]
        around = {
            (installed.object_store_namespace, 7480): (backends.object_store, surroundings.STORE_LABELS),
            (installed.kafka_namespace, 9092): (backends.kafka, surroundings.BROKER_LABELS),
            (installed.trino_namespace, 8080): (backends.trino, surroundings.TRINO_LABELS),
            (installed.keycloak_namespace, 8080): (backends.gateway, surroundings.KEYCLOAK_LABELS),
        }
        rules += [
            ForwardRule(namespace, port, to, labels)
            for (namespace, port), (to, labels) in around.items()
            if to is not None and namespace
        ]
        return rules + [rule for other in self._joined for rule in other.forward_rules()]

    def load(self, server: ApiServer) -> None:
        """Show the picture; loading it again shows what changed since, and removes what is no longer in it."""
        first = not self._loaded
        self.objects = {_key(entry): entry for entry in settled(list(self.objects.values()))}
        for kind, namespace, name in self._loaded - self.objects.keys():
            if server.store.kinds.named(kind) is not None:
                server.store.remove(kind, namespace, name)
        self._loaded = set(self.objects)
        server.store.load(self.objects.values())
        for (namespace, pod), texts in self.logs.items():
            for text in texts:
                key = (namespace, pod, text.container, text.previous)
                if key not in self._written:
                    self._written.add(key)
                    server.logs.write(namespace, pod, text.container, *text.lines, previous=text.previous)
        if first:
            server.forwards.add(*self.forward_rules())
        pods = {key[1:]: entry for key, entry in self.objects.items() if key[0] == "Pod"}
        server.execs.add(programs(pods, self.backends))


def render(installed: Installed | None = None, backends: Backends | None = None) -> Picture:
    """The picture of a healthy deployment."""
    installed, backends = installed or Installed(), backends or Backends()
    picture = Picture(installed, backends, {})
    picture.add(*_all(installed, backends))
    for pod in picture.pods("listener") if installed.kafka != "none" else []:
        picture.write_log(pod, "listener", *LISTENER_LOG)
    return picture


def start(installed: Installed | None = None, backends: Backends | None = None) -> tuple[ApiServer, Picture]:
    """A server that shows a healthy deployment."""
    picture = render(installed, backends)
    server = ApiServer.start(without_groups=picture.without_groups)
    picture.load(server)
    return server, picture


def _all(installed: Installed, backends: Backends) -> Iterator[Json]:
    yield from surroundings.namespaces(installed)
    yield from release.accounts(installed)
    yield from release.secrets(installed, backends)
    yield from release.config_maps(installed)
    yield from release.claims(installed)
    yield from rendered(installed, backends)
    yield from release.ways_in(installed)
    yield from release.jobs(installed)
    yield from release.policies(installed)
    yield from surroundings.keycloak(installed, backends)
    yield from surroundings.kafka(installed)
    yield from surroundings.object_store(installed)
    yield from surroundings.trino(installed)
    yield from surroundings.openshift(installed)
    yield from surroundings.neighbours(installed)


def _key(entry: Json) -> Key:
    return (entry["kind"], entry["metadata"].get("namespace", ""), entry["metadata"]["name"])
