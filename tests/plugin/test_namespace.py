"""Runs on a Helm deployment, from nothing but its namespace: whatever it is called, wherever its parts are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aftermath import left_behind
from click.testing import CliRunner
from cluster.backends import Backends
from cluster.edge import Edge
from cluster.installed import Installed
from cluster.picture import Picture, render, start
from cluster.server import ApiServer
from namespace_stack import backends_of
from nested import MODES, TODAY, Ended, files_with, furnish, quick, run, shipped
from nested import start as start_run
from places import PLACES

from e2e_validator.cli import cli
from e2e_validator.deployment import Target
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
RECORDED_DAY = date.fromisoformat(TODAY)
ISSUER_HOST = "keycloak-keycloak.apps.example.test"


@contextmanager
def cluster_of(target: Target, **installed: Any) -> Iterator[tuple[ApiServer, Picture]]:
    server, picture = start(Installed(**installed), backends_of(target))
    with server:
        yield server, picture


def run_in(
    folder: Path, server: ApiServer, *args: str, namespace: str = NS, env: dict[str, str] | None = None
) -> Ended:
    """A nested run on a namespace, without a way to it but the kubeconfig."""
    config = folder / "kubeconfig"
    if not config.exists():
        server.write_kubeconfig(config, namespace="default")
    options = ("--namespace", namespace, "--kubeconfig", str(config)) if env is None else ()
    return run(folder, "scenarios", "--today", TODAY, *options, *args, env=env)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return furnish(tmp_path, {"quick": quick("quick")})


# The first is the usual one; the others differ from it in one thing each.
@pytest.mark.parametrize(
    "place", [next(iter(PLACES)), *(pytest.param(one, marks=pytest.mark.long) for one in [*PLACES][1:])]
)
def test_one_pod_day_is_green_wherever_it_is_installed(tmp_path: Path, stack_target: Target, place: str) -> None:
    installed = PLACES[place]
    folder = furnish(tmp_path, {"one_pod_day": shipped("one_pod_day")})
    with cluster_of(stack_target, **installed) as (server, _):
        ended = run_in(folder, server, namespace=installed.get("namespace", NS))
    assert ended.code == 0, ended.text
    assert set(ended.verdicts("one_pod_day").values()) == {"PASSED"}
    assert f"target    namespace {installed.get('namespace', NS)}" in ended.text
    assert "transport masu: the first that is open" in ended.text
    assert left_behind(stack_target, ended) == {}


def test_namespace_and_kubeconfig_may_stand_in_the_environment(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        config = server.write_kubeconfig(project / "kubeconfig", context="prod")
        ended = run_in(
            project,
            server,
            env={"E2E_NAMESPACE": NS, "E2E_KUBECONFIG": str(config), "E2E_CONTEXT": "prod", "E2E_WAY": "masu"},
        )
    assert ended.code == 0, ended.text
    assert "transport masu: environment E2E_WAY" in ended.text


@pytest.mark.long
def test_workers_use_the_forwards_of_the_run(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        ended = run_in(project, server, *MODES["xdist"])
    assert ended.code == 0, ended.text


def test_forwards_that_are_cut_all_the_time_cost_nothing(tmp_path: Path, stack_target: Target) -> None:
    folder = furnish(tmp_path, {"team_cluster": shipped("team_cluster")})
    with cluster_of(stack_target) as (server, _), server.cutting_forwards_every(2.0) as cuts:
        ended = run_in(folder, server)
    assert sum(cuts) > 0
    assert ended.code == 0, ended.text


@pytest.mark.long
def test_an_api_server_that_is_away_for_20_s_costs_20_s(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        config = server.write_kubeconfig(project / "kubeconfig")
        running = start_run(project, "scenarios", "--today", TODAY, "--namespace", NS, "--kubeconfig", str(config))
        try:
            running.wait_for_event('"phase": "source"')
            timer = server.away(20.0)
            ended = running.ended()
        finally:
            running.end()
        timer.join()
    assert ended.code == 0, ended.text


def test_a_silent_cluster_blocks_and_blames_no_product(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        server.write_kubeconfig(project / "kubeconfig")
        server.go_away()
        ended = run_in(project, server)
    assert ended.code == 10, ended.text
    assert set(ended.verdicts("quick").values()) <= {"BLOCKED", "SKIPPED"}
    assert (
        f"Namespace {NS} cannot be looked at: list pods in namespace {NS}: the API server did not answer" in ended.text
    )


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        (("Secret", f"{NS}-db-credentials"), "there is no secret cost-onprem-db-credentials"),
        (("Secret", f"{NS}-storage-credentials"), "there is no secret cost-onprem-storage-credentials"),
    ],
)
def test_what_cannot_be_found_blocks_with_a_sentence(
    project: Path, stack_target: Target, gone: tuple[str, str], sentence: str
) -> None:
    with cluster_of(stack_target) as (server, picture):
        picture.remove(*gone)
        picture.load(server)
        ended = run_in(project, server)
    assert ended.code == 10, ended.text
    assert sentence in ended.text
    assert "give it with --set" in ended.text


def test_two_releases_are_a_question_and_an_option_is_the_answer(project: Path, stack_target: Target) -> None:
    picture = render(Installed(), backends_of(stack_target))
    picture.join(render(Installed(release="cost-onprem-blue", neighbours=False), backends_of(stack_target)))
    with ApiServer.start() as server:
        picture.load(server)
        asked = run_in(project, server)
        answered = run_in(project, server, "--set", "release=cost-onprem-blue")
    assert asked.code == 10, asked.text
    sentence = f"Namespace {NS} has 2 releases: cost-onprem, cost-onprem-blue; choose one with --set release=NAME."
    assert sentence in asked.text
    assert answered.code == 0, answered.text


@pytest.mark.long
def test_a_run_goes_on_in_its_namespace_on_other_ports(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        first = run_in(project, server, "--until-phase", "convert")
        assert first.code == 0, first.text
        second = run_in(project, server, "--resume")
        assert second.code == 0, second.text
        elsewhere = run_in(project, server, "--resume", namespace="elsewhere")
    assert second.text.count("kept: done in the run before") == 7  # preflight to convert
    assert set(second.verdicts("quick").values()) == {"PASSED"}
    assert elsewhere.code == 4
    assert "was made on another target" in elsewhere.text


def test_no_secret_of_the_deployment_is_written(project: Path, stack_target: Target) -> None:
    with cluster_of(stack_target) as (server, _):
        ended = run_in(project, server)
        config = (project / "kubeconfig").read_text(encoding="utf-8")
    (project / "kubeconfig").unlink()
    token = config.partition("token: ")[2].split()[0]
    assert len(token) > 10
    for secret in (
        stack_target.s3_access_key,
        stack_target.s3_secret_key,
        stack_target.dsn,
        token,
        "planted-client-secret",
    ):
        assert secret not in ended.text
        assert files_with(ended.folder, secret) == []


@pytest.fixture(scope="module")
def with_gateway() -> Iterator[Backends]:
    """A stack with gateway, Keycloak and broker, whose issuer is the Route of Keycloak."""
    settings = GatewaySettings(issuer_host=ISSUER_HOST)
    with EmbeddedStack.start(today=RECORDED_DAY, transports=("gateway",), settings=settings) as stack:
        yield Backends.of(stack.endpoints)


@pytest.mark.parametrize("route", [True, pytest.param(False, marks=pytest.mark.long)])
def test_the_gateway_is_the_way_in_by_its_route_and_without_one(
    project: Path, with_gateway: Backends, route: bool
) -> None:
    assert with_gateway.gateway is not None
    with Edge(with_gateway.gateway) as edge:
        place: dict[str, Any] = {"api_host": edge.host, "ca": edge.ca} if route else {"route": "none"}
        installed = Installed(keycloak_url=f"http://{ISSUER_HOST}", object_store="external", **place)
        server, _ = start(installed, with_gateway)
        with server:
            ended = run_in(project, server, "--fail-on-skip")
            doctor = run_doctor(project)
    assert ended.code == 0, ended.text
    assert ended.results["skips"] == []
    assert "transport gateway: the first that is open" in ended.text
    (line,) = [line for line in doctor.splitlines() if line.startswith("ok    gateway ")]
    assert ("direct" in line) is route, line


def run_doctor(project: Path) -> str:
    """What the doctor says."""
    return CliRunner().invoke(cli, ["doctor", "-n", NS, "--kubeconfig", str(project / "kubeconfig")]).output


def test_tokens_that_end_during_a_run_cost_nothing(tmp_path: Path) -> None:
    """Keycloak's live for 2 s, and the API server's are ended every 2 s."""
    settings = GatewaySettings(issuer_host=ISSUER_HOST, token_seconds=2, leeway_seconds=0)
    project = furnish(tmp_path, {"team_cluster": shipped("team_cluster")})
    with EmbeddedStack.start(today=RECORDED_DAY, transports=("gateway",), settings=settings) as stack:
        installed = Installed(keycloak_url=f"http://{ISSUER_HOST}", object_store="external", route="none")
        server, _ = start(installed, Backends.of(stack.endpoints))
        with server:
            server.write_kubeconfig(project / "kubeconfig", token_file=project / "token")
            with server.ending_tokens_every(2.0) as ended_tokens:
                ended = run_in(project, server)
    assert ended_tokens
    assert ended.code == 0, ended.text
    assert "transport gateway" in ended.text
    assert set(ended.verdicts("team_cluster").values()) == {"PASSED"}
