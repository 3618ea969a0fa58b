"""A namespace through the API server: what is reached, what is cut, away, replaced or not allowed, and what is said."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from cluster.backends import Backends
from cluster.certificate import make_identity
from cluster.forwards import ForwardRule
from cluster.installed import KAFKA_CLUSTER, Installed
from cluster.picture import Picture, start
from cluster.roles import Role, Rule
from cluster.server import ApiServer
from namespace_stack import backends_of
from patience import came

from e2e_validator.access.cluster import Cluster
from e2e_validator.access.database import Database
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.masu import Masu
from e2e_validator.access.objects import Objects
from e2e_validator.cli import cli
from e2e_validator.deployment import Target
from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.namespace import Where, open_where
from e2e_validator.deployment.namespace import start as start_target
from e2e_validator.deployment.namespace.asking import NoAnswerError, ask
from e2e_validator.deployment.namespace.dialing import PodPort
from e2e_validator.deployment.namespace.forward import Forward
from e2e_validator.deployment.namespace.kubeconfig import connect
from e2e_validator.deployment.namespace.opening import Opened
from e2e_validator.deployment.namespace.reach import Reach, brokers_behind
from e2e_validator.deployment.namespace.refusals import ClusterAway
from e2e_validator.deployment.namespace.trust import write_bundle
from e2e_validator.errors import Blocked

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
Shown = tuple[ApiServer, Picture]


@pytest.fixture(scope="module")
def backends(stack_target: Target) -> Backends:
    """The servers of the session's stack, behind the pods."""
    return backends_of(stack_target)


@pytest.fixture
def shown(backends: Backends) -> Iterator[Shown]:
    server, picture = start(Installed(route="none"), backends)
    with server:
        yield server, picture


@pytest.fixture
def where(shown: Shown, tmp_path: Path) -> Where:
    return Where(NS, kubeconfig=str(shown[0].write_kubeconfig(tmp_path / "config")))


@contextmanager
def opened(where: Where) -> Iterator[Opened]:
    with open_where(where, {}) as found:
        yield found


@contextmanager
def targeted(where: Where) -> Iterator[Target]:
    target, found = start_target(where, {})
    with found:
        yield target


