"""How a connection into the cluster is opened: which pod, which port, and TLS under the server's real name."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from e2e_validator.deployment.namespace.forward import Forward
from e2e_validator.deployment.namespace.kube import CONNECT_SECONDS, Kube
from e2e_validator.deployment.namespace.pods import Pod, selector_text
from e2e_validator.deployment.namespace.refusals import ClusterAway
from e2e_validator.deployment.namespace.streams import PortStream, RelayStream, SocketStream, Stream, StreamBrokenError

# Passes bytes between its standard streams and a connection; every Koku pod has Python (docs/contract/chart.md 1.3).
RELAY = """
import os, socket, sys, threading
try:
    there = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
except OSError as error:
    sys.exit(str(error))
there.settimeout(None)
def back():
    while data := there.recv(65536):
        view = memoryview(data)
        while view:
            view = view[os.write(1, view):]
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 65536):
    there.sendall(data)
"""


@dataclass
class PodPort:
    """Dials a port of any ready pod that a selector finds; the pod is looked up again when it fails."""

    kube: Kube
    namespace: str
    selector: Mapping[str, str]
    port: int | str
    name: str = ""
    """The one pod that is meant, where the selector does not tell."""
    _pod: Pod | None = field(default=None, repr=False)
    _avoided: str = field(default="", repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> Stream:
        """Open a stream; raises ClusterAway when no pod is ready, or the API server does not answer."""
        pod = self.chosen()
        try:
            number = self._number(pod)
            return PortStream(self.kube.open_port(self.namespace, pod.name, number))
        except ClusterAway:
            self.forget()
            raise

    @property
    def pod(self) -> str:
        """The pod that was dialled last."""
        return self._pod.name if self._pod else ""

    def forget(self) -> None:
        """Look for a pod again next time, and rather for another one."""
        with self._lock:
            self._avoided = self.pod
            self._pod = None

    def chosen(self) -> Pod:
        """The pod to dial; raises ClusterAway when none is ready."""
        with self._lock:
            if self._pod is not None:
                return self._pod
        entries = self.kube.list("pods", self.namespace, labels=selector_text(self.selector))
        pods = [pod for entry in entries if not (pod := Pod.from_json(entry)).ended and self.name in {"", pod.name}]
        ready = [pod for pod in pods if pod.ready] or [pod for pod in pods if pod.phase == "Running"]
        if not ready:
            which = self.name or selector_text(self.selector)
            raise ClusterAway(f"no pod of {which} in namespace {self.namespace} is ready")
        with self._lock:
            self._pod = min(ready, key=lambda pod: pod.name == self._avoided)
            return self._pod

    def _number(self, pod: Pod) -> int:
        if isinstance(self.port, int):
            return self.port
        found = int(self.port) if self.port.isdigit() else pod.port(self.port)
        if found is None:
            raise ClusterAway(f"pod {pod.name} has no port called {self.port}")
        return found


@dataclass
class PodRelay:
    """Dials any address as a pod sees it, by a command in that pod; the last resort."""

    kube: Kube
    through: PodPort
    """Whose pod the command runs in; its port does not matter."""
    container: str
    host: str
    port: int

    def __call__(self) -> Stream:
        """Open a stream; raises ClusterAway."""
        pod = self.through.chosen()
        command = ["python3", "-u", "-c", RELAY, self.host, str(self.port)]
        try:
            client = self.kube.open_exec(pod.namespace, pod.name, self.container, command, stdin=True)
        except ClusterAway:
            self.through.forget()
            raise
        return RelayStream(client.sock)

    def forget(self) -> None:
        """Look for a pod again next time."""
        self.through.forget()


@dataclass
class Tls:
    """Dials through another forward and speaks TLS with what answers there, so that its client need not."""

    below: Forward
    name: str
    context: ssl.SSLContext

    def __call__(self) -> Stream:
        """Open a stream; raises StreamBrokenError when the certificate is not trusted or nothing answers."""
        try:
            connection = socket.create_connection(("127.0.0.1", self.below.port), CONNECT_SECONDS)
        except OSError as error:
            raise StreamBrokenError(str(error)) from error
        return SocketStream.tls(connection, self.name, self.context)

    def forget(self) -> None:
        """The forward below sees for itself."""
