"""Port-forwards to the real servers of an embedded stack."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from pathlib import Path
from socket import create_server, socket

import psycopg
import pytest
import requests
from patience import ANSWER_SECONDS
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cluster.backends import Backends
from cluster.clients import executed, forwarding, refused_websocket
from cluster.conftest import Cluster, user
from cluster.forwards import ForwardRule
from cluster.installed import Installed
from cluster.picture import Picture, start
from cluster.server import ApiServer
from e2e_validator.deployment import Target
from e2e_validator.embedded.endpoints import Endpoints

pytestmark = pytest.mark.embedded
NAMESPACE = "cost-onprem"


@pytest.fixture(scope="module")
def endpoints(stack_target: Target) -> Endpoints:
    told = stack_target.model_dump(by_alias=True)
    return Endpoints(**{field.name: told[field.name] for field in fields(Endpoints) if field.name in told})


@pytest.fixture(scope="module")
def shown(endpoints: Endpoints) -> Iterator[tuple[ApiServer, Picture]]:
    """Our server with the picture of a deployment whose database, API, masu and object store are the stack's."""
    server, picture = start(Installed(release="prod"), Backends.of(endpoints))
    with server:
        yield server, picture


@contextmanager
def forwarded(cluster: Cluster, pod: str, port: int) -> Iterator[socket]:
    """A socket to a port of a pod."""
    with forwarding(cluster.core, NAMESPACE, pod, port) as opened, closing(opened.socket(port)) as found:
        yield found


