"""What can be wrong with a deployment: each function changes a picture; load the picture afterwards.

Workloads are named as in :mod:`cluster.chart`: ``api``, ``masu``, ``listener``, ``beat``, ``worker-ocp``, ``database``,
``cache``, ``gateway``, ``ingress``.
"""

from __future__ import annotations

from typing import Any

from cluster import objects
from cluster.picture import Picture
from cluster.surroundings import BROKER_LABELS

Json = dict[str, Any]
LATELY = "2026-11-21T11:55:00Z"


def pod_not_ready(picture: Picture, workload: str) -> None:
    """One pod runs, and its readiness probe fails."""
    pod = picture.pods(workload)[0]
    _unready(pod)
    _warn(picture, pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count=40)


def crash_loop(picture: Picture, workload: str, *, exit_code: int = 1, restarts: int = 7, log: str = "") -> None:
    """One pod's container ends again and again; ``log`` is what its last instance wrote."""
    pod = picture.pods(workload)[0]
    status, name = _first(pod)
    message = (
        f"back-off 5m0s restarting failed container={name} pod={pod['metadata']['name']}_{picture.installed.namespace}"
    )
    status |= {"restartCount": restarts, "lastState": _terminated(exit_code, "Error")}
    status["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    _unready(pod)
    picture.write_log(pod, name, *(log or "Traceback (most recent call last):").splitlines(), previous=True)
    _warn(picture, pod, "BackOff", f"Back-off restarting failed container {name} in pod", count=restarts)


def killed_out_of_memory(picture: Picture, workload: str, *, restarts: int = 3) -> None:
    """One pod runs again after it was killed for its use of memory (exit code 137)."""
    pod = picture.pods(workload)[0]
    status, name = _first(pod)
    status |= {"restartCount": restarts, "lastState": _terminated(137, "OOMKilled")}
    picture.write_log(pod, name, "processing a large file", previous=True)


def restarted(picture: Picture, workload: str, *, times: int = 12) -> None:
    """One pod runs, and has restarted often."""
    status, _ = _first(picture.pods(workload)[0])
    status |= {"restartCount": times, "lastState": _terminated(1, "Error")}


def image_pull_back_off(picture: Picture, workload: str) -> None:
    """No pod can get its image."""
    for pod in picture.pods(workload):
        image = pod["spec"]["containers"][0]["image"]
        message = f'Back-off pulling image "{image}"'
        _waiting(pod, "ImagePullBackOff", message)
        _warn(picture, pod, "Failed", f'Failed to pull image "{image}": unauthorized: access to it is not allowed')


def missing_secret(picture: Picture, name: str) -> None:
    """A secret is gone, and the pods that need it were started anew."""
    picture.remove("Secret", name)
    for pod in picture.of_kind("Pod"):
        if name in _secrets_of(pod):
            _waiting(pod, "CreateContainerConfigError", f'secret "{name}" not found')
            _warn(picture, pod, "Failed", f'Error: secret "{name}" not found', count=30)


def missing_secret_key(picture: Picture, name: str, key: str) -> None:
    """A secret lacks a key, and the pods that need it were started anew."""
    del picture.get("Secret", name)["data"][key]
    for pod in picture.of_kind("Pod"):
        if (name, key) in _keys_of(pod):
            message = f"couldn't find key {key} in Secret {picture.installed.namespace}/{name}"
            _waiting(pod, "CreateContainerConfigError", message)
            _warn(picture, pod, "Failed", f"Error: {message}", count=30)


def missing_config_map(picture: Picture, name: str) -> None:
    """A config map is gone, and the pods that mount it were started anew."""
    picture.remove("ConfigMap", name)
    for pod in picture.of_kind("Pod"):
        if any(volume.get("configMap", {}).get("name") == name for volume in pod["spec"].get("volumes", [])):
            _waiting(pod, "ContainerCreating", "")
            _warn(picture, pod, "FailedMount", f'MountVolume.SetUp failed: configmap "{name}" not found', count=30)


def claim_pending(picture: Picture, workload: str) -> None:
    """The storage of ``database`` or ``cache`` is not there, and so its pod cannot be placed."""
    for pod in picture.pods(workload):
        for volume in pod["spec"]["volumes"]:
            name = volume.get("persistentVolumeClaim", {}).get("claimName")
            if name is not None:
                claim = picture.get("PersistentVolumeClaim", name)
                claim["status"] = {"phase": "Pending"}
                claim["spec"].pop("volumeName", None)
                _warn(picture, claim, "ProvisioningFailed", 'storageclass.storage.k8s.io "ocs" not found', count=20)
        _unplaced(picture, pod, "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.")


def unschedulable(picture: Picture, workload: str) -> None:
    """No node has room for the pods."""
    for pod in picture.pods(workload):
        _unplaced(picture, pod, "0/3 nodes are available: 3 Insufficient memory.")


def scaled_to_zero(picture: Picture, workload: str) -> None:
    """Somebody wants no pod."""
    picture.controller(workload)["spec"]["replicas"] = 0
    for entry in picture.of_kind("ReplicaSet"):
        if entry["metadata"]["name"].rpartition("-")[0] == picture.installed.name(workload):
            entry["spec"]["replicas"] = 0
    _without_pods(picture, workload)


def too_few_replicas(picture: Picture, workload: str) -> None:
    """One pod that is wanted is not there."""
    pod = picture.pods(workload)[-1]
    picture.remove("Pod", pod["metadata"]["name"])


def missing_workload(picture: Picture, workload: str) -> None:
    """There is no such deployment, nor a service of it."""
    controller = picture.controller(workload)
    name = controller["metadata"]["name"]
    _without_pods(picture, workload)
    picture.remove(controller["kind"], name)
    for entry in picture.of_kind("ReplicaSet"):
        if entry["metadata"]["name"].rpartition("-")[0] == name:
            picture.remove("ReplicaSet", entry["metadata"]["name"])
    if ("Service", picture.installed.namespace, name) in picture.objects:
        picture.remove("Service", name)


def service_without_endpoints(picture: Picture, workload: str) -> None:
    """A service selects pods that do not exist."""
    service = picture.get("Service", picture.installed.name(workload))
    service["spec"]["selector"] = {**service["spec"]["selector"], "app.kubernetes.io/component": "nobody"}


def missing_route(picture: Picture) -> None:
    """Nobody can reach the API from outside."""
    for kind in ("Route", "Ingress"):
        for entry in picture.of_kind(kind):
            picture.remove(kind, entry["metadata"]["name"])


def migration_failed(picture: Picture, *, log: str = "django.db.utils.ProgrammingError") -> None:
    """The job that migrates the database failed."""
    job = picture.get("Job", picture.installed.name("migration"))
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": objects.SINCE}
    job["status"] = {"failed": 1, "startTime": objects.SINCE, "conditions": [failed]}
    for pod in picture.pods("migration"):
        status, name = _first(pod)
        pod["status"]["phase"] = "Failed"
        status["state"] = _terminated(1, "Error")
        picture.write_log(pod, name, *log.splitlines())
    _warn(picture, job, "BackoffLimitExceeded", "Job has reached the specified backoff limit")


def migration_running(picture: Picture) -> None:
    """The job that migrates the database is at work."""
    job = picture.get("Job", picture.installed.name("migration"))
    job["status"] = {"active": 1, "startTime": LATELY}
    for pod in picture.pods("migration"):
        status, _ = _first(pod)
        pod["status"] |= {"phase": "Running", "conditions": objects.conditions(ready=True)}
        status |= {"ready": True, "started": True, "state": {"running": {"startedAt": LATELY}}}


def network_policy_blocks(picture: Picture, workload: str) -> None:
    """A policy of somebody else admits nobody to a workload's pods."""
    selector = picture.installed.selector(workload)
    spec = {"podSelector": {"matchLabels": selector}, "policyTypes": ["Ingress"], "ingress": []}
    picture.add(objects.make("NetworkPolicy", picture.installed.namespace, f"deny-{workload}", spec=spec))


def brokers_not_ready(picture: Picture) -> None:
    """Kafka runs, and none of its brokers is ready."""
    namespace = picture.installed.kafka_namespace
    for pod in picture.of_kind("Pod", namespace):
        if BROKER_LABELS.items() <= pod["metadata"]["labels"].items():
            _unready(pod)
            _warn(picture, pod, "Unhealthy", "Readiness probe failed: command timed out", count=40)
    for kafka in picture.of_kind("Kafka", namespace):
        kafka["status"]["conditions"] = [{"type": "NotReady", "status": "True", "reason": "BrokersNotReady"}]


def quota_exceeded(picture: Picture, workload: str) -> None:
    """A quota of the namespace keeps a workload's pods from being made."""
    _without_pods(picture, workload)
    hard = {"limits.memory": "8Gi"}
    quota = objects.make(
        "ResourceQuota",
        picture.installed.namespace,
        "team-quota",
        spec={"hard": hard},
        status={"hard": hard, "used": hard},
    )
    picture.add(quota)
    name = picture.installed.name(workload)
    message = f'Error creating: pods "{name}" is forbidden: exceeded quota: team-quota, limited: limits.memory=8Gi'
    _warn(picture, picture.controller(workload), "FailedCreate", message, count=15)


def mend_chart_defects(picture: Picture) -> None:
    """Make good what the chart itself has wrong (docs/contract/chart.md 7.4): tag, probes, label, name of the group."""
    for entry in [*picture.of_kind("Deployment"), *picture.of_kind("Pod")]:
        spec = entry["spec"]["template"]["spec"] if entry["kind"] == "Deployment" else entry["spec"]
        for container in spec["containers"]:
            container["image"] = container["image"].replace("/ingress:master", "/ingress:v1.2.3")
            if container["name"] in {"celery-worker", "celery-beat"}:
                container["livenessProbe"] = {"exec": {"command": ["celery", "inspect", "ping"]}}
            for variable in container.get("env", []):
                if variable["name"] == "KAFKA_CONSUMER_GROUP_ID":
                    variable["value"] = "hccm-group"
    for policy in picture.of_kind("NetworkPolicy"):
        for rule in policy["spec"]["ingress"]:
            for peer in rule["from"]:
                labels = peer["podSelector"]["matchLabels"]
                if labels.get("app.kubernetes.io/component") == "cost-management-masu":
                    labels["app.kubernetes.io/component"] = "cost-processor"


def _first(pod: Json) -> tuple[Json, str]:
    """The status of a pod's first container, and its name."""
    status: Json = pod["status"]["containerStatuses"][0]
    return status, status["name"]


def _terminated(exit_code: int, reason: str) -> Json:
    return {
        "terminated": {
            "exitCode": exit_code,
            "reason": reason,
            "startedAt": objects.SINCE,
            "finishedAt": LATELY,
            "containerID": "cri-o://0123456789abcdef",
        }
    }


def _unready(pod: Json) -> None:
    pod["status"]["conditions"] = objects.conditions(ready=False)
    _first(pod)[0]["ready"] = False


def _waiting(pod: Json, reason: str, message: str) -> None:
    status, _ = _first(pod)
    waiting = {"reason": reason} | ({"message": message} if message else {})
    status |= {"started": False, "state": {"waiting": waiting}}
    pod["status"]["phase"] = "Pending"
    _unready(pod)


def _unplaced(picture: Picture, pod: Json, message: str) -> None:
    pod["status"] = {
        "phase": "Pending",
        "qosClass": "Burstable",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
                "lastTransitionTime": objects.SINCE,
            }
        ],
    }
    pod["spec"].pop("nodeName", None)
    _warn(picture, pod, "FailedScheduling", message, count=12)


def _without_pods(picture: Picture, workload: str) -> None:
    for pod in picture.pods(workload):
        picture.remove("Pod", pod["metadata"]["name"])


def _warn(picture: Picture, about: Json, reason: str, message: str, *, count: int = 1) -> None:
    picture.add(objects.event(about, "Warning", reason, message, at=LATELY, count=count))


def _secrets_of(pod: Json) -> set[str]:
    return {name for name, _ in _keys_of(pod)}


def _keys_of(pod: Json) -> set[tuple[str, str]]:
    """The keys of secrets that the variables of a pod need."""
    found = set()
    for container in pod["spec"]["containers"]:
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference is not None and not reference.get("optional"):
                found.add((reference["name"], reference["key"]))
    return found
