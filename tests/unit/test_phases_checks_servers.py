"""Preflight's checks on what stands behind the pods: what each says when it fires."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import checks_pictures
import pytest
from checks_scene import AUTH, CONNECTIONS, NOW, TODAY, Scene
from cluster.picture import Picture, start
from cluster.server import ApiServer

from e2e_validator.access.consumers import Brokered, Readers
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks import registry
from e2e_validator.checks.kafka import ANNOUNCE
from e2e_validator.deployment.transport import Kafka
from e2e_validator.errors import Blocked
from e2e_validator.phases import preflight
from e2e_validator.scenario.model import Rejected

LONG_AGO = TODAY - timedelta(days=400)
MONTHS_AGO = [f"{TODAY - timedelta(days=days):%Y-%m}" for days in (0, 62, 124, 155)]


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[ApiServer, Picture]]:
    """One server for all scenes; its picture is of no interest here."""
    server, picture = start()
    with server:
        yield server, picture


@pytest.fixture
def scene(shown: tuple[ApiServer, Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A deployment whose servers are healthy."""
    found = Scene(*shown, tmp_path)
    found.patched(monkeypatch)
    return found


def refuse(error: Exception) -> Callable[[], Any]:
    """An answer that is none."""

    def call() -> Any:
        raise error

    return call


def masu(**change: Any) -> Callable[[], dict[str, Any]]:
    """What masu says of itself."""
    return lambda: {"current_datetime": NOW.isoformat(), "config": {}} | change


def extension(name: str, *, available: bool, used: bool = True) -> list[dict[str, Any]]:
    return [{"name": name, "database": "koku", "available": available, "used": used}]


def read_by(members: int, at_work: int | None, state: str = "Stable", topic: str = ANNOUNCE) -> Brokered:
    return Brokered(frozenset({topic}), Readers(members, at_work, state))


