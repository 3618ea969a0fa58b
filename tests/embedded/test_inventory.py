"""What is left is found in every place where Koku can have rows of a source, and its command removes it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql

from e2e_validator.access.claims import Claims
from e2e_validator.access.inventory import TABLES_AT_ONCE, Inventory, Made, Place
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.deployment import Target
from e2e_validator.deployment import embedded as embedded_target
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.providers.ocp.provider import PROVIDER

pytestmark = pytest.mark.embedded

MADE = Made("0a1b2c3d-0000-4000-8000-000000000001", "e2e-left-0a1b2c3d")
OTHER = Made("0a1b2c3d-0000-4000-8000-000000000002", "e2e-other-0a1b2c3e")
NAMES_A_SOURCE = {
    "source", "source_uuid", "provider_id", "provider_uuid", "koku_uuid", "infrastructure_provider_id"
}  # fmt: skip
NUMBERS = itertools.count(1000)
# What is written into a column that must not be empty and names no source, by its type.
FILLED = {
    "date": "2026-11-05",
    "timestamp with time zone": "2026-11-05T00:00:00Z",
    "jsonb": "{}",
    "boolean": "false",
    "text": "x",
    "character varying": "x",
}


@pytest.fixture(scope="module")
def own() -> Iterator[Target]:
    """A stack whose tables may be changed, with a partition for whatever comes."""
    target, stack = embedded_target.start(today=date(2026, 11, 21))
    with stack, psycopg.connect(target.dsn, autocommit=True) as connection:
        for schema, table in connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_partitioned_table p ON p.partrelid = c.oid WHERE p.partdefid = 0"
        ).fetchall():
            names = (sql.Identifier(schema, f"{table}_e2e"), sql.Identifier(schema, table))
            connection.execute(sql.SQL("CREATE TABLE {} PARTITION OF {} DEFAULT").format(*names))
        yield target


@dataclass
class Bench:
    """An inventory, and a connection that may do what it lists."""

    inventory: Inventory
    connection: psycopg.Connection[Any]

    def plant(self, place: Place, made: Made) -> None:
        """A row of ``made`` in the place, without the rows that it would need in other tables."""
        values = {}
        for name, kind, needed in self.connection.execute(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            [place.schema, place.table],
        ).fetchall():
            if name in NAMES_A_SOURCE or (name == "uuid" and place.table.endswith("api_provider")):
                values[name] = made.uuid
            elif name == "credentials":
                values[name] = f'{{"cluster_id": "{made.key}"}}'
            elif name == "cache_key":
                values[name] = f":1:task:org1234567:OCP:{made.uuid}:2026-11"
            elif needed:
                values[name] = str(uuid.uuid4()) if kind == "uuid" else FILLED.get(kind) or str(next(NUMBERS))
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(place.schema, place.table),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Literal(value) for value in values.values()),
            )
        )
        self.connection.execute("SET session_replication_role = origin")


@pytest.fixture
def bench(own: Target) -> Iterator[Bench]:
    """The inventory of the module's stack."""
    with closing(SourceDatabase(own, NAMES)) as database, psycopg.connect(own.dsn, autocommit=True) as connection:
        yield Bench(Inventory(own, database), connection)


def test_a_row_anywhere_is_found_and_its_command_removes_it(bench: Bench) -> None:
    places = bench.inventory.places()
    assert len(places) >= 40
    for place in places:
        bench.plant(place, MADE)
        bench.plant(place, OTHER)
        (found,) = bench.inventory.rows([MADE])
        assert (found.place, found.made, found.count, found.reason) == (place.name, MADE, 1, place.reason)
        bench.connection.execute(found.command)
        assert bench.inventory.rows([MADE]) == [], place.name
        (other,) = bench.inventory.rows([MADE, OTHER])
        assert (other.place, other.made) == (place.name, OTHER)
        bench.connection.execute(other.command)


@pytest.mark.parametrize(
    "place",
    ["public.worker_cache_table", "public.delayed_celery_tasks", "public.api_providerauthentication"],
)
def test_what_koku_may_keep_has_a_reason(bench: Bench, place: str) -> None:
    reasons = {found.name: found.reason for found in bench.inventory.places()}
    assert reasons[place]


def test_what_koku_removes_has_none(bench: Bench) -> None:
    without = {found.table for found in bench.inventory.places() if not found.reason}
    assert without >= {
        "api_provider",
        "api_sources",
        "cost_model_map",
        "openshift_pod_usage_line_items_daily",
        "rates_to_usage",
        "reporting_common_costusagereportmanifest",
        "reporting_ocp_cost_breakdown_p",
        "reporting_ocp_gpu_summary_p",
        "reporting_ocp_vm_summary_p",
        "reporting_ocpusagelineitem_daily_summary",
        "reporting_ocpusagelineitem_daily_summary_staging",
        "reporting_ocpusagereportperiod",
    }


