"""The Kubernetes API, as far as a run needs it: plain JSON objects, and the errors told apart.

Only this module and ``access/cluster.py`` know the ``kubernetes`` package. Objects are JSON as the server sends them:
its typed models refuse what a newer or older server adds or leaves out.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import urllib3

from e2e_validator.deployment.namespace.names import ROUTES
from e2e_validator.deployment.namespace.refusals import NotAllowed, away, refusal_of
from e2e_validator.deployment.namespace.websockets import open_websocket
from e2e_validator.errors import UsageError

Json = dict[str, Any]
T = TypeVar("T")

CONNECT_SECONDS = 5
READ_SECONDS = 30
_TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)


@dataclass(frozen=True, slots=True)
class Executed:
    """What a command in a container came to; ``code`` is None when the server did not say."""

    code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the client library has a kind's functions: its class, the name in them, and the resource of permissions."""

    api: str
    function: str
    plural: str

    def function_of(self, verb: str) -> Callable[[Any], Any]:
        """The function of a client that does this with objects of the kind in a namespace."""
        from kubernetes import client

        return lambda own: getattr(getattr(client, self.api)(own), f"{verb}_namespaced_{self.function}")


_CORE, _APPS, _BATCH, _NETWORK = "CoreV1Api", "AppsV1Api", "BatchV1Api", "NetworkingV1Api"
_KINDS: dict[str, _Kind] = {
    kind.plural: kind
    for kind in (
        _Kind(_CORE, "pod", "pods"),
        _Kind(_CORE, "service", "services"),
        _Kind(_CORE, "endpoints", "endpoints"),
        _Kind(_CORE, "secret", "secrets"),
        _Kind(_CORE, "config_map", "configmaps"),
        _Kind(_CORE, "event", "events"),
        _Kind(_CORE, "persistent_volume_claim", "persistentvolumeclaims"),
        _Kind(_CORE, "resource_quota", "resourcequotas"),
        _Kind(_APPS, "deployment", "deployments"),
        _Kind(_APPS, "stateful_set", "statefulsets"),
        _Kind(_APPS, "replica_set", "replicasets"),
        _Kind(_BATCH, "job", "jobs"),
        _Kind(_NETWORK, "ingress", "ingresses"),
        _Kind(_NETWORK, "network_policy", "networkpolicies"),
    )
}
# Kinds that not every cluster has: plural -> group and version.
_CUSTOM = {
    "routes": (ROUTES, "v1"),
    "kafkas": ("kafka.strimzi.io", "v1beta2"),
    "keycloaks": ("k8s.keycloak.org", "v2alpha1"),
}


