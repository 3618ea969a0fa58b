"""What somebody installed: the parameters of a picture, and the addresses that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cluster.backends import Backends
from cluster.chart import CHARTS, CLOUD_WORKERS, WAREHOUSE, Chart, Generation, Labels

Bundled = Literal["bundled", "external"]
KAFKA_CLUSTER = "cost-onprem-kafka"


@dataclass(frozen=True, slots=True)
class Installed:
    """One deployment. ``external`` parts are outside the cluster, reached where they really are."""

    namespace: str = "cost-onprem"
    release: str = "cost-onprem"
    generation: Generation = "current"
    database: Bundled = "bundled"
    cache: Bundled = "bundled"
    object_store: Bundled = "bundled"
    """Bundled: a service of the cluster in a namespace of its own; the chart brings none."""
    kafka: Literal["bundled", "external", "none"] = "bundled"
    """Bundled: Strimzi's, in a namespace of its own."""
    route: Literal["route", "ingress", "none"] = "route"
    keycloak: bool = True
    onprem: bool = True
    """Without it, Koku is the classic one, with Trino."""
    kafka_namespace: str = "kafka"
    keycloak_namespace: str = "keycloak"
    object_store_namespace: str = "s4-test"
    trino_namespace: str = ""
    """Where Trino stands, if in a namespace of its own."""
    domain: str = "apps.example.test"
    api_host: str = ""
    """Host of the API's Route; empty: as the chart makes it from ``domain``. May have a port."""
    tls: bool = True
    """Whether the Routes end TLS."""
    keycloak_url: str = ""
    """Where Koku's gateway looks for Keycloak; empty: its Route."""
    database_secret: str = ""
    """A name of one's own for the secret with the database's credentials."""
    ca: str = ""
    """The cluster's certificate authority, PEM; published in the usual config maps."""
    neighbours: bool = True
    """Whether something that is not ours runs in the namespace too."""

    infrastructure_release: str = ""
    """The release that brings database and cache, as the first generation's second chart does; empty: the same."""

    @property
    def chart(self) -> Chart:
        """The chart's generation."""
        return CHARTS[self.generation]

    @property
    def cloud_workers(self) -> tuple[str, ...]:
        """The workers of the classic stack beside the others, where the chart's generation has such."""
        return CLOUD_WORKERS if "trino" in self.chart.components and not self.onprem else ()

    @property
    def full_name(self) -> str:
        """``F`` of docs/contract/chart.md 1.1."""
        return self.chart.full_name(self.release)

    def release_of(self, workload: str) -> str:
        """The release that a workload belongs to."""
        apart = {"database", "cache", *WAREHOUSE}
        return (self.infrastructure_release if workload in apart else "") or self.release

    def selector(self, workload: str) -> Labels:
        """The labels by which a workload finds its pods."""
        return self.chart.selector(workload, self.release_of(workload))

    def labels(self, workload: str) -> Labels:
        """All labels of a workload's objects."""
        return self.chart.labels(workload, self.release_of(workload))

    def name(self, workload: str) -> str:
        """The name of a workload, and of its service if it has one."""
        return self.chart.named(workload, self.release)

    @property
    def database_secret_name(self) -> str:
        """The secret with the database's credentials."""
        return self.database_secret or self.chart.secret("database", self.release)

    @property
    def storage_secret_name(self) -> str:
        """The secret with the object store's keys."""
        return self.chart.secret("storage", self.release)

    @property
    def gateway_host(self) -> str:
        """Host of the API's Route (docs/contract/chart.md 1.7)."""
        return self.api_host or f"{self.full_name}-gateway-{self.namespace}.{self.domain}"

    @property
    def keycloak_host(self) -> str:
        """Host of Keycloak's Route."""
        return f"keycloak-{self.keycloak_namespace}.{self.domain}"

    @property
    def keycloak_address(self) -> str:
        """Keycloak as the gateway's configuration names it."""
        return self.keycloak_url or f"https://{self.keycloak_host}"

    def database_address(self, backends: Backends) -> tuple[str, int]:
        """Host and port of PostgreSQL as Koku's pods name it."""
        if self.database == "bundled":
            return self.name("database"), 5432
        return backends.database or (f"postgres.{self.domain}", 5432)

    @property
    def trino_address(self) -> tuple[str, int]:
        """Host and port of Trino as the pods of a classic Koku name it, whether or not it is there."""
        if self.trino_namespace:
            return f"trino-coordinator.{self.trino_namespace}.svc.cluster.local", 8080
        return (self.name("trino") if "trino" in self.chart.names else f"{self.full_name}-trino-coordinator"), 8080

    def cache_address(self, backends: Backends) -> tuple[str, int]:
        """Host and port of Valkey as Koku's pods name it."""
        if self.cache == "bundled":
            return self.name("cache"), 6379
        return backends.cache or (f"valkey.{self.domain}", 6379)

    def kafka_address(self, backends: Backends) -> tuple[str, int]:
        """Host and port of the brokers as Koku's pods name them."""
        if self.kafka == "bundled":
            return f"{KAFKA_CLUSTER}-kafka-bootstrap.{self.kafka_namespace}.svc.cluster.local", 9092
        return backends.kafka or (f"kafka.{self.domain}", 9092)

    def object_store_address(self, backends: Backends) -> tuple[str, int]:
        """Host and port of the object store as Koku's pods name it; it speaks plain HTTP."""
        if self.object_store == "bundled":
            return f"s4.{self.object_store_namespace}.svc.cluster.local", 7480
        return backends.object_store or (f"s3.{self.domain}", 9000)
