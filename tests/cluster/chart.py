"""The generations of the Helm chart: what each calls its workloads, labels, secrets and keys.

``current`` is docs/contract/chart.md 1; ``split`` (January 2026) has the API in two deployments, one that reads and one
that writes, and no gateway of its own; ``first`` (November 2025) are two charts, of which one brings the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Generation = Literal["current", "split", "first"]
Labels = dict[str, str]

_PREFIX = "app.kubernetes.io"


@dataclass(frozen=True, slots=True)
class Chart:
    """One generation."""

    generation: Generation
    name: str
    version: str
    app_version: str
    database_name: str
    """What Koku's database is called unless someone says otherwise."""
    user_is_secret: bool
    """Whether the database user is taken from the secret, beside the password."""
    components: dict[str, Labels]
    """Our name of a workload -> what its pods are labelled with, beside name and instance of the release."""
    names: dict[str, str]
    """Our name of a workload -> its own, with ``F`` for the chart's full name."""
    secrets: dict[str, str] = field(default_factory=dict)
    """``database`` and ``storage`` -> the secret's name."""

    def full_name(self, release: str) -> str:
        """What names begin with: ``F`` of docs/contract/chart.md 1.1."""
        if self.generation == "first":
            return release
        return release if self.name in release else f"{release}-{self.name}"

    def named(self, workload: str, release: str) -> str:
        """The name of a workload."""
        return self.names[workload].replace("F", self.full_name(release))

    def secret(self, role: str, release: str) -> str:
        """The name of a secret."""
        return self.secrets[role].replace("F", self.full_name(release))

    def selector(self, workload: str, release: str) -> Labels:
        """The labels by which a workload finds its pods."""
        return {f"{_PREFIX}/name": self.name, f"{_PREFIX}/instance": release, **self.components[workload]}

    def labels(self, workload: str, release: str) -> Labels:
        """All labels of a workload's objects."""
        return self.release_labels(release) | self.components[workload]

    def release_labels(self, release: str) -> Labels:
        """The labels of everything in the release."""
        return {
            "helm.sh/chart": f"{self.name}-{self.version}",
            f"{_PREFIX}/name": self.name,
            f"{_PREFIX}/instance": release,
            f"{_PREFIX}/version": self.app_version,
            f"{_PREFIX}/managed-by": "Helm",
            f"{_PREFIX}/part-of": self.name,
        }


WORKERS = ("default", "priority", "summary", "ocp", "cost-model")
"""The workers that the chart renders for data of OCP, as their label names them (docs/contract/chart.md 1.2)."""
CLOUD_WORKERS = ("download", "refresh", "hcs")
"""Those that the classic stack has beside them (docs/contract/chart.md 1.13)."""
WAREHOUSE = ("trino", "trino-worker", "metastore", "metastore-database")
"""What the classic stack has beside Koku: Trino, and Hive's metastore."""


def _component(name: str, **more: str) -> Labels:
    return {f"{_PREFIX}/component": name, **more}


def _prefixed(component: str, kind: str, queue: str = "") -> Labels:
    labels = _component(component) | {"cost-onprem.io/celery-type": kind}
    return labels | ({"cost-onprem.io/worker-queue": queue} if queue else {})


def _plain(kind: str, queue: str = "") -> Labels:
    labels = _component("cost-management-celery") | {"celery-type": kind}
    return labels | ({"worker-queue": queue} if queue else {})


_SHARED_NAMES = {
    "database": "F-database",
    "cache": "F-valkey",
    "listener": "F-koku-listener",
    "beat": "F-celery-beat",
    **{f"worker-{queue}": f"F-celery-worker-{queue}" for queue in WORKERS},
    "gateway": "F-gateway",
    "ingress": "F-ingress",
    "rbac": "F-rbac-api",
    "migration": "F-koku-migrate",
}
_SHARED_COMPONENTS = {
    "database": _component("database"),
    "cache": _component("cache"),
    "masu": _component("cost-processor"),
    "listener": _component("listener"),
    "beat": _prefixed("cost-scheduler", "beat"),
    **{f"worker-{queue}": _prefixed("cost-worker", "worker", queue) for queue in WORKERS},
    "gateway": _component("gateway"),
    "ingress": _component("ingress"),
    "rbac": _component("rbac-api"),
    "migration": _component("cost-management-migration"),
}