class Kube:
    """One cluster, as one user sees it. Safe to be used by several threads."""

    def __init__(self, read: Callable[[], Any], *, in_cluster: bool, kubeconfig: str = "", context: str = "") -> None:
        """``read`` makes a ``kubernetes.client.ApiClient`` of the configuration as it is now, or raises UsageError.

        It is called again when the server no longer accepts a token: a run may be longer than a token's life, and
        it is renewed in its place.
        """
        self._read = read
        self._client = read()
        self._renewing = threading.Lock()
        self.in_cluster = in_cluster
        self.kubeconfig = kubeconfig
        self.context = context

    def close(self) -> None:
        """Give the connections back; it may be used again."""
        self._client.rest_client.pool_manager.clear()

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._client.configuration.host)

    def version(self) -> str:
        """The server's version, such as ``v1.32.4``."""
        from kubernetes import client

        found = self._json("get the server's version", lambda own: client.VersionApi(own).get_code)
        return str(found["gitVersion"])

    def serves(self, group: str) -> bool:
        """Whether the cluster has an API group, such as ``route.openshift.io``; True where we are not told."""
        from kubernetes import client

        try:
            found = self._json("get the server's API groups", lambda own: client.ApisApi(own).get_api_versions)
        except NotAllowed:
            return True
        return any(entry.get("name") == group for entry in found.get("groups") or [])

    def list(self, plural: str, namespace: str, *, labels: str = "", fields: str = "") -> list[Json]:
        """The objects of a kind in a namespace; ``labels`` and ``fields`` are selectors.

        A kind that the cluster does not have is an empty list, also for users that could not list it if it were there.

        Raises:
            ClusterAway: the server does not answer.
            NotAllowed: names the permission that is missing.
        """
        what = f"list {plural} in namespace {namespace}"
        options: dict[str, Any] = {"label_selector": labels} if labels else {}
        options |= {"field_selector": fields} if fields else {}
        if plural in _CUSTOM:
            place, none = (*_CUSTOM[plural], namespace, plural), Json(items=[])
            try:
                found = self._json(what, _custom, *place, absent=none, **options)
            except NotAllowed as refusal:
                # Permissions are looked at before the server sees that it knows no such kind.
                if refusal.status != 403 or self.serves(_CUSTOM[plural][0]):
                    raise
                found = none
        else:
            found = self._json(what, _KINDS[plural].function_of("list"), namespace, **options)
        return [entry for entry in found["items"] if isinstance(entry, dict)]

    def get(self, plural: str, namespace: str, name: str) -> Json | None:
        """One object, or None when there is none; raises as ``list`` does."""
        what = f"get {plural} in namespace {namespace} ({name})"
        return self._json(what, _KINDS[plural].function_of("read"), name, namespace, absent={}) or None

    def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """The decoded keys of a secret, or None when there is none; bytes that are no text are left out."""
        found = self.get("secrets", namespace, name)
        return None if found is None else _decoded(found.get("data") or {})

    def config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """The keys of a config map, or None when there is none."""
        found = self.get("configmaps", namespace, name)
        return None if found is None else dict(found.get("data") or {})

    def log(
        self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 0, since_seconds: int = 0
    ) -> str | None:
        """A container's log, or None when there is none (it has not started, or was never restarted)."""
        from kubernetes import client
        from kubernetes.client import ApiException

        options: dict[str, Any] = {"container": container, "previous": previous}
        options |= {"tail_lines": tail} if tail else {}
        options |= {"since_seconds": since_seconds} if since_seconds else {}
        what = f"get pods/log in namespace {namespace} ({pod})"

        def ask() -> str | None:
            function: Any = client.CoreV1Api(self._client).read_namespaced_pod_log
            try:
                answer = function(pod, namespace, _preload_content=False, _request_timeout=_TIMEOUT, **options)
            except ApiException as error:
                if error.status in {400, 404}:
                    return None
                raise refusal_of(what, error) from error
            except urllib3.exceptions.HTTPError as error:
                raise away(what, error) from error
            return bytes(answer.data).decode("utf-8", "replace")

        return self._asked(ask)

    def execute(
        self, namespace: str, pod: str, container: str, command: Sequence[str], *, timeout_seconds: float = 30.0
    ) -> Executed:
        """Run a command in a container and wait for its end; nothing is fed to it."""
        stream = self.open_exec(namespace, pod, container, command, stdin=False)
        try:
            stream.run_forever(timeout=timeout_seconds)
            stdout, stderr = stream.read_channel(1), stream.read_channel(2)
            code = None if stream.is_open() else _exit_code(stream.read_channel(3))
        except OSError as error:
            raise away(f"exec in pod {pod}", error) from error
        finally:
            # Its own close leaves the socket open when the server ended first.
            stream.sock.shutdown()
        return Executed(code, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"))

    def open_exec(self, namespace: str, pod: str, container: str, command: Sequence[str], *, stdin: bool) -> Any:
        """A websocket to a command in a container, as the client library's ``WSClient`` with binary channels."""
        from kubernetes import client
        from kubernetes.client import ApiException
        from kubernetes.stream import stream

        what = f"get or create pods/exec in namespace {namespace} ({pod})"

        def ask() -> Any:
            try:
                return stream(
                    client.CoreV1Api(self._client).connect_get_namespaced_pod_exec,
                    pod,
                    namespace,
                    container=container,
                    command=list(command),
                    stdin=stdin,
                    stdout=True,
                    stderr=True,
                    tty=False,
                    binary=True,
                    _preload_content=False,
                )
            except ApiException as error:
                raise refusal_of(what, error) from error

        return self._asked(ask)

    def open_port(self, namespace: str, pod: str, port: int, *, timeout_seconds: float = CONNECT_SECONDS) -> Any:
        """A ``websocket.WebSocket`` to a port of a pod: binary frames, the first byte is the channel.

        Raises:
            ClusterAway: the server does not answer, or the pod is not there.
            NotAllowed: names the permission that is missing.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/portforward?ports={port}"
        what = f"get or create pods/portforward in namespace {namespace} ({pod})"

        def ask() -> Any:
            return open_websocket(
                self._client.configuration,
                path,
                subprotocols=["v4.channel.k8s.io"],
                timeout_seconds=timeout_seconds,
                what=what,
            )

        return self._asked(ask)

    def _json(
        self, what: str, function_of: Callable[[Any], Any], *args: str, absent: Json | None = None, **options: Any
    ) -> Json:
        """The answer of a client's function; ``absent`` stands for 404 where that is an answer."""
        from kubernetes.client import ApiException

        if function_of is not _custom:
            options["_preload_content"] = False

        def ask() -> Json:
            try:
                answer = function_of(self._client)(*args, _request_timeout=_TIMEOUT, **options)
                found = answer if isinstance(answer, dict) else json.loads(answer.data)
            except ApiException as error:
                if error.status == 404 and absent is not None:
                    return absent
                raise refusal_of(what, error) from error
            except (urllib3.exceptions.HTTPError, ValueError) as error:
                raise away(what, error) from error
            return dict(found)

        return self._asked(ask)

    def _asked(self, ask: Callable[[], T]) -> T:
        """An answer; where the token has ended and there is a new one, it is asked for again with that."""
        token = _token_of(self._client)
        try:
            return ask()
        except NotAllowed as refusal:
            if refusal.status != 401 or not self._renewed(token):
                raise
        return ask()

    def _renewed(self, refused: str | None) -> bool:
        """Whether there is another token by now than the one that was refused."""
        with self._renewing:
            if _token_of(self._client) == refused:
                try:
                    client = self._read()
                except UsageError:
                    return False  # it is being written, perhaps; the refusal is told
                # Another cluster that was chosen in the meantime is not meant for this run.
                if _token_of(client) == refused or client.configuration.host != self.server:
                    return False
                self.close()
                self._client = client
            return True


def _custom(own: Any) -> Any:
    """What lists objects of kinds that not every cluster has, as plain JSON."""
    from kubernetes import client

    return client.CustomObjectsApi(own).list_namespaced_custom_object


def _token_of(own: Any) -> str | None:
    """The header that identifies us; None where a certificate does."""
    bearer = own.configuration.auth_settings().get("BearerToken")
    return str(bearer["value"]) if bearer else None


def _decoded(data: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for key, value in data.items():
        try:
            found[key] = base64.b64decode(value).decode("utf-8")
        except ValueError:
            continue
    return found


def _exit_code(status: bytes) -> int | None:
    """The code in the status object that ends an exec."""
    try:
        told = json.loads(status)
    except ValueError:
        return None
    if told.get("status") == "Success":
        return 0
    causes = (told.get("details") or {}).get("causes") or []
    codes = [cause["message"] for cause in causes if cause.get("reason") == "ExitCode"]
    return int(codes[0]) if codes else None
