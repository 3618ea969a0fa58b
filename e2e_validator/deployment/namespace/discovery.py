"""What stands in a namespace: one look at its objects, nothing is connected to yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from e2e_validator.deployment.namespace.cached_keys import CachedKeys
from e2e_validator.deployment.namespace.components import (
    Component,
    find_components,
    find_queues,
    find_release,
    find_version,
    needed_queues,
    of_koku,
)
from e2e_validator.deployment.namespace.database import find_database
from e2e_validator.deployment.namespace.entrance import find_gateway
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.kafka import find_kafka
from e2e_validator.deployment.namespace.keycloak import find_keycloak
from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.names import DEFAULT_PATH_PREFIX, PATH_PREFIX
from e2e_validator.deployment.namespace.object_store import find_object_store
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pods import Pod, Service, fits
from e2e_validator.deployment.namespace.refusals import NotAllowed
from e2e_validator.deployment.namespace.settings import Sources
from e2e_validator.deployment.namespace.stack import find_stack, find_trino
from e2e_validator.deployment.namespace.trust import find_authorities


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as its objects describe it."""

    namespace: str
    release: str
    found: Found
    components: Mapping[str, Component] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    sources: Sources = field(default_factory=lambda: Sources(Overrides(), (), None))
    authorities: tuple[str, ...] = ()
    api_prefix: str = DEFAULT_PATH_PREFIX

    def services_of(self, component: str) -> list[Service]:
        """The services that lead to a component's pods."""
        there = self.components.get(component)
        if there is None:
            return []
        labels = there.best.labels
        return [service for service in self.services if service.selector and fits(labels, service.selector)]


def discover(kube: Kube, namespace: str, given: Overrides) -> Deployment:
    """Look at a namespace.

    What is missing is in ``found.failures``, all of it at once.

    Raises:
        ClusterAway: the API server does not answer.
        NotAllowed: not even the pods may be listed.
    """
    found = Found()
    found.put("cluster", kube.server, "the pod's service account" if kube.in_cluster else "kubeconfig")
    found.put("namespace", namespace, "--namespace")
    pods = [Pod.from_json(entry) for entry in kube.list("pods", namespace)]
    release = find_release(pods, namespace, given, found)
    if release is None:
        return Deployment(namespace, "", found)
    services = _services(kube, namespace, found)
    find_version(of_koku(pods), services, release, found)
    components = find_components(pods, release, found)
    keys = CachedKeys(kube)
    sources = Sources.of(components, keys, given)
    _find_images(components, found)
    find_stack(sources, found)
    find_queues(components, found, needed_queues(found.get("stack")))
    find_trino(sources, found)
    find_database(sources, found)
    find_object_store(sources, found)
    find_kafka(sources, found)
    deployment = Deployment(
        namespace,
        release,
        found,
        components,
        services,
        sources,
        tuple(find_authorities(kube, namespace, keys, found)),
        _prefix(sources, found),
    )
    find_gateway(kube, namespace, deployment.services_of("gateway"), given, found)
    find_keycloak(components.get("gateway"), keys, given, found)
    return deployment


def discover_stack(kube: Kube, namespace: str, given: Overrides) -> str | None:
    """Which Koku stands in a namespace; None where that cannot be told.

    Raises:
        ClusterAway: the API server does not answer.
        NotAllowed: not even the pods may be listed.
    """
    found = Found()
    pods = [Pod.from_json(entry) for entry in kube.list("pods", namespace)]
    release = find_release(pods, namespace, given, found)
    if release is None:
        return None
    find_stack(Sources.of(find_components(pods, release, found), CachedKeys(kube), given), found)
    return found.get("stack") or None


def _services(kube: Kube, namespace: str, found: Found) -> tuple[Service, ...]:
    try:
        return tuple(Service.from_json(entry) for entry in kube.list("services", namespace))
    except NotAllowed as refusal:
        found.warn("services", f"Services cannot be followed to their pods: {refusal.description}.")
        return ()


def _find_images(components: Mapping[str, Component], found: Found) -> None:
    for name, component in components.items():
        images = sorted({image for pod in component.pods for image in pod.images})
        found.put(f"image.{name}", ", ".join(images), f"pod {component.best.name}")
    koku = {found.get(f"image.{name}") for name in ("api", "masu", "listener", "worker") if f"image.{name}" in found}
    if len(koku) > 1:
        found.warn("image", f"The pods of Koku have different images: {', '.join(sorted(koku))}.")


def _prefix(sources: Sources, found: Found) -> str:
    there = [value for env in sources.koku if (value := env.get(PATH_PREFIX)) is not None]
    told = next((value for value in there if value.value), None)
    for value in [value for value in there if value.remedy][:1] if told is None else []:
        found.warn(
            "koku.url",
            f"The path of the API cannot be read, so {DEFAULT_PATH_PREFIX} is tried: {value.problem}; {value.remedy}.",
        )
    return "/" + (told.value if told else DEFAULT_PATH_PREFIX).strip("/")
