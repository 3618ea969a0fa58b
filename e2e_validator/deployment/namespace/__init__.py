"""A Helm deployment, from nothing but its namespace."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from e2e_validator.errors import Blocked, UsageError

if TYPE_CHECKING:
    from e2e_validator.deployment.namespace.opening import Opened
    from e2e_validator.deployment.target import Target


@dataclass(frozen=True, slots=True)
class Where:
    """Which namespace of which cluster, and what is said of it by hand; ``file`` and ``settings`` name settings."""

    namespace: str
    kubeconfig: str = ""
    context: str = ""
    settings: tuple[str, ...] = field(default=(), repr=False)
    file: Path | None = None
    insecure: bool = False


def identity(where: Where) -> dict[str, str]:
    """What a later run can compare to know that it is on the same deployment; raises UsageError."""
    from e2e_validator.deployment.namespace.kubeconfig import connect

    return {"cluster": connect(where.kubeconfig, where.context).server, "namespace": where.namespace}


def open_where(where: Where, environ: Mapping[str, str] | None = None) -> Opened:
    """Discover and reach a deployment; what is missing stands in the result.

    Raises:
        UsageError: no kubeconfig, no such context, a setting that there is not.
        Blocked: the API server does not answer, or does not let us in.
    """
    from e2e_validator.deployment.namespace.kubeconfig import connect
    from e2e_validator.deployment.namespace.opening import open_namespace
    from e2e_validator.deployment.namespace.overrides import Overrides
    from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed

    given = Overrides.collect(where.settings, os.environ if environ is None else environ, where.file)
    kube = connect(where.kubeconfig, where.context)
    try:
        return open_namespace(kube, where.namespace, given, insecure=where.insecure)
    except ClusterAway as error:
        raise Blocked(f"Namespace {where.namespace} cannot be looked at: {error}.") from error
    except NotAllowed as refusal:
        raise Blocked(f"Namespace {where.namespace} cannot be looked at: {refusal.description}.") from refusal


def stack_of(where: Where, environ: Mapping[str, str] | None = None) -> str | None:
    """Which Koku stands in the namespace, as its pods say; None where that cannot be told, which a run says later.

    Nothing but pods, and what their variables refer to, is looked at.
    """
    from e2e_validator.deployment.namespace.discovery import discover_stack
    from e2e_validator.deployment.namespace.kubeconfig import connect
    from e2e_validator.deployment.namespace.overrides import Overrides
    from e2e_validator.deployment.namespace.refusals import ClusterAway, NotAllowed

    try:
        given = Overrides.collect(where.settings, os.environ if environ is None else environ, where.file)
        return discover_stack(connect(where.kubeconfig, where.context), where.namespace, given)
    except (UsageError, ClusterAway, NotAllowed):
        return None


def start(where: Where, environ: Mapping[str, str] | None = None) -> tuple[Target, Opened]:
    """The target in a namespace, and what must be closed when the run ends.

    Raises:
        UsageError: as ``open_where``.
        Blocked: as ``open_where``; or something that a run needs is missing: the first in a sentence, all as detail.
    """
    opened = open_where(where, environ)
    if opened.target is not None:
        return opened.target, opened
    opened.close()
    failures = opened.found.failures
    if not failures:
        raise Blocked(f"Namespace {where.namespace}: no target could be made of what was found.")
    first = failures[0]
    detail = "\n".join(f"{remark.level:<5} {remark.name}: {remark.text}" for remark in opened.found.remarks)
    raise Blocked(f"Namespace {where.namespace}: {first.name}: {first.text}", detail=detail)
