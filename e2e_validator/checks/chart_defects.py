"""What the chart itself has wrong (docs/contract/chart.md 7.4), as far as the cluster shows it."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.checks.check import Check, Issue, information, warning
from e2e_validator.checks.look import Json, Look, name_of, some, written
from e2e_validator.checks.policies import unmet_peers

# Koku does not read the variable: its group is this one (docs/contract/chart.md 1.6).
GROUP = "hccm-group"
_FLOATING = {"master", "main", "latest", "stable", ""}


def _labels(look: Look) -> Iterator[Issue]:
    for policy, labels in unmet_peers(look):
        wanted = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
        yield warning(
            f"network policy {policy} in namespace {look.namespace} lets in pods with {wanted}, which no pod has",
            "correct the label in the policy (docs/contract/chart.md 7.4)",
        )


def _probes(look: Look) -> Iterator[Issue]:
    names = [
        workload.name
        for component in ("beat", "worker")
        for workload in look.of(component)
        if not any("livenessProbe" in container for container in workload.spec.get("containers") or [])
    ]
    if names:
        yield information(
            f"{some(names)} in namespace {look.namespace} ha{'s' if len(names) == 1 else 've'} no liveness probe",
            "a wedged worker looks like one that runs, so judge it by its queue",
        )


def _tags(look: Look) -> Iterator[Issue]:
    for workload in look.workloads:
        for container in workload.spec.get("containers") or []:
            image = str(container.get("image", ""))
            if _tag(image) in _FLOATING:
                yield information(
                    f"{workload} in namespace {look.namespace} has the image {image}, whose tag floats",
                    "pin it: what was tested today may be another image tomorrow",
                )


def _tag(image: str) -> str | None:
    """The tag; None for an image that is named by its digest."""
    return None if "@" in image else image.rpartition("/")[2].partition(":")[2]


def _group(look: Look) -> Iterator[Issue]:
    for workload in look.of("listener"):
        group = written(workload.spec, "KAFKA_CONSUMER_GROUP_ID")
        if group not in {None, GROUP}:
            yield information(
                f"{workload} in namespace {look.namespace} has KAFKA_CONSUMER_GROUP_ID={group},"
                " which Koku does not read",
                f"watch the lag of {GROUP} instead",
            )


def _gateway(look: Look) -> Iterator[Issue]:
    """Envoy reads its configuration when it starts."""
    for workload in look.of("gateway"):
        maps = {volume["configMap"]["name"] for volume in workload.spec.get("volumes") or [] if volume.get("configMap")}
        for name in sorted(maps):
            changed = _changed(look.object("configmaps", name) or {})
            old = [name_of(pod) for pod in workload.pods if (pod["status"].get("startTime") or "~") < changed]
            if old:
                yield warning(
                    f"config map {name} in namespace {look.namespace} was changed at {changed},"
                    f" after {some(old)} started",
                    f"kubectl rollout restart -n {look.namespace} deployment/{workload.name}",
                )


def _changed(entry: Json) -> str:
    """When an object was changed last, as ISO text, which can be compared as it is."""
    metadata = entry.get("metadata") or {}
    return max((str(one.get("time") or "") for one in metadata.get("managedFields") or []), default="")


CHECKS = (
    Check("labels of policies", "policies name labels that pods have", _labels),
    Check("probes", "beat and workers have liveness probes", _probes),
    Check("image tags", "every image has a tag that stays", _tags),
    Check("name of the consumer group", "no component is given another consumer group than Koku's", _group),
    Check("gateway configuration", "the gateway runs with its present configuration", _gateway),
)
