"""The variables of the pods (docs/contract/chart.md 1.6)."""

from __future__ import annotations

from typing import Any

from cluster.backends import Backends
from cluster.installed import Installed

Json = dict[str, Any]
CACHE_SECRET = "valkey-credentials"


def value(name: str, text: str) -> Json:
    """A variable that is written out."""
    return {"name": name, "value": text}


def from_secret(name: str, secret: str, key: str, *, optional: bool = False) -> Json:
    """A variable that a secret holds."""
    return {
        "name": name,
        "valueFrom": {"secretKeyRef": {"name": secret, "key": key, **({"optional": True} if optional else {})}},
    }


def database_user(installed: Installed, backends: Backends) -> Json:
    """Newer charts take the user from the secret, older ones write it out."""
    if installed.chart.user_is_secret:
        return from_secret("DATABASE_USER", installed.database_secret_name, "koku-user")
    return value("DATABASE_USER", backends.database_user)


def koku_environment(installed: Installed, backends: Backends, workload: str) -> list[Json]:
    """What every pod of Koku's image has, and what this workload has beside it."""
    database, port = installed.database_address(backends)
    cache, cache_port = installed.cache_address(backends)
    kafka, kafka_port = installed.kafka_address(backends)
    store, store_port = installed.object_store_address(backends)
    secret, storage = installed.database_secret_name, installed.storage_secret_name
    key = "password" if installed.generation == "first" else "koku-password"
    return [
        *_of_workload(installed, workload),
        *([value("ONPREM", "True")] if installed.onprem else _classic(installed)),
        value("DATABASE_SERVICE_NAME", "database"),
        value("DATABASE_ENGINE", "postgresql"),
        value("DATABASE_SERVICE_HOST", database),
        value("DATABASE_SERVICE_PORT", str(port)),
        value("DATABASE_NAME", backends.database_name or installed.chart.database_name),
        database_user(installed, backends),
        from_secret("DATABASE_PASSWORD", secret, key),
        value("REDIS_HOST", cache),
        value("REDIS_PORT", str(cache_port)),
        *([from_secret("REDIS_PASSWORD", CACHE_SECRET, "redis-password")] if backends.cache_password else []),
        value("CELERY_RESULT_EXPIRES", "28800"),
        *(
            [value("INSIGHTS_KAFKA_HOST", kafka), value("INSIGHTS_KAFKA_PORT", str(kafka_port))]
            if installed.kafka != "none"
            else []
        ),
        value("S3_ENDPOINT", f"http://{store}:{store_port}"),
        value("REQUESTED_BUCKET", backends.buckets.get("archive", "koku-bucket")),
        value("REQUESTED_ROS_BUCKET", backends.buckets.get("ros", "ros-data")),
        value("AWS_CA_BUNDLE", "/etc/pki/ca-trust/combined/ca-bundle.crt"),
        from_secret("AWS_ACCESS_KEY_ID", storage, "access-key"),
        from_secret("AWS_SECRET_ACCESS_KEY", storage, "secret-key"),
        value("S3_REGION", "onprem" if installed.generation == "current" else "us-east-1"),
        value("AWS_CONFIG_FILE", "/etc/aws/config"),
        from_secret("DJANGO_SECRET_KEY", installed.chart.secret("django", installed.release), "secret-key"),
        value("SCHEDULE_REPORT_CHECKS", "True"),
        value("REPORT_DOWNLOAD_SCHEDULE", "*/5 * * * *"),
        value("POLLING_TIMER", "300"),
        *(
            [value("RBAC_SERVICE_HOST", installed.name("rbac")), value("RBAC_SERVICE_PORT", "8000")]
            if installed.generation == "current"
            else []
        ),
    ]


def _of_workload(installed: Installed, workload: str) -> list[Json]:
    prefix = value("API_PATH_PREFIX", "/api/cost-management")
    if workload in {"api", "api-reads"}:
        return [
            prefix,
            value("RETAIN_NUM_MONTHS", "3"),
            value("ENHANCED_ORG_ADMIN", "False"),
            value("RBAC_CACHE_TIMEOUT", "300"),
            value("CACHE_TIMEOUT", "3600"),
            value("TAG_ENABLED_LIMIT", "200"),
            value("CACHED_VIEWS_DISABLED", "False"),
        ]
    if workload == "masu":
        return [
            value("MASU", "true"),
            prefix,
            value("KAFKA_CONNECT", "true"),
            value("RETAIN_NUM_MONTHS", "3"),
            value("INITIAL_INGEST_NUM_MONTHS", "2"),
            value("KOKU_LOG_LEVEL", "DEBUG"),
        ]
    if workload == "listener":
        return [
            value("MASU", "true"),
            value("KAFKA_CONNECT", "true"),
            prefix,
            # Koku does not read it: its group is hccm-group (docs/contract/chart.md 1.6).
            value("KAFKA_CONSUMER_GROUP_ID", "cost-mgmt-listener-group"),
        ]
    if workload.startswith("worker-"):
        queue = workload.removeprefix("worker-").replace("-", "_")
        return [value("WORKER_QUEUES", "celery" if queue == "default" else queue)]
    return []


def _classic(installed: Installed) -> list[Json]:
    host, port = installed.trino_address
    return [value("TRINO_HOST", host), value("TRINO_PORT", str(port)), value("TRINO_S3A_OR_S3", "s3")]


def ingress_environment(installed: Installed, backends: Backends) -> list[Json]:
    """The pod that takes uploads."""
    store, port = installed.object_store_address(backends)
    kafka, kafka_port = installed.kafka_address(backends)
    return [
        value("INGRESS_WEBPORT", "8081"),
        value("INGRESS_METRICSPORT", "9090"),
        value("INGRESS_DEFAULTMAXSIZE", "104857600"),
        value("INGRESS_VALID_UPLOAD_TYPES", "hccm"),
        value("INGRESS_MINIOENDPOINT", f"{store}:{port}"),
        value("INGRESS_STAGEBUCKET", backends.buckets.get("ingress", "insights-upload-perma")),
        value("INGRESS_USESSL", "false"),
        from_secret("INGRESS_MINIOACCESSKEY", installed.storage_secret_name, "access-key"),
        from_secret("INGRESS_MINIOSECRETKEY", installed.storage_secret_name, "secret-key"),
        value("INGRESS_KAFKABROKERS", f"{kafka}:{kafka_port}"),
        value("INGRESS_KAFKAANNOUNCETOPIC", "platform.upload.announce"),
    ]


def database_environment(installed: Installed) -> list[Json]:
    """The bundled database's pod."""
    secret = installed.database_secret_name
    if installed.generation == "first":
        keys = {"POSTGRESQL_DATABASE": "database", "POSTGRESQL_USER": "username", "POSTGRESQL_PASSWORD": "password"}
        return [from_secret(name, "postgres-credentials", key) for name, key in keys.items()]
    if installed.generation == "split":
        keys = {"POSTGRES_USER": "admin-user", "POSTGRES_PASSWORD": "admin-password"}
    else:
        keys = {"POSTGRESQL_ADMIN_PASSWORD": "postgres-password", "POSTGRES_USER": "postgres-user"}
    for service in ("koku", "ros", "kruize"):
        keys |= {f"{service.upper()}_USER": f"{service}-user", f"{service.upper()}_PASSWORD": f"{service}-password"}
    return [from_secret(name, secret, key) for name, key in keys.items()]
