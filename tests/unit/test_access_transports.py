"""The transports: what is sent, what is refused before it is sent, and what an answer means."""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cluster.certificate import make_identity
from loopback import Loopback, Reply, loopback

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.transports import kafka as kafka_way
from e2e_validator.access.transports import transport_of
from e2e_validator.access.transports.brokers import errors, settings_for
from e2e_validator.access.transports.gateway import LIMIT_BYTES, ByGateway
from e2e_validator.access.transports.kafka import ByKafka, presigned
from e2e_validator.access.transports.masu import ByMasu
from e2e_validator.access.transports.trouble import Trouble
from e2e_validator.deployment import Target
from e2e_validator.deployment.transport import Kafka
from e2e_validator.errors import Blocked, PhaseFailed
from e2e_validator.providers.ocp.names import NAMES

SECRET = "s3cr3t-vAlue"
STARTED = b'{"request-id": "abc", "payload-name": ["k"], "ingest-started": true}'


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


@pytest.fixture
def keycloak() -> Iterator[Loopback]:
    with loopback() as there:
        there.reply = Reply(body=b'{"access_token": "token", "expires_in": 300}')
        yield there


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    path = tmp_path / "e2e-1.tar.gz"
    path.write_bytes(b"payload")
    return path


def target(server: Loopback, keycloak: Loopback | None = None, transport: str = "masu", **change: Any) -> Target:
    url = f"{server.url}/api/cost-management/v1/"
    said: dict[str, Any] = {
        "koku_url": url,
        "masu_url": url,
        "s3_url": "http://127.0.0.1:9000",
        "s3_access_key": "access",
        "s3_secret_key": SECRET,
        "dsn": "host=h",
        "org_id": "7654321",
        "account": "42",
        "transport": transport,
        "kafka": {"bootstrap": "127.0.0.1:1"},
    }
    if keycloak is not None:
        login = {"token_url": f"{keycloak.url}/token", "client_id": "operator", "client_secret": SECRET}
        said |= {"gateway_url": f"{server.url}/api/", "auth": login}
    return Target.load(said | change)


def test_the_target_says_the_way(server: Loopback, keycloak: Loopback) -> None:
    kinds = {
        transport: type(transport_of(target(server, keycloak, transport), NAMES))
        for transport in ("masu", "gateway", "kafka")
    }
    assert kinds == {"masu": ByMasu, "gateway": ByGateway, "kafka": ByKafka}


def test_only_the_gateway_takes_the_file_itself(server: Loopback, keycloak: Loopback) -> None:
    transports = {name: transport_of(target(server, keycloak, name), NAMES) for name in ("masu", "gateway", "kafka")}
    assert {name: transport.needs_object for name, transport in transports.items()} == {
        "masu": True,
        "gateway": False,
        "kafka": True,
    }
    assert {name: transport.stored_as("key", "id") for name, transport in transports.items()} == {
        "masu": "key", "gateway": "id", "kafka": "key",
    }  # fmt: skip


def test_masu_is_asked_for_the_object(server: Loopback, tarball: Path) -> None:
    server.reply = Reply(202, STARTED)
    assert transport_of(target(server), NAMES).announce("a/b.tgz", tarball) == "abc"
    asked = urlsplit(server.asked[0].path)
    assert asked.path == "/api/cost-management/v1/ingest_ocp_payload/"
    assert parse_qs(asked.query) == {"org_id": ["7654321"], "payload_name": ["a/b.tgz"]}


def test_a_202_of_masus_that_started_nothing_is_a_failure(server: Loopback, tarball: Path) -> None:
    server.reply = Reply(202, b'{"request-id": "abc", "upload": "failed"}')
    with pytest.raises(PhaseFailed, match="masu did not start the ingest of k"):
        transport_of(target(server), NAMES).announce("k", tarball)


def test_a_masu_without_the_endpoint_is_blocked(server: Loopback) -> None:
    server.reply = Reply(404)
    with pytest.raises(Refused):
        ByMasu(target(server), NAMES.announced_at).check()
    server.reply = Reply(200, b'{"alive": false}')
    with pytest.raises(Blocked, match="does not say that it is alive"):
        ByMasu(target(server), NAMES.announced_at).check()


