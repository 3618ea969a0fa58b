"""The workloads of the chart with their pods and services (docs/contract/chart.md 1.2, 1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster import objects
from cluster.backends import Backends
from cluster.chart import WORKERS
from cluster.environment import database_environment, from_secret, ingress_environment, koku_environment
from cluster.installed import Installed

Json = dict[str, Any]
_TENANT = "quay.io/redhat-services-prod/cost-mgmt-dev-tenant"
KOKU_IMAGE = f"{_TENANT}/koku:d8055ac"
IMAGES = {
    "database": "registry.redhat.io/rhel10/postgresql-16:10.1",
    "cache": "registry.redhat.io/rhel10/valkey-8:10.1",
    "gateway": "registry.redhat.io/openshift-service-mesh/proxyv2-rhel9:2.6",
    # A floating tag: the chart has it so (docs/contract/chart.md 7.4).
    "ingress": "quay.io/iop/ingress:master",
    "ros": f"{_TENANT}/ros-ocp-backend:ae8c990",
    "kruize": f"{_TENANT}/autotune:d1f0140",
    "rbac": f"{_TENANT}/insights-rbac:73870d8",
    "ui": f"{_TENANT}/koku-ui-onprem:2f23c646",
    "trino": "quay.io/insights-onprem/trino:latest",
    "metastore": "quay.io/insights-onprem/hive:3.1.3",
    "metastore-database": "quay.io/sclorg/postgresql-13-c9s:latest",
}
PROBE = {"httpGet": {"path": "/readyz", "port": 9000}, "initialDelaySeconds": 30, "periodSeconds": 20}


@dataclass(frozen=True, slots=True)
class Workload:
    """One deployment or stateful set."""

    workload: str
    containers: tuple[Json, ...]
    kind: str = "Deployment"
    replicas: int = 1
    services: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Port's name -> port of the service, port of the pods."""
    volumes: tuple[Json, ...] = ()
    account: str = "default"


def workloads(installed: Installed, backends: Backends) -> Iterator[Workload]:
    """What the release consists of."""
    names = installed.chart.names
    if installed.database == "bundled":
        yield _database(installed)
    if installed.cache == "bundled":
        cache = objects.container(
            "valkey", IMAGES["cache"], ports=(6379,), probe={"exec": {"command": ["valkey-cli", "ping"]}}
        )
        volume = {"name": "data", "persistentVolumeClaim": {"claimName": f"{installed.name('cache')}-data"}}
        yield Workload("cache", (cache,), services={"valkey": (6379, 6379)}, volumes=(volume,))
    yield from _koku(installed, backends)
    if "gateway" in names and "gateway" in installed.chart.components:
        envoy = objects.container("envoy", IMAGES["gateway"], ports=(9080, 9901), probe=PROBE)
        volume = {"name": "envoy-config", "configMap": {"name": f"{installed.full_name}-gateway-envoy-config"}}
        yield Workload(
            "gateway", (envoy,), replicas=2, services={"http": (80, 9080), "admin": (9901, 9901)}, volumes=(volume,)
        )
    yield _ingress(installed, backends)
    if installed.generation == "current":
        yield from _beside_koku()
    if not installed.onprem and "trino" in installed.chart.components and not installed.trino_namespace:
        yield from _warehouse(installed)


def _database(installed: Installed) -> Workload:
    name = "postgresql" if installed.generation == "first" else "postgres"
    probe = {"exec": {"command": ["/bin/sh", "-c", 'pg_isready -U "$POSTGRES_USER"']}}
    postgres = objects.container(
        name, IMAGES["database"], ports=(5432,), env=database_environment(installed), probe=probe
    )
    claim = f"postgres-storage-{installed.name('database')}-0"
    volumes: tuple[Json, ...] = ({"name": "postgres-storage", "persistentVolumeClaim": {"claimName": claim}},)
    if installed.generation == "current":
        volumes += ({"name": "init-scripts", "configMap": {"name": f"{installed.full_name}-db-init"}},)
    return Workload("database", (postgres,), kind="StatefulSet", services={"postgres": (5432, 5432)}, volumes=volumes)


def _koku(installed: Installed, backends: Backends) -> Iterator[Workload]:
    aws = {"name": "aws-config", "configMap": {"name": f"{installed.full_name}-aws-config"}}

    def koku(
        workload: str, container: str, *, replicas: int = 1, serves: bool = False, probed: bool = True
    ) -> Workload:
        made = objects.container(
            container,
            KOKU_IMAGE,
            ports=(8000, 9000) if serves else (9000,) if probed else (),
            env=koku_environment(installed, backends, workload),
            probe=PROBE if probed else None,
            mounts={"aws-config": "/etc/aws"},
        )
        ports = {"http": (8000, 8000)} if serves else {}
        return Workload(workload, (made,), replicas=replicas, services=ports, volumes=(aws,), account="koku")

    yield koku("api", "koku-api", serves=True)
    if "api-reads" in installed.chart.components:
        yield koku("api-reads", "koku-api", serves=True)
    yield koku("masu", "masu", serves=True)
    if installed.kafka != "none":
        yield koku("listener", "listener", replicas=2)
    if "sources-listener" in installed.chart.components:
        yield koku("sources-listener", "sources-listener")
    # Neither beat nor workers have probes (docs/contract/chart.md 7.4).
    yield koku("beat", "celery-beat", probed=False)
    for queue in (*WORKERS, *installed.cloud_workers):
        yield koku(f"worker-{queue}", "celery-worker", replicas=2 if queue in {"summary", "ocp"} else 1, probed=False)


