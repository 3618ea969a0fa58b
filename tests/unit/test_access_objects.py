"""The object store: not there, there but unable, no object store at all, and its own answers, told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import Loopback, Reply, closed_port, loopback
from minio.error import S3Error

from e2e_validator.access.http import Unreachable
from e2e_validator.access.objects import Objects
from e2e_validator.deployment import Target

SECRET = "s3cr3t-vAlue"
LIST = b"<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated>%s</ListBucketResult>"

Ask = Callable[[Objects], object]
ASKS: list[Ask] = [
    lambda objects: objects.read("bucket", "k"),
    lambda objects: list(objects.keys("bucket", "p/")),
    lambda objects: objects.remove("bucket", "k"),
    lambda objects: objects.put("k", Path(__file__)),
]
HEADS: list[Ask] = [lambda objects: objects.exists("bucket", "k"), lambda objects: objects.missing_buckets()]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


def client(url: str) -> Objects:
    more = {"koku_url": "http://h/", "masu_url": "http://h/", "dsn": "host=h"}
    return Objects(Target.load({"s3_url": url, "s3_access_key": "access", "s3_secret_key": SECRET, **more}))


def xml(status: int, code: str) -> Reply:
    return Reply(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode(), "application/xml")


@pytest.mark.parametrize("ask", ASKS + HEADS)
def test_a_store_that_is_not_there_is_unreachable_in_a_few_words(ask: Ask) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(Unreachable) as failure:
        ask(client(url))
    assert str(failure.value) == f"the object store at {url} did not answer: [Errno 111] Connection refused"


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable", "InternalError"])
@pytest.mark.parametrize("ask", ASKS)
def test_a_store_that_cannot_now_is_unreachable_in_its_words(server: Loopback, ask: Ask, code: str) -> None:
    server.reply = xml(503, code)
    with pytest.raises(Unreachable, match=f"answered {code}$"):
        ask(client(server.url))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("ask", HEADS)
def test_a_head_that_the_store_cannot_answer_now_is_unreachable(server: Loopback, ask: Ask, status: int) -> None:
    server.reply = Reply(status)
    with pytest.raises(Unreachable, match=f"HTTP status code {status}"):
        ask(client(server.url))


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "AccessDenied", "SignatureDoesNotMatch"])
@pytest.mark.parametrize("ask", ASKS)
def test_what_the_store_answers_stays_its_answer(server: Loopback, ask: Ask, code: str) -> None:
    server.reply = xml(404 if code.startswith("No") else 403, code)
    with pytest.raises(S3Error) as failure:
        ask(client(server.url))
    assert failure.value.code == code


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("kind", ["text/html", "application/xml"])
def test_a_page_is_no_answer_of_an_object_store(server: Loopback, status: int, kind: str) -> None:
    server.reply = Reply(status, b"<html><br>not here", kind)
    with pytest.raises(Unreachable, match=r"^the object store at \S+ gave no answer of S3: "):
        list(client(server.url).keys("bucket", "p/"))


def test_an_object_that_breaks_off_is_never_a_short_object(server: Loopback) -> None:
    server.reply = Reply(200, b"half", "text/csv", cut=True)
    with pytest.raises(Unreachable):
        client(server.url).read("bucket", "k")


def test_an_archived_object_comes_with_its_manifest(server: Loopback) -> None:
    server.reply = Reply(200, b"a,b\n", "text/csv", {"x-amz-meta-manifestid": "7"})
    assert client(server.url).read_with_manifest_id("bucket", "k") == (b"a,b\n", "7")
    server.reply = Reply(200, b"a,b\n", "text/csv")
    assert client(server.url).read_with_manifest_id("bucket", "k") == (b"a,b\n", None)


@pytest.mark.parametrize(("status", "there"), [(200, True), (404, False)])
def test_an_object_is_there_or_not(server: Loopback, status: int, there: bool) -> None:
    server.reply = Reply(status, headers={"last-modified": "Sat, 21 Nov 2026 23:10:51 GMT"})
    assert client(server.url).exists("bucket", "k") is there


def test_an_object_that_may_not_be_seen_is_not_taken_for_absent(server: Loopback) -> None:
    server.reply = Reply(403)
    with pytest.raises(S3Error):
        client(server.url).exists("bucket", "k")


def test_buckets_that_do_not_exist_are_named(server: Loopback) -> None:
    server.reply = Reply(404)
    assert client(server.url).missing_buckets() == ["ocp-ingress", "koku-bucket"]
    server.reply = Reply(200)
    assert client(server.url).missing_buckets() == []


def test_keys_are_listed_below_a_prefix(server: Loopback) -> None:
    entry = b"<Contents><Key>p/%s.csv</Key><Size>1</Size><LastModified>2026-11-21T23:10:51Z</LastModified></Contents>"
    server.reply = Reply(200, LIST % (entry % b"a" + entry % b"b"), "application/xml")
    assert list(client(server.url).keys("bucket", "p/")) == ["p/a.csv", "p/b.csv"]
    assert "prefix=p%2F" in server.asked[0].path


def test_no_message_shows_the_credentials(server: Loopback) -> None:
    server.reply = xml(503, "SlowDown")
    messages = []
    for url in (server.url, f"http://127.0.0.1:{closed_port()}"):
        with pytest.raises(Unreachable) as failure:
            client(url).read("bucket", "k")
        messages.append(f"{failure.value} {failure.value.__cause__}")
    assert SECRET not in " ".join(messages)
    assert "Signature=" not in " ".join(messages)
