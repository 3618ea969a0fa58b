"""Runs whose transport is Kafka: brokers that are reached as they are, those that only pods reach, and from a file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psycopg
import pytest
from aftermath import left_behind
from cluster import broken
from cluster.backends import Backends
from cluster.installed import Installed
from cluster.picture import start
from cluster.production import production
from cluster.server import ApiServer
from cluster.strimzi import StrimziBrokers
from nested import TODAY, Ended, files_with, furnish, quick, run, shipped
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from e2e_validator.access.lag import unread
from e2e_validator.access.masu import Masu
from e2e_validator.deployment import Target
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded
NS = "cost-onprem"
# What compose's variables say of names, as where they are not set.
REST = dict.fromkeys(
    ("API_PATH_PREFIX", "SCHEMA_SUFFIX", "S3_REGION", "S3_BUCKET_NAME", "S3_BUCKET_NAME_OCP_INGRESS"), ""
)


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """A stack whose listener reads from a broker."""
    with EmbeddedStack.start(today=date.fromisoformat(TODAY), transports=("kafka",)) as running:
        yield running


@pytest.fixture(scope="module")
def backends(stack: EmbeddedStack) -> Backends:
    return Backends.of(stack.endpoints)


def run_in(folder: Path, server: ApiServer, *args: str) -> Ended:
    config = server.write_kubeconfig(folder / "kubeconfig", namespace="default")
    return run(folder, "scenarios", "--today", TODAY, "--namespace", NS, "--kubeconfig", str(config), *args)


def placed(kafka: Literal["bundled", "external"] = "bundled") -> Installed:
    """A deployment that names the object store as the stand-in's listener reaches it: it follows what we presign."""
    return Installed(route="none", object_store="external", kafka=kafka)


def test_brokers_outside_are_the_first_transport_without_masu(tmp_path: Path, backends: Backends) -> None:
    assert backends.kafka is not None
    assert backends.masu is not None
    folder = furnish(tmp_path, {"quick": quick("quick")})
    with production(backends.masu) as masu:
        # This machine by a name that is no pod's own.
        server, _ = start(placed(kafka="external"), replace(backends, kafka=("127.0.1", backends.kafka[1]), masu=masu))
        with server:
            ended = run_in(folder, server)
    assert ended.code == 0, ended.text
    assert "transport kafka: the first that is open; no gateway: no gateway answers" in ended.text


def test_unseen_tag_keys_are_made_known_where_masu_enables_none(
    tmp_path: Path, stack: EmbeddedStack, backends: Backends
) -> None:
    """In production only the API enables tag keys, and only those of files that Koku has read."""
    assert backends.kafka is not None
    assert backends.masu is not None
    target = Target.load(stack.endpoints.as_json("kafka"))
    folder = furnish(tmp_path, {"cost_tag_rate": shipped("cost_tag_rate")})
    with psycopg.connect(target.dsn, autocommit=True) as connection:  # other runs here have sent files with labels
        table = sql.Identifier(target.schema_name, "reporting_enabledtagkeys")
        connection.execute(sql.SQL("DELETE FROM {}").format(table))
    with production(backends.masu) as masu:
        server, _ = start(placed(kafka="external"), replace(backends, kafka=("127.0.1", backends.kafka[1]), masu=masu))
        with server:
            for made_known in (True, False):  # a key that is known stays known
                ended = run_in(folder, server)
                assert ended.code == 0, ended.text
                assert set(ended.verdicts("cost_tag_rate").values()) == {"PASSED"}
                phases = ended.phases["cost_tag_rate"]
                told = "1 tag key enabled, made known to Koku by a payload of source"
                assert (told in phases["source"]["facts"]) is made_known
                assert phases["cleanup"]["facts"].startswith("2 sources" if made_known else "1 source,")
                assert left_behind(target, ended) == {}
    assert Masu(target).enabled_tags("OCP") == []


def test_brokers_in_pods_get_each_payload_by_their_own_forward(tmp_path: Path, backends: Backends) -> None:
    assert backends.kafka is not None
    folder = furnish(tmp_path, {"same_payload_twice": shipped("same_payload_twice")})
    installed = placed()
    server, _ = start(installed, backends)
    with server, StrimziBrokers(backends.kafka, installed.kafka_namespace) as brokers:
        server.forwards.add(*brokers.rules(installed))
        ended = run_in(folder, server, "--set", "transport=kafka")
    assert ended.code == 0, ended.text
    # Two of the scenario, and the neighbour's.
    assert sum(brokers.produced.values()) == 3


