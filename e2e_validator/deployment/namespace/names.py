"""The one table of names: labels, variables, secrets and settings of every version of the chart that is known.

The newest comes first; the first that fits is taken. Where the names come from: docs/contract/chart.md 1.2-1.7, the
chart's own history, and the operator that renders the same deployment with other labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
VERSION = "app.kubernetes.io/version"
CHART = "helm.sh/chart"

Labels = Mapping[str, str]


def _labels(component: str, **more: str) -> dict[str, str]:
    return {COMPONENT: component, **more}


def _typed(component: str, kind: str, value: str) -> tuple[dict[str, str], dict[str, str]]:
    """Before the labels got a prefix, they had none."""
    return ({COMPONENT: component, f"cost-onprem.io/{kind}": value}, {COMPONENT: component, kind: value})


# Component -> labels that its pods have, one alternative after the other. Until February 2026 the API was two
# deployments; the writing one can do both.
COMPONENTS: dict[str, tuple[dict[str, str], ...]] = {
    "api": (
        _labels("cost-management-api-writes"),
        *_typed("cost-management-api", "api-type", "writes"),
        _labels("cost-management-api"),
        _labels("koku-api-writes"),
    ),
    "masu": (_labels("cost-processor"), _labels("masu"), _labels("cost-management-masu")),
    "listener": (_labels("listener"), _labels("koku-listener"), _labels("koku-api-listener")),
    "beat": (_labels("cost-scheduler"), *_typed("cost-management-celery", "celery-type", "beat")),
    "worker": (_labels("cost-worker"), *_typed("cost-management-celery", "celery-type", "worker")),
    "database": (_labels("database"), _labels("postgresql"), _labels("koku-db")),
    "cache": (_labels("cache"), _labels("valkey"), _labels("redis")),
    "gateway": (_labels("gateway"), _labels("ingress-envoy")),
    "ingress": (_labels("ingress"),),
    "rbac": (_labels("rbac-api"),),
    "trino": (_labels("trino-coordinator"), _labels("trino")),
    "trino-worker": (_labels("trino-worker"),),
    "metastore": (_labels("hive-metastore"),),
    "metastore-database": (_labels("hive-metastore-db"),),
}
# The components that make a release a Koku, and those without which nothing is ingested.
KOKU = ("masu", "api", "listener")
NEEDED = ("api", "masu", "worker", "beat")
# What the operator calls a worker: the queue stands in the component.
WORKER_PREFIX = "cost-worker-"
QUEUE_LABELS = ("cost-onprem.io/worker-queue", "worker-queue")
QUEUES_VARIABLE = "WORKER_QUEUES"
# What a label says -> what Celery calls the queue (docs/contract/chart.md 1.2).
QUEUE_NAMES = {"default": "celery"}
# The queues through which a payload goes (docs/contract/chart.md 1.2; docs/contract/koku.md 2.5). What the classic Koku
# polls is fetched and converted by others, and has no step of its own for its costs (docs/contract/clouds.md 1).
NEEDED_QUEUES = ("celery", "cost_model", "ocp", "priority", "summary")
NEEDED_QUEUES_OF_CLASSIC = ("celery", "download", "priority", "summary")
# What the classic stack cannot do without beside Koku, where it is in the namespace (docs/contract/chart.md 1.13).
WAREHOUSE = ("trino", "trino-worker", "metastore", "metastore-database")

# Setting -> the variables of Koku's pods that hold it.
VARIABLES: dict[str, tuple[str, ...]] = {
    "database.host": ("DATABASE_SERVICE_HOST", "DATABASE_HOST", "POSTGRES_SQL_SERVICE_HOST"),
    "database.port": ("DATABASE_SERVICE_PORT", "DATABASE_PORT", "POSTGRES_SQL_SERVICE_PORT"),
    "database.name": ("DATABASE_NAME",),
    "database.user": ("DATABASE_USER",),
    "database.password": ("DATABASE_PASSWORD",),
    "database.sslmode": ("PGSSLMODE", "DATABASE_SSL_MODE"),
    "s3.endpoint": ("S3_ENDPOINT",),
    "s3.access_key": ("AWS_ACCESS_KEY_ID", "S3_ACCESS_KEY"),
    "s3.secret_key": ("AWS_SECRET_ACCESS_KEY", "S3_SECRET"),
    "s3.region": ("S3_REGION",),
    "s3.bucket.archive": ("S3_BUCKET_NAME", "REQUESTED_BUCKET"),
    "s3.bucket.ros": ("REQUESTED_ROS_BUCKET",),
    "s3.bucket.ingress": ("S3_BUCKET_NAME_OCP_INGRESS",),
    "trino.host": ("TRINO_HOST",),
    "trino.port": ("TRINO_PORT",),
    "kafka.security": ("KAFKA_SECURITY_PROTOCOL",),
    "kafka.mechanism": ("KAFKA_SASL_MECHANISM",),
    "kafka.username": ("KAFKA_SASL_USERNAME",),
    "kafka.password": ("KAFKA_SASL_PASSWORD",),
}
KAFKA_HOST, KAFKA_PORT, KAFKA_CA = "INSIGHTS_KAFKA_HOST", "INSIGHTS_KAFKA_PORT", "KAFKA_SSL_CA_LOCATION"
ONPREM, PATH_PREFIX = "ONPREM", "API_PATH_PREFIX"
# Variables of the ingress pod.
INGRESS_BROKERS, INGRESS_BUCKET = "INGRESS_KAFKABROKERS", "INGRESS_STAGEBUCKET"
AWS_CONFIG = "AWS_CONFIG_FILE"
# Koku's own defaults, where its pods say nothing (docs/contract/koku.md 3.2, 5.1, 8; docs/contract/chart.md 1.13).
KOKU_DEFAULTS = {"s3.bucket.ingress": "ocp-ingress", "trino.host": "trino", "trino.port": "8080"}
DEFAULT_PATH_PREFIX = "/api"

# Keycloak (docs/contract/chart.md 1.7): where its secrets are by convention, and what they are called.
KEYCLOAK_NAMESPACES = ("keycloak", "rhbk", "rhsso", "sso")
KEYCLOAK_SERVICES = ("keycloak-service", "keycloak", "keycloak-http")
CLIENT_SECRET_NAMES = ("keycloak-client-secret-{client}",)
CLIENT_SECRET_KEYS = ("CLIENT_SECRET", "client-secret")
# Machines come first: a client of people has no credentials of its own.
CLIENT_PREFERENCE = ("cost-management-operator",)

# Config maps and secrets that hold the cluster's certificate authorities: suffix of the name (after the release's
# prefix) or the whole name, and the key.
CA_CONFIG_MAPS = (("-service-ca", "service-ca.crt"), ("kube-root-ca.crt", "ca.crt"))
CA_SECRETS = (("keycloak-ca-cert", "ca.crt"),)
# OpenShift publishes the router's authority here, readable by all; the API group of Routes tells an OpenShift.
ROUTES = "route.openshift.io"
ROUTER_CA = ("openshift-config-managed", "default-ingress-cert", "ca-bundle.crt")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that may be given by hand."""

    what: str
    secret: bool = False


