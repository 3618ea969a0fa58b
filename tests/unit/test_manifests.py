"""What runs the validator in the cluster: only what the table of permissions says, and a Job that tells how it went."""

from __future__ import annotations

import base64
import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cluster.roles import Attempt, Role

from e2e_validator.cli import cli
from e2e_validator.deployment.manifests.job import BEGIN, END, Work
from e2e_validator.deployment.manifests.permissions import PERMISSIONS

NS = "cost-onprem"
USER = f"system:serviceaccount:{NS}:e2e-validator"
EVERYTHING = (
    "--kafka-namespace", "kafka", "--keycloak-namespace", "keycloak", "--object-store-namespace", "s4",
    "--trino-namespace", "trino", "--openshift", "--with-exec",
)  # fmt: skip


def printed(*arguments: str) -> str:
    ended = CliRunner().invoke(cli, ["manifests", *arguments])
    assert ended.exit_code == 0, ended.output
    return ended.output


def objects(*arguments: str) -> list[dict[str, Any]]:
    return [entry for entry in yaml.safe_load_all(printed("-n", NS, *arguments)) if entry]


def of_kind(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["kind"] == kind]


def test_roles_allow_the_table_and_nothing_else() -> None:
    entries = objects(*EVERYTHING)
    allowed = {
        (role["metadata"]["namespace"], group, resource, verb)
        for role in of_kind(entries, "Role")
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    places = {
        "deployment": NS, "kafka": "kafka", "keycloak": "keycloak", "object store": "s4",
        "trino": "trino", "router": "openshift-config-managed",
    }  # fmt: skip
    assert allowed == {(places[one.where], one.group, one.resource, verb) for one in PERMISSIONS for verb in one.verbs}
    assert not of_kind(entries, "ClusterRole")
    assert "*" not in {part for entry in allowed for part in entry}


def test_nothing_may_be_written_through_the_api_server() -> None:
    writing = [(one.resource, verb) for one in PERMISSIONS for verb in one.verbs if verb not in {"get", "list"}]
    assert {resource for resource, _ in writing} == {"pods/portforward", "pods/exec"}


@pytest.mark.parametrize(
    ("arguments", "attempt", "allowed"),
    [
        ((), Attempt("get", "secrets", namespace=NS), True),
        ((), Attempt("list", "secrets", namespace=NS), False),
        ((), Attempt("get", "secrets", namespace="keycloak"), False),
        (("--keycloak-namespace", "keycloak"), Attempt("get", "secrets", namespace="keycloak"), True),
        ((), Attempt("create", "pods/exec", namespace=NS), False),
        (("--with-exec",), Attempt("create", "pods/exec", namespace=NS), True),
        (EVERYTHING, Attempt("get", "configmaps", namespace="openshift-config-managed", name="other"), False),
        (EVERYTHING, Attempt("delete", "pods", namespace=NS), False),
    ],
)
def test_a_permission_holds_only_where_it_was_asked_for(
    arguments: tuple[str, ...], attempt: Attempt, allowed: bool
) -> None:
    assert Role.of_manifests(objects(*arguments), USER).allows(attempt) is allowed


def test_each_permission_is_in_the_table_with_what_it_is_for() -> None:
    text = printed("-n", NS, *EVERYTHING)
    for one in PERMISSIONS:
        assert any(
            line.startswith("#") and one.resource in line and ", ".join(one.verbs) in line and one.purpose in line
            for line in text.splitlines()
        ), one


def test_what_is_left_out_is_said_with_the_option_that_adds_it() -> None:
    text = printed("-n", NS)
    for option in ("--kafka-namespace", "--keycloak-namespace", "--object-store-namespace", "--openshift"):
        assert f"Left out, as {option} is not given" in text
    assert "not given" not in printed("-n", NS, *EVERYTHING)


def test_a_run_that_failed_is_never_tried_again() -> None:
    (one,) = of_kind(objects(), "Job")
    assert one["spec"]["backoffLimit"] == 0
    assert one["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    (many,) = of_kind(objects("--completions", "4"), "Job")
    assert (many["spec"]["completionMode"], many["spec"]["completions"]) == ("Indexed", 4)
    assert (many["spec"]["backoffLimitPerIndex"], many["spec"]["maxFailedIndexes"]) == (0, 4)


def test_each_pod_of_many_takes_its_share() -> None:
    (many,) = of_kind(objects("--completions", "4"), "Job")
    script = many["spec"]["template"]["spec"]["containers"][0]["command"][2]
    assert '--share "$JOB_COMPLETION_INDEX/4"' in script
    assert "--share" not in of_kind(objects(), "Job")[0]["spec"]["template"]["spec"]["containers"][0]["command"][2]


def test_the_hook_of_helm_is_the_same_run() -> None:
    (pod,) = of_kind(objects("--helm-test"), "Pod")
    (job,) = of_kind(objects(), "Job")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert pod["spec"] == job["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "give the namespace with -n NS"),
        (("-n", NS, "--helm-test", "--completions", "2"), "leave --completions out"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    ended = CliRunner().invoke(cli, ["manifests", *arguments], env={"E2E_NAMESPACE": ""})
    assert ended.exit_code != 0
    assert sentence in str(ended.exception)


def test_everything_that_the_image_copies_is_in_the_checkout(checkout: Path) -> None:
    copied = [line.split()[1:-1] for line in printed("--containerfile").splitlines() if line.startswith("COPY")]
    assert all((checkout / name).exists() for names in copied for name in names)


@pytest.mark.parametrize("code", [0, 1, 12])
def test_the_script_ends_as_pytest_did_with_an_archive(tmp_path: Path, code: int) -> None:
    results, programs = tmp_path / "results", tmp_path / "bin"
    (results / "run").mkdir(parents=True)
    programs.mkdir()
    (results / "run" / "results.json").write_text("{}")
    (results / "run" / "payload.csv").write_text("generated")
    (programs / "pytest").write_text(f'#!/bin/sh\necho "args $*"\nexit {code}\n')
    (programs / "pytest").chmod(0o755)
    script = Work(NS, "image", 3, ("scenarios/", "-m", "smoke and not slow"), str(results)).script
    env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "JOB_COMPLETION_INDEX": "2", "TMPDIR": str(tmp_path)}
    ended = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (code, "")
    assert "-m smoke and not slow --namespace cost-onprem" in ended.stdout
    assert "--share 2/3" in ended.stdout
    archive = ended.stdout.partition(f"{BEGIN}\n")[2].partition(END)[0]
    with tarfile.open(fileobj=BytesIO(base64.b64decode(archive))) as tar:
        names = tar.getnames()
    assert "./run/results.json" in names
    assert "./run/payload.csv" not in names