def test_the_gateway_gets_the_file_as_a_form_with_its_type(server: Loopback, keycloak: Loopback, tarball: Path) -> None:
    server.reply = Reply(202, b'{"request_id": "r-1", "upload": {}}')
    assert ByGateway(target(server, keycloak, "gateway")).announce("folder/e2e-1", tarball) == "r-1"
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/api/ingress/v1/upload")
    assert asked.headers["authorization"] == "Bearer token"
    assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
    head, _, content = asked.body.partition(b"\r\n\r\n")
    assert b'Content-Disposition: form-data; name="file"; filename="e2e-1.tar.gz"' in head
    assert b"Content-Type: application/vnd.redhat.hccm.filename+tgz" in head
    assert content.startswith(b"payload\r\n--")


def test_a_file_has_one_request_id_however_often_it_is_sent(
    server: Loopback, keycloak: Loopback, tarball: Path
) -> None:
    server.reply = Reply(202, b'{"request_id": "r-1"}')
    transport = ByGateway(target(server, keycloak, "gateway"))
    transport.announce("k", tarball)
    transport.announce("other", tarball)
    tarball.write_bytes(b"another payload")
    transport.announce("k", tarball)
    ids = [asked.headers["x-rh-insights-request-id"] for asked in server.asked]
    assert ids[0] == ids[1] != ids[2] == transport.key_of("k", tarball)
    assert re.fullmatch("[0-9a-f]{32}", ids[0])


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_above_the_limit_is_not_sent(server: Loopback, keycloak: Loopback, tmp_path: Path, over: int) -> None:
    server.reply = Reply(202, b'{"request_id": "r-1"}')
    large = tmp_path / "large.tgz"
    with large.open("wb") as file:
        file.truncate(LIMIT_BYTES + over)
    transport = ByGateway(target(server, keycloak, "gateway"))
    if over:
        with pytest.raises(Blocked) as failure:
            transport.announce("k", large)
        assert str(failure.value) == (
            "large.tgz has 104,857,601 bytes, the gateway takes 104,857,600; use smaller payloads or another way."
        )
    else:
        transport.announce("k", large)
    assert (len(server.asked), len(keycloak.asked)) == ((0, 0) if over else (1, 1))


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(400, b"File or upload field not found"), Refused, "answered 400 .*: no file in the form"),
        (Reply(413, b"File exceeds"), Refused, "answered 413 .*: the file is too large for its ingress"),
        (Reply(415, b""), Refused, "answered 415 .*: its ingress does not take application/vnd"),
        (Reply(418, b"tea"), Refused, "answered 418 .*: tea"),
        (Reply(404, b""), Blocked, "there is no ingress behind it; check gateway_url"),
        (Reply(500, b"staging"), Unreachable, "answered 500 .*: staging"),
        (Reply(503, b"no healthy upstream"), Unreachable, "no healthy upstream"),
        (Reply(302, headers={"location": "http://other/"}), Refused, "answered 302"),
        (Reply(201, b'{"request_id": "r"}'), Refused, "answered 201"),
        (Reply(202, b"<html>"), Refused, "names no request_id: <html>"),
        (Reply(202, b"[]"), Refused, "names no request_id"),
        (Reply(202, b"{}"), Refused, "names no request_id"),
    ],
)
def test_an_upload_that_was_not_taken_is_told(
    server: Loopback, keycloak: Loopback, tarball: Path, reply: Reply, kind: type[Exception], said: str
) -> None:
    server.reply = reply
    with pytest.raises(kind, match=said):
        ByGateway(target(server, keycloak, "gateway")).announce("k", tarball)


def test_a_gateway_that_hangs_up_may_have_taken_it(server: Loopback, keycloak: Loopback, tarball: Path) -> None:
    server.reply = Reply(202, b"{}", cut=True)
    with pytest.raises(Unreachable, match=r"the gateway at http://127.0.0.1:.* did not answer"):
        ByGateway(target(server, keycloak, "gateway")).announce("k", tarball)


