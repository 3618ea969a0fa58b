"""What pods need around them: storage, services that lead to them, a database that was migrated."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.checks.check import Check, Issue, Severity, error, information, warning
from e2e_validator.checks.look import Json, Look, component_of, has_ended, labels_of, name_of
from e2e_validator.checks.workloads import severity
from e2e_validator.deployment.namespace.names import COMPONENT
from e2e_validator.deployment.namespace.pods import fits

_MIGRATIONS = {"cost-management-migration", "migration"}


def _storage(look: Look) -> Iterator[Issue]:
    claims = {name_of(claim): claim for claim in look.objects("persistentvolumeclaims")}
    for workload in look.workloads:
        for name in sorted({name for pod in workload.pods for name in _claims(pod)}):
            claim = claims.get(name)
            phase = ((claim or {}).get("status") or {}).get("phase", "not there")
            if phase == "Bound":
                continue
            said = look.warned("PersistentVolumeClaim", name, "ProvisioningFailed", "FailedBinding")
            yield Issue(
                severity(look, workload),
                f"the volume claim {name} of {workload} in namespace {look.namespace} is {phase}"
                f"{f' ({said})' if said else ''}",
                "give the cluster its storage class or a volume, or name another class in the chart's values",
            )


def _claims(pod: Json) -> Iterator[str]:
    for volume in pod["spec"].get("volumes") or []:
        if claim := volume.get("persistentVolumeClaim"):
            yield claim["claimName"]


def _endpoints(look: Look) -> Iterator[Issue]:
    addresses = {
        name_of(entry): sum(len(subset.get("addresses") or []) for subset in entry.get("subsets") or [])
        for entry in look.objects("endpoints")
    }
    named = {workload.name: workload for workload in look.workloads}
    for service in look.objects("services"):
        name, selector = name_of(service), (service.get("spec") or {}).get("selector")
        if not selector or addresses.get(name) or not (look.is_ours(service) or name in named):
            continue
        component = named[name].component if name in named else component_of(labels_of(service))
        chosen = [pod for pod in look.objects("pods") if fits(labels_of(pod), selector) and not has_ended(pod)]
        why = "none of its pods is ready" if chosen else "its selector fits no pod"
        yield Issue(
            Severity.ERROR if component in look.needed else Severity.WARNING,
            f"service {name} in namespace {look.namespace} leads nowhere: {why}",
            "mend the pods first" if chosen else "set its selector to the labels of the pods, or run helm upgrade",
        )


def _migrations(look: Look) -> Iterator[Issue]:
    jobs = [job for job in look.objects("jobs") if look.is_ours(job) and labels_of(job).get(COMPONENT) in _MIGRATIONS]
    if not jobs:
        yield information(
            f"there is no job of Koku's migration in namespace {look.namespace} any more",
            "whether it was complete is seen by the tables alone",
        )
    for job in jobs:
        conditions = {
            entry["type"]: entry
            for entry in (job.get("status") or {}).get("conditions") or []
            if entry.get("status") == "True"
        }
        name = name_of(job)
        if "Failed" in conditions:
            yield error(
                f"Koku's migration failed: job {name} in namespace {look.namespace},"
                f" {conditions['Failed'].get('reason') or 'no reason given'}",
                f"read kubectl logs -n {look.namespace} job/{name}, then run helm upgrade again",
            )
        elif not {"Complete", "SuccessCriteriaMet"} & conditions.keys():
            yield error(
                f"Koku's migration is not complete: job {name} in namespace {look.namespace}",
                f"wait for it: kubectl wait -n {look.namespace} --for=condition=complete job/{name}",
            )
    for job in look.objects("jobs"):
        failed = [one for one in (job.get("status") or {}).get("conditions") or [] if one.get("type") == "Failed"]
        if look.is_ours(job) and job not in jobs and any(one.get("status") == "True" for one in failed):
            yield warning(
                f"job {name_of(job)} in namespace {look.namespace} failed",
                f"read kubectl logs -n {look.namespace} job/{name_of(job)}",
            )


CHECKS = (
    Check("storage", "every volume claim is bound", _storage),
    Check("endpoints", "every service leads to pods", _endpoints),
    Check("migrations", "Koku's migration is complete", _migrations),
)
