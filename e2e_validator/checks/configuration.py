"""Config maps, secrets and their keys: whatever a pod is made from must be there, or it does not start again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from e2e_validator.checks.check import Check, Issue, Severity
from e2e_validator.checks.look import Json, Look, containers, name_of, some
from e2e_validator.checks.workloads import severity


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """What a pod is made from: a config map or a secret, and a key of it where one is named."""

    kind: str
    name: str
    key: str = ""


def references(spec: Json) -> set[Reference]:
    """What a pod's specification cannot do without."""
    found = set()
    for container in containers(spec):
        for entry in container.get("env") or []:
            source = entry.get("valueFrom") or {}
            for field, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "config map")):
                if (named := source.get(field)) and not named.get("optional"):
                    found.add(Reference(kind, named["name"], named["key"]))
        for entry in container.get("envFrom") or []:
            for field, kind in (("secretRef", "secret"), ("configMapRef", "config map")):
                if (named := entry.get(field)) and not named.get("optional"):
                    found.add(Reference(kind, named["name"]))
    for volume in spec.get("volumes") or []:
        if (named := volume.get("secret")) and not named.get("optional"):
            found.add(Reference("secret", named["secretName"]))
        if (named := volume.get("configMap")) and not named.get("optional"):
            found.add(Reference("config map", named["name"]))
    return found


def _configuration(look: Look) -> Iterator[Issue]:
    users: dict[Reference, list[str]] = {}
    worst: dict[Reference, Severity] = {}
    for workload in look.workloads:
        for reference in references(workload.spec):
            users.setdefault(reference, []).append(workload.name)
            if worst.get(reference) is not Severity.ERROR:
                worst[reference] = severity(look, workload)
    for job in look.objects("jobs"):
        if look.is_ours(job):
            for reference in references(job["spec"]["template"].get("spec") or {}):
                users.setdefault(reference, []).append(f"job {name_of(job)}")
                worst.setdefault(reference, Severity.WARNING)
    keys = {named: _keys(look, *named) for named in sorted({(one.kind, one.name) for one in users})}
    missing: dict[tuple[str, str, str], list[Reference]] = {}
    for reference in sorted(users):
        there = keys[reference.kind, reference.name]
        if there is None or (reference.key and reference.key not in there):
            # One that is not there lacks every key; that is said once.
            key = reference.key if there is not None else ""
            missing.setdefault((reference.kind, reference.name, key), []).append(reference)
    for (kind, name, key), gone in missing.items():
        needing = sorted({user for reference in gone for user in users[reference]})
        bad = Severity.ERROR if any(worst[one] is Severity.ERROR for one in gone) else Severity.WARNING
        what = f"is no key {key} in the {kind} {name}" if key else f"is no {kind} {name}"
        yield Issue(
            bad,
            f"there {what} in namespace {look.namespace}, which {some(needing)} need{'s' * (len(needing) == 1)}",
            "make it as the chart's documentation says, or run helm upgrade",
        )


def _keys(look: Look, kind: str, name: str) -> set[str] | None:
    """The keys of a config map or secret, never what they hold; None when there is none."""
    found = look.object("secrets" if kind == "secret" else "configmaps", name)
    if found is None:
        return None
    return {*(found.get("data") or {}), *(found.get("binaryData") or {}), *(found.get("stringData") or {})}


CHECKS = (Check("configuration", "every config map, secret and key that pods need is there", _configuration),)
