"""Pods: are they there, do they stay, can they start."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.checks.check import Check, Issue, Severity, error
from e2e_validator.checks.look import Json, Look, Workload, name_of, some, statuses

# A deployment that was installed before its database has restarted a few times, and is well.
MANY_RESTARTS = 5
KILLED = 137
_NO_IMAGE = {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
# What a release cannot do without; workers have a check of their own, the rest may be elsewhere.
_ALWAYS = ("api", "masu", "beat", "listener")


def severity(look: Look, workload: Workload) -> Severity:
    """An error where something that is needed has no pod that is ready."""
    down = workload.component in look.needed and not workload.ready
    return Severity.ERROR if down else Severity.WARNING


def _replicas(look: Look) -> Iterator[Issue]:
    for component in _ALWAYS:
        if component in look.needed and not look.of(component):
            yield error(
                f"release {look.release or '(without label)'} in namespace {look.namespace} has no {component}",
                "enable it in the chart's values and run helm upgrade",
            )
    for workload in look.workloads:
        if not workload.wanted and workload.component in look.needed:
            yield Issue(
                severity(look, workload),
                f"{workload} in namespace {look.namespace} is scaled to 0",
                f"kubectl scale -n {look.namespace} {workload.kind.lower()}/{workload.name} --replicas=1",
            )
        elif workload.ready < workload.wanted:
            yield Issue(
                severity(look, workload),
                f"{workload} in namespace {look.namespace} has {workload.ready} of {workload.wanted} pods ready"
                f"{_why(look, workload)}",
                _remedy(look, workload),
            )


def _why(look: Look, workload: Workload) -> str:
    for pod in workload.pods:
        for condition in (pod.get("status") or {}).get("conditions") or []:
            if condition.get("reason") == "Unschedulable":
                return f" ({condition.get('message', 'unschedulable')})"
        if said := look.warned("Pod", name_of(pod), "Unhealthy", "FailedMount", "FailedCreatePodSandBox"):
            return f" ({said})"
    made_by = ((workload.kind, workload.name), *(("ReplicaSet", one) for one in _replica_sets(workload)))
    said = next((text for kind, name in made_by if (text := look.warned(kind, name, "FailedCreate"))), "")
    return f" ({said})" if said else ""


def _remedy(look: Look, workload: Workload) -> str:
    if len(workload.pods) < workload.wanted:
        return f"kubectl describe -n {look.namespace} {workload.kind.lower()}/{workload.name} says why, a quota perhaps"
    unready = next(pod for pod in workload.pods if not _is_up(pod))
    return f"kubectl describe -n {look.namespace} pod/{name_of(unready)} says why"


def _is_up(pod: Json) -> bool:
    conditions = {entry.get("type"): entry.get("status") for entry in pod["status"].get("conditions") or []}
    return conditions.get("Ready") == "True"


def _replica_sets(workload: Workload) -> set[str]:
    owners = (owner for pod in workload.pods for owner in pod["metadata"].get("ownerReferences") or [])
    return {owner["name"] for owner in owners if owner.get("kind") == "ReplicaSet"}


def _restarts(look: Look) -> Iterator[Issue]:
    for workload, pod, status in _containers(look):
        waiting = (status.get("state") or {}).get("waiting") or {}
        looping = waiting.get("reason") == "CrashLoopBackOff"
        code = _last_code(status)
        if code == KILLED or not (looping or status.get("restartCount", 0) >= MANY_RESTARTS):
            continue
        last = f", last with exit code {code}" if code is not None else ""
        doing = "ends again and again" if looping else "has been restarted"
        yield Issue(
            severity(look, workload),
            f"container {status['name']} of pod {name_of(pod)} {doing} ({status['restartCount']} restarts{last})",
            f"read kubectl logs -n {look.namespace} {name_of(pod)} -c {status['name']} --previous",
        )


def _killed(look: Look) -> Iterator[Issue]:
    for workload, pod, status in _containers(look):
        if _last_code(status) == KILLED:
            spec: Json = next((one for one in pod["spec"]["containers"] if one["name"] == status["name"]), {})
            limit = ((spec.get("resources") or {}).get("limits") or {}).get("memory")
            yield Issue(
                severity(look, workload),
                f"container {status['name']} of pod {name_of(pod)} was killed (exit code 137, {_reason(status)})",
                f"raise its memory limit{f' of {limit}' if limit else ''}; what it was working on may be lost",
            )


def _images(look: Look) -> Iterator[Issue]:
    for workload in look.workloads:
        missing: dict[str, list[str]] = {}
        for pod in workload.pods:
            for status in statuses(pod):
                if ((status.get("state") or {}).get("waiting") or {}).get("reason") in _NO_IMAGE:
                    missing.setdefault(str(status.get("image", "?")), []).append(name_of(pod))
        for image, pods in missing.items():
            said = look.warned("Pod", pods[0], "Failed")
            yield Issue(
                severity(look, workload),
                f"{workload} in namespace {look.namespace} cannot pull its image {image} for {some(pods)}"
                f"{f' ({said})' if said else ''}",
                "correct the image in the chart's values, or give the service account a pull secret",
            )


def _containers(look: Look) -> Iterator[tuple[Workload, Json, Json]]:
    for workload in look.workloads:
        for pod in workload.pods:
            for status in statuses(pod):
                yield workload, pod, status


def _last_code(status: Json) -> int | None:
    for state in ("state", "lastState"):
        ended = (status.get(state) or {}).get("terminated")
        if ended and (state == "lastState" or ended.get("exitCode")):
            return int(ended["exitCode"])
    return None


def _reason(status: Json) -> str:
    for state in ("state", "lastState"):
        ended = (status.get(state) or {}).get("terminated")
        if ended:
            return str(ended.get("reason") or "no reason given")
    return "no reason given"


CHECKS = (
    Check("replicas", "every workload has the pods that it wants", _replicas),
    Check("restarts", "no container restarts often", _restarts),
    Check("killed containers", "no container was killed", _killed),
    Check("images", "every image could be pulled", _images),
)