@contextmanager
def local_port(cluster: Cluster, pod: str, port: int) -> Iterator[int]:
    """A port of this machine, of which the first connection goes to a port of a pod."""
    with ExitStack() as stack, create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            near, _ = listener.accept()
            with near, forwarded(cluster, pod, port) as far:
                back = threading.Thread(target=copy, args=(far, near), daemon=True)
                back.start()
                copy(near, far)
                back.join(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        stack.callback(thread.join, 5)
        yield listener.getsockname()[1]


def copy(source: socket, to: socket) -> None:
    """Pass bytes on until either ends."""
    try:
        while piece := source.recv(65536):
            to.sendall(piece)
        to.shutdown(1)
    except OSError:
        return


def pod_of(picture: Picture, workload: str) -> str:
    return str(picture.pods(workload)[0]["metadata"]["name"])


def test_the_database_answers_through_a_port_forward(own: Cluster, picture: Picture, endpoints: Endpoints) -> None:
    with local_port(own, pod_of(picture, "database"), 5432) as port:
        dsn = make_conninfo(endpoints.dsn, host="127.0.0.1", port=port)
        with psycopg.connect(dsn, autocommit=True) as connection:
            rows = connection.execute("SELECT repeat('x', 1000000) FROM generate_series(1, 3)").fetchall()
    assert [len(row[0]) for row in rows] == [1000000] * 3


def test_the_api_and_masu_answer_through_port_forwards(own: Cluster, picture: Picture) -> None:
    for workload, told in (("api", "status"), ("masu", "api_version")):
        with local_port(own, pod_of(picture, workload), 8000) as port:
            url = f"http://127.0.0.1:{port}/api/cost-management/v1/status/"
            answer = requests.get(url, headers={"Connection": "close"}, timeout=ANSWER_SECONDS)
        assert answer.status_code == 200
        assert told in answer.json()


def test_the_object_store_answers_through_a_port_forward(own: Cluster, picture: Picture) -> None:
    (store,) = picture.of_kind("Pod", "s4-test")
    name = store["metadata"]["name"]
    with forwarding(own.core, "s4-test", name, 7480) as opened, closing(opened.socket(7480)) as found:
        found.sendall(b"GET / HTTP/1.0\r\nHost: s4\r\n\r\n")
        assert b"AccessDenied" in read_all(found)


def read_all(source: socket) -> bytes:
    found = b""
    while piece := source.recv(65536):
        found += piece
    return found


def test_psql_in_the_database_pod_asks_the_real_database(own: Cluster, picture: Picture, endpoints: Endpoints) -> None:
    if shutil.which("psql") is None:
        pytest.skip("there is no psql on this machine")
    user_name = str(conninfo_to_dict(endpoints.dsn)["user"])
    argv = ("psql", "-U", user_name, "-tAc", "SELECT count(*) > 0 FROM api_tenant")
    out, err, code = executed(own.core, NAMESPACE, pod_of(picture, "database"), *argv)
    assert (out, err, code) == ("t\n", "", 0)


def test_the_secrets_hold_what_opens_the_real_servers(own: Cluster, endpoints: Endpoints) -> None:
    def value(secret: str, key: str) -> str:
        data = own.core.read_namespaced_secret(secret, NAMESPACE).data
        return base64.b64decode(data[key]).decode()

    database = conninfo_to_dict(endpoints.dsn)
    assert value("prod-cost-onprem-db-credentials", "koku-user") == database["user"]
    assert value("prod-cost-onprem-db-credentials", "koku-password") == database["password"]
    assert value("prod-cost-onprem-storage-credentials", "secret-key") == endpoints.s3_secret_key


def test_a_port_without_a_listener_is_told_by_its_channel(own: Cluster, picture: Picture) -> None:
    pod = pod_of(picture, "cache")
    with forwarding(own.core, NAMESPACE, pod, 6379) as opened:
        with closing(opened.socket(6379)) as found:
            assert read_all(found) == b""
        told = opened.error(6379)
    assert f"error forwarding port 6379 to pod {pod}" in told
    assert "connection refused" in told


def test_a_port_forward_to_a_pod_that_does_not_run_is_refused(own: Cluster) -> None:
    migration = next(
        pod.metadata.name
        for pod in own.core.list_namespaced_pod(NAMESPACE, field_selector="status.phase=Succeeded").items
    )

    def forward() -> None:
        with forwarding(own.core, NAMESPACE, migration, 80):
            pass

    assert "pod is not running. Current status=Succeeded" in refused_websocket(forward)


@pytest.fixture
def echo(server: ApiServer, picture: Picture) -> Iterator[str]:
    """A pod whose port 7 sends back what it gets."""
    listener = create_server(("127.0.0.1", 0))
    listener.settimeout(ANSWER_SECONDS)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket) -> None:
        with connection:
            copy(connection, connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    pod = pod_of(picture, "ingress")
    server.forwards.add(ForwardRule(NAMESPACE, 7, ("127.0.0.1", listener.getsockname()[1]), pod=pod))
    yield pod
    listener.shutdown(2)
    listener.close()
    thread.join(5)


def test_a_cut_ends_every_open_port_forward_and_new_ones_work(server: ApiServer, own: Cluster, echo: str) -> None:
    with forwarded(own, echo, 7) as one, forwarded(own, echo, 7) as two:
        for found in (one, two):
            found.sendall(b"hello")
            assert found.recv(100) == b"hello"
        assert server.cut_forwards() == 2
        for found in (one, two):
            assert ended(found)
    with forwarded(own, echo, 7) as again:
        again.sendall(b"hello again")
        assert again.recv(100) == b"hello again"
    assert server.forwards.opened >= 3


def ended(found: socket) -> bool:
    found.settimeout(ANSWER_SECONDS)
    try:
        return found.recv(100) == b""
    except ConnectionError:
        return True


def test_cuts_come_again_and_again(server: ApiServer, own: Cluster, echo: str) -> None:
    with server.cutting_forwards_every(0.1) as cuts:
        for _ in range(3):
            with forwarded(own, echo, 7) as found:
                assert ended(found)
    seen = len(cuts)
    assert sum(cuts) == 3
    time.sleep(0.25)
    assert len(cuts) == seen


def test_a_server_that_goes_away_takes_its_port_forwards_along(server: ApiServer, own: Cluster, echo: str) -> None:
    with forwarded(own, echo, 7) as found:
        found.sendall(b"hello")
        assert found.recv(100) == b"hello"
        server.go_away()
        assert ended(found)
    server.come_back()


def test_a_port_forward_is_on_record(server: ApiServer, own: Cluster, echo: str, tmp_path: Path) -> None:
    with user(server, tmp_path / "config", user="somebody") as mine:
        server.forget_attempts()
        with forwarded(mine, echo, 7):
            pass
    assert {(attempt.verb, attempt.resource, attempt.code) for attempt in server.attempts} == {
        ("get", "pods/portforward", 101),
        ("create", "pods/portforward", 101),
    }


def test_ten_megabytes_pass_both_ways(own: Cluster, echo: str) -> None:
    sent = json.dumps(list(range(1_300_000))).encode()
    got = bytearray()
    with forwarded(own, echo, 7) as found:
        found.settimeout(ANSWER_SECONDS)
        writer = threading.Thread(target=found.sendall, args=(sent,), daemon=True)
        writer.start()
        while len(got) < len(sent) and (piece := found.recv(65536)):
            got += piece
        writer.join(5)
    assert len(sent) > 10_000_000
    assert bytes(got) == sent
