"""A run works with exactly the rights that ``e2e-validator manifests`` prints, and names a lost one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cluster.backends import Backends
from cluster.broken import crash_loop
from cluster.installed import Installed
from cluster.picture import start
from cluster.roles import Role
from cluster.server import ApiServer
from cluster.strimzi import StrimziBrokers
from nested import TODAY, Ended, furnish, quick, run

from e2e_validator.cli import cli
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
RECORDED_DAY = date.fromisoformat(TODAY)
ISSUER_HOST = "keycloak-keycloak.apps.example.test"
USER = f"system:serviceaccount:{NS}:e2e-validator"
PLACES = (
    "--kafka-namespace", "kafka", "--keycloak-namespace", "keycloak", "--object-store-namespace", "s4-test",
    "--openshift",
)  # fmt: skip


def role(*arguments: str) -> Role:
    """What the printed manifests allow."""
    ended = CliRunner().invoke(cli, ["manifests", "-n", NS, *arguments])
    return Role.of_manifests([entry for entry in yaml.safe_load_all(ended.output) if entry], USER)


def permissions(allowed: Role) -> set[tuple[str, str, str, str]]:
    """Verb, group, resource and namespace of every permission, as the server tells what was asked for."""
    return {
        (verb, group, resource, namespace)
        for rule in allowed.rules
        for verb in rule.verbs
        for group in rule.groups
        for resource in rule.resources
        for namespace in rule.namespaces
    }


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    """A stack with every transport."""
    settings = GatewaySettings(issuer_host=ISSUER_HOST)
    with EmbeddedStack.start(today=RECORDED_DAY, transports=("gateway",), settings=settings) as stack:
        yield Backends.of(stack.endpoints)


@contextmanager
def cluster(backends: Backends, **installed: Any) -> Iterator[ApiServer]:
    server, picture = start(Installed(keycloak_url=f"http://{ISSUER_HOST}", **installed), backends)
    with server:
        crash_loop(picture, "listener")  # so that there are previous logs
        picture.load(server)
        yield server


def run_with(folder: Path, server: ApiServer, allowed: Role, *arguments: str) -> Ended:
    """A run of the account, with these rights and no others."""
    config = server.write_kubeconfig(folder / "kubeconfig", user=USER, role=allowed)
    return run(folder, *arguments, "--namespace", NS, "--kubeconfig", str(config), "--today", TODAY)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    # Red by ``tampering.py``, so that a bundle is taken too.
    return furnish(tmp_path, {"csv_value_changed": quick("csv_value_changed"), "quick": quick("quick")})


def test_a_run_needs_the_printed_rights_and_no_others(project: Path, backends: Backends) -> None:
    allowed = role(*PLACES)
    with cluster(backends) as server:
        masu = run_with(project, server, allowed, "scenarios", "--set", "transport=masu", "-p", "tampering")
        needs, denied = server.needs(), server.denied()
    assert set(masu.verdicts("quick").values()) == {"PASSED"}, masu.text
    assert "FAILED" in masu.verdicts("csv_value_changed").values(), masu.text
    assert backends.kafka is not None
    installed: dict[str, Any] = {"route": "none", "object_store": "external"}
    with cluster(backends, **installed) as server, StrimziBrokers(backends.kafka, "kafka") as brokers:
        # Brokers that tell their clients the names of their pods, which are looked up.
        server.forwards.add(*brokers.rules(Installed(**installed)))
        # A store that only the pods reach, which takes the last resort.
        every = role(*PLACES, "--with-exec")
        gateway = run_with(project, server, every, "scenarios/quick.yaml")
        needs |= server.needs()
        assert server.denied() == []
    assert gateway.code == 0, gateway.text
    assert "transport gateway" in gateway.text
    assert denied == []
    assert permissions(every) - needs == set()


# What each right is for, one by one, is in tests/embedded/test_rights_missing.py; here a run ends because of some.
@pytest.mark.parametrize(
    ("verb", "resource", "group", "sentence"),
    [
        ("get", "secrets", "", f"not allowed to get secrets in namespace {NS}"),
        (
            "list",
            "jobs",
            "batch",
            f"FAIL migrations: it cannot be looked at: not allowed to list jobs in namespace {NS}",
        ),
        pytest.param("list", "pods", "", f"not allowed to list pods in namespace {NS} (403)", marks=pytest.mark.long),
        pytest.param("get", "services", "", f"not allowed to get services in namespace {NS}", marks=pytest.mark.long),
        pytest.param(
            "get",
            "pods/portforward",
            "",
            f"not allowed to get or create pods/portforward in namespace {NS}",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_right_that_a_run_cannot_do_without_is_named(
    project: Path, backends: Backends, verb: str, resource: str, group: str, sentence: str
) -> None:
    with cluster(backends) as server:
        ended = run_with(
            project,
            server,
            role(*PLACES).without(verb, resource, group),
            "scenarios/quick.yaml",
            "--set",
            "transport=masu",
        )
    text = " ".join(ended.text.split())
    assert ended.code == 10, ended.text
    assert sentence in text
    assert "grant the permission (e2e-validator manifests prints all that are needed)" in text
    assert set(ended.verdicts("quick").values()) <= {"BLOCKED", "SKIPPED"}
    assert "Traceback" not in text


def test_a_run_says_at_its_head_what_it_goes_on_without(project: Path, backends: Backends) -> None:
    allowed, told = role(*PLACES), []
    for verb, resource, group, namespace in (
        ("list", "routes", "route.openshift.io", NS),
        ("list", "ingresses", "networking.k8s.io", NS),
        ("list", "configmaps", "", NS),
        ("get", "services", "", "kafka"),
        ("get", "secrets", "", "keycloak"),
        ("get", "configmaps", "", "openshift-config-managed"),
    ):
        allowed = allowed.without(verb, resource, group, namespace)
        told.append(f"not allowed to {verb} {resource} in namespace {namespace}")
    with cluster(backends) as server:
        ended = run_with(project, server, allowed, "scenarios/quick.yaml", "--set", "transport=masu")
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("quick").values()) == {"PASSED"}
    head = " ".join(ended.text.partition("preflight")[0].split())
    assert [sentence for sentence in told if sentence not in head] == []


def test_a_right_that_only_the_bundle_misses_is_named_in_it(project: Path, backends: Backends) -> None:
    allowed = role(*PLACES).without("get", "pods/log").without("list", "events")
    with cluster(backends) as server:
        ended = run_with(
            project, server, allowed, "scenarios/csv_value_changed.yaml", "--set", "transport=masu", "-p", "tampering"
        )
    (log,) = (ended.reports / "csv_value_changed" / "bundle").glob("*/bundle.log")
    text = log.read_text(encoding="utf-8")
    assert f"not allowed to get pods/log in namespace {NS}" in text
    assert f"not allowed to list events in namespace {NS}" in text
