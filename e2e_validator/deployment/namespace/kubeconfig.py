"""Which cluster: the one of a kubeconfig, or the one that this process runs in."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import urllib3
from yaml import YAMLError

from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.errors import UsageError

# A server under load says so and means it; code that waits longer says so too: waiters and forwards.
_AGAIN = urllib3.Retry(
    total=3,
    backoff_factor=0.2,
    status_forcelist={429, 500, 502, 503, 504},
    allowed_methods={"GET"},
    respect_retry_after_header=False,
    raise_on_status=False,
)


def connect(kubeconfig: str = "", context: str = "") -> Kube:
    """The cluster that a kubeconfig names; without one, in a pod, the cluster it runs in.

    Nothing is sent yet.

    Raises:
        UsageError: there is no kubeconfig, it cannot be read, or has no such context.
    """
    from kubernetes import client
    from kubernetes.config.config_exception import ConfigException

    config: Any = import_module("kubernetes.config")  # without types
    inside = "KUBERNETES_SERVICE_HOST" in os.environ and not kubeconfig and not context and not _kubeconfig_is_there()

    def read() -> client.ApiClient:
        configuration = client.Configuration()
        try:
            if inside:
                config.load_incluster_config(client_configuration=configuration)
            else:
                config.load_kube_config(
                    config_file=kubeconfig or None,
                    context=context or None,
                    client_configuration=configuration,
                    persist_config=False,
                )
        except (ConfigException, YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(_no_config(kubeconfig, context, error)) from None
        configuration.retries = _AGAIN
        return client.ApiClient(configuration)

    return Kube(read, in_cluster=inside, kubeconfig=kubeconfig, context=context)


def _kubeconfig_is_there() -> bool:
    named = os.environ.get("KUBECONFIG", "")
    try:
        files = named.split(os.pathsep) if named else [str(Path.home() / ".kube" / "config")]
    except RuntimeError:  # a user without a name, and so without a home
        return False
    return any(Path(file).is_file() for file in files if file)


def _no_config(kubeconfig: str, context: str, error: Exception) -> str:
    """What is wrong with the kubeconfig; of the cause only what the library says of a file or a context."""
    if kubeconfig and not Path(kubeconfig).is_file():
        return f"--kubeconfig {kubeconfig}: there is no such file."
    if not kubeconfig and not _kubeconfig_is_there():
        return "--namespace: there is no kubeconfig; give --kubeconfig FILE, or set KUBECONFIG."
    where = f"--kubeconfig {kubeconfig}" if kubeconfig else "the kubeconfig"
    if context and "context" in str(error).lower():
        return f"--context {context}: {where} has no such context."
    return f"{where}: cannot be used ({type(error).__name__}); does kubectl work with it?"
