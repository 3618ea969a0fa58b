"""The three real servers: usable, private, on loopback, side by side."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import urllib3
from minio import Minio
from minio.error import S3Error
from patience import ANSWER_SECONDS, finished
from redis.backoff import NoBackoff
from redis.retry import Retry

from e2e_validator.embedded import stack as stack_module
from e2e_validator.embedded.engines import postgres as postgres_module
from e2e_validator.embedded.engines.object_store import object_store
from e2e_validator.embedded.engines.part import Engine, NotReadyError, Part, bare_environment
from e2e_validator.embedded.engines.postgres import installation, postgres
from e2e_validator.embedded.engines.valkey import valkey
from e2e_validator.embedded.site import Site
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import Blocked
from e2e_validator.slowness import VARIABLE, scaled

pytestmark = pytest.mark.embedded
SERVERS = (object_store, postgres, valkey)


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    with EmbeddedStack.start(engines=SERVERS) as running:
        yield running


def s3_client(stack: EmbeddedStack, secret: str | None = None) -> Minio:
    endpoints = stack.endpoints
    return Minio(
        urlsplit(endpoints.s3_url).netloc,
        endpoints.s3_access_key,
        secret or endpoints.s3_secret_key,
        secure=False,
        region="us-east-1",
        http_client=urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS),
    )


def processes_of(stack: EmbeddedStack) -> list[int]:
    """The keeper and everything below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [stack.keeper_pid]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def listeners_of(pids: list[int]) -> list[str]:
    """Local addresses (hexadecimal, as the kernel lists them) on which any of the processes listens."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(descriptor.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    addresses = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = row.split()
            if columns[9] in inodes and (columns[3] == "0A" or table.startswith("udp")):
                addresses.append(columns[1].partition(":")[0])
    return addresses


def test_database_is_postgres_16_and_writable(stack: EmbeddedStack) -> None:
    with psycopg.connect(stack.endpoints.dsn) as connection:
        assert connection.info.server_version // 10_000 == 16
        row = connection.execute("SELECT version(), current_database(), current_user").fetchone()
        assert row is not None
        assert row[0].startswith("PostgreSQL 16.")
        assert row[1:] == ("koku", "koku")
        connection.execute("CREATE TEMPORARY TABLE t AS SELECT generate_series(1, 1000) AS n")
        assert connection.execute("SELECT sum(n) FROM t").fetchone() == (500_500,)


def test_the_database_keeps_no_shared_memory_in_a_file(stack: EmbeddedStack) -> None:
    pids = [pid for pid in processes_of(stack) if Path(f"/proc/{pid}/comm").read_text() == "postgres\n"]
    assert pids
    assert not [pid for pid in pids if "/dev/shm/" in Path(f"/proc/{pid}/maps").read_text()]  # noqa: S108


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost"])
def test_database_refuses_a_wrong_password(stack: EmbeddedStack, address: str) -> None:
    wrong = stack.endpoints.dsn.replace("@127.0.0.1", f"x@{address}")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_object_store_gives_back_what_was_put_into_each_bucket(stack: EmbeddedStack) -> None:
    client = s3_client(stack)
    for bucket in stack.endpoints.buckets.values():
        client.put_object(bucket, "a/b c+ü.tar.gz", io.BytesIO(b"x" * 6_000_000), 6_000_000)
        assert [item.object_name for item in client.list_objects(bucket, recursive=True)] == ["a/b c+ü.tar.gz"]
        answer = client.get_object(bucket, "a/b c+ü.tar.gz")
        assert answer.data == b"x" * 6_000_000
        answer.close()


def test_object_store_refuses_a_wrong_secret(stack: EmbeddedStack) -> None:
    with pytest.raises(S3Error) as refused:
        s3_client(stack, "wrong").put_object("ocp-ingress", "x", io.BytesIO(b"x"), 1)
    assert refused.value.code == "SignatureDoesNotMatch"


def test_object_store_makes_no_bucket_by_itself(stack: EmbeddedStack) -> None:
    with pytest.raises(S3Error) as refused:
        s3_client(stack).put_object("no-such-bucket", "x", io.BytesIO(b"x"), 1)
    assert refused.value.code == "NoSuchBucket"


def test_cache_answers_with_its_password_and_refuses_without(stack: EmbeddedStack) -> None:
    site = stack._site
    with redis.Redis.from_url(site.cache_url) as client:
        assert client.ping()
    with (
        redis.Redis(port=site.ports.cache, retry=Retry(NoBackoff(), 0)) as anonymous,
        pytest.raises(redis.AuthenticationError),
    ):
        anonymous.ping()


def test_every_listener_is_on_loopback(stack: EmbeddedStack) -> None:
    listeners = listeners_of(processes_of(stack))
    assert len(listeners) >= 12  # ten of the object store, the database, the cache
    assert set(listeners) == {"0100007F"}  # 127.0.0.1


def test_no_other_user_can_read_a_secret(stack: EmbeddedStack) -> None:
    endpoints, site = stack.endpoints, stack._site
    secrets = [endpoints.s3_secret_key, site.database_password, site.cache_password]
    for pid in processes_of(stack):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        assert not [secret for secret in secrets if secret in command]
    for path in stack.folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], path


def test_a_second_stack_has_its_own_servers(stack: EmbeddedStack) -> None:
    with EmbeddedStack.start(engines=SERVERS) as second:
        ours, theirs = stack.endpoints, second.endpoints
        assert not {ours.s3_url, ours.dsn, ours.s3_secret_key} & {theirs.s3_url, theirs.dsn, theirs.s3_secret_key}
        s3_client(second).put_object("ocp-ingress", "only-in-second", io.BytesIO(b"x"), 1)
        assert "only-in-second" not in [item.object_name for item in s3_client(stack).list_objects("ocp-ingress")]
        folder = second.folder
    assert not folder.exists()
    assert stack.ended_parts() == []
    with psycopg.connect(stack.endpoints.dsn) as connection:
        connection.execute("SELECT 1")


def test_stop_takes_everything_along_and_may_be_said_twice() -> None:
    stack = EmbeddedStack.start(engines=[postgres])
    pids = processes_of(stack)
    stack.stop()
    stack.stop()
    assert not stack.folder.exists()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


START = """
from e2e_validator.embedded.stack import EmbeddedStack
with EmbeddedStack.start() as stack:
    print(stack.endpoints.dsn)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without a name")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not installed")
