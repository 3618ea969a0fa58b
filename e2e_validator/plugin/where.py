"""The options and variables that name a namespace, and what they may be combined with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from e2e_validator.deployment.namespace import Where
from e2e_validator.errors import UsageError

_TRUE = {"1", "true", "yes"}


def add_namespace_options(target: pytest.OptionGroup) -> None:
    """Declare them."""
    target.addoption(
        "--namespace",
        metavar="NS",
        help="Kubernetes namespace of a Helm deployment; everything else is found (E2E_NAMESPACE).",
    )
    target.addoption(
        "--kubeconfig",
        metavar="FILE",
        help="With --namespace: the kubeconfig (E2E_KUBECONFIG; default: KUBECONFIG, ~/.kube/config, or the pod we run"
        " in).",
    )
    target.addoption("--context", metavar="NAME", help="With --namespace: a context of the kubeconfig (E2E_CONTEXT).")
    target.addoption(
        "--set",
        dest="e2e_set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="With --namespace: a value that is not to be looked for, such as database.host=db.example.com; may be"
        " repeated. 'e2e-validator doctor --settings' lists them. Secrets belong into the environment:"
        " E2E_DATABASE_PASSWORD for database.password.",
    )
    target.addoption(
        "--insecure",
        action="store_true",
        help="With --namespace: do not verify the certificates of the deployment (E2E_INSECURE=1).",
    )


def read_where(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Where | None:
    """The namespace that is meant, or None; a file given with it holds settings.

    Raises:
        UsageError: options that need a namespace, without one; or a namespace and an embedded stack.
    """
    namespace, target, embedded = (config.getoption(name) for name in ("--namespace", "--target", "--embedded"))
    if embedded and (namespace or target):
        raise UsageError("Give only one of --namespace, --target and --embedded.")
    if not namespace and not embedded and not target:
        namespace = environ.get("E2E_NAMESPACE", "")
    if not namespace:
        for option, dest in (("--kubeconfig", "kubeconfig"), ("--context", "context"), ("--set", "e2e_set")):
            if config.getoption(dest):
                raise UsageError(f"{option}: is about a namespace; give --namespace NS too.")
        if config.getoption("--insecure"):
            raise UsageError("--insecure: is about a namespace; with --target, write verify: false into the file.")
        return None
    kubeconfig = config.getoption("--kubeconfig") or environ.get("E2E_KUBECONFIG", "")
    if kubeconfig and not Path(kubeconfig).is_file():
        raise UsageError(f"--kubeconfig {kubeconfig}: there is no such file.")
    return Where(
        namespace=namespace,
        kubeconfig=kubeconfig,
        context=config.getoption("--context") or environ.get("E2E_CONTEXT", ""),
        settings=tuple(config.getoption("e2e_set")),
        file=Path(target) if target else None,
        insecure=config.getoption("--insecure") or environ.get("E2E_INSECURE", "").lower() in _TRUE,
    )
