"""The manifests as text: YAML for ``kubectl apply -f -``, with what each permission is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from e2e_validator.deployment.manifests.job import BEGIN, END, Work, helm_test, job
from e2e_validator.deployment.manifests.permissions import PERMISSIONS, Where
from e2e_validator.deployment.manifests.rbac import NAME, Account, rbac, table


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, lists below their key, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - a reader should not have to look elsewhere
        """Write everything out."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's own
        """Indent lists."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def manifests_text(account: Account, work: Work, *, hook: bool = False) -> str:
    """All of it, in the order in which it must be applied."""
    parts = ["".join(f"# {line}".rstrip() + "\n" for line in _notes(account, work, hook=hook))]
    objects = [*rbac(account), helm_test(work) if hook else job(work)]
    parts += [yaml.dump(entry, Dumper=_Dumper, sort_keys=False, width=120) for entry in objects]
    return "---\n".join(parts)


def _notes(account: Account, work: Work, *, hook: bool) -> Iterator[str]:
    pods = "pod" if hook else "job"
    name = f"{NAME}-test" if hook else NAME
    yield "What each permission is for. Nothing else is asked of the API server; nothing is written through it."
    yield ""
    yield from table(account)
    yield ""
    for where, option in _OPTIONS.items():
        if where not in account.around:
            purposes = "; ".join(dict.fromkeys(one.purpose for one in PERMISSIONS if one.where is where))
            yield f"Left out, as {option} is not given: {purposes}."
    if not account.last_resort:
        yield "Left out, as --with-exec is not given: pods/exec, the last resort for what only masu's pod reaches."
    yield ""
    if hook:
        yield "For the chart's templates/tests/; then: helm test RELEASE --logs"
    yield f"Results: kubectl -n {work.namespace} logs -f {pods}/{name}"
    if work.completions > 1:
        yield f"  of share I of {work.completions}: the pod with the label batch.kubernetes.io/job-completion-index=I"
    yield f"Archive: kubectl -n {work.namespace} logs {pods}/{name} |"
    yield f"  sed -n '/^{BEGIN}/,/^{END}/p' | sed '1d;$d' | base64 -d > results.tgz"
    yield "Secrets that are not to be found come as variables of the container, such as E2E_DATABASE_PASSWORD."


_OPTIONS = {
    Where.KAFKA: "--kafka-namespace",
    Where.KEYCLOAK: "--keycloak-namespace",
    Where.OBJECT_STORE: "--object-store-namespace",
    Where.TRINO: "--trino-namespace",
    Where.ROUTER: "--openshift",
}
