"""The Job that runs the scenarios, for one pod or many, and the hook of ``helm test``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from e2e_validator.deployment.manifests.rbac import LABELS, NAME

Json = dict[str, Any]
RESULTS = "/results"
BEGIN, END = "-----BEGIN E2E RESULTS-----", "-----END E2E RESULTS-----"
# Runs side by side wait for each other where a scenario needs the organisation alone.
_WAIT = "30m"
# The run first says on stdout how it went; then the archive follows, as text between two lines. Generated data are
# left out of it: they can be made again from the scenario.
SCRIPT = """\
set -u
{pytest}
code=$?
cd {results}
draft="${{TMPDIR:-/tmp}}/results.tgz"
tar -czf "$draft" --exclude='*.csv' --exclude='*.tar.gz' .
mv "$draft" {results}/results.tgz
echo '{begin}'
base64 {results}/results.tgz
echo '{end}'
exit $code
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What is run, and with which image; with ``completions`` above 1 each pod takes its share of the scenarios."""

    namespace: str
    image: str
    completions: int = 1
    arguments: Sequence[str] = ()
    results: str = RESULTS
    """The folder that the run's folder and the archive are written to."""

    @property
    def script(self) -> str:
        """What the container's shell does."""
        words = [
            "pytest",
            *(self.arguments or ["scenarios/"]),
            "--namespace",
            self.namespace,
            "--run-dir",
            self.results,
        ]
        text = shlex.join([*words, "-p", "no:cacheprovider"])
        if self.completions > 1:
            text += f' --share "$JOB_COMPLETION_INDEX/{self.completions}" --wait-for-lock {_WAIT}'
        return SCRIPT.format(pytest=text, results=self.results, begin=BEGIN, end=END)


def job(work: Work) -> Json:
    """A Job; it never tries again: what failed once and passes then is not green."""
    spec: Json = {"backoffLimit": 0, "template": {"metadata": {"labels": LABELS}, "spec": _pod(work)}}
    if work.completions > 1:
        # One red share ends no other: backoffLimit would.
        del spec["backoffLimit"]
        spec = {
            "completionMode": "Indexed",
            "completions": work.completions,
            "parallelism": work.completions,
            "backoffLimitPerIndex": 0,
            "maxFailedIndexes": work.completions,
        } | spec
    metadata = {"name": NAME, "namespace": work.namespace, "labels": LABELS}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def helm_test(work: Work) -> Json:
    """The pod that ``helm test`` makes, for the chart's ``templates/tests/``."""
    metadata = {
        "name": f"{NAME}-test",
        "namespace": work.namespace,
        "labels": LABELS,
        "annotations": {"helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation"},
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": _pod(work)}


def _pod(work: Work) -> Json:
    return {
        "serviceAccountName": NAME,
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": NAME,
                "image": work.image,
                "command": ["/bin/sh", "-c", work.script],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
                "volumeMounts": [{"name": "results", "mountPath": work.results}],
            }
        ],
        "volumes": [{"name": "results", "emptyDir": {}}],
    }
