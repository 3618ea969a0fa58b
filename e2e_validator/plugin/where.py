"""The options and variables that name a namespace, and what they may be combined with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from e2e_validator.deployment.namespace import Where
from e2e_validator.errors import UsageError
from e2e_validator.plugin.options import value

_TRUE = {"1", "true", "yes"}


def read_where(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Where | None:
    """The namespace that is meant, or None; a file given with it holds settings.

    Raises:
        UsageError: options that need a namespace, without one; or a namespace and an embedded stack.
    """
    namespace, target, embedded = (value(config, name) for name in ("--namespace", "--target", "--embedded"))
    if embedded and (namespace or target):
        raise UsageError("Give only one of --namespace, --target and --embedded.")
    if not namespace and not embedded and not target:
        namespace = environ.get("E2E_NAMESPACE", "")
    if not namespace:
        for option in ("--kubeconfig", "--context", "--set"):
            if value(config, option):
                raise UsageError(f"{option}: is about a namespace; give --namespace NS too.")
        if value(config, "--insecure"):
            raise UsageError("--insecure: is about a namespace; with --target, write verify: false into the file.")
        return None
    kubeconfig = value(config, "--kubeconfig") or environ.get("E2E_KUBECONFIG", "")
    if kubeconfig and not Path(kubeconfig).is_file():
        raise UsageError(f"--kubeconfig {kubeconfig}: there is no such file.")
    return Where(
        namespace=namespace,
        kubeconfig=kubeconfig,
        context=value(config, "--context") or environ.get("E2E_CONTEXT", ""),
        settings=tuple(value(config, "--set")),
        file=Path(target) if target else None,
        insecure=value(config, "--insecure") or environ.get("E2E_INSECURE", "").lower() in _TRUE,
    )
