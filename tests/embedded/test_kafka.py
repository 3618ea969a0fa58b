"""The listener behind a real broker: what it takes, what it commits, what comes again after its death."""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cluster.backends import Backends
from cluster.installed import Installed
from cluster.picture import start
from cluster.strimzi import StrimziBrokers, bootstrap
from confluent_kafka import Consumer, Producer, TopicPartition
from patience import ANSWER_SECONDS
from standin_deployment import Deployment, Payload, Pod

from e2e_validator.access.http import Unreachable
from e2e_validator.access.lag import consumer_lag, unread
from e2e_validator.access.transports import transport_of
from e2e_validator.access.transports.kafka import ByKafka
from e2e_validator.deployment import Target
from e2e_validator.deployment.namespace import Where, open_where
from e2e_validator.deployment.namespace.opening import Opened
from e2e_validator.deployment.transport import Kafka
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import Blocked
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.slowness import expired

pytestmark = pytest.mark.embedded

WEB = Pod("web-1", "web", "n1", cpu=(0.5, 1, 2), memory=(1, 2, 4), capacity=(4, 16))
A_DAY = 12.0  # core-hours of WEB
TOPIC = "platform.upload.announce"
# A killed member counts for 6 s, then its group joins anew.
REDELIVERED_SECONDS = 30


@dataclass
class Broker:
    """The stack's broker, seen from outside."""

    bootstrap: str

    def committed(self) -> int:
        """How many messages the listener's group is through with."""
        client = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "hccm-group", "log_level": 0})
        parts = client.committed([TopicPartition(TOPIC, part) for part in range(3)], timeout=ANSWER_SECONDS)
        client.close()
        return sum(max(part.offset, 0) for part in parts)

    def sent(self) -> int:
        """How many messages there are."""
        client = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "watching", "log_level": 0})
        total = sum(
            client.get_watermark_offsets(TopicPartition(TOPIC, part), timeout=ANSWER_SECONDS)[1] for part in range(3)
        )
        client.close()
        return total

    def send(self, value: bytes, service: bytes | None = b"hccm") -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap, "log_level": 0})
        producer.produce(TOPIC, value, headers=[] if service is None else [("service", service)])
        assert producer.flush(ANSWER_SECONDS) == 0

    def answers(self) -> dict[str, str]:
        """Request id -> what the listener has said of it."""
        topic = "platform.upload.validation"
        client = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "upload", "log_level": 0})
        parts = [TopicPartition(topic, part, 0) for part in range(3)]
        expected = sum(client.get_watermark_offsets(part, timeout=ANSWER_SECONDS)[1] for part in parts)
        client.assign(parts)
        said: list[dict[str, str]] = []
        began = time.monotonic()
        while len(said) < expected and not expired(5, began):
            record = client.poll(0.2)
            if record is not None and record.error() is None:
                said.append(json.loads(record.value() or b""))
        client.close()
        return {answer["request_id"]: answer["validation"] for answer in said}


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """A stack of its own, because its listener is killed."""
    with EmbeddedStack.start(today=date(2026, 11, 21), transports=("kafka",)) as running:
        yield running


@pytest.fixture
def koku(stack: EmbeddedStack) -> Iterator[Deployment]:
    """A connection for each test, as one of them ends them all."""
    deployment = Deployment(stack, stack.logs)
    yield deployment
    deployment.conn.close()