def test_a_table_that_a_later_koku_adds_is_counted(own: Target) -> None:
    """Judged when a key binds it to the source, told as information when nothing says that Koku removes its rows."""
    with psycopg.connect(own.dsn, autocommit=True) as connection, closing(SourceDatabase(own, NAMES)) as database:
        tenant = sql.Identifier(own.schema_name, "reporting_tenant_api_provider")
        new = [sql.Identifier(own.schema_name, name) for name in ("e2e_bound", "e2e_unbound")]
        connection.execute(sql.SQL("CREATE TABLE {} (source_uuid uuid REFERENCES {} (uuid))").format(new[0], tenant))
        connection.execute(sql.SQL("CREATE TABLE {} (provider_uuid uuid)").format(new[1]))
        try:
            # Another address of the same database: what was found is kept for the process.
            reasons = {
                place.table: place.reason
                for place in Inventory(own.model_copy(update={"dsn": f"{own.dsn} "}), database).places()
            }
        finally:
            for table in new:
                connection.execute(sql.SQL("DROP TABLE {}").format(table))
    assert reasons["e2e_bound"] == ""
    assert reasons["e2e_unbound"] == "it is not known whether Koku removes such rows with the source"


def test_a_real_source_is_found_by_name_until_koku_deleted_it(own: Target, bench: Bench) -> None:
    koku = KokuApi(own)
    source = koku.create_source(
        "e2e-real-11112222", "e2e-real-11112222", PROVIDER.source_body("e2e-real-11112222", "e2e-real-11112222")
    )
    made = Made(source.uuid, source.key)
    assert [rows.place for rows in bench.inventory.rows([made])] == [
        f"{own.schema_name}.reporting_tenant_api_provider",
        "public.api_sources",
        "public.api_provider",
        "public.api_providerauthentication",
    ]
    model = koku.create_cost_model(
        {
            "name": "e2e-real-11112222",
            "description": "d",
            "source_type": "OCP",
            "source_uuids": [source.uuid],
            "rates": [
                {
                    "metric": {"name": "cpu_core_usage_per_hour"},
                    "cost_type": "Supplementary",
                    "tiered_rates": [{"unit": "USD", "value": 1}],
                }
            ],
        }
    )
    named = bench.inventory.named("11112222")
    assert [(one.kind, one.name) for one in named] == [
        ("cost model", "e2e-real-11112222"),
        ("price list", "e2e-real-11112222 prices"),
        ("source", "e2e-real-11112222"),
    ]
    assert bench.inventory.like_ours() == named
    koku.delete_source(source.uuid)
    koku.delete_cost_model(str(model["uuid"]))
    koku.delete_price_list(named[1].uuid)
    assert bench.inventory.rows([made]) == []
    assert bench.inventory.named("11112222") == []


@pytest.mark.parametrize("name", ["e2e", "mine", "e2e-x-1234567", "e2e-x-1234567g", "not-e2e-x-12345678"])
def test_sources_of_others_are_not_taken_for_ours(own: Target, bench: Bench, name: str) -> None:
    koku = KokuApi(own)
    source = koku.create_source(name, f"cluster-of-{name}", PROVIDER.source_body(name, f"cluster-of-{name}"))
    try:
        assert bench.inventory.like_ours() == []
    finally:
        koku.delete_source(source.uuid)


def test_an_organisation_without_a_schema_has_nothing(own: Target) -> None:
    elsewhere = own.model_copy(update={"db_schema": "org0000000", "org_id": "0000000"})
    with closing(SourceDatabase(elsewhere, NAMES)) as database:
        inventory = Inventory(elsewhere, database)
        assert inventory.named("11112222") == []
        assert inventory.rows([MADE]) == []


def test_a_repeated_look_asks_few_statements_for_any_sources(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is repeated while a cleanup waits, so the tables are looked for once, and counted some dozens at a time."""
    tables = len(bench.inventory.places())
    asked: list[object] = []
    rows = SourceDatabase.rows

    def counted(self: SourceDatabase, statement: Any, *more: Any) -> Any:
        asked.append(statement)
        return rows(self, statement, *more)

    monkeypatch.setattr(SourceDatabase, "rows", counted)
    bench.inventory.rows([MADE, OTHER])
    assert len(asked) == -(-tables // TABLES_AT_ONCE)


def test_a_token_that_is_held_can_be_told_from_one_that_is_not(own: Target) -> None:
    with closing(Claims(own, "run-1")) as mine, closing(Claims(own, "run-2")) as other:
        mine.take("token 11112222", shared=True)
        assert other.held(["token 11112222", "token 33334444"]) == {"token 11112222"}
