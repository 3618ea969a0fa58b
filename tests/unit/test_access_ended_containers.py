"""The containers that have ended, as pods tell of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from e2e_validator.access.cluster import Cluster
from e2e_validator.access.ended_containers import ended_containers

OOM = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-30T10:00:00Z"}
DONE = {"exitCode": 0, "finishedAt": "2026-11-30T09:00:00Z"}


def pod(name: str, *statuses: dict[str, Any], release: str = "cost") -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": release, "app.kubernetes.io/component": name}
    return {"metadata": {"name": f"{name}-0", "labels": labels}, "status": {"containerStatuses": list(statuses)}}


def cluster(*pods: dict[str, Any]) -> Cluster:
    address = SimpleNamespace(release="cost")
    return cast("Cluster", SimpleNamespace(address=address, listed=lambda _plural: list(pods)))


def test_ends_of_now_and_of_the_last_start_are_told_newest_first() -> None:
    found = ended_containers(
        cluster(
            pod("beat", {"name": "beat", "restartCount": 0, "state": {"terminated": DONE}}),
            pod("worker", {"name": "w", "restartCount": 3, "state": {"running": {}}, "lastState": {"terminated": OOM}}),
        )
    )
    assert [(one.pod, one.code, one.restarts) for one in found] == [("worker-0", 137, 3), ("beat-0", 0, 0)]
    assert str(found[0]) == "container w of pod worker-0 ended with exit code 137 (OOMKilled)"


def test_what_runs_or_is_of_another_release_has_not_ended() -> None:
    killed = {"name": "w", "state": {"terminated": OOM}}
    found = ended_containers(
        cluster(
            pod("api", {"name": "api", "state": {"running": {}}, "lastState": {}}),
            pod("worker", killed, release="other"),
            {"metadata": {"name": "new"}},
        )
    )
    assert found == ()
