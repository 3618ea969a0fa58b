"""Faults of the servers and the ports: felt by everybody on the stack, over when they are over."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import psycopg
import pytest
import requests
import urllib3
from minio import Minio
from minio.error import S3Error
from patience import ANSWER_SECONDS, came
from standin_deployment import Deployment, Payload, Pod

from e2e_validator.embedded.faults.control import ControlAddress, FaultControl
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import HarnessError
from e2e_validator.slowness import measured

pytestmark = pytest.mark.embedded

WEB = Pod("web-1", "web", "n1", cpu=(0.5, 1, 2), memory=(1, 2, 4), capacity=(4, 16))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedStack, Deployment]]:
    folder = tmp_path_factory.mktemp("faults")
    with EmbeddedStack.start(today=date(2026, 11, 21), report_dir=folder) as started:
        deployment = Deployment(started, folder / "embedded")
        yield started, deployment
        deployment.conn.close()
        assert started.ended_parts() == []  # what a fault ends is meant to end


@pytest.fixture
def stack(running: tuple[EmbeddedStack, Deployment]) -> Iterator[EmbeddedStack]:
    yield running[0]
    running[0].faults.clear()


@pytest.fixture
def koku(running: tuple[EmbeddedStack, Deployment]) -> Deployment:
    return running[1]


def until_it_works(what: Callable[[], object]) -> None:
    """Call it until it no longer raises."""

    def works() -> bool:
        with suppress(OSError, psycopg.Error, requests.RequestException, AssertionError):
            what()
            return True
        return False

    assert came(works)


def status(stack: EmbeddedStack) -> requests.Response:
    return requests.get(f"{stack.endpoints.koku_url}sources/?limit=1", timeout=ANSWER_SECONDS)


def put(stack: EmbeddedStack, bucket: str = "ocp-ingress", timeout_s: float = ANSWER_SECONDS) -> None:
    """As somebody from outside does, without a second try."""
    end = stack.endpoints
    pool = urllib3.PoolManager(retries=False, timeout=timeout_s)
    address = end.s3_url.removeprefix("http://")
    client = Minio(address, end.s3_access_key, end.s3_secret_key, secure=False, region="us-east-1", http_client=pool)
    client.put_object(bucket, "x", io.BytesIO(b"x"), 1)


def payload(koku: Deployment) -> tuple[str, bytes]:
    cluster = f"s-{uuid.uuid4().hex[:8]}"
    return koku.create_source(cluster), Payload(cluster, [WEB]).pack()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (500, "Server Error (500)"),
        (502, "Bad Gateway"),
        (503, "connection refused"),
        (424, "Rbac unavailable"),
        (401, "Jwt is expired"),
    ],
)
def test_the_api_answers_an_error_as_often_as_asked(stack: EmbeddedStack, code: int, said: str) -> None:
    stack.faults.arm(f"api_{code}", times=2, path="/sources/")
    assert requests.get(f"{stack.endpoints.koku_url}status/", timeout=ANSWER_SECONDS).status_code == 200
    answers = [status(stack) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [code, code, 200]
    assert said in answers[0].text


def test_the_api_errs_as_long_as_asked_for_its_source_alone(stack: EmbeddedStack) -> None:
    stack.faults.arm("api_503", key="mine", times=None, seconds=0.4, door="both")
    url = f"{stack.endpoints.masu_url}status/?liveness"
    assert [requests.get(url + more, timeout=ANSWER_SECONDS).status_code for more in ("", "&x=mine", "&x=mine")] == [
        200,
        503,
        503,
    ]
    time.sleep(0.4)
    assert requests.get(f"{url}&x=mine", timeout=ANSWER_SECONDS).status_code == 200


def test_the_api_is_slow(stack: EmbeddedStack) -> None:
    delay = 1.0 * measured()
    stack.faults.arm("api_slow", delay_s=delay)
    took = [status(stack).elapsed.total_seconds() for _ in range(2)]
    assert took[0] > delay > took[1]


@pytest.mark.parametrize("door", ["masu", "koku"])
def test_a_port_is_closed_for_a_while(stack: EmbeddedStack, door: str) -> None:
    urls = {"koku": f"{stack.endpoints.koku_url}status/", "masu": f"{stack.endpoints.masu_url}status/?liveness"}
    with requests.Session() as session:
        assert session.get(urls[door], timeout=ANSWER_SECONDS).status_code == 200
        seconds, began = 0.5 * measured(), time.monotonic()
        stack.faults.arm(f"{door}_down", seconds=seconds)
        with pytest.raises(requests.ConnectionError, match="refused"):
            session.get(urls[door], timeout=ANSWER_SECONDS)
        other = next(url for name, url in urls.items() if name != door)
        assert requests.get(other, timeout=ANSWER_SECONDS).status_code == 200
        until_it_works(lambda: session.get(urls[door], timeout=ANSWER_SECONDS))
        assert time.monotonic() - began > seconds * 0.9


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("s3_unavailable", "ErrTooManyRequest"),
        ("s3_credentials_refused", "SignatureDoesNotMatch"),
        ("s3_bucket_gone", "NoSuchBucket"),
    ],
)
def test_the_object_store_refuses_until_it_is_cleared(
    stack: EmbeddedStack, koku: Deployment, fault: str, code: str
) -> None:
    source, data = payload(koku)
    key = stack.faults.arm(fault)
    with pytest.raises(S3Error) as refused:
        put(stack)
    assert (refused.value.code, refused.value.response.status) == (code, {"E": 503, "S": 403, "N": 404}[code[0]])
    if fault != "s3_credentials_refused":
        put(stack, "koku-bucket")
    before = koku.logged("listener").count("Unable to download file. Error")
    koku.masu("ingest_ocp_payload/", org_id="1234567", payload_name="whatever")
    koku.wait_for(lambda: koku.logged("listener").count("Unable to download file. Error") > before)
    stack.faults.clear(key)
    koku.ingest(source, data)
    assert koku.usage(source) == 12


def test_without_the_archive_the_payload_is_given_up(stack: EmbeddedStack, koku: Deployment) -> None:
    source, data = payload(koku)
    stack.faults.arm("s3_bucket_gone", bucket="archive")
    text = "Unable to extract payload. Error: UploadError"
    before = koku.logged("listener").count(text)
    koku.upload(data)
    koku.wait_for(lambda: koku.logged("listener").count(text) > before)
    assert koku.seen(source)["status"] == [[3, 3, 0]]
    assert koku.seen(source)["state"] == {"download": ["start"]}


@pytest.mark.parametrize(
    ("point", "status", "text"),
    [
        ("listener.source_found", [[3, 3, 0]], "unable to copy data to bucket"),
        ("listener.announced", [], "Unable to download file. Error: S3 operation failed; code: SignatureDoesNotMatch"),
    ],
)
def test_koku_alone_has_a_wrong_secret(
    stack: EmbeddedStack, koku: Deployment, point: str, status: list[list[int]], text: str
) -> None:
    source, data = payload(koku)
    cluster = koku.row("SELECT name FROM api_provider WHERE uuid = %s", source)["name"]
    stack.faults.arm("koku_s3_secret_wrong", key=cluster, point=point)
    before = koku.logged("listener").count(text)
    koku.upload(data)
    koku.wait_for(lambda: koku.logged("listener").count(text) > before)
    assert koku.seen(source)["status"] == status
    koku.ingest(source, data)
    assert koku.usage(source) == 12


def test_the_object_store_stalls_and_goes_on(stack: EmbeddedStack) -> None:
    seconds, began = 1.0 * measured(), time.monotonic()
    stack.faults.arm("s3_slow", seconds=seconds)
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        put(stack, timeout_s=0.2)
    put(stack)
    assert time.monotonic() - began > seconds * 0.9


def test_the_database_restarts_and_the_payload_is_ingested(stack: EmbeddedStack, koku: Deployment) -> None:
    source, data = payload(koku)
    with psycopg.connect(stack.endpoints.dsn) as session:
        before = session.execute("SELECT pg_postmaster_start_time()").fetchone()
        stack.faults.arm("database_restarts", seconds=0.5 * measured())
        with pytest.raises(psycopg.OperationalError, match="terminating connection due to administrator command"):
            session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(stack.endpoints.dsn)
    key = uuid.uuid4().hex
    koku.objects.put_object("ocp-ingress", key, io.BytesIO(data), len(data))
    koku.masu("ingest_ocp_payload/", org_id="1234567", payload_name=key)
    koku.wait_for(lambda: "Retrying..." in koku.logged("listener"))
    until_it_works(lambda: psycopg.connect(stack.endpoints.dsn).close())
    koku.conn.close()
    koku.conn = Deployment(stack, koku._logs).conn
    assert koku.row("SELECT pg_postmaster_start_time() > %s AS later", before[0] if before else None)["later"]
    koku.wait_for(lambda: koku.seen(source)["completed"])
    assert koku.usage(source) == 12


def test_the_database_has_no_connection_left(stack: EmbeddedStack) -> None:
    key = stack.faults.arm("database_full", seconds=30)
    with pytest.raises(psycopg.OperationalError, match="too many clients already"):
        psycopg.connect(stack.endpoints.dsn)
    stack.faults.clear(key)
    psycopg.connect(stack.endpoints.dsn).close()


def test_the_database_is_slow(stack: EmbeddedStack, koku: Deployment) -> None:
    stack.faults.arm("database_slow", seconds=0.5)
    start = time.monotonic()
    koku.rows("SELECT 1 FROM reporting_ocpusagelineitem_daily_summary LIMIT 1")
    assert time.monotonic() - start > 0.3


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("no_such", {}, "There is no fault 'no_such'"),
        ("chord_lost", {}, "comes with the classic stack"),
        ("payload_truncated", {}, "comes with the payload: damage truncated"),
        ("stale_lock", {"secs": 1}, "has no option secs; it has point, seconds, skip"),
        ("stale_lock", {"point": "listener.announced"}, "can wait at queue.sending"),
        ("stale_lock", {"times": 0}, "times is a number from 1 on"),
        ("s3_unavailable", {"bucket": "x"}, "bucket is one of ingress, archive, ros"),
    ],
)
def test_what_cannot_be_armed_is_refused_with_the_reason(
    stack: EmbeddedStack, name: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises(HarnessError, match=said):
        stack.faults.arm(name, **options)  # type: ignore[arg-type]
    assert stack.faults.armed() == []


def test_the_control_port_needs_its_token_and_is_nowhere_else(stack: EmbeddedStack) -> None:
    with pytest.raises(HarnessError, match="the token is missing or wrong"):
        FaultControl(ControlAddress(stack.control.url, "wrong")).fired()
    assert stack.control.token not in repr(stack.control)
    assert set(stack.endpoints.as_json()) == {
        "koku_url", "masu_url", "s3_url", "s3_access_key", "s3_secret_key", "dsn", "org_id", "schema", "buckets"
    }  # fmt: skip
    for url in (stack.endpoints.koku_url, stack.endpoints.masu_url):
        root = url.removesuffix("api/cost-management/v1/")
        headers = {"authorization": f"Bearer {stack.control.token}"}
        answers = [requests.get(base + "faults/", headers=headers, timeout=ANSWER_SECONDS) for base in (url, root)]
        assert [answer.status_code for answer in answers] == [404, 404]
