"""What the controllers of Kubernetes work out from pods: who is ready, and which address a service has."""

from __future__ import annotations

from typing import Any

from cluster import objects

Json = dict[str, Any]


def is_ready(pod: Json) -> bool:
    """Whether a pod's condition ``Ready`` is true."""
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in pod["status"]["conditions"])


def settled(found: list[Json]) -> list[Json]:
    """The objects with the status of controllers filled in, and with the endpoints of every service."""
    pods = [entry for entry in found if entry["kind"] == "Pod"]
    for entry in found:
        if entry["kind"] in {"Deployment", "StatefulSet", "ReplicaSet"}:
            own = [pod for pod in pods if _selected(entry["spec"]["selector"]["matchLabels"], entry, pod)]
            entry["status"] = _counts(entry, own)
    kept = [entry for entry in found if entry["kind"] != "Endpoints"]
    return kept + [_endpoints(entry, pods) for entry in kept if entry["kind"] == "Service"]


def _selected(selector: dict[str, str], about: Json, pod: Json) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return about["metadata"]["namespace"] == pod["metadata"]["namespace"] and selector.items() <= labels.items()


def _counts(entry: Json, own: list[Json]) -> Json:
    ready, wanted = sum(map(is_ready, own)), entry["spec"]["replicas"]
    status: Json = {"replicas": len(own), "observedGeneration": 1}
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    if entry["kind"] == "Deployment":
        if wanted > ready:
            status["unavailableReplicas"] = wanted - ready
        available = {"type": "Available", "status": "True" if ready >= wanted else "False"}
        status |= {"updatedReplicas": len(own), "conditions": [available]}
    return status


def _endpoints(service: Json, pods: list[Json]) -> Json:
    metadata, spec = service["metadata"], service["spec"]
    own = [pod for pod in pods if spec.get("selector") and _selected(spec["selector"], service, pod)]
    running = [pod for pod in own if pod["status"].get("podIP") and pod["status"]["phase"] == "Running"]
    ready = [_address(pod) for pod in running if is_ready(pod)]
    others = [_address(pod) for pod in running if not is_ready(pod)]
    made = objects.make("Endpoints", metadata["namespace"], metadata["name"], metadata.get("labels"))
    if ready or others:
        ports = [{"name": port["name"], "port": port["targetPort"], "protocol": "TCP"} for port in spec["ports"]]
        subset: Json = {"ports": ports}
        subset |= {"addresses": ready} if ready else {}
        subset |= {"notReadyAddresses": others} if others else {}
        made["subsets"] = [subset]
    return made


def _address(pod: Json) -> Json:
    target = {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"]}
    return {"ip": pod["status"]["podIP"], "targetRef": target}