@pytest.fixture
def broker(stack: EmbeddedStack) -> Iterator[Broker]:
    yield Broker(stack.endpoints.as_json("kafka")["kafka"]["bootstrap"])
    stack.faults.clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second for a broker that does not answer."""
    monkeypatch.setattr("e2e_validator.access.transports.brokers.CONNECT_SECONDS", 1.0)


def target(stack: EmbeddedStack, **change: Any) -> Target:
    return Target.load({**stack.endpoints.as_json("kafka"), "kind": "embedded", **change})


def announce(stack: EmbeddedStack, koku: Deployment, data: bytes, folder: Path) -> str:
    """Put it into the bucket and announce it; the request id."""
    key, tarball = uuid.uuid4().hex, folder / "payload.tgz"
    tarball.write_bytes(data)
    koku.objects.put_object(stack.endpoints.buckets["ingress"], key, io.BytesIO(data), len(data))
    return transport_of(target(stack), NAMES).announce(key, tarball)


def new_source(koku: Deployment) -> tuple[str, str]:
    cluster = f"k-{uuid.uuid4().hex[:8]}"
    return cluster, koku.create_source(cluster)


def test_what_is_announced_is_ingested_committed_and_confirmed(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    cluster, source = new_source(koku)
    good = announce(stack, koku, Payload(cluster, [WEB]).pack(), tmp_path)
    nobodys = announce(stack, koku, Payload("k-nobody", [WEB]).pack(), tmp_path)
    broken = announce(stack, koku, b"no archive", tmp_path)
    koku.wait_for(lambda: broker.committed() == broker.sent())
    koku.wait_for(lambda: koku.seen(source)["completed"])
    assert koku.usage(source) == A_DAY
    assert unread(Kafka(bootstrap=broker.bootstrap)) == 0
    answers = broker.answers()
    assert (answers[good], answers[nobodys], answers[broken]) == ("success", "success", "failure")


def test_what_is_announced_again_comes_to_the_same_listener(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    """Two listeners that work on one payload at once would count it twice; each has partitions of its own."""
    (tmp_path / "payload").write_bytes(b"no archive")
    transport, kafka = ByKafka(target(stack)), Kafka(bootstrap=broker.bootstrap)
    grown = set()
    for _ in range(4):
        before = consumer_lag(kafka)["partitions"]
        transport.announce("cluster/the-same.tar.gz", tmp_path / "payload")
        after = consumer_lag(kafka)["partitions"]
        grown |= {one["partition"] for one, was in zip(after, before, strict=True) if one["end"] > was["end"]}
    assert len(grown) == 1
    koku.wait_for(lambda: broker.committed() == broker.sent())


@pytest.mark.parametrize("service", [None, b"advisor", b"hccm2"])
def test_messages_for_others_are_committed_and_left_alone(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, service: bytes | None
) -> None:
    request_id = uuid.uuid4().hex
    broker.send(json.dumps({"request_id": request_id, "org_id": "1234567", "url": "http://x/y/z"}).encode(), service)
    koku.wait_for(lambda: broker.committed() == broker.sent())
    assert request_id not in koku.logged("listener")
    assert request_id not in broker.answers()


def test_a_message_without_organisation_or_object_fails(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    nobody, gone = uuid.uuid4().hex, uuid.uuid4().hex
    broker.send(json.dumps({"request_id": nobody, "url": "http://x/y/z"}).encode())
    url = f"{stack.endpoints.s3_url}/ocp-ingress/gone?X-Amz-Signature=x"
    broker.send(json.dumps({"request_id": gone, "org_id": "1234567", "url": url}).encode())
    koku.wait_for(lambda: broker.committed() == broker.sent())
    answers = broker.answers()
    assert (answers[nobody], answers[gone]) == ("failure", "failure")
    assert "Received unknown organization message" in koku.logged("listener")


def test_what_is_no_message_stops_nobody(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    unreadable = (b"\xff", b"[]", b"{")
    before = koku.logged("listener").count("UNKNOWN error")
    for value in unreadable:
        broker.send(value)
    cluster, source = new_source(koku)
    announce(stack, koku, Payload(cluster, [WEB]).pack(), tmp_path)
    koku.wait_for(lambda: koku.seen(source)["completed"])
    # They are not committed, in whatever order they came; what is read after them takes them along.
    koku.wait_for(lambda: koku.logged("listener").count("UNKNOWN error") == before + len(unreadable))
    broker.send(b"{}", b"advisor")
    koku.wait_for(lambda: broker.committed() == broker.sent())


def test_a_database_that_is_away_rewinds(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    cluster, source = new_source(koku)
    stack.faults.arm("listener_stopped", key=cluster, point="listener.archived")
    announce(stack, koku, Payload(cluster, [WEB]).pack(), tmp_path)
    koku.wait_for(lambda: bool(stack.faults.fired()))
    stack.faults.arm("database_restarts", seconds=1.5)
    time.sleep(0.3)
    stack.faults.clear()
    fresh = Deployment(stack, stack.logs)
    fresh.wait_for(lambda: fresh.seen(source)["completed"], 20)
    assert fresh.usage(source) == A_DAY
    assert "Database error" in fresh.logged("listener")
    assert "Seeking back to offset" in fresh.logged("listener")
    fresh.conn.close()


def test_a_listener_killed_in_a_file_gets_its_message_again(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    """As in docs/contract/faults.md B, but the broker does it: the day that was written already counts twice."""
    cluster, source = new_source(koku)
    stack.faults.arm("listener_killed_mid_file", key=cluster)
    before = broker.committed()
    request_id = announce(stack, koku, Payload(cluster, [WEB]).pack(), tmp_path)
    koku.wait_for(lambda: bool(stack.faults.fired()))
    assert broker.committed() == before
    koku.wait_for(lambda: koku.seen(source)["completed"], REDELIVERED_SECONDS)
    assert koku.usage(source) == 2 * A_DAY
    # The workers may be through with it before the listener commits.
    koku.wait_for(lambda: broker.committed() == broker.sent())
    assert broker.answers()[request_id] == "success"


def test_a_message_waits_for_a_listener_that_is_down(
    stack: EmbeddedStack, koku: Deployment, broker: Broker, tmp_path: Path
) -> None:
    cluster, source = new_source(koku)
    hold = koku.hold("listener")
    announce(stack, koku, Payload(cluster, [WEB]).pack(), tmp_path)
    time.sleep(0.5)
    assert not koku.seen(source)["manifest"]
    assert unread(Kafka(bootstrap=broker.bootstrap)) == 1
    hold.unlink()
    koku.wait_for(lambda: koku.seen(source)["completed"], REDELIVERED_SECONDS)
    assert koku.usage(source) == A_DAY


def test_masu_announces_beside_kafka_and_its_faults_happen(stack: EmbeddedStack, koku: Deployment) -> None:
    cluster, source = new_source(koku)
    data = Payload(cluster, [WEB]).pack()
    stack.faults.arm("announcement_lost", key=cluster)
    koku.upload(data)
    koku.wait_for(lambda: bool(stack.faults.fired()))
    stack.faults.clear()
    time.sleep(0.3)
    assert not koku.seen(source)["manifest"]
    koku.ingest(source, data)
    assert koku.usage(source) == A_DAY


@pytest.mark.usefixtures("impatient")
def test_a_broker_of_another_name_is_reached_at_its_address(stack: EmbeddedStack, broker: Broker) -> None:
    """As behind a port-forward: the name that is asked for exists nowhere."""
    named = {"bootstrap": "kafka.example.invalid:9092"}
    with pytest.raises(Blocked, match=r"Kafka's broker is called kafka\.example\.invalid:9092, which has no address"):
        ByKafka(target(stack, kafka=named)).check()
    mapped = named | {"addresses": {"kafka.example.invalid:9092": broker.bootstrap}}
    assert ByKafka(target(stack, kafka=mapped)).check() == (
        "Kafka kafka.example.invalid:9092, topic platform.upload.announce with 3 partitions"
    )


@contextmanager
def forwarded(stack: EmbeddedStack, folder: Path, *settings: str) -> Iterator[tuple[StrimziBrokers, Opened]]:
    """A namespace whose brokers speak TLS, under names that only pods resolve; the authority is in ``ca.crt``."""
    backends = Backends.of(stack.endpoints)
    assert backends.kafka is not None
    installed = Installed(route="none", object_store="external")
    server, _ = start(installed, backends)
    with server, StrimziBrokers(backends.kafka, installed.kafka_namespace, port=9093, tls=True) as brokers:
        server.forwards.add(*brokers.rules(installed))
        assert brokers.identity is not None
        (folder / "ca.crt").write_bytes(brokers.identity.ca)
        address = f"kafka.bootstrap={bootstrap(installed.kafka_namespace)}:9093"
        config = str(server.write_kubeconfig(folder / "config"))
        where = Where(installed.namespace, kubeconfig=config, settings=("kafka.security=SSL", address, *settings))
        with open_where(where, {}) as opened:
            yield brokers, opened


def test_tls_through_forwards_has_the_brokers_own_names(stack: EmbeddedStack, broker: Broker, tmp_path: Path) -> None:
    sent = broker.sent()
    with forwarded(stack, tmp_path, f"kafka.ca={tmp_path / 'ca.crt'}") as (brokers, opened):
        assert opened.target is not None, opened.notes()
        assert opened.target.transport == "kafka"
        assert opened.target.kafka is not None
        transport = ByKafka(opened.target)
        address = f"{bootstrap('kafka')}:9093"
        assert transport.check() == f"Kafka {address}, topic platform.upload.announce with 3 partitions"
        (tmp_path / "payload").write_bytes(b"no archive")
        transport.announce("nothing", tmp_path / "payload")
        assert brokers.produced.total() == 1
        assert unread(opened.target.kafka) <= 1
    assert broker.sent() == sent + 1


def test_brokers_with_a_login_are_known_by_pods_in_any_domain(stack: EmbeddedStack, tmp_path: Path) -> None:
    """The broker here knows no login; what is asked before one it answers."""
    more = (f"kafka.ca={tmp_path / 'ca.crt'}", "kafka.username=u", "kafka.password=s3cr3t-vAlue")
    with forwarded(stack, tmp_path, *more, "kafka.security=SASL_SSL") as (brokers, opened):
        assert opened.target is not None
        assert opened.target.kafka is not None
        known = opened.target.kafka.addresses
        assert len(set(known.values())) == 4
        for name in brokers.names:
            assert known[f"{name}:9093"] == known[f"{name}.cluster.local:9093"]


def test_brokers_whose_certificate_is_not_trusted_are_no_way_in(stack: EmbeddedStack, tmp_path: Path) -> None:
    with forwarded(stack, tmp_path) as (_, opened):
        (told,) = [remark.text for remark in opened.found.remarks if remark.name == "kafka"]
        assert told.startswith(f"Cannot be reached: {bootstrap('kafka')}:9093: its certificate is not trusted (")
        assert opened.found.get("transport") == "masu"


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_wants_no_password_says_so(stack: EmbeddedStack, broker: Broker) -> None:
    secret = {"security": "SASL_PLAINTEXT", "username": "u", "password": "s3cr3t-vAlue"}
    with pytest.raises(Blocked, match="Kafka refuses the user or the mechanism; check") as failure:
        ByKafka(target(stack, kafka={"bootstrap": broker.bootstrap} | secret)).check()
    assert "s3cr3t" not in str(failure.value)


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_is_not_there_may_come_back(stack: EmbeddedStack) -> None:
    with pytest.raises(Unreachable, match=r"Kafka at 127\.0\.0\.1:1 did not answer: .*ECONNREFUSED"):
        ByKafka(target(stack, kafka={"bootstrap": "127.0.0.1:1"})).check()
