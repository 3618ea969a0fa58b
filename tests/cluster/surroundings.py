"""What is around the release: Keycloak, Kafka, the object store, OpenShift's own, and neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster import objects
from cluster.backends import Backends
from cluster.installed import KAFKA_CLUSTER, Installed
from cluster.release import PLANTED, route

Json = dict[str, Any]
KAFKA_LABELS = {"strimzi.io/cluster": KAFKA_CLUSTER, "strimzi.io/kind": "Kafka"}
BROKER_LABELS = {**KAFKA_LABELS, "strimzi.io/name": f"{KAFKA_CLUSTER}-kafka", "strimzi.io/broker-role": "true"}
KEYCLOAK_LABELS = {"app": "keycloak", "app.kubernetes.io/instance": "keycloak"}
STORE_LABELS = {"app": "s4"}
TRINO_LABELS = {"app.kubernetes.io/component": "trino-coordinator"}
TOPICS = (
    "platform.upload.announce",
    "platform.payload-status",
    "hccm.ros.events",
    "rosocp.kruize.recommendations",
    "platform.sources.event-stream",
)


def namespaces(installed: Installed) -> Iterator[Json]:
    """Every namespace, ours first, and a node."""
    names = ["default", "kube-system", installed.namespace]
    names += [installed.keycloak_namespace] if installed.keycloak else []
    names += [installed.kafka_namespace] if installed.kafka == "bundled" else []
    names += [installed.object_store_namespace] if installed.object_store == "bundled" else []
    names += [installed.trino_namespace] if installed.trino_namespace else []
    for name in dict.fromkeys(names):
        yield objects.make(
            "Namespace", "", name, {"kubernetes.io/metadata.name": name}, spec={}, status={"phase": "Active"}
        )
    ready = [{"type": "Ready", "status": "True", "lastTransitionTime": objects.SINCE}]
    yield objects.make("Node", "", "worker-0", spec={}, status={"conditions": ready})


def keycloak(installed: Installed, backends: Backends) -> Iterator[Json]:
    """Keycloak with its secrets (docs/contract/chart.md 1.4, 1.7)."""
    if not installed.keycloak:
        return
    namespace = installed.keycloak_namespace
    container = objects.container("keycloak", "registry.redhat.io/rhbk/keycloak-rhel9:26.0", ports=(8080, 8443))
    yield from _set(namespace, "keycloak", KEYCLOAK_LABELS, container, 1)
    ports = {"http": (8080, 8080), "https": (8443, 8443)}
    yield objects.service(namespace, "keycloak-service", ports, KEYCLOAK_LABELS)
    yield objects.make(
        "Keycloak", namespace, "keycloak", spec={"instances": 1, "hostname": {"hostname": installed.keycloak_address}}
    )
    admin = {"username": "admin", "password": PLANTED}
    yield objects.secret(namespace, "keycloak-initial-admin", admin)
    for client, secret in {
        "cost-management-operator": backends.client_secret,
        "cost-management-ui": PLANTED,
    }.items():
        yield objects.secret(namespace, f"keycloak-client-secret-{client}", {"CLIENT_SECRET": secret})
    if installed.route == "route":
        yield route(
            namespace,
            "keycloak",
            installed.keycloak_host,
            "keycloak-service",
            "http",
            KEYCLOAK_LABELS,
            "",
            installed.tls,
        )


def kafka(installed: Installed) -> Iterator[Json]:
    """Three brokers of Strimzi (docs/contract/chart.md 1.5)."""
    if installed.kafka != "bundled":
        return
    namespace = installed.kafka_namespace
    container = objects.container("kafka", "registry.redhat.io/amq-streams/kafka-41-rhel9:3.1", ports=(9092, 9093))
    name = f"{KAFKA_CLUSTER}-kafka"
    for pod in _set(namespace, name, BROKER_LABELS, container, 3, kind=""):
        # From these come the names in the cluster by which brokers call themselves.
        pod["spec"] |= {"hostname": pod["metadata"]["name"], "subdomain": f"{name}-brokers"}
        yield pod
    ports = {"tcp-replication": (9091, 9091), "tcp-plain": (9092, 9092), "tcp-tls": (9093, 9093)}
    yield objects.service(namespace, f"{KAFKA_CLUSTER}-kafka-bootstrap", ports, BROKER_LABELS)
    yield objects.service(namespace, f"{KAFKA_CLUSTER}-kafka-brokers", ports, BROKER_LABELS)
    listeners = [
        {"name": "plain", "port": 9092, "type": "internal", "tls": False},
        {"name": "tls", "port": 9093, "type": "internal", "tls": True},
    ]
    address = f"{KAFKA_CLUSTER}-kafka-bootstrap.{namespace}.svc:9092"
    ready = {
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": objects.SINCE}],
        "listeners": [{"name": "plain", "bootstrapServers": address}],
        "kafkaVersion": "4.1.0",
    }
    yield objects.make("Kafka", namespace, KAFKA_CLUSTER, spec={"kafka": {"listeners": listeners}}, status=ready)
    for topic in TOPICS:
        labels = {"strimzi.io/cluster": KAFKA_CLUSTER}
        yield objects.make("KafkaTopic", namespace, topic, labels, spec={"partitions": 3, "replicas": 3})


def object_store(installed: Installed) -> Iterator[Json]:
    """An object store in a namespace of its own, as the chart's documents have it for tests."""
    if installed.object_store != "bundled":
        return
    namespace = installed.object_store_namespace
    container = objects.container("s4", "quay.io/rh-aiservices-bu/s4:latest", ports=(7480,))
    yield from _set(namespace, "s4", STORE_LABELS, container, 1)
    yield objects.service(namespace, "s4", {"s3": (7480, 7480)}, STORE_LABELS)