@contextmanager
def without_listener(stack: EmbeddedStack) -> Iterator[None]:
    """The listener is dead, and stays so for the block."""
    hold = stack.logs / "koku-listener.hold"
    hold.touch()
    os.kill(int((stack.logs / "koku-listener.pid").read_text()), signal.SIGKILL)
    try:
        yield
    finally:
        hold.unlink()


def koku_variables(target: Target) -> dict[str, str]:
    """The variables of Koku's docker compose, had it published what an embedded stack does."""
    koku, masu, database = urlsplit(target.koku_url), urlsplit(target.masu_url), conninfo_to_dict(target.dsn)
    return {
        "KOKU_API_HOSTNAME": str(koku.hostname),
        "KOKU_PORT": str(koku.port),
        "MASU_API_HOSTNAME": str(masu.hostname),
        "MASU_PORT": str(masu.port),
        "S3_ENDPOINT": target.s3_url,
        "S4_PROXY_ENDPOINT": target.s3_url,
        "S3_ACCESS_KEY": target.s3_access_key,
        "S3_SECRET": target.s3_secret_key,
        "POSTGRES_SQL_SERVICE_HOST": str(database["host"]),
        "POSTGRES_SQL_SERVICE_PORT": str(database["port"]),
        "DATABASE_NAME": str(database["dbname"]),
        "DATABASE_USER": str(database["user"]),
        "DATABASE_PASSWORD": str(database["password"]),
    }


# By masu it differs from other runs on a target in the file alone, whose values have tests of their own.
@pytest.mark.parametrize("transport", ["kafka", pytest.param("masu", marks=pytest.mark.long)])
def test_the_compose_file_is_a_target_by_masu_and_by_kafka(
    tmp_path: Path, stack: EmbeddedStack, transport: str
) -> None:
    target = Target.load(stack.endpoints.as_json("kafka"))
    assert target.kafka is not None
    folder = furnish(tmp_path, {"quick": quick("quick")})
    file = folder / "fixtures" / "targets" / "koku_docker_compose.yaml"
    if transport == "kafka":
        kafka = f"transport: kafka\nkafka: {{bootstrap: '{target.kafka.bootstrap}'}}"
        file.write_text(file.read_text(encoding="utf-8").replace("\ntransport: masu", f"\n{kafka}"), encoding="utf-8")
    ended = run(folder, "scenarios", "--today", TODAY, "--target", str(file), env=koku_variables(target) | REST)
    assert ended.code == 0, ended.text
    assert "target    endpoints koku_docker_compose" in ended.text
    assert files_with(ended.reports, f"ok    transport: {'Kafka ' if transport == 'kafka' else 'masu '}")


@pytest.mark.long
def test_a_deployment_without_listener_blocks(tmp_path: Path, backends: Backends) -> None:
    folder = furnish(tmp_path, {"quick": quick("quick")})
    server, picture = start(placed(), backends)
    broken.scaled_to_zero(picture, "listener")
    picture.load(server)
    with server:
        ended = run_in(folder, server, "--set", "transport=kafka")
    assert ended.code == 10, ended.text
    assert set(ended.verdicts("quick").values()) == {"BLOCKED", "SKIPPED"}
    assert "listener" in ended.phases["quick"]["preflight"]["headline"]
    assert ended.phases["quick"]["preflight"]["cause"] == "not_ready"


def test_what_is_never_read_ends_with_its_cause_and_no_resend(tmp_path: Path, stack: EmbeddedStack) -> None:
    folder = furnish(tmp_path, {"quick": quick("quick", limits="download: 6s")})
    target = Target.load(stack.endpoints.as_json("kafka"))
    assert target.kafka is not None
    target.save(folder / "stack.json")
    with without_listener(stack):
        ended = run(folder, "scenarios", "--today", TODAY, "--target", "stack.json", "--repair-after", "2")
        waiting = unread(target.kafka)
    assert ended.code == 1, ended.text
    download = ended.phases["quick"]["download"]
    assert (download["verdict"], download["cause"]) == ("FAILED", "not_read")
    # The scenario's message, and the neighbour's; neither was sent again.
    assert "not_read: 2 messages in Kafka not committed" in ended.text
    assert waiting == 2
