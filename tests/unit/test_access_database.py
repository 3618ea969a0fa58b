"""The database without one: what is sent, that nothing can be written, and which errors say "cannot now"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import psycopg
import pytest
from loopback import closed_port
from psycopg import sql
from psycopg.adapt import AdaptersMap

from e2e_validator.access.database import Database
from e2e_validator.access.http import Unreachable
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.deployment import Target
from e2e_validator.providers.ocp.names import NAMES

SECRET = "s3cr3t-vAlue"
UUID = "c20eb6ab-b75f-4fb0-a4ec-f832b9c2d9b5"


def target(dsn: str = f"host=db user=koku password={SECRET}", **more: Any) -> Target:
    url = "http://127.0.0.1:1/"
    keys = {"koku_url": url, "masu_url": url, "s3_url": url, "s3_access_key": "a", "s3_secret_key": "b", "dsn": dsn}
    return Target.load(keys | more)


@dataclass
class FakeServer:
    """Answers each statement with the next of ``answers``; an exception among them is raised."""

    answers: list[Any]
    statements: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    connections: list[FakeConnection] = field(default_factory=list)
    connected_with: dict[str, Any] = field(default_factory=dict)

    def connect(self, dsn: str, **options: Any) -> FakeConnection:
        self.connected_with = {"dsn": dsn, **options}
        self.connections.append(FakeConnection(self))
        return self.connections[-1]


@dataclass
class FakeConnection:
    server: FakeServer
    closed: bool = False
    adapters: AdaptersMap = field(default_factory=lambda: AdaptersMap(psycopg.adapters))

    def cursor(self, **_: Any) -> FakeConnection:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def execute(self, statement: sql.Composable, parameters: Any = ()) -> FakeConnection:
        self.server.statements.append(statement.as_string(None))
        self.server.parameters.append(parameters)
        return self

    def _next(self) -> Any:
        answer = self.server.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    fetchall = fetchone = _next

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeServer]:
    def make(*answers: Any) -> FakeServer:
        server = FakeServer(list(answers))
        monkeypatch.setattr(psycopg, "connect", server.connect)
        return server

    return make


def test_the_server_itself_refuses_to_write(answering: Callable[..., FakeServer]) -> None:
    server = answering("160014")
    assert Database(target()).server_version() == 160014
    assert "-c default_transaction_read_only=on" in server.connected_with["options"]
    assert "-c statement_timeout=60000" in server.connected_with["options"]
    assert "-c timezone=UTC" in server.connected_with["options"]


def test_nothing_listens_there() -> None:
    database = Database(target(f"host=127.0.0.1 port={closed_port()} user=koku password={SECRET}"))
    with pytest.raises(Unreachable) as failure:
        database.rows(sql.SQL("SELECT 1"))
    said = str(failure.value)
    assert said.startswith("PostgreSQL did not answer: connection ")
    assert (SECRET in said, "\n" in said) == (False, False)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (psycopg.OperationalError("server closed the connection\nunexpectedly"), Unreachable),
        (psycopg.errors.QueryCanceled("canceling statement due to statement timeout"), Unreachable),
        (psycopg.errors.AdminShutdown("terminating connection"), Unreachable),
        (psycopg.InterfaceError("the connection is closed"), Unreachable),
        (psycopg.OperationalError(""), Unreachable),
        (psycopg.errors.UndefinedTable('relation "x" does not exist'), psycopg.errors.UndefinedTable),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute"), psycopg.errors.ReadOnlySqlTransaction),
    ],
)
@pytest.mark.parametrize("ask", ["rows", "value"])
def test_only_what_may_pass_by_itself_is_unreachable(
    answering: Callable[..., FakeServer], error: psycopg.Error, raised: type[Exception], ask: str
) -> None:
    answering(error)
    with pytest.raises(raised) as failure:
        getattr(Database(target()), ask)(sql.SQL("SELECT 1"))
    assert len(str(failure.value).splitlines()) == 1


def test_a_broken_connection_is_made_again(answering: Callable[..., FakeServer]) -> None:
    server = answering(psycopg.OperationalError("gone"), "160014", "160014")
    database = Database(target())
    with pytest.raises(Unreachable):
        database.server_version()
    assert database.server_version() == database.server_version() == 160014
    assert [connection.closed for connection in server.connections] == [True, False]
    database.close()
    database.close()
    assert server.connections[-1].closed


def test_the_tables_of_the_tenant_are_looked_for_in_its_schema(answering: Callable[..., FakeServer]) -> None:
    server = answering([{"name": "acct10001.reporting_ocpusagereportperiod"}])
    missing = SourceDatabase(target(schema="acct10001"), NAMES).missing_tables()
    assert missing == ["acct10001.reporting_ocpusagereportperiod"]
    (wanted,) = server.parameters[0]
    assert "public.api_provider" in wanted
    assert "acct10001.openshift_pod_usage_line_items_daily" in wanted
    assert "to_regclass(name) IS NULL" in server.statements[0]


def test_koku_s_own_tables_are_looked_for_without_a_tenant(answering: Callable[..., FakeServer]) -> None:
    server = answering([])
    assert SourceDatabase(target(), NAMES).missing_tables(tenant=False) == []
    (wanted,) = server.parameters[0]
    assert "public.api_provider" in wanted
    assert all(name.startswith("public.") for name in wanted)


def test_the_tenant_s_schema_is_looked_for_by_name(answering: Callable[..., FakeServer]) -> None:
    server = answering(0, 1, [{"name": "org7"}])
    database = SourceDatabase(target(schema="acct10001"), NAMES)
    assert (database.schema_exists(), database.schema_exists(), database.tenants()) == (False, True, ["org7"])
    assert server.parameters[0] == ["acct10001"]


def test_a_schema_is_quoted_and_a_value_is_a_parameter(answering: Callable[..., FakeServer]) -> None:
    hostile = 'org"; DROP TABLE x; --'
    server = answering([{"providers": 0, "tenant_copies": 0, "data_updated": None, "summary_rows": 0} | EMPTY])
    SourceDatabase(target(schema=hostile), NAMES).observe(UUID)
    quoted = '"org""; DROP TABLE x; --"."reporting_tenant_api_provider"'
    assert quoted in server.statements[0]
    assert server.statements[0].replace('"org""; DROP', "").count("DROP") == 0
    assert UUID not in server.statements[0]
    assert server.parameters == [{"uuid": UUID}]


EMPTY: dict[str, Any] = {"periods": [], "manifests": []}


def test_manifests_of_a_cluster_count_for_any_provider(answering: Callable[..., FakeServer]) -> None:
    server = answering(3)
    assert SourceDatabase(target(), NAMES).manifests_of("e2e-x") == 3
    assert server.parameters == [["e2e-x"]]
    assert "provider" not in server.statements[0]


def test_nothing_is_opened_before_it_is_needed(answering: Callable[..., FakeServer]) -> None:
    server = answering()
    Database(target()).close()
    assert server.connections == []
