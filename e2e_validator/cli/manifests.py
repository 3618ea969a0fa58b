"""``e2e-validator manifests``."""

from __future__ import annotations

import click

from e2e_validator.errors import UsageError


@click.command()
@click.option("-n", "--namespace", envvar="E2E_NAMESPACE", help="Kubernetes namespace of the deployment.")
@click.option("--image", default="e2e-validator:latest", show_default=True, help="The image; see --containerfile.")
@click.option("--completions", type=click.IntRange(1), default=1, show_default=True, help="Pods that share the work.")
@click.option("--helm-test", is_flag=True, help="A hook of 'helm test' instead of a Job.")
@click.option("--kafka-namespace", default="", metavar="NS", help="Where the brokers are, if in this cluster.")
@click.option("--keycloak-namespace", default="", metavar="NS", help="Where Keycloak and its secrets are.")
@click.option("--object-store-namespace", default="", metavar="NS", help="Where the object store is.")
@click.option("--trino-namespace", default="", metavar="NS", help="Where Trino is, if in a namespace of its own.")
@click.option("--openshift", is_flag=True, help="Also read the router's authority, for Routes.")
@click.option("--with-exec", is_flag=True, help="Also allow commands in pods, the last resort to reach something.")
@click.option("--containerfile", is_flag=True, help="Print the image's definition instead.")
@click.argument("arguments", nargs=-1)
def manifests(
    namespace: str | None,
    image: str,
    completions: int,
    kafka_namespace: str,
    keycloak_namespace: str,
    object_store_namespace: str,
    trino_namespace: str,
    arguments: tuple[str, ...],
    *,
    helm_test: bool,
    openshift: bool,
    with_exec: bool,
    containerfile: bool,
) -> None:
    """Print what runs the scenarios inside the cluster: account, minimal roles, Job; for kubectl apply.

    ARGUMENTS are pytest's (default: scenarios/); put -- before those that begin with a dash.
    """
    from e2e_validator.deployment.manifests.image import CONTAINERFILE
    from e2e_validator.deployment.manifests.job import Work
    from e2e_validator.deployment.manifests.rbac import Account, around
    from e2e_validator.deployment.manifests.text import manifests_text

    if containerfile:
        click.echo(CONTAINERFILE, nl=False)
        return
    if not namespace:
        raise UsageError("manifests: give the namespace with -n NS.")
    if helm_test and completions > 1:
        raise UsageError("manifests: --helm-test makes one pod; leave --completions out.")
    named = (kafka_namespace, keycloak_namespace, object_store_namespace, trino_namespace)
    places = around(*named, openshift=openshift)
    work = Work(namespace, image, completions, arguments)
    click.echo(manifests_text(Account(namespace, places, with_exec), work, hook=helm_test), nl=False)
