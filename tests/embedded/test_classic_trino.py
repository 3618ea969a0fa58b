"""The Trino server of the classic stack, through Trino's own Python client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from classic_stack import ClassicStack, started
from patience import ANSWER_SECONDS
from trino.dbapi import connect
from trino.exceptions import TrinoUserError

from e2e_validator.access.http import Refused
from e2e_validator.access.warehouse import Warehouse
from e2e_validator.deployment import Target

pytestmark = pytest.mark.embedded

INPUT = Path(__file__).parents[2] / "fixtures" / "recordings-classic" / "aws_rich" / "input" / "0"
KNOWN = ("source", "year", "month")


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassicStack]:
    folder = tmp_path_factory.mktemp("classic-trino")
    with started(folder) as found:
        yield found


@pytest.fixture(scope="module")
def source(classic: ClassicStack) -> str:
    """A source whose month is in the tables."""
    classic.put("trino", INPUT)
    uuid = classic.create_source("trino")
    classic.poll(uuid)
    return uuid


@pytest.fixture
def ask(classic: ClassicStack) -> Iterator[Any]:
    """Runs a statement; its rows."""
    url = urlsplit(str(classic.stack.endpoints.as_json()["trino_url"]))
    client: Any = connect
    with client(host=url.hostname, port=url.port, user="judge", catalog="hive", schema="org1234567") as connection:

        def run(statement: str, parameters: list[Any] | None = None) -> list[list[Any]]:
            cursor = connection.cursor()
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())

        yield run


def test_a_tenant_without_a_schema_yet_has_no_tables(classic: ClassicStack, source: str) -> None:
    """Koku makes the schema with its first table: a source of which nothing is converted may be the first of all."""
    assert source
    endpoints = {"kind": "embedded", "name": "new", **classic.stack.endpoints.as_json()}
    assert Warehouse(Target.load(endpoints)).tables() == ("aws_line_items", "aws_line_items_daily")
    new = Warehouse(Target.load(endpoints | {"schema": "org7654321"}))
    assert new.tables() == ()
    with pytest.raises(Refused, match="Schema 'org7654321' does not exist"):
        new.rows('SELECT count(*) FROM "aws_line_items"')


def test_the_next_page_stands_where_the_client_asked(classic: ClassicStack) -> None:
    """As Trino has it: behind a port-forward that is another address than its own."""
    url = f"{classic.stack.endpoints.as_json()['trino_url']}/v1/statement"
    headers = {"x-trino-user": "judge", "host": "forwarded.test:1234"}
    answer = requests.post(url, data="SHOW SCHEMAS FROM hive", headers=headers, timeout=ANSWER_SECONDS)
    assert answer.json()["nextUri"].startswith("http://forwarded.test:1234/v1/statement/")


def test_it_shows_what_koku_made(source: str, ask: Any) -> None:
    assert source
    assert ["org1234567"] in ask("SHOW SCHEMAS")
    assert ask("SHOW TABLES") == [["aws_line_items"], ["aws_line_items_daily"]]
    assert ask("SHOW TABLES LIKE '%daily'") == [["aws_line_items_daily"]]
    columns = ask("SHOW COLUMNS FROM aws_line_items_daily")
    assert [row[0] for row in columns[-3:]] == list(KNOWN)
    assert {row[1] for row in columns} == {"varchar", "double", "timestamp"}


def test_its_tables_hold_what_the_parquet_holds(source: str, ask: Any) -> None:
    raw = ask("SELECT count(*), sum(lineitem_unblendedcost) FROM aws_line_items WHERE source = ?", [source])
    daily = ask(
        "SELECT sum(lineitem_unblendedcost) FROM hive.org1234567.aws_line_items_daily WHERE source = ?", [source]
    )
    assert raw[0][1] == pytest.approx(167.5208888194, abs=1e-9)
    assert daily[0][0] == pytest.approx(raw[0][1], abs=1e-9)
    days = ask(
        "SELECT CAST(lineitem_usagestartdate AS date) AS day, count(*) FROM aws_line_items WHERE year = '2026'"
        " AND month = '11' GROUP BY 1 ORDER BY 1"
    )
    assert [day for day, _ in days] == [date(2026, 11, day) for day in (24, 25, 26)]
    assert sum(count for _, count in days) == raw[0][0]
    assert ask("SELECT count(*) FROM aws_line_items WHERE month = '10'") == [[0]]


def test_a_result_of_several_pages_is_whole(source: str, ask: Any) -> None:
    assert source
    rows = ask("SELECT a.lineitem_resourceid FROM aws_line_items a CROSS JOIN (VALUES 1, 2) AS b (n)")
    assert len(rows) == 2 * ask("SELECT count(*) FROM aws_line_items")[0][0] > 1000


def test_a_partition_is_there_only_after_a_sync(classic: ClassicStack, source: str, ask: Any) -> None:
    assert ask('SELECT * FROM "aws_line_items_daily$partitions"') == [[source, "2026", "11"]]
    bucket = classic.stack.endpoints.buckets["archive"]
    daily = next(item["key"] for item in classic.objects(source) if "/daily/" in item["key"])
    content = classic.store.get_object(bucket, daily.replace("<provider>", source)).read()
    another = daily.replace("<provider>", source).replace("month=11", "month=10")
    place = classic.folder / "copied.parquet"
    place.write_bytes(content)
    classic.store.fput_object(bucket, another, str(place))
    count = "SELECT count(*) FROM aws_line_items_daily WHERE month = '10'"
    assert ask(count) == [[0]]
    ask("CALL hive.system.sync_partition_metadata('org1234567', 'aws_line_items_daily', 'FULL')")
    assert ask(count)[0][0] > 0
    classic.store.remove_object(bucket, another)
    ask("CALL hive.system.sync_partition_metadata('org1234567', 'aws_line_items_daily', 'FULL')")
    assert ask('SELECT * FROM "aws_line_items_daily$partitions"') == [[source, "2026", "11"]]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("SELECT * FROM no_such_table", "TABLE_NOT_FOUND"),
        ("SELECT * FROM hive.no_such_schema.aws_line_items", "SCHEMA_NOT_FOUND"),
        ("SELECT * FROM postgres.org1234567.aws_line_items", "CATALOG_NOT_FOUND"),
        ("SELECT no_such_column FROM aws_line_items", "COLUMN_NOT_FOUND"),
        ("SELEKT 1", "SYNTAX_ERROR"),
        ("SELECT FROM WHERE", "SYNTAX_ERROR"),
        ("INSERT INTO aws_line_items VALUES (1)", "NOT_SUPPORTED"),
    ],
)
def test_a_statement_that_fails_says_so_as_trino_does(source: str, ask: Any, statement: str, name: str) -> None:
    assert source
    with pytest.raises(TrinoUserError) as failed:
        ask(statement)
    assert failed.value.error_name == name


def test_a_damaged_object_is_bad_data(classic: ClassicStack, source: str, ask: Any) -> None:
    bucket = classic.stack.endpoints.buckets["archive"]
    key = next(item["key"] for item in classic.objects(source) if "/daily/" in item["key"]).replace(
        "<provider>", source
    )
    whole = classic.store.get_object(bucket, key).read()
    place = classic.folder / "object.parquet"
    place.write_bytes(whole[: len(whole) // 2])
    classic.store.fput_object(bucket, key, str(place))
    with pytest.raises(Exception, match="is not a valid Parquet File") as failed:
        ask("SELECT count(*) FROM aws_line_items_daily")
    assert getattr(failed.value, "error_name", None) == "HIVE_BAD_DATA"
    place.write_bytes(whole)
    classic.store.fput_object(bucket, key, str(place))


def test_nobody_is_answered_without_a_name(classic: ClassicStack) -> None:
    answer = requests.post(f"{classic.stack.endpoints.trino_url}/v1/statement", data="SELECT 1", timeout=ANSWER_SECONDS)
    assert answer.status_code == 401
