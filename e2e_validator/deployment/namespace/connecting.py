"""From what was found to what answers: every part of a deployment, reached and asked once."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from e2e_validator.deployment.namespace.asking import NoAnswerError, ask
from e2e_validator.deployment.namespace.broker import NoBrokerError, advertised
from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.discovery import Deployment
from e2e_validator.deployment.namespace.login import log_in
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.place import is_loopback
from e2e_validator.deployment.namespace.reach import PORTS, CannotReachError, Reach, Reached, brokers_behind
from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed
from e2e_validator.deployment.namespace.trust import certificates_of
from e2e_validator.deployment.postgresql import asked
from e2e_validator.deployment.transport import Auth

# What clusters are called by default.
DOMAIN = "cluster.local"
# What a Koku pod listens on where neither service nor container says it (docs/contract/chart.md 1.2).
KOKU_PORT = 8000
_NO_HTTP = {"metrics", "admin", "probes"}
_OK = 200
_TRINO_NEEDED = (
    "Koku's classic stack adds up with Trino: install it with Hive's metastore, or say where it is with"
    " --set trino.host=HOST and --set trino.port=PORT"
)


@dataclass
class Connections:
    """What of a deployment answers here; empty and None is what does not, and why is among the remarks."""

    dsn: str = field(default="", repr=False)
    s3_url: str = ""
    s3_cluster_url: str = ""
    koku_url: str = ""
    masu_url: str = ""
    masu_ingests: bool = False
    trino_url: str = ""
    gateway_url: str = ""
    auth: Auth | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    bootstrap: list[str] = field(default_factory=list)
    brokers: dict[str, str] = field(default_factory=dict)


class Connector:
    """Reaches the parts one after the other; each says in ``found`` how, or why not."""

    def __init__(self, deployment: Deployment, reach: Reach, given: Overrides) -> None:
        """Nothing is opened yet."""
        self._deployment = deployment
        self._found = deployment.found
        self._reach = reach
        self._given = given
        self.connections = Connections()

    @contextmanager
    def _part(self, name: str, *, needed: bool, remedy: str = "") -> Iterator[None]:
        """Turn what can go wrong into a sentence; a forward knows better than its client why nothing came."""
        try:
            yield
        except (CannotReachError, ClusterAway, NotAllowed, NoAnswerError) as error:
            behind = self._reach.last_problem() if isinstance(error, NoAnswerError) else ""
            reason = behind or (error.description if isinstance(error, NotAllowed) else str(error))
            (self._found.fail if needed else self._found.warn)(name, f"Cannot be reached: {reason}{remedy}.")

    def database(self) -> None:
        """A DSN that works from here, and was used once."""
        found = self._found
        if any(f"database.{part}" not in found for part in ("host", "port", "name", "user", "password")):
            return
        with self._part("database", needed=True):
            by_hand = self._given.get("database.host") is not None
            reached = self._reach.address(found.get("database.host"), int(found.get("database.port")), given=by_hand)
            dsn = self._dsn(reached)
            try:
                version = asked(dsn, lambda connection: connection.info.server_version, connect_timeout=15)
            except psycopg.OperationalError as error:
                lines = str(error).strip().splitlines() or ["no reason given"]
                reason = self._reach.last_problem() or lines[-1].strip()
                found.fail("database", f"Does not let us in ({reached.how}): {reason}.")
                return
            self.connections.dsn = dsn
            found.ok("database", f"PostgreSQL {version // 10000}.{version % 10000} answers; {reached.how}")

    def _dsn(self, reached: Reached) -> str:
        found = self._found
        parts = {
            "host": reached.host,
            "port": str(reached.local_port),
            "dbname": found.get("database.name"),
            "user": found.get("database.user"),
            "password": found.get("database.password"),
        }
        if reached.forward is not None:
            parts["hostaddr"] = reached.local_host
        mode = found.get("database.sslmode")
        if mode:
            parts["sslmode"] = mode
        if mode.startswith("verify") and self._reach.trust:
            parts["sslrootcert"] = str(self._reach.trust)
        return make_conninfo("", **parts)

    def object_store(self) -> None:
        """The store's URL for path-style requests.

        Behind a forward its name is 127.0.0.1 and a port, which is the Host header that the client signs and the store
        sees: signatures fit, as long as buckets stand in the path (the minio client does that for an address). What is
        presigned must name the store as the deployment does, ``s3_cluster_url``: the host is part of the signature.
        """
        endpoint = self._found.get("s3.endpoint")
        parts = urlsplit(endpoint)
        if not parts.hostname:
            return
        with self._part("object store", needed=True):
            base = f"{parts.scheme}://{parts.netloc}"
            url, how = self._reach.url(base, given=self._given.get("s3.endpoint") is not None)
            heard = ask(url, self._reach.context())
            self.connections.s3_url = url
            self.connections.s3_cluster_url = base if url != base else ""
            self._found.ok("object store", f"answers {heard.status} without credentials; {how}")

    def trino(self) -> None:
        """Trino of a classic Koku; on the port of TLS it speaks that, as its client has it."""
        host, port = self._found.get("trino.host"), self._found.get("trino.port")
        if not host or not port.isdigit():
            return
        with self._part("trino", needed=True, remedy=f"; {_TRINO_NEEDED}"):
            scheme = "https" if int(port) == PORTS["https"] else "http"
            by_hand = self._given.get("trino.host") is not None
            url, how = self._reach.url(f"{scheme}://{host}:{port}", given=by_hand)
            try:
                heard = ask(f"{url}/v1/info", self._reach.context())
            except NoAnswerError as error:
                reason = self._reach.last_problem() or str(error)
                self._found.fail("trino", f"Does not answer at {host}:{port}: {reason} ({how}); {_TRINO_NEEDED}.")
                return
            told = heard.json()
            if heard.status != _OK or "coordinator" not in told:
                answer = f"what answers {heard.status} to GET /v1/info at {host}:{port} is no Trino"
                self._found.fail("trino", f"{answer.capitalize()} ({how}); {_TRINO_NEEDED}.")
                return
            self.connections.trino_url = url
            version = (told.get("nodeVersion") or {}).get("version", "")
            self._found.ok("trino", f"Trino {version} answers; {how}")

    def koku(self) -> None:
        """The API, with which a run reads; behind the gateway too, where a token is needed."""
        self.connections.koku_url = self._koku_part("api", "koku.url")

    def masu(self) -> None:
        """Masu, and whether it takes announcements: asked for nothing, it says 400 (docs/contract/koku.md 3.2)."""
        url = self._koku_part("masu", "masu.url")
        self.connections.masu_url = url
        if url:
            with self._part("masu", needed=False):
                heard = ask(f"{url}ingest_ocp_payload/", self._reach.context())
                self.connections.masu_ingests = heard.status == 400

    def _koku_part(self, name: str, setting: str) -> str:
        chosen = self._given.get(setting)
        component = self._deployment.components.get(name)
        if chosen is None and component is None:
            self._found.fail(setting, f"There is no pod of {name}; give its address with --set {setting}=URL.")
            return ""
        with self._part(setting, needed=True):
            if chosen is not None:
                url, how = self._reach.url(chosen.value, given=True)
                self._found.add(chosen)
            else:
                reached = self._door(component)
                url = f"http://{reached.local_host}:{reached.local_port}{self._deployment.api_prefix}/v1/"
                how = reached.how
            heard = ask(f"{url}status/?liveness=true", self._reach.context())
            if heard.status >= 500 or heard.status == 404:
                self._found.fail(setting, f"Answers {heard.status} to GET status/; {how}.")
                return ""
            self._found.put(setting, url, how)
            self._found.ok(name, f"answers {heard.status}; {how}")
            return url
        return ""

    def _door(self, component: Component | None) -> Reached:
        """The HTTP port of a component: through its service, or straight to its pods."""
        if component is None:
            raise CannotReachError("there is no pod")
        for service in self._deployment.services_of(component.name):
            for port, inner in service.ports.items():
                if str(inner) not in _NO_HTTP:
                    return self._reach.address(f"{service.name}.{service.namespace}.svc", port)
        ports = [port for container in component.best.containers for port in container.get("ports") or []]
        number = next((port["containerPort"] for port in ports if port.get("name") not in _NO_HTTP), KOKU_PORT)
        return self._reach.component(component, int(number))

    def gateway(self) -> None:
        """The gateway: its Route or Ingress when that answers, else through the API server."""
        url = self._found.get("gateway.url")
        component = self._deployment.components.get("gateway")
        if url:
            try:
                heard = ask(f"{url}cost-management/v1/status/", self._reach.context())
            except NoAnswerError as error:
                self._found.warn("gateway.url", f"{url} does not answer from here: {error}.")
            else:
                if heard.status not in {502, 503, 504}:
                    self.connections.gateway_url = url
                    self._found.ok("gateway", f"answers {heard.status}; direct")
                    return
                self._found.warn("gateway.url", f"{url} answers {heard.status}.")
        if component is None:
            return
        with self._part("gateway", needed=False):
            reached = self._door(component)
            local = f"http://{reached.local_host}:{reached.local_port}/api/"
            heard = ask(f"{local}cost-management/v1/status/", self._reach.context())
            self.connections.gateway_url = local
            self._found.ok("gateway", f"answers {heard.status}; {reached.how}")

    def keycloak(self) -> None:
        """A client of Keycloak, which was given a token once; what the token says of the organisation is kept."""
        with self._part("keycloak", needed=False):
            logged_in = log_in(self._reach, self._given, self._found)
            if logged_in is not None:
                self.connections.auth, self.connections.claims = logged_in.auth, logged_in.claims
                self._found.ok("keycloak", f"gives {logged_in.auth.client_id} tokens; {logged_in.how}")

    def kafka(self) -> None:
        """The brokers that the deployment bootstraps from, and those that they send their clients to."""
        found = self._found
        by_hand = self._given.get("kafka.bootstrap") is not None
        may_ask = not found.get("kafka.security").startswith("SASL")
        known: dict[str, str] = {}
        how = ""
        with self._part("kafka", needed=False):
            context = self._brokers_trust() if found.get("kafka.security").endswith("SSL") else None
            for host, port in _host_ports(found.get("kafka.bootstrap")):
                reached = self._reach.address(host, port, given=by_hand)
                how = how or reached.how
                try:
                    told = advertised(
                        reached.local_host, reached.local_port, name=host, context=context, may_ask=may_ask
                    )
                except NoBrokerError as error:
                    raise NoAnswerError(f"{host}:{port}: {error}") from error
                for name, number in told if may_ask else brokers_behind(self._reach, host, port):
                    # One that says it is at localhost means itself.
                    other = reached if is_loopback(name) else self._reach.address(name, number, given=by_hand)
                    known[f"{name}:{number}"] = f"{other.local_host}:{other.local_port}"
                    if not may_ask:
                        # Whether they say the cluster's domain as well, is a setting of Strimzi's listener.
                        known[f"{name}.{DOMAIN}:{number}"] = known[f"{name}:{number}"]
                known[f"{host}:{port}"] = f"{reached.local_host}:{reached.local_port}"
                self.connections.bootstrap.append(f"{host}:{port}")
            self.connections.brokers = known
            if known:
                found.ok("kafka", f"{len(known)} addresses of brokers; {how}")

    def _brokers_trust(self) -> ssl.SSLContext:
        """The brokers' own CA where one is known, as Kafka's client has it: Strimzi's is no other server's."""
        ca = self._found.value("kafka.ca")
        if ca is None or not ca.value:
            return self._reach.context()
        try:
            return ssl.create_default_context(cadata=certificates_of(ca))
        except ssl.SSLError as error:
            raise NoAnswerError(f"the brokers' CA ({ca.origin}) is no certificate: {error.reason or error}") from error


def _host_ports(text: str) -> list[tuple[str, int]]:
    """``a:1,b:2``; raises NoAnswerError."""
    found = []
    for address in filter(None, (entry.strip() for entry in text.split(","))):
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise NoAnswerError(f"{address} is no host and port; give --set kafka.bootstrap=host:port")
        found.append((host, int(port)))
    return found