THROUGH_KAFKA = {"transport": "kafka"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "extensions",
        {"extensions": extension("pg_trgm", available=True)},
        {},
        'warning: database koku lacks the extension pg_trgm; as its administrator: CREATE EXTENSION "pg_trgm"',
    ),
    (
        "extensions",
        {"extensions": extension("uuid-ossp", available=False)},
        {},
        "warning: database koku lacks the extension uuid-ossp; install PostgreSQL's contrib package on the server",
    ),
    (
        "extensions",
        {"extensions": extension("pg_trgm", available=False, used=False)},
        {},
        "warning: database koku lacks the extension pg_trgm; install PostgreSQL's contrib package on the server",
    ),
    (
        "extensions",
        {"extensions": extension("pg_trgm", available=True, used=False)},
        {},
        "information: database koku lacks the extension pg_trgm as yet; nothing to do: Koku makes it with its first",
    ),
    (
        "extensions",
        {"extensions": extension("uuid-ossp", available=True, used=False)},
        {},
        'warning: database koku lacks the extension uuid-ossp; as its administrator: CREATE EXTENSION "uuid-ossp"',
    ),
    (
        "connections",
        {"connections": CONNECTIONS | {"used": 180}},
        {},
        "warning: PostgreSQL has 17 of 197 connections left; raise max_connections, or end what holds them",
    ),
    (
        "connections",
        {"connections": CONNECTIONS | {"used": 200}},
        {},
        "error: PostgreSQL has 0 of 197 connections left; raise max_connections",
    ),
    (
        "connections",
        {"connections": CONNECTIONS | {"of_database": 32}},
        {},
        "error: PostgreSQL has 2 of 32 connections left; raise max_connections",
    ),
    (
        "writing to the bucket",
        {"refuses": "write"},
        {},
        (
            "error: the store does not let us write s3://ocp-ingress/e2e-scenario-x-0123abcd/preflight (AccessDenied);"
            " give the access key of the storage secret read, write and delete in that bucket"
        ),
    ),
    ("writing to the bucket", {"refuses": "read"}, {}, "error: the store does not let us read s3://ocp-ingress/e2e-"),
    (
        "writing to the bucket",
        {"spoils": True},
        {},
        "error: s3://ocp-ingress/e2e-scenario-x-0123abcd/preflight does not hold what was just written; check what",
    ),
    (
        "writing to the bucket",
        {"refuses": "boto3"},
        {},
        (
            "warning: boto3, with which Koku writes its archive, cannot write and read s3://ocp-ingress/e2e-scenario-x-"
            "0123abcd/preflight (PutObject: XAmzContentSHA256Mismatch no); see whether the store takes the checksums"
        ),
    ),
    (
        "writing to the bucket",
        {"spoils_boto3": True},
        {},
        "error: s3://ocp-ingress/e2e-scenario-x-0123abcd/preflight does not hold what boto3 has just written;",
    ),
    (
        "topics and readers",
        {"brokered": read_by(0, None, "Empty")},
        THROUGH_KAFKA,
        f"error: the consumer group hccm-group has no members (Empty), so {ANNOUNCE} is not read; start the listener",
    ),
    (
        "topics and readers",
        {"brokered": read_by(0, None, "Empty")},
        {},
        "warning: the consumer group hccm-group has no members (Empty)",
    ),
    (
        "topics and readers",
        {"brokered": read_by(2, 0, "PreparingRebalance")},
        THROUGH_KAFKA,
        f"error: none of the 2 members of hccm-group has a partition of {ANNOUNCE} (PreparingRebalance); wait for",
    ),
    (
        "topics and readers",
        {"brokered": read_by(2, 1)},
        {},
        f"information: 1 of 2 members of hccm-group read {ANNOUNCE}, the others stand by; give the topic as many",
    ),
    (
        "topics and readers",
        {"brokered": read_by(1, 1, topic="another")},
        THROUGH_KAFKA,
        f"error: Kafka has no topic {ANNOUNCE}; create it, or let the listener start first",
    ),
    (
        "topics and readers",
        {"brokered": Unreachable("Kafka at kafka:9092 did not answer: refused")},
        THROUGH_KAFKA,
        "error: topics and group hccm-group cannot be looked at: Kafka at kafka:9092 did not answer: refused; correct",
    ),
    (
        "topics and readers",
        {},
        {"kafka": None},
        "not looked at: Kafka cannot be reached from here, so its topics and the group hccm-group were not looked at;",
    ),
    (
        "Redis",
        {"masu_status": refuse(Refused("masu answered 500 to GET status/", 500, ""))},
        {},
        "error: Redis at cost-onprem-valkey cannot be reached: masu answers 500 to status/; mend it or its address",
    ),
    (
        "Redis",
        {"masu_status": refuse(Refused("masu answered 404 to GET status/", 404, ""))},
        {},
        "error: it cannot be looked at: masu answered 404 to GET status/",
    ),
    (
        "clocks",
        {"offsets": {"api": 42.0, "database": 0.0}},
        {},
        "warning: the clock of the API is 42 s ahead of ours; set the clocks (NTP): days and tokens are judged by them",
    ),
    (
        "clocks",
        {"offsets": {"api": None, "database": -4000.0}},
        {},
        "error: the clock of PostgreSQL is 4000 s behind ours; set the clocks (NTP)",
    ),
    (
        "clocks",
        {"masu_status": masu(current_datetime=(NOW - timedelta(days=1)).isoformat())},
        {},
        "error: the clock of Koku is 86",
    ),
    (
        "clocks",
        {"masu_status": masu(current_datetime="2026-11-20T12:00:00")},
        {"today": LONG_AGO},
        f"error: it is 2026-11-20 for Koku (masu status/) and {LONG_AGO} for this run; give --today",
    ),
    (
        "day of the API",
        {"api_says": (date(2020, 1, 1), date(2020, 5, 1))},
        {},
        f"error: it is 2020-04-30 for Koku's API and {TODAY} for this run; set the clocks (NTP), or give --today",
    ),
    (
        "day of the API",
        {"api_says": "no tenant"},
        {},
        "not looked at: Koku's API does not tell which day it has: the Koku",
    ),
    ("day of the API", {"api_says": None}, {}, "not looked at: Koku's API answers for 1970, so it does not tell"),
    (
        "retention",
        {"masu_status": masu(config={"masu_retain_num_months": 3})},
        {"months": (MONTHS_AGO[0], MONTHS_AGO[2])},
        f"error: scenario scenario_x has data that end on {MONTHS_AGO[2]}-01, and Koku takes none that end before",
    ),
    (
        "retention",
        {"retention": 1},
        {"months": (MONTHS_AGO[1],)},
        f"error: scenario scenario_x has data that end on {MONTHS_AGO[1]}-01, and Koku takes none that end before",
    ),
    (
        "claims of the token",
        {"claims": {"account_number": "10001"}},
        {},
        (
            "error: tokens of client cost-management-operator carry no org_id, without which the gateway answers 401;"
            " give the client a mapper for org_id in Keycloak"
        ),
    ),
    (
        "claims of the token",
        {"claims": {"account_number": "10001", "org_id": "other"}},
        {},
        "error: tokens of client cost-management-operator say org_id other, and this run looks at 1234567;",
    ),
    (
        "claims of the token",
        {},
        {"auth": None},
        "not looked at: the API is asked with an identity header, past the gateway, so no token's claims were",
    ),
    (
        "currency",
        {"currency": "EUR"},
        {},
        "error: organisation 1234567 shows its costs in EUR, and ours are in USD; set the currency to USD in",
    ),
    (
        "currency",
        {"currency": None, "shows": "EUR"},
        {},
        "error: Koku's reports come in EUR, and ours are in USD; set the currency to USD in Cost",
    ),
    (
        "currency",
        {"currency": None},
        {},
        "information: CURRENCY_URL is not set in namespace cost-onprem, so Koku has no exchange rates; nothing to do",
    ),
]