def _warehouse(installed: Installed) -> Iterator[Workload]:
    """Trino, and Hive's metastore with its database (docs/contract/chart.md 1.13)."""
    storage, secret = installed.storage_secret_name, installed.chart.secret("metastore", installed.release)
    keys = {"AWS_ACCESS_KEY_ID": "access-key", "AWS_SECRET_ACCESS_KEY": "secret-key"}
    env = [from_secret(name, storage, key) for name, key in keys.items()]
    ready = {"httpGet": {"path": "/v1/info/state", "port": 8080}, "initialDelaySeconds": 60, "periodSeconds": 15}
    trino = objects.container("trino", IMAGES["trino"], ports=(8080,), env=env, probe=ready)
    yield Workload("trino", (trino,), kind="StatefulSet", services={"http": (8080, 8080)})
    yield Workload("trino-worker", (objects.container("trino", IMAGES["trino"], ports=(8080,), env=env),))
    password = from_secret("METASTORE_DB_PASSWORD", secret, "password")
    metastore = objects.container("metastore", IMAGES["metastore"], ports=(9083,), env=[password, *env])
    yield Workload("metastore", (metastore,), kind="StatefulSet", services={"thrift": (9083, 9083)})
    own = from_secret("POSTGRESQL_PASSWORD", secret, "password")
    database = objects.container("postgresql", IMAGES["metastore-database"], ports=(5432,), env=[own])
    ports = {"postgresql": (5432, 5432)}
    yield Workload("metastore-database", (database,), kind="StatefulSet", services=ports)


def _ingress(installed: Installed, backends: Backends) -> Workload:
    ingress = objects.container(
        "ingress",
        IMAGES["ingress"],
        ports=(8081, 9090),
        env=ingress_environment(installed, backends),
        probe={"httpGet": {"path": "/", "port": 8081}},
    )
    if installed.generation == "split":
        envoy = objects.container("envoy-proxy", IMAGES["gateway"], ports=(9080, 9901))
        return Workload("ingress", (ingress, envoy), services={"http": (8080, 9080), "ingress": (8081, 8081)})
    return Workload("ingress", (ingress,), services={"http": (8081, 8081)})


def _beside_koku() -> Iterator[Workload]:
    """What belongs to the release, and is no part of the way that costs take."""
    rbac = objects.container("rbac-api", IMAGES["rbac"], ports=(8000,), probe=PROBE)
    yield Workload("rbac", (rbac,), services={"http": (8000, 8000)})
    yield Workload("rbac-worker", (objects.container("rbac-worker", IMAGES["rbac"]),))
    proxy = objects.container("oauth-proxy", "registry.redhat.io/openshift4/ose-oauth-proxy:v4.18", ports=(8443,))
    app = objects.container("app", IMAGES["ui"], ports=(8080,))
    yield Workload("ui", (proxy, app), services={"https": (8443, 8443)})
    kruize = objects.container("kruize", IMAGES["kruize"], ports=(8080,), probe=PROBE)
    yield Workload("kruize", (kruize,), services={"http": (8080, 8080)}, account="kruize")
    for workload in ("ros-api", "ros-processor", "ros-poller", "housekeeper"):
        made = objects.container(workload, IMAGES["ros"], ports=(8000, 9000))
        ports = {"http": (8000, 8000)} if workload == "ros-api" else {}
        yield Workload(workload, (made,), services=ports, account="ros-backend")


def rendered(installed: Installed, backends: Backends) -> Iterator[Json]:
    """The objects of all workloads: controllers, pods, services."""
    for workload in workloads(installed, backends):
        yield from _rendered(installed, workload)


def _rendered(installed: Installed, workload: Workload) -> Iterator[Json]:
    namespace = installed.namespace
    name, kind = installed.name(workload.workload), workload.kind
    labels = installed.labels(workload.workload)
    selector = installed.selector(workload.workload)
    spec: Json = {
        "serviceAccountName": workload.account,
        "containers": list(workload.containers),
        "volumes": list(workload.volumes),
    }
    template = {"metadata": {"labels": selector}, "spec": spec}
    controller = objects.make(
        kind,
        namespace,
        name,
        labels,
        spec={"replicas": workload.replicas, "selector": {"matchLabels": selector}, "template": template},
    )
    if kind == "StatefulSet":
        controller["spec"]["serviceName"] = name
    made_by = objects.owner(controller)
    yield controller
    if kind == "Deployment":
        replica_set = objects.make(
            "ReplicaSet", namespace, objects.replica_set_name(name), selector, spec=dict(controller["spec"])
        )
        replica_set["metadata"]["ownerReferences"] = [made_by]
        made_by = objects.owner(replica_set)
        yield replica_set
    for index in range(workload.replicas):
        pod_labels = dict(labels if workload.workload in {"masu", "listener"} else selector)
        if kind == "Deployment":
            pod_labels["pod-template-hash"] = made_by["name"].removeprefix(f"{name}-")
        yield objects.pod(namespace, objects.pod_name(name, index, kind), pod_labels, spec, made_by)
    if workload.services:
        yield objects.service(namespace, name, workload.services, selector, labels)
