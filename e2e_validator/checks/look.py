"""What the checks of one run look at: the objects of the release, each kind read once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from e2e_validator.access.http import Unreachable
from e2e_validator.deployment.namespace.names import COMPONENT, COMPONENTS, INSTANCE, WAREHOUSE, WORKER_PREFIX
from e2e_validator.deployment.namespace.pods import fits
from e2e_validator.deployment.target import CLASSIC
from e2e_validator.engine.context import Clients, Context
from e2e_validator.errors import HarnessError

if TYPE_CHECKING:
    from e2e_validator.access.cluster import Cluster

Json = dict[str, Any]
T = TypeVar("T")
# Without these nothing that is uploaded becomes a figure; with the gateway as the transport, its own parts too.
NEEDED = {"api", "masu", "worker", "beat", "database", "cache"}
NEEDED_BY_TRANSPORT = {"masu": set[str](), "kafka": {"listener"}, "gateway": {"listener", "gateway", "ingress", "rbac"}}
# Through these go payloads that are announced, not those that Koku polls.
_OF_ANNOUNCED = {"listener", "ingress"}


@dataclass(frozen=True, slots=True)
class Workload:
    """A deployment or stateful set with its pods as they are now; ``component`` is ours, empty for what we need not."""

    kind: str
    name: str
    component: str
    wanted: int
    labels: Mapping[str, str]
    spec: Json
    """The pods' specification."""
    pods: tuple[Json, ...]

    @property
    def ready(self) -> int:
        """How many pods are ready."""
        return sum(is_ready(pod) for pod in self.pods)

    def __str__(self) -> str:
        """For example ``deployment cost-onprem-koku-masu``."""
        return f"{self.kind.lower()} {self.name}"