def test_the_gateway_is_open_when_a_token_passes(server: Loopback, keycloak: Loopback) -> None:
    transport = ByGateway(target(server, keycloak, "gateway"))
    assert transport.check() == f"gateway {server.url}/api/ingress/v1/upload, token accepted"
    assert server.asked[0].path == "/api/ingress/ready"
    server.reply = Reply(503, b"no healthy upstream")
    with pytest.raises(Unreachable, match="answered 503 to GET ingress/ready"):
        transport.check()


class Sent:
    """A producer that keeps what it is given, or fails."""

    def __init__(self, error: Exception | None = None, partitions: set[int] | None = None) -> None:
        self.error, self.partitions = error, partitions
        self.topic, self.value, self.key, self.headers = "", b"", b"", list[Any]()

    def send(self, topic: str, value: bytes, *, key: bytes, headers: list[Any]) -> Sent:
        self.topic, self.value, self.key, self.headers = topic, value, key, headers
        return self

    def get(self, _seconds: float) -> None:
        if self.error is not None:
            raise self.error

    def partitions_for(self, _topic: str) -> set[int] | None:
        return self.partitions


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    producer = Sent()

    @contextmanager
    def producing(_settings: dict[str, Any]) -> Iterator[Sent]:
        yield producer

    monkeypatch.setattr(kafka_way, "producing", producing)
    return producer


def test_kafka_gets_the_message_that_the_ingress_would_send(server: Loopback, tarball: Path, sent: Sent) -> None:
    request_id = ByKafka(target(server, transport="kafka")).announce("a/b.tgz", tarball)
    message = json.loads(sent.value)
    assert (sent.topic, sent.headers) == ("platform.upload.announce", [("service", b"hccm")])
    assert sent.key == b"a/b.tgz"
    assert message["request_id"] == request_id
    assert (message["org_id"], message["account"], message["size"]) == ("7654321", "42", 7)
    identity = json.loads(base64.b64decode(message["b64_identity"]))["identity"]
    assert (identity["org_id"], identity["account_number"]) == ("7654321", "42")
    url = urlsplit(message["url"])
    assert (url.netloc, url.path) == ("127.0.0.1:9000", "/ocp-ingress/a/b.tgz")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["86400"]
    assert SECRET not in message["url"]


def test_the_url_is_signed_for_the_store_as_pods_reach_it(server: Loopback) -> None:
    inside = target(server, s3_cluster_url="https://s3.storage.svc", s3_region="onprem", buckets={
        "ingress": "insights-upload-perma", "archive": "koku-bucket",
    })  # fmt: skip
    url = urlsplit(presigned(inside, "k"))
    assert (url.scheme, url.netloc, url.path) == ("https", "s3.storage.svc", "/insights-upload-perma/k")
    assert "/onprem/s3/aws4_request" in parse_qs(url.query)["X-Amz-Credential"][0]


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (errors.TopicAuthorizationFailedError("x"), Blocked, "Kafka lets us not write to platform.upload.announce"),
        (errors.UnknownTopicOrPartitionError("x"), Blocked, "Kafka has no topic platform.upload.announce"),
        (errors.KafkaTimeoutError("x"), Unreachable, r"Kafka at 127\.0\.0\.1:1 did not answer"),
        (errors.NotLeaderForPartitionError("x"), Unreachable, "did not answer"),
    ],
)
def test_a_message_that_was_not_taken_is_told(
    server: Loopback, tarball: Path, sent: Sent, error: Exception, kind: type[Exception], said: str
) -> None:
    sent.error = error
    with pytest.raises(kind, match=said):
        ByKafka(target(server, transport="kafka")).announce("k", tarball)


@pytest.mark.parametrize("partitions", [None, set()])
def test_a_kafka_without_the_topic_is_blocked(server: Loopback, sent: Sent, partitions: set[int] | None) -> None:
    sent.partitions = partitions
    with pytest.raises(Blocked, match=r"Kafka has no topic platform\.upload\.announce"):
        ByKafka(target(server, transport="kafka")).check()


