"""Making an address of the deployment reachable from here: directly, through the API server, or through a pod."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.dialing import PodPort, PodRelay, Tls
from e2e_validator.deployment.namespace.forward import Forward
from e2e_validator.deployment.namespace.kube import CONNECT_SECONDS, Kube
from e2e_validator.deployment.namespace.place import InPods, Outside, Place, is_loopback, locate
from e2e_validator.deployment.namespace.pods import selector_text
from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed

PORTS = {"http": 80, "https": 443}


class CannotReachError(Exception):
    """There is no way from here; says why."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an address is reached from here, and how in words; ``host`` is the name that TLS must verify."""

    local_host: str
    local_port: int
    host: str
    how: str
    forward: Forward | None = None


@dataclass
class Reach:
    """Opens what a run needs; ``close`` ends all of it."""

    kube: Kube
    namespace: str
    relay_pod: Component | None = None
    """The component whose pods reach what we cannot."""
    trust: Path | None = None
    insecure: bool = False
    forwards: list[Forward] = field(default_factory=list)
    got_around: list[str] = field(default_factory=list)
    """What goes another way than it should, as a permission is missing."""
    _known: dict[tuple[str, int], Reached] = field(default_factory=dict, repr=False)
    _context: tuple[tuple[Path | None, bool], ssl.SSLContext] | None = field(default=None, repr=False)

    def close(self) -> None:
        """End every forward."""
        for forward in self.forwards:
            forward.close()
        self.kube.close()

    def address(self, host: str, port: int, *, given: bool = False) -> Reached:
        """A way to ``host:port`` as the deployment's pods see it; raises CannotReachError and ClusterAway.

        ``given``: it was given by hand, by a user who means this machine when saying localhost.
        """
        if given and is_loopback(host):
            return Reached(host, port, host, "direct")
        if (host, port) not in self._known:
            self._known[host, port] = self._reach(locate(self.kube, self.namespace, host, port))
        return self._known[host, port]

    def component(self, component: Component, port: int | str) -> Reached:
        """A way to a port of a component's pods, whatever services there are."""
        key = (f"component {component.name}", port if isinstance(port, int) else 0)
        if key not in self._known:
            place = Place(component.best.name, 0, InPods(self.namespace, component.labels, port))
            self._known[key] = self._reach(place)
        return self._known[key]

    def url(self, url: str, *, given: bool = False) -> tuple[str, str]:
        """A URL that works from here for one of the deployment's, and how it does, in words.

        Behind a forward TLS is spoken by the forward, under the server's real name and with the cluster's
        authorities, so that the local URL is plain HTTP on the loopback.

        Raises:
            CannotReachError: there is no way.
            ClusterAway: the API server does not answer.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        reached = self.address(host, port, given=given)
        if reached.forward is None:
            return url, reached.how
        port = reached.local_port
        if parts.scheme == "https":
            # A port that answers and is not trusted must not be tried again and again.
            dial = Tls(reached.forward, reached.host, self.context())
            secure = self._opened(Forward(dial, name=f"TLS {host}", patience_seconds=0))
            port = secure.port
        return f"http://127.0.0.1:{port}{parts.path}", reached.how

    def last_problem(self) -> str:
        """Why the newest forwards carry nothing, if they do not; said once."""
        for forward in reversed(self.forwards[-2:]):
            if forward.tally.last_problem:
                problem, forward.tally.last_problem = forward.tally.last_problem, ""
                return problem
        return ""

    def context(self) -> ssl.SSLContext:
        """TLS as the deployment's servers are verified; made once, as hundreds of authorities take their time."""
        if self._context is None or self._context[0] != (self.trust, self.insecure):
            context = ssl.create_default_context(cafile=str(self.trust) if self.trust else None)
            if self.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._context = ((self.trust, self.insecure), context)
        return self._context[1]

    def _reach(self, place: Place) -> Reached:
        meaning = place.meaning
        if isinstance(meaning, InPods):
            if self.kube.in_cluster and place.port and answers(place.host, place.port):
                return Reached(place.host, place.port, place.host, "direct, in the cluster")
            dial = PodPort(self.kube, meaning.namespace, meaning.selector, meaning.port, meaning.pod)
            # Not to find out in the middle of a run that there is no pod, or no permission.
            dial().close()
            forward = self._opened(Forward(dial, name=f"{place.host}:{place.port or meaning.port}"))
            how = f"port-forward to pod {dial.pod} port {meaning.port}"
            return Reached("127.0.0.1", forward.port, place.host, how, forward)
        return self._outside(place, meaning)

    def _outside(self, place: Place, meaning: Outside) -> Reached:
        if (self.kube.in_cluster or not meaning.inner) and answers(meaning.host, meaning.port):
            if place.refused:
                self.got_around.append(f"{place.host}:{place.port} is reached directly: {place.refused.description}")
            return Reached(meaning.host, meaning.port, meaning.host, "direct")
        address = f"{meaning.host}:{meaning.port}"
        why = place.problem or f"{address} does not answer from here"
        remedy = f"; {place.refused.remedy}" if place.refused else ""
        if self.relay_pod is None:
            raise CannotReachError(f"{why}, and there is no pod to go through{remedy}")
        pod = self.relay_pod.best
        container = _main_container(self.relay_pod)
        through = PodPort(self.kube, self.namespace, self.relay_pod.labels, 0)
        dial = PodRelay(self.kube, through, container, meaning.host, meaning.port)
        try:
            dial().close()
        except NotAllowed as refusal:
            # What stood in the way before is what is to be mended.
            last = f"{refusal}{remedy}" if place.refused else refusal.description
            raise CannotReachError(f"{why}, and as a last resort {last}") from refusal
        except ClusterAway as away:
            if place.refused is None:
                raise
            raise CannotReachError(f"{why}, and as a last resort {away}{remedy}") from away
        forward = self._opened(Forward(dial, name=address))
        how = f"exec in pod {pod.name}, as a last resort: {place.refused.description if place.refused else why}"
        if place.refused:
            self.got_around.append(f"{address} is tried by {how}")
        return Reached("127.0.0.1", forward.port, meaning.host, how, forward)

    def _opened(self, forward: Forward) -> Forward:
        self.forwards.append(forward)
        return forward


def brokers_behind(reach: Reach, host: str, port: int) -> list[tuple[str, int]]:
    """The pods behind a service by their own names in the cluster, where they have such: as Strimzi calls brokers.

    Raises:
        ClusterAway: the API server does not answer.
        NotAllowed: the pods may not be listed.
    """
    meaning = locate(reach.kube, reach.namespace, host, port).meaning
    if not isinstance(meaning, InPods) or meaning.pod:
        return []
    found = []
    for entry in reach.kube.list("pods", meaning.namespace, labels=selector_text(meaning.selector)):
        spec = entry.get("spec") or {}
        if spec.get("hostname") and spec.get("subdomain"):
            found.append((f"{spec['hostname']}.{spec['subdomain']}.{meaning.namespace}.svc", port))
    return found


def _main_container(component: Component) -> str:
    """The container that is the component: of several the one with most variables, as sidecars have few."""
    containers = component.best.containers
    return str(max(containers, key=lambda container: len(container.get("env") or []))["name"])


def answers(host: str, port: int) -> bool:
    """Whether a connection can be made from here."""
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