def test_a_user_without_a_name_and_a_home_can_have_a_stack(tmp_path: Path) -> None:
    number = "12345"
    with pytest.raises(KeyError):
        pwd.getpwuid(int(number))
    tmp_path.chmod(0o777)
    # Reading is allowed as to root, because Python itself may stand in root's home.
    become = ["setpriv", "--reuid", number, "--regid", number, "--clear-groups"]
    become += ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    kept = {name: value for name, value in os.environ.items() if name not in {"HOME", "USER", "LOGNAME", "USERNAME"}}
    done = finished([*become, sys.executable, "-c", START], env=kept, cwd="/tmp")  # noqa: S108 - reachable by anybody
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("postgresql://")


def test_logs_stay_in_the_report_folder_when_one_is_given(tmp_path: Path) -> None:
    with EmbeddedStack.start(engines=[valkey], report_dir=tmp_path) as stack:
        assert "Ready to accept connections" in stack.log_tail("valkey")
    assert "Ready to accept connections" in (tmp_path / "embedded" / "valkey.log").read_text()
    assert stack.log_tail("valkey")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
def test_as_root_binaries_in_a_private_folder_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = installation().parent
    libraries = f"{package.name}.libs"
    home = private / package.name / "pginstall"
    shutil.copytree(installation(), home, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    shutil.copytree(package.with_name(libraries), private / libraries)
    monkeypatch.setattr(postgres_module, "installation", lambda: home)
    with (
        EmbeddedStack.start(engines=[postgres]) as stack,
        psycopg.connect(stack.endpoints.dsn) as connection,
    ):
        connection.execute("DO $$ BEGIN RAISE NOTICE 'plpgsql is there'; END $$")


# What cannot start. The parts here are shell commands: what is tested is what the stack makes of them.


def shell_part(script: str, *, answers: bool = False, name: str = "valkey") -> Engine:
    def engine(site: Site) -> Part:
        def use() -> None:
            if not answers:
                raise NotReadyError("connection refused")

        return Part(
            name=name,
            title="The cache (Valkey)",
            command=("/bin/sh", "-c", script) if script else ("/does/not/exist",),
            folder=site.folder,
            log=site.logs / f"{name}.log",
            environment=bare_environment(site.folder),
            use=use,
        )

    return engine


@pytest.mark.parametrize(
    ("script", "sentence", "detail"),
    [
        (
            "echo cannot read the moon; exit 3",
            "The cache (Valkey) ended by itself (exit code 3).",
            "cannot read the moon",
        ),
        ("kill -9 $$", "The cache (Valkey) ended by itself (signal 9).", ""),
        ("sleep 60", "The cache (Valkey) did not answer within 1 s.", "connection refused"),
        ("echo write: No space left on device; exit 1", "No disk space: the cache (Valkey) ended", "No space left"),
        ("echo bind: Address already in use; exit 1", "Another program took a port of the embedded stack 3 times", ""),
        ("", "The cache (Valkey) could not be started: ", ""),
    ],
)
def test_a_part_that_does_not_start_blocks_and_leaves_nothing(
    script: str, sentence: str, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_module, "_START_SECONDS", 1.0)
    monkeypatch.setenv(VARIABLE, "1")
    folders = []

    def remember(site: Site) -> Part:
        folders.append(site.folder)
        return shell_part("sleep 60", answers=True, name="other")(site)

    with pytest.raises(Blocked) as blocked:
        EmbeddedStack.start(engines=[remember, shell_part(script)])
    assert blocked.value.headline.startswith(sentence)
    assert "\n" not in blocked.value.headline
    assert detail in blocked.value.detail
    assert folders
    assert not [folder for folder in folders if folder.exists()]


def test_a_start_whose_port_was_taken_is_repeated_on_others(tmp_path: Path) -> None:
    tried: list[int] = []

    def engine(site: Site) -> Part:
        tried.append(site.ports.cache)
        taken = len(tried) == 1
        return shell_part("echo bind: Address already in use; exit 1" if taken else "sleep 60", answers=not taken)(site)

    with EmbeddedStack.start(engines=[engine]):
        assert len(set(tried)) == 2


def test_a_part_that_ends_later_is_told() -> None:
    with EmbeddedStack.start(engines=[shell_part("sleep 0.2; exit 5", answers=True)]) as stack:
        assert stack.ended_parts(timeout_seconds=scaled(10)) == ["The cache (Valkey) ended by itself (exit code 5)."]
        assert stack.ended_parts() == []
