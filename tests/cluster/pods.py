"""Which container of a pod a request means, and whether anything can be done with it."""

from __future__ import annotations

from typing import Any

from cluster.status import bad_request, internal

Json = dict[str, Any]


def container_of(pod: Json, asked: str, *, init: bool = False) -> str:
    """The container that a request names, or the only one.

    Raises:
        ApiError: 400, the pod has none of that name, or several and none was named.
    """
    spec, name = pod["spec"], pod["metadata"]["name"]
    containers = [entry["name"] for entry in spec["containers"]]
    first = [entry["name"] for entry in spec.get("initContainers") or []]
    if asked:
        if asked in containers or (init and asked in first):
            return asked
        raise bad_request(f"container {asked} is not valid for pod {name}")
    if len(containers) == 1:
        return str(containers[0])
    message = f"a container name must be specified for pod {name}, choose one of: [{' '.join(containers)}]"
    if first:
        message += f" or one of the init containers: [{' '.join(first)}]"
    raise bad_request(message)


def status_of(pod: Json, container: str) -> Json | None:
    """The container's status, if it has one yet."""
    statuses = [
        *(pod.get("status", {}).get("containerStatuses") or []),
        *(pod.get("status", {}).get("initContainerStatuses") or []),
    ]
    return next((status for status in statuses if status["name"] == container), None)


def require_running(pod: Json, container: str) -> None:
    """Raises the error that opening a stream into a container that does not run gives."""
    status = status_of(pod, container)
    if status is None or "running" not in status.get("state", {}):
        raise internal(f'unable to upgrade connection: container not found ("{container}")')


def require_running_pod(pod: Json) -> None:
    """Raises the error that a port-forward to a pod that does not run gives."""
    phase = pod.get("status", {}).get("phase", "Unknown")
    if phase != "Running":
        raise internal(f"unable to forward port because pod is not running. Current status={phase}")


def require_log(pod: Json, container: str) -> None:
    """Raises the error that reading the log of a container that never started gives."""
    status = status_of(pod, container) or {}
    waiting = status.get("state", {}).get("waiting")
    if waiting is None or status.get("restartCount"):
        return
    causes = {
        "ImagePullBackOff": "trying and failing to pull image",
        "ErrImagePull": "image can't be pulled",
        "ContainerCreating": "ContainerCreating",
        "PodInitializing": "PodInitializing",
    }
    reason = waiting.get("reason", "")
    name = pod["metadata"]["name"]
    raise bad_request(
        f'container "{container}" in pod "{name}" is waiting to start: {causes.get(reason, reason.lower())}'
    )
