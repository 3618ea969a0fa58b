"""The object store by boto3: written and read, refused, not there; and nothing of the user's own profile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Loopback, Reply, closed_port, loopback

from e2e_validator.access.objects_as_koku import ObjectsAsKoku, RefusedAsKokuError
from e2e_validator.deployment import Target

SECRET = "s3cr3t-vAlue"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


def client(url: str) -> ObjectsAsKoku:
    more = {"koku_url": "http://h/", "masu_url": "http://h/", "dsn": "host=h"}
    return ObjectsAsKoku(Target.load({"s3_url": url, "s3_access_key": "access", "s3_secret_key": SECRET, **more}))


def test_an_object_is_written_and_read_by_path(server: Loopback) -> None:
    server.reply = Reply(200, b"")
    assert client(server.url).put_and_read("bucket", "a/key", b"content") == b""
    put, got = server.asked
    assert (put.method, put.path, put.body) == ("PUT", "/bucket/a/key", b"content")
    assert (got.method, got.path) == ("GET", "/bucket/a/key")
    assert "x-amz-checksum-crc32" in put.headers


def test_a_refusal_is_told_with_the_try_and_no_secret(server: Loopback) -> None:
    server.reply = Reply(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "application/xml")
    with pytest.raises(RefusedAsKokuError) as refused:
        client(server.url).put_and_read("bucket", "key", b"")
    assert str(refused.value) == "PutObject: AccessDenied no"


def test_a_store_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(RefusedAsKokuError, match="Could not connect") as refused:
        client(f"http://127.0.0.1:{closed_port()}").put_and_read("bucket", "key", b"")
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_profile_of_the_user_has_no_part_in_it(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile mine]\nregion = eu-west-3\nendpoint_url = http://elsewhere\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    server.reply = Reply(200, b"")
    client(server.url).put_and_read("bucket", "key", b"x")
    assert "/us-east-1/s3/" in server.asked[0].headers["authorization"]