class Look:
    """One look at one deployment."""

    def __init__(self, context: Context) -> None:
        """Nothing is read yet."""
        self.context = context
        self._read: dict[tuple[str, str], list[Json]] = {}
        self._away: Unreachable | None = None

    @property
    def clients(self) -> Clients:
        """The clients of the phase."""
        return self.context.clients

    @property
    def has_cluster(self) -> bool:
        """Whether the deployment stands in a cluster that can be asked."""
        return self.clients.cluster is not None

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster; whatever needs one is asked of no target without one."""
        cluster = self.clients.cluster
        if cluster is None:
            raise HarnessError("The target stands in no cluster.")
        return cluster

    @property
    def namespace(self) -> str:
        """The deployment's namespace."""
        return self.cluster.address.namespace

    @property
    def release(self) -> str:
        """The value of the label ``app.kubernetes.io/instance``."""
        return self.cluster.address.release

    def objects(self, plural: str, namespace: str = "") -> list[Json]:
        """Every object of a kind in a namespace; raises as ``Cluster.listed``."""
        key = (plural, namespace)
        if key not in self._read:
            self._read[key] = self._asked(lambda: self.cluster.listed(plural, namespace=namespace))
        return self._read[key]

    def object(self, plural: str, name: str) -> Json | None:
        """One object of the namespace, or None when there is none; raises as ``Cluster.get``."""
        return self._asked(lambda: self.cluster.get(plural, name))

    @cached_property
    def workloads(self) -> list[Workload]:
        """The release's, and database, cache and Trino of another release if they are what its pods talk to.

        None without a cluster.
        """
        found: list[Workload] = []
        if not self.has_cluster:
            return found
        for kind, plural in (("Deployment", "deployments"), ("StatefulSet", "statefulsets")):
            found += [
                self._workload(kind, entry)
                for entry in self.objects(plural)
                if self.is_ours(entry) or name_of(entry) in self._hosts or self._is_of_warehouse(entry)
            ]
        return sorted(found, key=lambda workload: (workload.component not in self.needed, workload.name))

    @property
    def needed(self) -> set[str]:
        """The components without which a run cannot be judged."""
        needed = NEEDED | NEEDED_BY_TRANSPORT[self.context.target.transport]
        return (needed - _OF_ANNOUNCED) | set(WAREHOUSE) if self.classic else needed

    @property
    def classic(self) -> bool:
        """Whether it is the Koku that polls its sources, and adds up with Trino."""
        return self.context.target.koku == CLASSIC

    def of(self, component: str) -> list[Workload]:
        """The workloads of a component."""
        return [workload for workload in self.workloads if workload.component == component]

    def is_ours(self, entry: Json) -> bool:
        """Whether an object belongs to the release."""
        return labels_of(entry).get(INSTANCE, "") == self.release

    def variable(self, component: str, name: str) -> str | None:
        """What a variable of a component's pods is written out as; None where it is not, or comes from a secret."""
        return next((value for one in self.of(component) if (value := written(one.spec, name)) is not None), None)

    def warned(self, kind: str, name: str, *reasons: str) -> str:
        """The latest message of a warning about an object, or an empty text."""
        for event in reversed(self._events):
            about = event.get("involvedObject") or {}
            if (about.get("kind"), about.get("name")) == (kind, name) and event.get("reason") in reasons:
                return " ".join(str(event.get("message", "")).split())[:200]
        return ""

    @cached_property
    def _events(self) -> list[Json]:
        return [event for event in self._asked(self.cluster.events) if event.get("type") == "Warning"]

    def _asked(self, ask: Callable[[], T]) -> T:
        """An answer of the API server; one that was away is not waited for again and again."""
        if self._away is not None:
            raise self._away
        try:
            return ask()
        except Unreachable as away:
            self._away = away
            raise

    def _is_of_warehouse(self, entry: Json) -> bool:
        """Whether it stands beside the Trino that the pods name, in that one's release."""
        release = labels_of(entry).get(INSTANCE, "")
        return component_of(labels_of(entry)) in WAREHOUSE and any(
            name_of(one) in self._hosts and labels_of(one).get(INSTANCE, "") == release
            for one in self.objects("statefulsets") + self.objects("deployments")
            if component_of(labels_of(one)) == WAREHOUSE[0]
        )

    @cached_property
    def _hosts(self) -> set[str]:
        """The services that the release's pods name as database, cache and Trino, in this namespace."""
        hosts = set()
        for pod in self.objects("pods"):
            if self.is_ours(pod):
                for name in ("DATABASE_SERVICE_HOST", "REDIS_HOST", "TRINO_HOST"):
                    host, _, rest = (written(pod["spec"], name) or "").partition(".")
                    if not rest or rest.split(".")[0] == self.namespace:
                        hosts.add(host)
        return hosts

    def _workload(self, kind: str, entry: Json) -> Workload:
        spec = entry["spec"]
        selector = (spec.get("selector") or {}).get("matchLabels") or {}
        labels = (spec["template"].get("metadata") or {}).get("labels") or {}
        pods = [pod for pod in self.objects("pods") if fits(labels_of(pod), selector) and not has_ended(pod)]
        return Workload(
            kind=kind,
            name=name_of(entry),
            component=component_of(labels),
            wanted=int(spec.get("replicas", 1)),
            labels=labels,
            spec=spec["template"].get("spec") or {},
            pods=tuple(pods),
        )


def component_of(labels: Mapping[str, str]) -> str:
    """Our name of what has these labels; empty for what is not on the way that costs take."""
    for name, alternatives in COMPONENTS.items():
        if any(fits(labels, wanted) for wanted in alternatives):
            return name
    return "worker" if labels.get(COMPONENT, "").startswith(WORKER_PREFIX) else ""


def name_of(entry: Json) -> str:
    """The name of an object."""
    return str(entry["metadata"]["name"])


def labels_of(entry: Json) -> dict[str, str]:
    """The labels of an object."""
    return entry["metadata"].get("labels") or {}


def is_ready(pod: Json) -> bool:
    """Whether a pod's condition says so."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(entry.get("type") == "Ready" and entry.get("status") == "True" for entry in conditions)


def has_ended(pod: Json) -> bool:
    """Whether a pod is done, or going away."""
    phase = (pod.get("status") or {}).get("phase")
    return phase in {"Succeeded", "Failed"} or bool(pod["metadata"].get("deletionTimestamp"))


def statuses(pod: Json) -> list[Json]:
    """The status of each container, those that prepare it first."""
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def containers(spec: Json) -> list[Json]:
    """The containers of a pod's specification, those that prepare it first."""
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def written(spec: Json, name: str) -> str | None:
    """A variable that stands in the specification as it is."""
    for container in containers(spec):
        for entry in container.get("env") or []:
            if entry.get("name") == name and "value" in entry:
                return str(entry["value"])
    return None


def some(names: Iterable[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    found = list(names)
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + rest
