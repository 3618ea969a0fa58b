"""Pictures in which one check of preflight fires, and the beginning of what it says."""

from __future__ import annotations

import json
from collections.abc import Callable

from cluster import broken
from cluster.picture import Picture

NS = "cost-onprem"
BEAT_AND_MORE = f"{NS}-celery-beat, {NS}-celery-worker-cost-model, {NS}-celery-worker-default and"


def missing_but_running(picture: Picture) -> None:
    picture.remove("Secret", f"{NS}-django-secret")


def no_job(picture: Picture) -> None:
    picture.remove("Job", f"{NS}-koku-migrate")


def other_job_failed(picture: Picture) -> None:
    job = json.loads(json.dumps(picture.get("Job", f"{NS}-koku-migrate")))
    job["metadata"] |= {"name": f"{NS}-ros-migrate"}
    job["metadata"]["labels"]["app.kubernetes.io/component"] = "ros-migration"
    job["status"]["conditions"] = [{"type": "Failed", "status": "True"}]
    picture.add(job)


def no_claim(picture: Picture) -> None:
    picture.remove("PersistentVolumeClaim", f"{NS}-valkey-data")


def gateway_kept_out(picture: Picture) -> None:
    policy = picture.get("NetworkPolicy", f"{NS}-koku-api-access")
    policy["spec"]["ingress"][0]["from"] = [{"podSelector": {"matchLabels": {"app": "metrics"}}}]


def one_broker_down(picture: Picture) -> None:
    broken.brokers_not_ready(picture)
    for pod in picture.of_kind("Pod", "kafka")[1:]:
        pod["status"]["conditions"] = [{"type": "Ready", "status": "True"}]


def misspelt_label(picture: Picture) -> None:
    policy = picture.get("NetworkPolicy", f"{NS}-rbac-api-access")
    labels = {"app.kubernetes.io/component": "cost-management-masu"}
    policy["spec"]["ingress"][0]["from"].append({"podSelector": {"matchLabels": labels}})


def no_probe(picture: Picture) -> None:
    for container in picture.controller("worker-ocp")["spec"]["template"]["spec"]["containers"]:
        del container["livenessProbe"]


def floating_tag(picture: Picture) -> None:
    picture.controller("ingress")["spec"]["template"]["spec"]["containers"][0]["image"] = "quay.io/iop/ingress:master"


def another_group(picture: Picture) -> None:
    for container in picture.controller("listener")["spec"]["template"]["spec"]["containers"]:
        container["env"].append({"name": "KAFKA_CONSUMER_GROUP_ID", "value": "mine"})
        container["env"] = [
            entry
            for entry in container["env"]
            if entry["name"] != "KAFKA_CONSUMER_GROUP_ID" or entry["value"] == "mine"
        ]


def configured_later(picture: Picture) -> None:
    entry = picture.get("ConfigMap", f"{NS}-gateway-envoy-config")
    entry["metadata"]["managedFields"] = [{"manager": "helm", "time": "2026-11-20T08:00:00Z"}]