@pytest.mark.parametrize(
    ("check", "servers", "target", "sentence"), CASES, ids=[f"{case[0]}-{at}" for at, case in enumerate(CASES)]
)
def test_a_server_for_which_a_check_fires(
    scene: Scene, check: str, servers: dict[str, Any], target: dict[str, Any], sentence: str
) -> None:
    for name, value in servers.items():
        assert hasattr(scene.servers, name)
        setattr(scene.servers, name, value)
    said = scene.told(check, **target)
    assert [line for line in said if line.startswith(sentence)], said
    assert scene.servers.stored == {}


def test_every_check_of_the_registry_has_a_case_that_fires() -> None:
    fired = {case[0] for case in (*checks_pictures.CASES, *CASES)}
    of_classic = Path(__file__).with_name("test_phases_checks_classic.py").read_text(encoding="utf-8")
    fired |= set(re.findall(r'scene\.told\("([^"]+)"\)', of_classic))
    assert {check.name for check in registry.CHECKS} == fired


def test_a_deployment_without_a_cluster_asks_its_servers(scene: Scene) -> None:
    scene.servers.currency = "EUR"
    found = scene.look(kind="endpoints", cluster=None, kafka=None, auth=None)
    assert [result.name for result in found] == [
        "extensions", "connections", "writing to the bucket", "Redis", "clocks", "day of the API", "currency",
        "retention",
    ]  # fmt: skip
    said = [line for result in found for line in result.lines() if not line.startswith("ok    ")]
    assert [line.split(" shows ")[0] for line in said] == ["FAIL  currency: organisation 1234567"]


@pytest.mark.parametrize(
    ("has", "check"),
    [({"kafka": Kafka(bootstrap="kafka:9092")}, "topics and readers"), ({"auth": AUTH}, "claims of the token")],
)
def test_without_a_cluster_nothing_is_said_of_its_objects(scene: Scene, has: dict[str, Any], check: str) -> None:
    assert check in [result.name for result in scene.look(kind="endpoints", cluster=None, **{"auth": None} | has)]
    without = dict.fromkeys(has)
    assert check not in [result.name for result in scene.look(kind="endpoints", cluster=None, **without)]


@pytest.mark.parametrize("strict", [True, False])
def test_what_cannot_be_looked_at_blocks_where_no_skip_may_be(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    for name in (
        "koku",
        "identity",
        "masu",
        "transport",
        "postgresql",
        "tables",
        "objects",
        "source_key",
        "locks",
        "inventory",
    ):
        monkeypatch.setattr(preflight, f"_{name}", lambda _: "fine")
    scene.picture.load(scene.server)
    phase = scene.context(kafka=None)
    phase.strict = strict
    sentence = "Kafka cannot be reached from here, so its topics and the group hccm-group were not looked at"
    if strict:
        with pytest.raises(Blocked, match=f"^1 of 37 preflight checks failed; topics and readers: {sentence}"):
            preflight.run(phase)
        return
    outcome = preflight.run(phase)
    assert outcome.facts.startswith("36/37 checks ok, 1 not looked at")
    assert outcome.data["not_looked_at"]["topics and readers"].startswith(sentence)
    assert f"skip  topics and readers: {sentence}" in outcome.attachments["preflight.txt"]


def test_a_scenario_that_is_to_be_turned_away_may_be_too_old(scene: Scene) -> None:
    months = {"months": (MONTHS_AGO[3],)}
    assert scene.told("retention", **months)
    assert scene.told("retention", **months, rejected=Rejected(manifest="absent")) == []


def test_readers_whose_partitions_are_not_told_are_readers(scene: Scene) -> None:
    scene.servers.brokered = read_by(1, None)
    assert scene.told("topics and readers", **THROUGH_KAFKA) == []
