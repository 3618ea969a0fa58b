"""Which containers of the deployment have ended, as their pods tell: with which code, why, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from e2e_validator.access.cluster import Cluster

Json = dict[str, Any]
KILLED = 137


@dataclass(frozen=True, slots=True)
class EndedContainer:
    """The last end of a container; ``at`` is by the clock of its node, ``restarts`` counts all of them."""

    pod: str
    component: str
    container: str
    code: int
    reason: str
    at: datetime
    restarts: int

    def __str__(self) -> str:
        why = self.reason or "no reason given"
        return f"container {self.container} of pod {self.pod} ended with exit code {self.code} ({why})"


def ended_containers(cluster: Cluster) -> tuple[EndedContainer, ...]:
    """The containers of the release that have ended, the last first; the API server's refusals pass through."""
    found = [
        one
        for pod in cluster.listed("pods")
        if _labels(pod).get("app.kubernetes.io/instance", "") == cluster.address.release
        for one in _of_pod(pod)
    ]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _of_pod(pod: Json) -> Iterator[EndedContainer]:
    for status in (pod.get("status") or {}).get("containerStatuses") or []:
        ends = [(status.get(state) or {}).get("terminated") for state in ("state", "lastState")]
        for end in filter(None, ends):
            if end.get("finishedAt"):
                yield EndedContainer(
                    pod=str(pod["metadata"]["name"]),
                    component=_labels(pod).get("app.kubernetes.io/component", ""),
                    container=str(status.get("name")),
                    code=int(end.get("exitCode") or 0),
                    reason=str(end.get("reason") or ""),
                    at=datetime.fromisoformat(end["finishedAt"]),
                    restarts=int(status.get("restartCount") or 0),
                )
                break


def _labels(pod: Json) -> dict[str, str]:
    return pod["metadata"].get("labels") or {}