def test_every_client_works_with_what_was_found(where: Where, stack_target: Target, tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    payload.write_bytes(b"x" * 3_000_000)
    with targeted(where) as target, closing(Database(target)) as database:
        assert target.org_id == stack_target.org_id
        assert target.title == f"namespace {NS}"
        assert database.server_version() >= 160000
        KokuApi(target).status()
        assert Masu(target).offers("ingest_ocp_payload/")
        objects = Objects(target)
        assert objects.missing_buckets() == []
        objects.put("namespace/reach", payload)
        assert objects.read(objects.ingress, "namespace/reach") == payload.read_bytes()
        assert list(objects.keys(objects.ingress, "namespace/")) == ["namespace/reach"]
        objects.remove(objects.ingress, "namespace/reach")


def test_a_database_outside_is_reached_through_a_pod(backends: Backends, tmp_path: Path) -> None:
    server, _ = start(Installed(database="external"), backends)
    with server:
        where = Where(NS, kubeconfig=str(server.write_kubeconfig(tmp_path / "config")))
        with opened(where) as found, closing(Database(found.target or Target.unknown())) as database:
            (line,) = [remark.text for remark in found.found.remarks if remark.name == "database"]
            assert "exec in pod cost-onprem-koku-masu-" in line
            assert "as a last resort: 127.0.0.1 is the pod's own" in line
            assert database.server_version() >= 160000


def test_an_address_given_by_hand_is_taken_from_here(where: Where, backends: Backends) -> None:
    host, port = backends.database or ("", 0)
    by_hand = replace(where, settings=(f"database.host={host}", f"database.port={port}"))
    with opened(by_hand) as found:
        assert "direct" in next(remark.text for remark in found.found.remarks if remark.name == "database")
        assert found.target is not None


def test_a_cut_forward_is_replaced_by_the_next_connection(where: Where, shown: Shown) -> None:
    with targeted(where) as target, closing(Database(target)) as database:
        for _ in range(3):
            assert database.server_version() >= 160000
            assert KokuApi(target).sources("nobody") == []
            assert shown[0].cut_forwards() > 0


def test_a_pod_that_was_replaced_is_found_again(where: Where, shown: Shown) -> None:
    server, picture = shown
    with targeted(where) as target, closing(Database(target)) as database:
        assert database.server_version() >= 160000
        old = picture.remove("Pod", f"{NS}-database-0")
        picture.add({**old, "metadata": {**old["metadata"], "name": f"{NS}-database-1"}})
        picture.load(server)
        server.cut_forwards()
        assert database.server_version() >= 160000


def test_an_api_server_that_is_away_for_a_moment_is_waited_for(where: Where, shown: Shown) -> None:
    with targeted(where) as target, closing(Database(target)) as database:
        timer = shown[0].away(1.0)
        assert database.server_version() >= 160000
        assert KokuApi(target).sources("nobody") == []
        timer.join()


def test_an_api_server_that_stays_away_is_unreachable(
    where: Where, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(where) as found, closing(Database(found.target or Target.unknown())) as database:
        for forward in found.reach.forwards:
            monkeypatch.setattr(forward, "_patience", 0.1)
        shown[0].go_away()
        assert found.target is not None
        with pytest.raises(Unreachable):
            database.server_version()
        with pytest.raises(Unreachable):
            KokuApi(found.target).status()
        with pytest.raises(Unreachable):
            Objects(found.target).missing_buckets()
        cluster = Cluster.of(found.target)
        assert cluster is not None
        with pytest.raises(Unreachable, match=f"list pods in namespace {NS}: the API server did not answer"):
            cluster.pods()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_api_server_under_load_is_asked_again(where: Where, shown: Shown, status: int) -> None:
    shown[0].faults.answer(status, times=2)
    with opened(where) as found:
        assert found.target is not None


def test_an_api_server_that_is_away_at_the_beginning_blocks(where: Where, shown: Shown) -> None:
    shown[0].go_away()
    with pytest.raises(Blocked, match=rf"Namespace {NS} cannot be looked at: list pods in namespace {NS}: the API"):
        start_target(where, {})


@pytest.mark.parametrize(
    ("verb", "resource", "sentence"),
    [
        ("list", "pods", "cannot be looked at: not allowed to list pods"),
        ("get", "secrets", "The password of the database user cannot be read: not allowed to get secrets"),
        ("create", "pods/portforward", "database: Cannot be reached: not allowed to get or create pods/portforward"),
    ],
)
def test_a_missing_permission_is_named(shown: Shown, tmp_path: Path, verb: str, resource: str, sentence: str) -> None:
    everything = ("get", "list", "watch", "create")
    resources = ("pods", "services", "configmaps", "secrets", "routes", "ingresses", "pods/portforward", "pods/exec")
    rules = [
        Rule(everything, tuple(name for name in resources if name != resource), ("*",)),
        Rule(tuple(one for one in everything if one != verb), (resource,), ("*",)),
    ]
    path = shown[0].write_kubeconfig(tmp_path / "config", user="poor", role=Role(tuple(rules)))
    with pytest.raises(Blocked) as blocked:
        start_target(Where(NS, kubeconfig=str(path)), {})
    assert sentence in f"{blocked.value.headline}\n{blocked.value.detail}"


def test_what_is_missing_is_said_all_at_once(where: Where, shown: Shown) -> None:
    server, picture = shown
    picture.remove("Secret", f"{NS}-db-credentials")
    picture.remove("Secret", f"{NS}-storage-credentials")
    picture.load(server)
    with pytest.raises(Blocked) as blocked:
        start_target(where, {})
    assert blocked.value.headline.startswith(
        f"Namespace {NS}: database.user: The database user cannot be read: there is"
    )
    for name in ("database.password", "s3.access_key", "s3.secret_key"):
        assert f"fail  {name}: " in blocked.value.detail


class TlsServer:
    """Answers every connection over TLS with one HTTP answer, under a name of the cluster."""

    def __init__(self, name: str) -> None:
        self.identity = make_identity((name,))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = self.listener.getsockname()
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.identity.context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
            except OSError:
                connection.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def secure(shown: Shown) -> Iterator[TlsServer]:
    """Behind the object store's service."""
    with closing(TlsServer("s4.s4-test.svc.cluster.local")) as server:
        shown[0].forwards.add(ForwardRule("s4-test", 7480, server.host))
        yield server


URL = "https://s4.s4-test.svc.cluster.local:7480/x"


def heard(where: Where, **more: Any) -> bytes:
    reach = Reach(connect(where.kubeconfig), NS, **more)
    with closing(reach):
        url, how = reach.url(URL)
        assert url.startswith("http://127.0.0.1:")
        assert "port-forward to pod s4-0" in how
        try:
            return ask(url, reach.context()).body
        except NoAnswerError as error:
            raise NoAnswerError(f"{error}; {reach.last_problem()}") from error


def test_the_forward_speaks_tls_under_the_clusters_real_name(where: Where, secure: TlsServer, tmp_path: Path) -> None:
    trust = write_bundle(tmp_path, [secure.identity.ca.decode()])
    assert heard(where, trust=trust) == b"hello"


def test_an_untrusted_certificate_is_refused_unless_allowed(where: Where, secure: TlsServer) -> None:
    with pytest.raises(NoAnswerError, match="its certificate is not trusted"):
        heard(where)
    assert heard(where, insecure=True) == b"hello"


def test_a_certificate_of_another_name_is_not_trusted(where: Where, shown: Shown, tmp_path: Path) -> None:
    with closing(TlsServer("elsewhere.svc")) as other:
        shown[0].forwards.add(ForwardRule("s4-test", 7480, other.host))
        with pytest.raises(NoAnswerError, match=r"not valid for 's4\.s4-test\.svc\.cluster\.local'"):
            heard(where, trust=write_bundle(tmp_path, [other.identity.ca.decode()]))


def test_a_dead_port_says_so_and_leaves_no_thread(where: Where, shown: Shown) -> None:
    before = threading.active_count()
    dial = PodPort(connect(where.kubeconfig), NS, {"app.kubernetes.io/component": "cost-processor"}, 1)
    forward = Forward(dial, name="dead")
    with closing(socket.create_connection(("127.0.0.1", forward.port), 5)) as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert "nothing listens on that port of the pod" in forward.tally.last_problem
    forward.close()
    dial.kube.close()
    assert came(lambda: threading.active_count() <= before)


def test_brokers_silent_before_a_login_are_known_by_their_pods(where: Where) -> None:
    with closing(Reach(connect(where.kubeconfig), NS)) as reach:
        told = brokers_behind(reach, f"{KAFKA_CLUSTER}-kafka-bootstrap.kafka.svc.cluster.local", 9092)
        names = [f"{KAFKA_CLUSTER}-kafka-{index}.{KAFKA_CLUSTER}-kafka-brokers.kafka.svc" for index in range(3)]
        assert told == [(name, 9092) for name in names]
        assert brokers_behind(reach, names[0], 9092) == []


def test_no_pod_is_no_way(where: Where) -> None:
    kube = connect(where.kubeconfig)
    with closing(kube), pytest.raises(ClusterAway, match=f"no pod of app=none in namespace {NS} is ready"):
        PodPort(kube, NS, {"app": "none"}, 1)()


def test_a_run_that_ended_leaves_no_forward_and_no_thread(where: Where) -> None:
    before = threading.active_count()
    with opened(where) as found:
        assert found.target is not None
        dsn = found.target.dsn
        with closing(psycopg.connect(dsn)):
            pass
        assert threading.active_count() > before
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    assert came(lambda: threading.active_count() <= before)
    assert not found.folder.exists()


def test_pods_events_and_logs_are_read_and_refusals_are_told(where: Where, shown: Shown, tmp_path: Path) -> None:
    address = ClusterAddress(namespace=NS, release=NS, kubeconfig=where.kubeconfig)
    with ExitStack() as stack:
        kube = stack.enter_context(closing(connect(where.kubeconfig)))
        cluster = Cluster(address, kube)
        assert set(cluster.components()) >= {"api", "masu", "listener", "worker", "beat", "database", "cache"}
        listener = cluster.components()["listener"].best
        assert "Kafka is running" in (cluster.log(listener.name, "listener", tail=5) or "")
        assert cluster.log(listener.name, "nothing") is None
        assert cluster.get("pods", "nobody") is None
        assert isinstance(cluster.events(), list)
        assert cluster.version().startswith("v1.")
        ran = cluster.execute(
            cluster.components()["masu"].best.name, "masu", ["sh", "-c", "echo out; echo err >&2; exit 3"]
        )
        assert (ran.code, ran.stdout, ran.stderr) == (3, "out\n", "err\n")
        poor = shown[0].write_kubeconfig(tmp_path / "poor", user="poor", role=Role(()))
        denied = Cluster(address, stack.enter_context(closing(connect(str(poor)))))
        with pytest.raises(Refused, match=f"not allowed to list pods in namespace {NS}") as refused:
            denied.pods()
        assert refused.value.status == 403


def test_in_a_pod_the_service_account_is_enough(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kubernetes.config import incluster_config

    for name, value in shown[0].write_service_account(tmp_path / "sa").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "sa" / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "sa" / "ca.crt"))
    with opened(Where(NS)) as found:
        assert found.reach.kube.in_cluster
        assert found.target is not None
        assert found.found.value("cluster") is not None


def doctor(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["doctor", *args])
    return result.exit_code, result.output


def test_the_doctor_shows_values_with_origin_and_no_secret(where: Where, stack_target: Target) -> None:
    code, text = doctor("-n", NS, "--kubeconfig", where.kubeconfig)
    assert code == 0, text
    lines = {line.split()[1]: line for line in text.splitlines() if line.startswith("ok ")}
    assert "env DATABASE_SERVICE_HOST of pod" in lines["database.host"]
    assert "secret cost-onprem-db-credentials key koku-password" in lines["database.password"]
    assert "port-forward to pod" in lines["database"]
    assert lines["transport"].split()[2] == "masu"
    for secret in (stack_target.s3_access_key, stack_target.s3_secret_key):
        assert secret not in text
    assert text.splitlines()[-1].startswith("A run can begin")


def test_the_doctor_ends_with_10_where_a_run_would_be_blocked(where: Where, shown: Shown) -> None:
    shown[1].remove("Secret", f"{NS}-db-credentials")
    shown[1].load(shown[0])
    code, text = doctor("-n", NS, "--kubeconfig", where.kubeconfig)
    assert code == 10
    assert "fail  database.password" in text
