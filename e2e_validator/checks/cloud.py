"""Whom Koku asks about a source that it polls: its cloud, for which something stands in that knows our buckets."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.checks.check import Check, Issue, warning
from e2e_validator.checks.look import Json, Look, Workload, some
from e2e_validator.deployment.namespace.components import needed_queues, queues_of
from e2e_validator.deployment.namespace.names import COMPONENTS
from e2e_validator.deployment.namespace.pods import Pod, fits

# What a file for the cloud's client says where it is.
_IN_A_FILE = "endpoint_url"


def _cloud(look: Look) -> Iterator[Issue]:
    asking = [*_writing_api(look), *(one for one in look.of("worker") if _polls(look, one))]
    lacking: dict[str, list[str]] = {}  # what is asked -> by which workloads
    for workload in asking:
        if _in_a_file(look, workload.spec):
            continue
        there = _variables(look, workload.spec)
        for what, names in look.clients.names.asked:
            if not there & set(names):
                lacking.setdefault(f"{what} ({' or '.join(names)})", []).append(workload.name)
    by_users: dict[tuple[str, ...], list[str]] = {}
    for what, workloads in lacking.items():
        by_users.setdefault(tuple(workloads), []).append(what)
    for users, lacks in by_users.items():
        yield warning(
            f"nothing tells {some(users)} in namespace {look.namespace} where to ask for {'; '.join(lacks)}: the cloud"
            " itself is asked, which does not know the buckets of this run",
            "set these variables to what answers for the object store (docs/cloud-sources.md says what Koku asks)",
        )


def _writing_api(look: Look) -> list[Workload]:
    """Where the API is two workloads, the one that makes sources."""
    there = look.of("api")
    chosen = ([one for one in there if fits(one.labels, labels)] for labels in COMPONENTS["api"])
    return next(filter(None, chosen), [])


def _polls(look: Look, workload: Workload) -> bool:
    needed = set(needed_queues(look.context.target.koku))
    return any(needed & set(queues_of(Pod.from_json(pod))) for pod in workload.pods)


def _variables(look: Look, spec: Json) -> set[str]:
    """The names of the variables of a pod's containers, those of whole config maps and secrets too."""
    found: set[str] = set()
    for container in spec.get("containers") or []:
        found |= {entry["name"] for entry in container.get("env") or []}
        for source in container.get("envFrom") or []:
            for kind, plural in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
                if kind in source:
                    there = look.object(plural, source[kind]["name"]) or {}
                    found |= {f"{source.get('prefix') or ''}{key}" for key in there.get("data") or {}}
    return found


def _in_a_file(look: Look, spec: Json) -> bool:
    """Whether a config map that is mounted leads the client elsewhere."""
    for volume in spec.get("volumes") or []:
        if (named := volume.get("configMap")) is not None:
            there = look.object("configmaps", named["name"]) or {}
            if any(_IN_A_FILE in text for text in (there.get("data") or {}).values()):
                return True
    return False


CHECKS = (
    Check(
        "cloud",
        "Koku is told where to ask about the sources that it polls",
        _cloud,
        of_scenario=True,
        applies=lambda look: look.has_cluster and look.classic and bool(look.clients.names.asked),
    ),
)
