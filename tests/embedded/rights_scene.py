"""A deployment as an account with few rights sees it: what is said at the start, by preflight, and in a bundle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from click.testing import CliRunner
from cluster import broken
from cluster.backends import Backends
from cluster.certificate import make_identity
from cluster.installed import KAFKA_CLUSTER, Installed
from cluster.picture import start
from cluster.roles import Attempt, Role
from cluster.server import ApiServer

from e2e_validator.access.cluster import Cluster
from e2e_validator.bundle.boxes import Limits, collect
from e2e_validator.bundle.look import Look as BundleLook
from e2e_validator.bundle.of_cluster import EVENTS, LOGS, PODS
from e2e_validator.bundle.summary import log_text
from e2e_validator.checks import (
    chart_defects,
    configuration,
    kafka,
    policies,
    queues,
    registry,
    surroundings,
    workloads,
)
from e2e_validator.checks.look import Look
from e2e_validator.cli import cli
from e2e_validator.deployment import Target
from e2e_validator.deployment.namespace import Where, connecting
from e2e_validator.deployment.namespace import start as start_target
from e2e_validator.deployment.namespace.doctor import doctor_lines
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked

NS = "cost-onprem"
KAFKA, KEYCLOAK, STORE, ROUTER = "kafka", "keycloak", "s4-test", "openshift-config-managed"
TRINO = "trino-test"
USER = f"system:serviceaccount:{NS}:e2e-validator"
ISSUER_HOST = "keycloak-keycloak.apps.example.test"
RECORDED_DAY = date(2026, 11, 21)
PLACES = (
    "--kafka-namespace", KAFKA, "--keycloak-namespace", KEYCLOAK, "--object-store-namespace", STORE, "--openshift",
)  # fmt: skip
# Those that ask the cluster; the others ask the servers in it.
CHECKS = (
    *workloads.CHECKS, *configuration.CHECKS, *surroundings.CHECKS, *queues.CHECKS, *policies.CHECKS,
    *(check for check in kafka.CHECKS if check.name == "brokers"), *chart_defects.CHECKS,
)  # fmt: skip


@cache
def printed(*more: str) -> Role:
    """What ``e2e-validator manifests`` allows, with ``more`` options."""
    ended = CliRunner().invoke(cli, ["manifests", "-n", NS, *PLACES, *more])
    return Role.of_manifests([entry for entry in yaml.safe_load_all(ended.output) if entry], USER)


@dataclass
class Seen:
    """What a user reads, line by line, and whether the run begins."""

    blocked: list[str] = field(default_factory=list)
    """Why the run does not begin; empty if it does."""
    header: list[str] = field(default_factory=list)
    """The notes at the head of a run."""
    doctor: list[str] = field(default_factory=list)
    preflight: list[str] = field(default_factory=list)
    """The checks that ask the cluster; ``FAIL`` ends a run BLOCKED."""
    bundle: list[str] = field(default_factory=list)
    denied: list[Attempt] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """All of it."""
        return [*self.blocked, *self.header, *self.doctor, *self.preflight, *self.bundle]


class Place:
    """One cluster, for accounts with different rights."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def where(self, allowed: Role, *settings: str) -> Where:
        """The namespace, with these rights and no others."""
        config = self.server.write_kubeconfig(self.folder / "kubeconfig", user=USER, role=allowed)
        return Where(NS, kubeconfig=str(config), settings=settings)

    def look(self, allowed: Role, *settings: str, bundle: bool = False) -> Seen:
        """What is said to the account: at the start, by preflight, and (with ``bundle``) after a failure."""
        self.server.forget_attempts()
        seen = Seen()
        try:
            target, opened = start_target(self.where(allowed, *settings), {})
        except Blocked as blocked:
            seen.blocked = [blocked.headline, *blocked.detail.splitlines()]
        else:
            with opened:
                seen.header, seen.doctor = opened.notes(), doctor_lines(opened.found)
                seen.preflight = list(_preflight(target))
                if bundle:
                    boxes = collect((PODS, EVENTS, LOGS), BundleLook(target, datetime.now(UTC)), Limits())
                    seen.bundle = log_text(boxes).splitlines()
        seen.denied = self.server.denied()
        return seen


def _preflight(target: Target) -> Iterator[str]:
    clients = SimpleNamespace(cluster=Cluster.of(target))
    look = Look(cast("Context", SimpleNamespace(target=target, clients=clients)))
    for check in CHECKS:
        yield from registry._result(check, look).lines()


@contextmanager
def backends() -> Iterator[Backends]:
    """A stack with every transport; its Keycloak believes to be behind a Route."""
    settings = GatewaySettings(issuer_host=ISSUER_HOST)
    with EmbeddedStack.start(today=RECORDED_DAY, transports=("gateway",), settings=settings) as stack:
        yield Backends.of(stack.endpoints)


@contextmanager
def place(behind: Backends, folder: Path, **installed: Any) -> Iterator[Place]:
    """A cluster in which a pod that nobody needs is not ready, so that preflight asks the events why."""
    ca = make_identity().ca.decode()
    server, picture = start(Installed(keycloak_url=f"http://{ISSUER_HOST}", ca=ca, **installed), behind)
    with server:
        broken.pod_not_ready(picture, "kruize")
        picture.load(server)
        yield Place(server, folder)


@contextmanager
def a_trino() -> Iterator[tuple[str, int]]:
    """Where something answers that it is a Trino, and no more."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"nodeVersion": {"version": "476"}, "coordinator": true, "starting": false}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def brokers_say_the_names_of_their_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Strimzi's do; the one behind the picture says the address where it is."""
    name = f"{KAFKA_CLUSTER}-kafka-0.{KAFKA_CLUSTER}-kafka-brokers.{KAFKA}.svc"
    monkeypatch.setattr(connecting, "advertised", lambda *_, **__: [(name, 9092)])
