"""The release in a namespace, and its components by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.names import (
    CHART,
    COMPONENT,
    COMPONENTS,
    INSTANCE,
    KOKU,
    NEEDED,
    NEEDED_QUEUES,
    NEEDED_QUEUES_OF_CLASSIC,
    QUEUE_LABELS,
    QUEUE_NAMES,
    QUEUES_VARIABLE,
    VERSION,
    WORKER_PREFIX,
)
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pods import Pod, Service, fits, selector_text
from e2e_validator.deployment.target import CLASSIC


@dataclass(frozen=True, slots=True)
class Component:
    """One component: how its pods are found again, and those that are there."""

    name: str
    labels: Mapping[str, str]
    pods: tuple[Pod, ...] = field(repr=False)

    @property
    def selector(self) -> str:
        """As the API takes it."""
        return selector_text(self.labels)

    @property
    def best(self) -> Pod:
        """A pod that is ready, or any."""
        return next((pod for pod in self.pods if pod.ready), self.pods[0])


def of_koku(pods: Iterable[Pod]) -> list[Pod]:
    """The pods whose component makes a release a Koku."""
    wanted = [labels for name in KOKU for labels in COMPONENTS[name]]
    return [pod for pod in pods if any(fits(pod.labels, labels) for labels in wanted)]


def find_release(pods: Sequence[Pod], namespace: str, given: Overrides, found: Found) -> str | None:
    """The release; None when there is none or there are several, which is then said."""
    chosen = given.get("release")
    koku = [pod for pod in of_koku(pods) if not pod.ended]
    releases = sorted({pod.labels.get(INSTANCE, "") for pod in koku})
    if chosen is not None:
        if chosen.value not in releases:
            there = f"releases there: {', '.join(filter(None, releases)) or 'none'}"
            found.fail(
                "release", f"{chosen.origin}: no Koku of release {chosen.value} in namespace {namespace}; {there}."
            )
            return None
        found.add(chosen)
        return chosen.value
    if not releases:
        found.fail("release", _no_koku(pods, namespace))
        return None
    if len(releases) > 1:
        names = ", ".join(name or "(without label)" for name in releases)
        found.fail(
            "release",
            f"Namespace {namespace} has {len(releases)} releases: {names}; choose one with --set release=NAME.",
        )
        return None
    first = koku[0]
    found.put("release", releases[0], f"label {INSTANCE} of pod {first.name}")
    return releases[0]


def find_version(pods: Iterable[Pod], services: Iterable[Service], release: str, found: Found) -> None:
    """Chart and version, which stand on the pods of some charts, and on the services of others."""
    labelled = [(f"pod {pod.name}", pod.labels) for pod in pods]
    labelled += [(f"service {service.name}", service.labels) for service in services]
    for what, labels in labelled:
        if labels.get(INSTANCE, "") == release:
            for name, label in (("chart", CHART), ("version", VERSION)):
                if label in labels:
                    found.put(name, labels[label], f"label {label} of {what}")


def _no_koku(pods: Sequence[Pod], namespace: str) -> str:
    seen = sorted({pod.labels[COMPONENT] for pod in pods if COMPONENT in pod.labels})
    if not pods:
        return f"Namespace {namespace} has no pods; is it the right one, and the right --context?"
    wanted = ", ".join(sorted({labels[COMPONENT] for name in KOKU for labels in COMPONENTS[name]}))
    there = f"components there: {', '.join(seen[:8])}" if seen else f"none of its pods has the label {COMPONENT}"
    return f"Namespace {namespace} has no Koku ({COMPONENT} of {wanted}); {there}."


def components_of(pods: Iterable[Pod], release: str) -> dict[str, Component]:
    """The components of a release by our names, those that have pods."""
    own = [pod for pod in pods if not pod.ended and pod.labels.get(INSTANCE, "") == release]
    found = {name: _component(name, labels, own, release) for name, labels in COMPONENTS.items()}
    return {name: component for name, component in found.items() if component is not None}


def find_components(pods: Iterable[Pod], release: str, found: Found) -> dict[str, Component]:
    """The components of a release by our names; what a run cannot do without is said."""
    components = components_of(pods, release)
    for name, component in components.items():
        ready = sum(pod.ready for pod in component.pods)
        found.put(f"component.{name}", f"{ready}/{len(component.pods)} ready", f"pods with {component.selector}")
        if not ready:
            first = component.pods[0]
            found.warn(f"component.{name}", f"No pod of {name} is ready: {first.name} is {first.phase}.")
    for name in NEEDED:
        if name not in components:
            labels = " or ".join(selector_text(labels) for labels in COMPONENTS[name])
            found.warn(f"component.{name}", f"There is no pod of {name} (looked for {labels}).")
    return components


def _component(
    name: str, alternatives: Iterable[Mapping[str, str]], pods: Sequence[Pod], release: str
) -> Component | None:
    for labels in alternatives:
        there = tuple(pod for pod in pods if fits(pod.labels, labels))
        if there:
            return Component(name, {**labels, **({INSTANCE: release} if release else {})}, there)
    if name == "worker":
        there = tuple(pod for pod in pods if pod.labels.get(COMPONENT, "").startswith(WORKER_PREFIX))
        if there:
            return Component(name, {INSTANCE: release} if release else {}, there)
    return None


def queues_of(worker: Pod) -> list[str]:
    """The Celery queues of a worker: what its variable says, else its labels."""
    for container in worker.containers:
        for entry in container.get("env") or []:
            if entry.get("name") == QUEUES_VARIABLE and entry.get("value"):
                return [name.strip() for name in str(entry["value"]).split(",") if name.strip()]
    for label in QUEUE_LABELS:
        if name := worker.labels.get(label):
            return [QUEUE_NAMES.get(name, name.replace("-", "_"))]
    component = worker.labels.get(COMPONENT, "")
    if component.startswith(WORKER_PREFIX):
        name = component.removeprefix(WORKER_PREFIX)
        return [QUEUE_NAMES.get(name, name.replace("-", "_"))]
    return []


def needed_queues(stack: str) -> tuple[str, ...]:
    """The queues through which a payload goes on a Koku of this kind."""
    return NEEDED_QUEUES_OF_CLASSIC if stack == CLASSIC else NEEDED_QUEUES


def find_queues(components: Mapping[str, Component], found: Found, needed: Iterable[str] = NEEDED_QUEUES) -> None:
    """Which queue has how many workers; a queue that a payload goes through and no worker serves is said."""
    workers = components["worker"].pods if "worker" in components else ()
    served: dict[str, list[Pod]] = {}
    for pod in workers:
        for queue in queues_of(pod):
            served.setdefault(queue, []).append(pod)
    for queue, pods in sorted(served.items()):
        found.put(f"queue.{queue}", f"{sum(pod.ready for pod in pods)}/{len(pods)} ready", f"worker {pods[0].name}")
    missing = [queue for queue in needed if queue not in served]
    if missing and workers:
        found.warn("queues", f"No worker serves the queue {', '.join(missing)}.")