@pytest.mark.parametrize(
    ("security", "line", "kind", "said"),
    [
        (
            "PLAINTEXT", "DNS lookup failed for kafka-0.kafka.svc:9092, gaierror(-2)", Blocked,
            "is called kafka-0.kafka.svc:9092, which has no address here; run in the cluster",
        ),
        ("SSL", "SSL: CERTIFICATE_VERIFY_FAILED", Blocked, "give its CA (kafka.ca)"),
        ("SASL_SSL", "SaslHandshake failed: UnsupportedSaslMechanismError", Blocked, "check kafka.username"),
        ("SASL_PLAINTEXT", "Failed to authenticate via SASL: authentication error", Blocked, "check kafka.username"),
        ("PLAINTEXT", "Connection failed: KafkaConnectionError: 111 ECONNREFUSED", Unreachable, "ECONNREFUSED"),
        ("PLAINTEXT", "nothing of use", Unreachable, "timed out"),
    ],
)  # fmt: skip
def test_what_the_client_only_logs_is_told(security: Any, line: str, kind: type[Exception], said: str) -> None:
    import logging

    with Trouble() as trouble:
        logging.getLogger("kafka.net.manager").error(line)
    logging.getLogger("kafka.net.manager").error("after the block")
    meaning = trouble.meaning(Kafka(bootstrap="127.0.0.1:1", security=security), Exception("timed out"))
    assert type(meaning) is kind
    assert said in str(meaning)
    assert trouble.lines == [line]


def test_settings_follow_the_security(tmp_path: Path) -> None:
    login = {"username": "user", "password": SECRET}
    plain = settings_for(Kafka(bootstrap="a:1,b:2"))
    assert (plain["bootstrap_servers"], plain["security_protocol"]) == (["a:1", "b:2"], "PLAINTEXT")
    assert not {"ssl_cafile", "ssl_context", "sasl_mechanism"} & plain.keys()
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_bytes(make_identity().ca)
    other.write_bytes(make_identity().ca + make_identity().ca)
    sasl = settings_for(Kafka(bootstrap="a:1", security="SASL_SSL", ca=str(own), **login), str(other))
    assert (sasl["sasl_mechanism"], sasl["sasl_plain_username"]) == ("SCRAM-SHA-512", "user")
    assert sasl["ssl_context"].cert_store_stats()["x509_ca"] == 1
    given = settings_for(Kafka(bootstrap="a:1", security="SASL_SSL", mechanism="PLAIN", **login), str(other))
    assert given["sasl_mechanism"] == "PLAIN"
    assert given["ssl_context"].cert_store_stats()["x509_ca"] == 2
    unchecked = settings_for(Kafka(bootstrap="a:1", security="SSL"), False)["ssl_context"]
    assert (unchecked.check_hostname, unchecked.verify_mode) == (False, ssl.CERT_NONE)
    checked = settings_for(Kafka(bootstrap="a:1", security="SSL"), True)["ssl_context"]
    assert (checked.check_hostname, checked.verify_mode) == (True, ssl.CERT_REQUIRED)


def test_a_ca_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name, reason in (("none.pem", "No such file or directory"), ("empty.pem", "")):
        with pytest.raises(Blocked, match=f"The CA of Kafka's brokers cannot be read from .*/{name}: {reason}"):
            settings_for(Kafka(bootstrap="a:1", security="SSL", ca=str(tmp_path / name)))


@pytest.mark.parametrize("missing", ["username", "password"])
def test_sasl_without_a_login_is_blocked(missing: str) -> None:
    login = {"username": "user", "password": SECRET} | {missing: ""}
    with pytest.raises(Blocked, match=r"SASL_SSL needs kafka.username and kafka.password") as failure:
        settings_for(Kafka(bootstrap="a:1", security="SASL_SSL", **login))
    assert SECRET not in str(failure.value)
