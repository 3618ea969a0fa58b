"""Network policies: do they allow the connections that are needed, and ours if the run is in the cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from e2e_validator.checks.check import Check, Issue, Severity
from e2e_validator.checks.look import Json, Look, Workload, has_ended, labels_of, name_of, some

# Which workload asks which: without it nothing comes out.
_MUST = {
    "database": ("api", "masu", "worker", "listener", "beat"),
    "cache": ("api", "masu", "worker", "beat"),
    "api": ("gateway",),
    "ingress": ("gateway",),
    "rbac": ("api",),
    "trino": ("worker", "trino-worker"),
    "metastore": ("trino", "trino-worker"),
    "metastore-database": ("metastore",),
}
_WE_ASK = ("api", "masu", "database", "trino")
_OPERATORS: dict[str, Callable[[str | None, list[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, _: value is not None,
    "DoesNotExist": lambda value, _: value is None,
}


def chosen(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector chooses labels; an empty one chooses all."""
    selector = selector or {}
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()) and all(
        _OPERATORS[one["operator"]](labels.get(one["key"]), one.get("values") or [])
        for one in selector.get("matchExpressions") or []
    )


def _about(look: Look, workload: Workload) -> list[Json]:
    """The policies that say what may connect to a workload's pods."""
    return [
        policy
        for policy in look.objects("networkpolicies")
        if "Ingress" in (policy["spec"].get("policyTypes") or ["Ingress"])
        and chosen(policy["spec"].get("podSelector"), workload.labels)
    ]


def _may_come(policies: list[Json], labels: Mapping[str, str]) -> bool:
    """Whether any policy lets pods with these labels in; peers by address or namespace are given the benefit."""
    for policy in policies:
        for rule in policy["spec"].get("ingress") or []:
            peers = rule.get("from") or []
            if not peers or any(
                "ipBlock" in peer or "namespaceSelector" in peer or chosen(peer.get("podSelector"), labels)
                for peer in peers
            ):
                return True
    return False


def _policies(look: Look) -> Iterator[Issue]:
    for workload in look.workloads:
        policies = _about(look, workload)
        if not policies:
            continue
        bad = Severity.ERROR if workload.component in look.needed else Severity.WARNING
        names = some(map(name_of, policies))
        if not any(policy["spec"].get("ingress") for policy in policies):
            yield Issue(
                bad,
                f"network policy {names} in namespace {look.namespace} lets nothing in to {workload.name}",
                "remove it, or let in the pods of the release",
            )
            continue
        for asking in [one for name in _MUST.get(workload.component, ()) for one in look.of(name)]:
            if not _may_come(policies, asking.labels):
                yield Issue(
                    bad if asking.component in look.needed else Severity.WARNING,
                    f"network policy {names} in namespace {look.namespace} keeps {asking.name} from {workload.name}",
                    f"let in the pods of {asking.component}",
                )
        own = _own_labels(look) if workload.component in _WE_ASK else None
        if own is not None and not _may_come(policies, own):
            yield Issue(
                bad,
                f"network policy {names} in namespace {look.namespace} keeps this pod from {workload.name}",
                "add a policy that lets in the labels of this job",
            )


def _own_labels(look: Look) -> Mapping[str, str] | None:
    """The labels of the pod that this runs in; None outside of the namespace."""
    if "KUBERNETES_SERVICE_HOST" not in os.environ:
        return None
    own = os.environ.get("HOSTNAME", "")
    return next((labels_of(pod) for pod in look.objects("pods") if name_of(pod) == own), None)


def unmet_peers(look: Look) -> Iterator[tuple[str, dict[str, str]]]:
    """Policies of the release that let in pods of a component that has none: a misspelt label.

    See docs/contract/chart.md 7.4.
    """
    there = [labels_of(pod) for pod in look.objects("pods") if not has_ended(pod)]
    there += [dict(workload.labels) for workload in look.workloads]
    for policy in look.objects("networkpolicies"):
        if not look.is_ours(policy):
            continue
        for rule in policy["spec"].get("ingress") or []:
            for peer in rule.get("from") or []:
                labels = (peer.get("podSelector") or {}).get("matchLabels") or {}
                if (
                    labels
                    and "namespaceSelector" not in peer
                    and not any(labels.items() <= one.items() for one in there)
                ):
                    yield name_of(policy), labels


CHECKS = (Check("network policies", "no network policy is in the way", _policies),)