CASES: list[tuple[str, Callable[[Picture], None], str]] = [
    (
        "replicas",
        lambda picture: broken.pod_not_ready(picture, "masu"),
        (
            f"error: deployment {NS}-koku-masu in namespace {NS} has 0 of 1 pods ready (Readiness probe failed: HTTP"
            f" probe failed with statuscode: 503); kubectl describe -n {NS} pod/{NS}-koku-masu-"
        ),
    ),
    (
        "replicas",
        lambda picture: broken.pod_not_ready(picture, "worker-ocp"),
        f"warning: deployment {NS}-celery-worker-ocp in namespace {NS} has 1 of 2 pods ready",
    ),
    (
        "replicas",
        lambda picture: broken.pod_not_ready(picture, "kruize"),
        f"warning: deployment {NS}-kruize in namespace {NS} has 0 of 1 pods ready",
    ),
    (
        "replicas",
        lambda picture: broken.unschedulable(picture, "api"),
        (
            f"error: deployment {NS}-koku-api in namespace {NS} has 0 of 1 pods ready (0/3 nodes are available: 3"
            " Insufficient memory.)"
        ),
    ),
    (
        "replicas",
        lambda picture: broken.scaled_to_zero(picture, "beat"),
        (
            f"error: deployment {NS}-celery-beat in namespace {NS} is scaled to 0;"
            f" kubectl scale -n {NS} deployment/{NS}-celery-beat --replicas=1"
        ),
    ),
    (
        "replicas",
        lambda picture: broken.too_few_replicas(picture, "worker-summary"),
        f"warning: deployment {NS}-celery-worker-summary in namespace {NS} has 1 of 2 pods ready; kubectl describe",
    ),
    (
        "replicas",
        lambda picture: broken.quota_exceeded(picture, "masu"),
        (
            f"error: deployment {NS}-koku-masu in namespace {NS} has 0 of 1 pods ready (Error creating: pods"
            f' "{NS}-koku-masu" is forbidden: exceeded quota: team-quota'
        ),
    ),
    (
        "replicas",
        lambda picture: broken.missing_workload(picture, "beat"),
        f"error: release {NS} in namespace {NS} has no beat; enable it in the chart's values and run helm upgrade",
    ),
    (
        "restarts",
        lambda picture: broken.crash_loop(picture, "masu"),
        f"error: container masu of pod {NS}-koku-masu-",
    ),
    (
        "restarts",
        lambda picture: broken.restarted(picture, "worker-ocp"),
        f"warning: container celery-worker of pod {NS}-celery-worker-ocp-",
    ),
    (
        "killed containers",
        lambda picture: broken.killed_out_of_memory(picture, "listener"),
        f"warning: container listener of pod {NS}-koku-listener-",
    ),
    (
        "killed containers",
        lambda picture: broken.crash_loop(picture, "worker-priority", exit_code=137),
        f"error: container celery-worker of pod {NS}-celery-worker-priority-",
    ),
    (
        "images",
        lambda picture: broken.image_pull_back_off(picture, "api"),
        (
            f"error: deployment {NS}-koku-api in namespace {NS} cannot pull its image"
            " quay.io/redhat-services-prod/cost-mgmt-dev-tenant/koku:d8055ac for"
        ),
    ),
    (
        "images",
        lambda picture: broken.image_pull_back_off(picture, "ui"),
        f"warning: deployment {NS}-ui in namespace {NS} cannot pull its image",
    ),
    (
        "configuration",
        lambda picture: broken.missing_secret(picture, f"{NS}-storage-credentials"),
        (
            f"error: there is no secret {NS}-storage-credentials in namespace {NS}, which {BEAT_AND_MORE} 7 more need;"
            " make it as the chart's documentation says, or run helm upgrade"
        ),
    ),
    (
        "configuration",
        lambda picture: broken.missing_secret_key(picture, f"{NS}-db-credentials", "koku-password"),
        f"error: there is no key koku-password in the secret {NS}-db-credentials in namespace {NS}, which",
    ),
    (
        "configuration",
        lambda picture: broken.missing_config_map(picture, f"{NS}-aws-config"),
        f"error: there is no config map {NS}-aws-config in namespace {NS}, which {BEAT_AND_MORE} 6 more need;",
    ),
    ("configuration", missing_but_running, f"warning: there is no secret {NS}-django-secret in namespace {NS}"),
    (
        "storage",
        lambda picture: broken.claim_pending(picture, "database"),
        (
            f"error: the volume claim postgres-storage-{NS}-database-0 of statefulset {NS}-database in namespace {NS}"
            ' is Pending (storageclass.storage.k8s.io "ocs" not found); give the cluster its storage class'
        ),
    ),
    ("storage", no_claim, f"warning: the volume claim {NS}-valkey-data of deployment {NS}-valkey in namespace {NS} is"),
    (
        "endpoints",
        lambda picture: broken.service_without_endpoints(picture, "api"),
        f"error: service {NS}-koku-api in namespace {NS} leads nowhere: its selector fits no pod; set its selector",
    ),
    (
        "endpoints",
        lambda picture: broken.pod_not_ready(picture, "masu"),
        f"error: service {NS}-koku-masu in namespace {NS} leads nowhere: none of its pods is ready; mend the pods",
    ),
    (
        "migrations",
        broken.migration_failed,
        (
            f"error: Koku's migration failed: job {NS}-koku-migrate in namespace {NS}, BackoffLimitExceeded; read"
            f" kubectl logs -n {NS} job/{NS}-koku-migrate, then run helm upgrade again"
        ),
    ),
    (
        "migrations",
        broken.migration_running,
        f"error: Koku's migration is not complete: job {NS}-koku-migrate in namespace {NS}; wait for it: kubectl wait",
    ),
    ("migrations", no_job, f"information: there is no job of Koku's migration in namespace {NS} any more;"),
    ("migrations", other_job_failed, f"warning: job {NS}-ros-migrate in namespace {NS} failed; read kubectl logs"),
    (
        "queues",
        lambda picture: broken.missing_workload(picture, "worker-summary"),
        f"error: no worker in namespace {NS} serves the queue summary; scale its worker up, or enable it",
    ),
    (
        "queues",
        lambda picture: broken.scaled_to_zero(picture, "worker-cost-model"),
        f"error: no worker in namespace {NS} serves the queue cost_model; scale its worker up, or enable it",
    ),
    (
        "queues",
        lambda picture: broken.crash_loop(picture, "worker-priority"),
        (
            f"error: no worker of the queue priority in namespace {NS} is ready;"
            f" mend deployment {NS}-celery-worker-priority"
        ),
    ),
    (
        "network policies",
        lambda picture: broken.network_policy_blocks(picture, "masu"),
        f"error: network policy deny-masu in namespace {NS} lets nothing in to {NS}-koku-masu; remove it, or let in",
    ),
    (
        "network policies",
        gateway_kept_out,
        (
            f"warning: network policy {NS}-koku-api-access in namespace {NS} keeps {NS}-gateway from {NS}-koku-api;"
            " let in the pods of gateway"
        ),
    ),
    ("brokers", broken.brokers_not_ready, "warning: 3 of 3 Kafka brokers in namespace kafka are not ready:"),
    (
        "brokers",
        one_broker_down,
        "warning: 1 of 3 Kafka brokers in namespace kafka are not ready: cost-onprem-kafka-kafka-0; kubectl describe",
    ),
    (
        "labels of policies",
        misspelt_label,
        (
            f"warning: network policy {NS}-rbac-api-access in namespace {NS} lets in pods with"
            " app.kubernetes.io/component=cost-management-masu, which no pod has; correct the label in the policy"
        ),
    ),
    (
        "probes",
        no_probe,
        f"information: {NS}-celery-worker-ocp in namespace {NS} has no liveness probe; a wedged worker looks like one",
    ),
    (
        "image tags",
        floating_tag,
        f"information: deployment {NS}-ingress in namespace {NS} has the image quay.io/iop/ingress:master, whose tag",
    ),
    (
        "name of the consumer group",
        another_group,
        (
            f"information: deployment {NS}-koku-listener in namespace {NS} has KAFKA_CONSUMER_GROUP_ID=mine, which Koku"
            " does not read; watch the lag of hccm-group instead"
        ),
    ),
    (
        "gateway configuration",
        configured_later,
        f"warning: config map {NS}-gateway-envoy-config in namespace {NS} was changed at 2026-11-20T08:00:00Z, after",
    ),
]
