"""``e2e-validator doctor``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from e2e_validator.errors import UsageError


@click.command()
@click.option("-n", "--namespace", envvar="E2E_NAMESPACE", help="Kubernetes namespace of the deployment.")
@click.option("--kubeconfig", envvar="E2E_KUBECONFIG", default="", help="The kubeconfig.")
@click.option("--context", envvar="E2E_CONTEXT", default="", help="A context of the kubeconfig.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A value that is not to be looked for.")
@click.option("--target", "file", type=click.Path(path_type=Path), help="A file of such values.")
@click.option("--insecure", is_flag=True, envvar="E2E_INSECURE", help="Do not verify the deployment's certificates.")
@click.option("--settings", "list_settings", is_flag=True, help="List the names that --set takes, and end.")
def doctor(
    namespace: str | None,
    kubeconfig: str,
    context: str,
    settings: tuple[str, ...],
    file: Path | None,
    *,
    insecure: bool,
    list_settings: bool,
) -> None:
    """Say what is found in a namespace: each value with where it comes from, and how each part is reached.

    Ends with 0, or with 10 when a run would be blocked.
    """
    from e2e_validator.deployment.namespace import Where, open_where
    from e2e_validator.deployment.namespace.doctor import doctor_lines, exit_code, setting_lines

    if list_settings:
        click.echo("\n".join(setting_lines()))
        return
    if not namespace:
        raise UsageError("doctor: give the namespace with -n NS.")
    with open_where(Where(namespace, kubeconfig, context, settings, file, insecure)) as opened:
        click.echo("\n".join(doctor_lines(opened.found)))
        sys.exit(exit_code(opened.found))