# Everything that ``--set NAME=VALUE`` takes.
SETTINGS: dict[str, Setting] = {
    "release": Setting("Helm release (app.kubernetes.io/instance)"),
    "stack": Setting("which Koku it is: onprem, or classic with Trino"),
    "transport": Setting("transport: gateway, kafka or masu"),
    "database.host": Setting("PostgreSQL host, a service of the cluster or any other"),
    "database.port": Setting("PostgreSQL port"),
    "database.name": Setting("database of Koku"),
    "database.user": Setting("database user"),
    "database.password": Setting("password of the database user", secret=True),
    "database.sslmode": Setting("sslmode of libpq"),
    "s3.endpoint": Setting("URL of the object store, without a bucket"),
    "s3.access_key": Setting("access key", secret=True),
    "s3.secret_key": Setting("secret key", secret=True),
    "s3.region": Setting("region that requests are signed for"),
    "s3.bucket.ingress": Setting("bucket that payloads are uploaded to"),
    "s3.bucket.archive": Setting("bucket that Koku keeps daily files in"),
    "s3.bucket.ros": Setting("bucket of resource optimisation"),
    "trino.host": Setting("host of Trino, a service of the cluster or any other"),
    "trino.port": Setting("port of Trino; on 443 it speaks TLS"),
    "kafka.bootstrap": Setting("host:port of the brokers, separated by commas"),
    "kafka.security": Setting("PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
    "kafka.mechanism": Setting("SASL mechanism"),
    "kafka.username": Setting("SASL user"),
    "kafka.password": Setting("SASL password", secret=True),
    "kafka.ca": Setting("file with the brokers' CA certificates"),
    "gateway.url": Setting("URL of the gateway, ends in /api/"),
    "keycloak.url": Setting("URL of Keycloak, without /realms"),
    "keycloak.realm": Setting("realm"),
    "keycloak.client_id": Setting("client that gets tokens for itself"),
    "keycloak.client_secret": Setting("secret of that client", secret=True),
    "koku.url": Setting("URL of Koku's API, ends in /v1/"),
    "masu.url": Setting("URL of masu, ends in /v1/"),
    "org_id": Setting("organisation"),
    "account": Setting("account number"),
    "schema": Setting("schema of the organisation"),
    "ca": Setting("file with CA certificates for everything that speaks TLS"),
}


def variable(setting: str) -> str:
    """The environment variable of a setting: ``E2E_DATABASE_HOST`` for ``database.host``."""
    return "E2E_" + setting.upper().replace(".", "_")
