"""Objects of Kubernetes with all the fields that its API always fills in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Labels = Mapping[str, str]

SINCE = "2026-11-01T08:00:00Z"
"""When everything was installed."""


def make(kind: str, namespace: str, name: str, labels: Labels | None = None, **rest: Any) -> Json:
    """An object; its ``apiVersion`` follows from its kind."""
    metadata: Json = {"name": name, "creationTimestamp": SINCE}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": _VERSIONS.get(kind, "v1"), "kind": kind, "metadata": metadata, **rest}


_VERSIONS = {
    **dict.fromkeys(("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("NetworkPolicy", "Ingress"), "networking.k8s.io/v1"),
    "Route": "route.openshift.io/v1",
    "Kafka": "kafka.strimzi.io/v1beta2",
    "KafkaTopic": "kafka.strimzi.io/v1beta2",
    "Keycloak": "k8s.keycloak.org/v2alpha1",
}


def secret(namespace: str, name: str, values: Mapping[str, str], labels: Labels | None = None) -> Json:
    """A secret with these values."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return make("Secret", namespace, name, labels, type="Opaque", data=data)


def config_map(namespace: str, name: str, values: Mapping[str, str], labels: Labels | None = None) -> Json:
    """A config map with these values."""
    return make("ConfigMap", namespace, name, labels, data=dict(values))


def service(
    namespace: str, name: str, ports: Mapping[str, tuple[int, int]], selector: Labels, labels: Labels | None = None
) -> Json:
    """A service; ``ports``: name -> port and the pods' port."""
    spec = {
        "type": "ClusterIP",
        "clusterIP": f"10.96.{_number(namespace) % 250}.{_number(name) % 250}",
        "selector": dict(selector),
        "ports": [
            {"name": port, "port": outside, "targetPort": inside, "protocol": "TCP"}
            for port, (outside, inside) in ports.items()
        ],
    }
    return make("Service", namespace, name, labels or selector, spec=spec, status={"loadBalancer": {}})


def claim(namespace: str, name: str, size: str, labels: Labels | None = None) -> Json:
    """A bound claim of storage."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
        "storageClassName": "ocs-storagecluster-ceph-rbd",
        "volumeMode": "Filesystem",
        "volumeName": f"pvc-{_hash(name)}",
    }
    status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}
    return make("PersistentVolumeClaim", namespace, name, labels, spec=spec, status=status)


def container(
    name: str,
    image: str,
    *,
    ports: Sequence[int] = (),
    env: Sequence[Json] = (),
    probe: Json | None = None,
    mounts: Mapping[str, str] | None = None,
) -> Json:
    """A container; ``mounts``: volume -> path."""
    found: Json = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent"}
    found["resources"] = {
        "requests": {"cpu": "150m", "memory": "300Mi"},
        "limits": {"cpu": "300m", "memory": "600Mi"},
    }
    if ports:
        found["ports"] = [{"containerPort": port, "protocol": "TCP"} for port in ports]
    if env:
        found["env"] = list(env)
    if probe:
        found |= {"livenessProbe": probe, "readinessProbe": probe}
    if mounts:
        found["volumeMounts"] = [{"name": volume, "mountPath": path} for volume, path in mounts.items()]
    return found


def pod(namespace: str, name: str, labels: Labels, spec: Json, owner: Json | None) -> Json:
    """A pod that runs and is ready."""
    found = make("Pod", namespace, name, labels, spec={"restartPolicy": "Always", "nodeName": "worker-0", **spec})
    if owner is not None:
        found["metadata"]["ownerReferences"] = [owner]
    found["status"] = {
        "phase": "Running",
        "podIP": f"10.128.{_number(namespace) % 250}.{_number(name) % 250}",
        "hostIP": "192.168.1.10",
        "startTime": SINCE,
        "qosClass": "Burstable",
        "conditions": conditions(ready=True),
        "containerStatuses": [
            {
                "name": entry["name"],
                "image": entry["image"],
                "imageID": _image_id(entry["image"]),
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": SINCE}},
                "lastState": {},
            }
            for entry in spec["containers"]
        ],
    }
    return found


def _image_id(image: str) -> str:
    return f"{image.rpartition(':')[0]}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def conditions(*, ready: bool, scheduled: bool = True) -> list[Json]:
    """The conditions of a pod."""
    told = {"PodScheduled": scheduled, "Initialized": scheduled, "ContainersReady": ready, "Ready": ready}
    return [
        {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": SINCE}
        for kind, holds in told.items()
    ]


def owner(entry: Json) -> Json:
    """The reference by which an object names what made it."""
    return {
        "apiVersion": entry["apiVersion"],
        "kind": entry["kind"],
        "name": entry["metadata"]["name"],
        "uid": uid(entry),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def uid(entry: Json) -> str:
    """The id of an object, the same each time."""
    metadata = entry["metadata"]
    text = hashlib.sha256(f"{entry['kind']} {metadata.get('namespace', '')} {metadata['name']}".encode()).hexdigest()
    found = f"{text[:8]}-{text[8:12]}-4{text[12:15]}-8{text[15:18]}-{text[18:30]}"
    metadata["uid"] = found
    return found


def event(about: Json, kind: str, reason: str, message: str, *, at: str = SINCE, count: int = 1) -> Json:
    """An event about an object; ``kind`` is ``Normal`` or ``Warning``."""
    namespace, name = about["metadata"].get("namespace", "default"), about["metadata"]["name"]
    involved = {"kind": about["kind"], "namespace": namespace, "name": name, "apiVersion": about["apiVersion"]}
    return make(
        "Event",
        namespace,
        f"{name}.{_hash(f'{kind} {reason} {message}')}",
        involvedObject={**involved, "uid": uid(about)},
        type=kind,
        reason=reason,
        message=message,
        count=count,
        firstTimestamp=at,
        lastTimestamp=at,
        source={"component": "kubelet"},
        reportingComponent="kubelet",
        reportingInstance="worker-0",
    )


def pod_name(workload: str, index: int, kind: str) -> str:
    """What the controllers of Kubernetes call a workload's pod."""
    if kind == "StatefulSet":
        return f"{workload}-{index}"
    return f"{workload}-{_hash(workload)[:9]}-{_hash(f'{workload} {index}')[:5]}"


def replica_set_name(workload: str) -> str:
    """What a deployment calls its set of replicas."""
    return f"{workload}-{_hash(workload)[:9]}"


def _hash(text: str) -> str:
    # Kubernetes leaves out vowels, so that no name is a word.
    return "".join("bcdfghjklmnpqrst"[int(digit, 16)] for digit in hashlib.sha256(text.encode()).hexdigest()[:16])


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:6], 16)
