"""The ready target file for Koku's own docker compose: valid as it stands, and led elsewhere by Koku's variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from e2e_validator.deployment.endpoints import from_file

FILE = Path(__file__).parent.parent.parent / "fixtures" / "targets" / "koku_docker_compose.yaml"
NAMES = sorted(set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8"))))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_that_of_the_classic_stack_differs_in_its_trino_alone() -> None:
    target, classic = from_file(FILE), from_file(FILE.with_name("koku_docker_compose_classic.yaml"))
    assert (target.koku, classic.koku, classic.trino_url) == ("onprem", "classic", "http://localhost:8080")
    changed = {"name": target.name, "trino_url": None, "transport": target.transport}
    assert classic.model_copy(update=changed) == target


def test_with_nothing_set_it_is_what_compose_publishes() -> None:
    target = from_file(FILE)
    assert target.title == "endpoints koku_docker_compose"
    assert target.koku_url == "http://localhost:8000/api/cost-management/v1/"
    assert target.masu_url == "http://localhost:5042/api/cost-management/v1/"
    assert target.s3_url == "http://localhost:9000"
    assert (target.s3_access_key, target.s3_secret_key) == ("s4admin", "s4secret")
    assert target.buckets == {"ingress": "ocp-ingress", "archive": "koku-bucket"}
    assert (target.org_id, target.account, target.schema_name, target.transport) == (
        "1234567",
        "10001",
        "org1234567",
        "masu",
    )
    assert conninfo_to_dict(target.dsn) == {
        "host": "localhost",
        "port": "15432",
        "dbname": "postgres",
        "user": "postgres",
        "password": "postgres",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_leads_elsewhere(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = from_file(FILE)
    value = {"S3_ENDPOINT": "http://s3:1", "S4_PROXY_ENDPOINT": "http://s3:1", "API_PATH_PREFIX": "/there"}
    port = "1" if name.endswith("PORT") else "elsewhere"
    monkeypatch.setenv(name, value.get(name, port))
    assert from_file(FILE) != before


def test_a_suffix_of_schemas_is_part_of_the_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SUFFIX", "_me")
    assert from_file(FILE).schema_name == "org1234567_me"
