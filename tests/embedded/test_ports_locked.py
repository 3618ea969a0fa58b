"""Every port that a stack listens on, asked by a stranger on the same machine: nothing is read and nothing written."""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import urllib3
from minio import Minio
from patience import patience

from e2e_validator.embedded.engines.object_store import S3_PORT_INDEX
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
BUCKET, KEY = "ocp-ingress", "not-for-you.csv"
LISTENING = "0A"


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """A whole stack, with an object in it."""
    with EmbeddedStack.start() as running:
        ends = running.endpoints
        store = Minio(
            urlsplit(ends.s3_url).netloc, ends.s3_access_key, ends.s3_secret_key, secure=False, region="us-east-1"
        )
        store.put_object(BUCKET, KEY, io.BytesIO(b"secret" * 20_000), 120_000)
        yield running
        assert store.get_object(BUCKET, KEY).read() == b"secret" * 20_000
        assert [entry.object_name for entry in store.list_objects(BUCKET, recursive=True)] == [KEY]


def family(root: int) -> list[int]:
    """The keeper and everything below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def listening(pids: list[int]) -> set[tuple[str, int]]:
    """Address (as the kernel writes it) and port of each TCP socket that one of the processes listens on."""
    links = [link for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir()]
    sockets = {str(link.readlink()) for link in links if link.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING and f"socket:[{words[9]}]" in sockets:
                address, _, port = words[1].partition(":")
                found.add((address, int(port, 16)))
    return found


def ask(method: str, port: int, path: str, **more: object) -> urllib3.BaseHTTPResponse:
    url = f"http://127.0.0.1:{port}{path}"
    return urllib3.request(method, url, retries=False, timeout=patience(10), **more)  # type: ignore[arg-type]


def test_it_listens_on_loopback_and_on_no_port_below(stack: EmbeddedStack) -> None:
    found = listening(family(stack.keeper_pid))
    ports = stack._site.ports
    asked = {*ports.object_store, ports.database, ports.cache, ports.koku, ports.masu, ports.control}
    assert {address for address, _ in found} == {"0100007F"}
    assert {port for _, port in found} <= asked
    assert len(found) >= 12


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", f"/{BUCKET}/{KEY}"), ("PUT", f"/{BUCKET}/new"), ("DELETE", f"/{BUCKET}/{KEY}")],
)
def test_s3_wants_credentials(stack: EmbeddedStack, method: str, path: str) -> None:
    assert ask(method, stack._site.ports.object_store[S3_PORT_INDEX], path, body=b"x").status == 403


@pytest.mark.parametrize("index", [0, 2, 4, 8], ids=["master", "volume", "filer", "admin"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/buckets/{BUCKET}/{KEY}"),
        ("GET", "/buckets/?pretty=y"),
        ("PUT", f"/buckets/{BUCKET}/new"),
        ("POST", f"/buckets/{BUCKET}/"),
        ("DELETE", f"/buckets/{BUCKET}/{KEY}"),
        ("GET", "/dir/assign"),
        ("GET", "/dir/status"),
        ("POST", "/submit"),
        ("POST", f"/col/delete?collection={BUCKET}"),
        ("GET", "/1,01637037d6"),
        ("POST", "/1,01637037d6"),
        ("DELETE", "/1,01637037d6"),
    ],
)
def test_the_other_ports_of_the_object_store_answer_nothing(
    stack: EmbeddedStack, index: int, method: str, path: str
) -> None:
    answer = ask(method, stack._site.ports.object_store[index], path, body=b"x" if method in {"PUT", "POST"} else None)
    assert answer.status in {400, 401, 403, 404, 405}  # 400: the volume server knows no such file at all
    assert b"secret" not in answer.data


def test_grpc_wants_a_certificate_of_the_stack(stack: EmbeddedStack) -> None:
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    stranger.set_alpn_protocols(["h2"])
    open_ports = {port for _, port in listening(family(stack.keeper_pid))}
    asked = [port for port in stack._site.ports.object_store[1::2] if port in open_ports]
    assert len(asked) >= 4
    for port in asked:
        for context in (None, stranger):
            assert _greeted(port, context) == b"", port


def _greeted(port: int, context: ssl.SSLContext | None) -> bytes:
    """What a server of HTTP/2 answers to a greeting; nothing when it hangs up."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience(10)) as plain:
            line = context.wrap_socket(plain) if context else plain
            with line:
                line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
                answer = line.recv(1024)
    except (ssl.SSLError, ConnectionError):
        return b""
    # An alert of TLS (21), which says that it wants TLS, or a certificate.
    return b"" if answer[:1] == b"\x15" else answer


def test_no_socket_of_it_is_open_to_other_users(stack: EmbeddedStack) -> None:
    paths = [Path(path) for path in (stack.folder / "sockets").read_text().split() if Path(path).exists()]
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_valkey_and_postgresql_want_passwords(stack: EmbeddedStack) -> None:
    ports = stack._site.ports
    with socket.create_connection(("127.0.0.1", ports.cache), timeout=patience(10)) as line:
        for command in (b"PING", b"SET a b", b"AUTH wrong", b"KEYS *"):
            line.sendall(command + b"\r\n")
            assert line.recv(512)[:7] in {b"-NOAUTH", b"-WRONGP"}
    parts = urlsplit(stack.endpoints.dsn)
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://koku:{password}@127.0.0.1:{parts.port}/koku", connect_timeout=20)


def test_the_door_for_faults_wants_a_token(stack: EmbeddedStack) -> None:
    """The API and masu are as those of a Koku in development, which take everybody in (docs/contract/koku.md 5.2)."""
    ports = stack._site.ports
    for method, path in (("GET", "/faults/"), ("POST", "/faults/"), ("DELETE", "/faults/")):
        assert ask(method, ports.control, path).status in {401, 403, 404, 405}
