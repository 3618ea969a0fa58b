"""The cluster around the deployment: pods, events, logs. What a pod's environment holds is never shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from e2e_validator.access.cluster import Cluster
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.bundle.look import Collector, Keep, Look, NotHere
from e2e_validator.moments import now

Json = dict[str, Any]
_CANNOT = (Unreachable, Refused)
LINES = 2000
# What led to a failure often stands before its phase began.
BEFORE = timedelta(minutes=2)


def _cluster(look: Look) -> Cluster:
    cluster = Cluster.of(look.target)
    if cluster is None:
        raise NotHere(f"a target of kind {look.target.kind} has no pods that we know of")
    return cluster


def _pods(look: Look, keep: Keep) -> None:
    cluster = _cluster(look)
    keep("pods.json", [pod_state(entry) for entry in cluster.listed("pods")])
    try:
        keep("versions/kubernetes.json", {"version": cluster.version()})
    except _CANNOT as error:
        keep("versions/kubernetes.json", error)


def _events(look: Look, keep: Keep) -> None:
    lines = [event_line(event) for event in _cluster(look).events()]
    keep("events.txt", "\n".join(lines) + "\n")


def _logs(look: Look, keep: Keep) -> None:
    cluster = _cluster(look)
    seconds = int((now() - look.since + BEFORE).total_seconds())
    entries = [entry for entry in cluster.listed("pods") if _of_release(entry, cluster.address.release)]
    # Those that crashed come first: their log is what is looked for, and time may run out.
    for entry in sorted(entries, key=lambda entry: -sum(restarts for _, restarts in _containers(entry))):
        pod = entry["metadata"]["name"]
        for container, restarts in _containers(entry):
            wanted = [("", False), *([(".previous", True)] if restarts else [])]
            for ending, previous in reversed(wanted):
                name = f"logs/{pod}.{container}{ending}.log"
                since = 0 if previous else seconds
                try:
                    text = cluster.log(pod, container, previous=previous, tail=LINES, since_seconds=since)
                except _CANNOT as error:
                    keep(name, error)
                else:
                    keep(name, text if text is not None else NotHere("there is no such log"))


def pod_state(entry: Json) -> Json:
    """What can be wrong with a pod, and its images; nothing of its environment."""
    status = entry.get("status") or {}
    return {
        "name": entry["metadata"]["name"],
        "component": (entry["metadata"].get("labels") or {}).get("app.kubernetes.io/component", ""),
        "phase": status.get("phase", "Unknown"),
        "reason": status.get("reason", ""),
        "node": (entry.get("spec") or {}).get("nodeName", ""),
        "started": status.get("startTime", ""),
        "leaving": entry["metadata"].get("deletionTimestamp", ""),
        "conditions": {
            one["type"]: " ".join(filter(None, (one.get("status"), one.get("reason"), one.get("message"))))
            for one in status.get("conditions") or []
            if "type" in one
        },
        "containers": [
            {
                "name": one.get("name"),
                "image": one.get("image"),
                "image_id": one.get("imageID"),
                "ready": one.get("ready"),
                "restarts": one.get("restartCount"),
                "state": one.get("state"),
                "last_state": one.get("lastState"),
            }
            for one in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
        ],
    }


def event_line(event: Json) -> str:
    """An event in a line: when, how bad, on what, why, and how often."""
    about = event.get("involvedObject") or event.get("regarding") or {}
    series = event.get("series") or {}
    when = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or ""
    count = event.get("count") or series.get("count") or 1
    message = " ".join(str(event.get("message") or event.get("note") or "").split())
    times = f" (x{count})" if count > 1 else ""
    what = f"{about.get('kind', '')}/{about.get('name', '')}"
    return f"{when}  {event.get('type', '')}  {what}  {event.get('reason', '')}: {message}{times}"


def _of_release(entry: Json, release: str) -> bool:
    return not release or (entry["metadata"].get("labels") or {}).get("app.kubernetes.io/instance") == release


def _containers(entry: Json) -> list[tuple[str, int]]:
    """The names of the containers, with how often each was restarted."""
    status = entry.get("status") or {}
    told = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    restarts = {one.get("name"): int(one.get("restartCount") or 0) for one in told}
    names = [one["name"] for one in (entry.get("spec") or {}).get("containers") or []]
    return [(name, restarts.get(name, 0)) for name in names]


PODS = Collector("pods", "state, restarts, images and last exit of every pod", _pods)
EVENTS = Collector("events", "what the cluster said lately", _events)
LOGS = Collector("logs", "the release's logs since shortly before the phase, and those of crashed containers", _logs)