CURRENT = Chart(
    generation="current",
    name="cost-onprem",
    version="0.2.20-rc6",
    app_version="0.2.20",
    database_name="costonprem_koku",
    user_is_secret=True,
    components={
        **_SHARED_COMPONENTS,
        "api": _component("cost-management-api"),
        "rbac-worker": _component("rbac-worker"),
        "ui": _component("ui"),
        "kruize": _component("ros-optimization"),
        "ros-api": _component("ros-api"),
        "ros-processor": _component("ros-processor"),
        "ros-poller": _component("ros-recommendation-poller"),
        "housekeeper": _component("housekeeper"),
    },
    names={
        **_SHARED_NAMES,
        "api": "F-koku-api",
        "masu": "F-koku-masu",
        "rbac-worker": "F-rbac-worker",
        "ui": "F-ui",
        "kruize": "F-kruize",
        "ros-api": "F-ros-api",
        "ros-processor": "F-ros-processor",
        "ros-poller": "F-ros-rec-poller",
        "housekeeper": "F-ros-housekeeper",
    },
    secrets={"database": "F-db-credentials", "storage": "F-storage-credentials", "django": "F-django-secret"},
)
SPLIT = Chart(
    generation="split",
    name="cost-onprem",
    version="0.3.0",
    app_version="postgres",
    database_name="koku",
    user_is_secret=False,
    components={
        **{name: labels for name, labels in _SHARED_COMPONENTS.items() if name not in {"gateway", "rbac"}},
        "api": _component("cost-management-api-writes"),
        "api-reads": _component("cost-management-api-reads"),
        "sources-listener": _component("sources-listener"),
    },
    names={
        **_SHARED_NAMES,
        "api": "F-koku-api-writes",
        "api-reads": "F-koku-api-reads",
        "masu": "F-koku-api-masu",
        "listener": "F-koku-api-listener",
        "sources-listener": "F-koku-api-sources-listener",
    },
    secrets={"database": "F-db-credentials", "storage": "F-storage-credentials", "django": "F-django-secret"},
)
FIRST = Chart(
    generation="first",
    name="cost-management-onprem",
    version="0.1.0",
    app_version="1.0.0",
    database_name="koku",
    user_is_secret=False,
    components={
        "database": _component("postgresql"),
        "cache": _component("cache"),
        "api": _component("cost-management-api", **{"api-type": "writes"}),
        "api-reads": _component("cost-management-api", **{"api-type": "reads"}),
        "masu": _component("masu"),
        "listener": _component("listener"),
        "beat": _plain("beat"),
        **{f"worker-{queue}": _plain("worker", queue) for queue in (*WORKERS, *CLOUD_WORKERS)},
        "ingress": _component("ingress"),
        "migration": _component("migration"),
        "trino": _component("trino-coordinator"),
        "trino-worker": _component("trino-worker"),
        "metastore": _component("hive-metastore"),
        "metastore-database": _component("hive-metastore-db"),
    },
    names={
        **_SHARED_NAMES,
        "database": "postgres",
        "cache": "redis",
        "api": "F-koku-api-writes",
        "api-reads": "F-koku-api-reads",
        "masu": "F-koku-api-masu",
        "listener": "F-koku-api-listener",
        **{f"worker-{queue}": f"F-celery-worker-{queue}" for queue in CLOUD_WORKERS},
        "trino": "trino-coordinator",
        "trino-worker": "trino-worker",
        "metastore": "hive-metastore",
        "metastore-database": "hive-metastore-db",
    },
    secrets={
        "database": "F-db-credentials",
        "storage": "F-storage-credentials",
        "django": "F-django-secret",
        "metastore": "F-metastore-db-credentials",
    },
)
CHARTS: dict[Generation, Chart] = {chart.generation: chart for chart in (CURRENT, SPLIT, FIRST)}