def trino(installed: Installed) -> Iterator[Json]:
    """Trino in a namespace of its own."""
    if namespace := installed.trino_namespace:
        container = objects.container("trino", "quay.io/insights-onprem/trino:latest", ports=(8080,))
        yield from _set(namespace, "trino-coordinator", TRINO_LABELS, container, 1)
        yield objects.service(namespace, "trino-coordinator", {"http": (8080, 8080)}, TRINO_LABELS)


def openshift(installed: Installed) -> Iterator[Json]:
    """Where OpenShift publishes the authority of its router."""
    if installed.ca and installed.route == "route":
        values = {"ca-bundle.crt": installed.ca}
        yield objects.config_map("openshift-config-managed", "default-ingress-cert", values)


def neighbours(installed: Installed) -> Iterator[Json]:
    """Things in our namespace that are none of ours."""
    if installed.neighbours:
        container = objects.container("shell", "registry.access.redhat.com/ubi9/ubi:latest")
        bare = objects.pod(installed.namespace, "debug-shell", {}, {"containers": [container]}, None)
        yield bare
        yield from _set(installed.namespace, "metrics", {"app": "metrics"}, container, 1)
        yield objects.secret(installed.namespace, "metrics-password", {"password": PLANTED})


def _set(
    namespace: str, name: str, labels: dict[str, str], container: Json, replicas: int, kind: str = "StatefulSet"
) -> Iterator[Json]:
    """A set of pods; Strimzi keeps its own without a controller of Kubernetes."""
    spec = {"containers": [container]}
    made_by = None
    if kind:
        template = {"metadata": {"labels": labels}, "spec": spec}
        controller = objects.make(
            kind,
            namespace,
            name,
            labels,
            spec={"replicas": replicas, "serviceName": name, "selector": {"matchLabels": labels}, "template": template},
        )
        made_by = objects.owner(controller)
        yield controller
    for index in range(replicas):
        yield objects.pod(namespace, f"{name}-{index}", labels, spec, made_by)
