"""Everything together: discovered, reached, and made a target."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.namespace.choosing import choose_transport
from e2e_validator.deployment.namespace.connecting import Connections, Connector
from e2e_validator.deployment.namespace.discovery import Deployment, discover
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.object_store import ingress_bucket
from e2e_validator.deployment.namespace.organisation import customers, find_organisation
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.reach import Reach
from e2e_validator.deployment.namespace.trust import certificates_of, read_certificates, write_bundle
from e2e_validator.deployment.target import Target
from e2e_validator.deployment.transport import Kafka, Transport
from e2e_validator.errors import first_line

_DEFAULT_REGION = "us-east-1"


@dataclass
class Opened:
    """What a namespace was opened to: the target, all that was found, and the forwards, which ``close`` ends.

    ``target`` is None when something that a run needs is missing; what, is in ``found.failures``.
    """

    found: Found
    reach: Reach
    folder: Path
    deployment: Deployment
    target: Target | None = None
    _closed: bool = field(default=False, repr=False)

    def notes(self) -> list[str]:
        """What the user of a run is told: the transport, and what is not as it should be."""
        lines = [
            f"transport {self.found.get('transport')}: {value.origin}"
            for value in self.found
            if value.name == "transport"
        ]
        return lines + [f"warning   {remark.name}: {remark.text}" for remark in self.found.warnings]

    def close(self) -> None:
        """End the forwards; the target's addresses are dead then."""
        if not self._closed:
            self._closed = True
            self.reach.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the forwards."""
        self.close()


def open_namespace(kube: Kube, namespace: str, given: Overrides, *, insecure: bool = False) -> Opened:
    """Discover and reach; what is wrong stands in the result, all of it.

    Raises:
        ClusterAway: the API server does not answer.
        NotAllowed: not even the pods may be listed.
        UsageError: a file given by hand cannot be read.
    """
    deployment = discover(kube, namespace, given)
    folder = Path(tempfile.mkdtemp(prefix="e2e-namespace-"))
    reach = Reach(kube, namespace, deployment.components.get("masu"), insecure=insecure)
    opened = Opened(deployment.found, reach, folder, deployment)
    try:
        if deployment.release or deployment.components:
            reach.trust = _trust(deployment, given, folder)
            opened.target = _connect(opened, given)
    except BaseException:
        opened.close()
        raise
    return opened


def _trust(deployment: Deployment, given: Overrides, folder: Path) -> Path | None:
    texts = list(deployment.authorities)
    if (chosen := given.get("ca")) is not None:
        texts.append(read_certificates(chosen.origin, chosen.value))
        deployment.found.add(chosen)
    return write_bundle(folder, texts) if texts else None


def _connect(opened: Opened, given: Overrides) -> Target | None:
    deployment, found, reach = opened.deployment, opened.found, opened.reach
    connector = Connector(deployment, reach, given)
    connector.database()
    connector.object_store()
    connector.trino()
    connector.koku()
    connector.masu()
    connector.gateway()
    connector.keycloak()
    connector.kafka()
    for sentence in reach.got_around:
        found.warn("permissions", f"{sentence}.")
    connections = connector.connections
    transport = choose_transport(deployment, connections, given)
    if transport is not None:
        ingress_bucket(transport, deployment.sources, found)
    if connections.dsn:
        try:
            rows = customers(connections.dsn)
        except psycopg.Error as error:
            reason = first_line(error, "no reason given")
            found.fail("org_id", f"The organisations cannot be read: {reason}; did Koku's migrations run?")
        else:
            find_organisation(rows, connections.claims if transport == "gateway" else {}, given, found)
    if found.failures or transport is None:
        return None
    return _target(opened, connections, transport)


def _target(opened: Opened, connections: Connections, transport: Transport) -> Target:
    found, reach = opened.found, opened.reach
    gateway = transport == "gateway"
    koku_url = f"{connections.gateway_url}cost-management/v1/" if gateway else connections.koku_url
    verify: bool | str = not reach.insecure
    if verify and reach.trust is not None:
        verify = str(reach.trust)
    buckets = {role: found.get(f"s3.bucket.{role}") for role in ("ingress", "archive", "ros")}
    optional: dict[str, Any] = {}
    if connections.s3_cluster_url:
        optional["s3_cluster_url"] = connections.s3_cluster_url
    if connections.brokers:
        optional["kafka"] = _kafka(opened, connections)
    if connections.trino_url:
        optional["trino_url"] = connections.trino_url
    if connections.gateway_url:
        optional["gateway_url"] = connections.gateway_url
    return Target.load(
        {
            "kind": "namespace",
            "name": opened.deployment.namespace,
            "koku_url": koku_url,
            "masu_url": connections.masu_url,
            "s3_url": connections.s3_url,
            "s3_access_key": found.get("s3.access_key"),
            "s3_secret_key": found.get("s3.secret_key"),
            "s3_region": found.get("s3.region") or _DEFAULT_REGION,
            "dsn": connections.dsn,
            "org_id": found.get("org_id"),
            "account": found.get("account"),
            "schema": found.get("schema"),
            "buckets": {role: name for role, name in buckets.items() if name},
            "transport": transport,
            "stack": found.get("stack") or None,
            # With a token the API knows us by it; elsewhere by the identity header.
            "auth": connections.auth if gateway else None,
            "verify": verify,
            "cluster": ClusterAddress(
                namespace=opened.deployment.namespace,
                server=reach.kube.server,
                release=opened.deployment.release,
                kubeconfig=reach.kube.kubeconfig,
                context=reach.kube.context,
            ),
            **optional,
        }
    )


def _kafka(opened: Opened, connections: Connections) -> Kafka:
    found = opened.found
    ca, known = found.value("kafka.ca"), ""
    if ca is not None and ca.value:
        known = str(write_bundle(opened.folder, [certificates_of(ca)], name="kafka-ca.pem", system=False))
    return Kafka.model_validate(
        {
            # By their own names, which TLS verifies; the addresses say where they are.
            "bootstrap": ",".join(connections.bootstrap),
            "security": found.get("kafka.security"),
            "mechanism": found.get("kafka.mechanism"),
            "username": found.get("kafka.username"),
            "password": found.get("kafka.password"),
            "ca": known or None,
            "addresses": connections.brokers,
        }
    )
