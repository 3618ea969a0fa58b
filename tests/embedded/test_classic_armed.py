"""The faults of the classic stack, armed as a run arms them: what each leaves, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from classic_stack import ClassicStack, passing_source, started
from patience import patience, until
from psycopg.rows import dict_row
from test_classic_faults import (
    DONE,
    SIMPLE,
    SIMPLE_COST,
    bills,
    cost,
    delete_status_rows,
    logged,
    parquet,
    reports,
    source_name,
    state,
    unlock,
)

from e2e_validator.embedded.standin.classic import worker_cache
from e2e_validator.embedded.standin.clock import Clock

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
CONVERTED = {"download": ["end", "start"], "processing": ["end", "start"]}
WHOLE = (True, CONVERTED | {"summary": ["end", "start"]})
FAILED = [(2, 4, False, False, True)]


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassicStack]:
    folder = tmp_path_factory.mktemp("classic-armed")
    with started(folder) as found:
        yield found


@pytest.fixture
def source(classic: ClassicStack, request: pytest.FixtureRequest) -> Iterator[str]:
    """A source with the three days of aws_simple; it is gone afterwards, and so are the faults."""
    with passing_source(classic, request.node.name, SIMPLE) as uuid:
        yield uuid


def fired(classic: ClassicStack) -> list[str]:
    return [one["name"] for one in classic.stack.faults.fired()]


def arm(classic: ClassicStack, source: str, name: str, **more: Any) -> None:
    """By the key that a run knows: its role."""
    role = f"arn:aws:iam::123456789012:role/{source_name(classic, source)}"
    classic.stack.faults.arm(name, key=role, **more)


def left(classic: ClassicStack, source: str) -> tuple[Any, ...]:
    """Bills, parquet objects, cost."""
    return bills(classic, source), parquet(classic, source), cost(classic, source)


def times(classic: ClassicStack, source: str) -> tuple[Any, Any]:
    row = classic.rows(
        "SELECT polling_timestamp AS p, data_updated_timestamp AS d FROM api_provider WHERE uuid = %s", source
    )[0]
    return row["p"], row["d"]


def another_assembly(classic: ClassicStack, source: str) -> None:
    classic.put(source_name(classic, source), RECORDINGS / "aws_growing" / "input" / "1")


def test_a_lost_poll_leaves_no_trace_and_the_next_one_works(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "poll_lost")
    classic.poll(source)
    assert (times(classic, source), reports(classic, source)) == ((None, None), [])
    classic.poll(source)
    assert reports(classic, source) == [DONE]


def test_a_poll_without_its_source_passes_one_by_that_is_not_due(classic: ClassicStack, source: str) -> None:
    classic.poll(source)
    before = times(classic, source)
    another_assembly(classic, source)
    arm(classic, source, "poll_not_due")
    classic.poll(source)
    assert (times(classic, source), reports(classic, source), fired(classic)) == (before, [DONE], ["poll_not_due"])
    assert "no accounts to be polled" in logged(classic)
    classic.poll(source)
    assert reports(classic, source) == [DONE, DONE]


@pytest.mark.parametrize("name", ["poll_finds_nothing", "polling_frozen"])
def test_a_source_is_locked_though_nothing_runs(classic: ClassicStack, source: str, name: str) -> None:
    arm(classic, source, name, **({"skip": 1} if name == "polling_frozen" else {}))
    classic.poll(source)
    another_assembly(classic, source)
    classic.poll(source)
    polled, updated = times(classic, source)
    assert polled > updated
    classic.poll(source)
    assert (reports(classic, source), fired(classic)) == ([DONE], [name])
    classic.conn.execute(
        "UPDATE api_provider SET polling_timestamp = data_updated_timestamp - interval '1 second' WHERE uuid = %s",
        [source],
    )
    classic.poll(source)
    assert reports(classic, source) == [DONE, DONE]


def test_a_row_that_is_deleted_on_the_poll_fails_the_bill(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "tenant_row_deleted_on_poll")
    classic.poll(source)
    assert (reports(classic, source), left(classic, source)) == (FAILED, (0, 2, None))


def test_a_file_whose_task_is_lost_is_queued_by_the_next_poll(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "download_queue_lost")
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    assert classic.rows("SELECT celery_task_id AS t FROM reporting_common_costusagereportstatus")[-1]["t"] is None
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], SIMPLE_COST)


def test_a_lost_chord_leaves_files_and_no_summary(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "chord_lost")
    classic.poll(source)
    assert (reports(classic, source), state(classic, source)) == ([DONE], (False, CONVERTED))
    assert left(classic, source) == (1, 6, None)
    unlock(classic, source)
    classic.poll(source)
    assert cost(classic, source) is None
    delete_status_rows(classic, source)
    unlock(classic, source)
    classic.poll(source)
    assert (cost(classic, source), state(classic, source)) == (SIMPLE_COST, WHOLE)


def test_a_worker_that_is_killed_in_a_file_leaves_its_entry(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "worker_killed_downloading")
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    assert len(classic.rows("SELECT 1 AS x FROM worker_cache_table")) == 1
    classic.conn.execute("TRUNCATE worker_cache_table")
    arm(classic, source, "worker_killed_converting", point="listener.day_written")
    classic.poll(source)
    assert (reports(classic, source), left(classic, source)) == ([(4, None, True, False, True)], (1, 2, None))


def test_an_entry_that_was_left_keeps_a_file_from_being_queued(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "file_lock_left")
    classic.poll(source)
    unlock(classic, source)
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    assert "file processing is in progress" in logged(classic)
    classic.conn.execute("TRUNCATE worker_cache_table")
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], SIMPLE_COST)


def test_a_task_that_says_success_may_have_done_nothing(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "task_succeeded_without_effect")
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    assert state(classic, source) == (False, {"download": ["start"]})
    assert "Unknown downloader exception" in logged(classic)
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], SIMPLE_COST)


def test_a_conversion_that_failed_becomes_a_false_done(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "false_done")
    classic.poll(source)
    assert (reports(classic, source), left(classic, source)) == ([(1, 4, True, True, True)], (0, 0, None))
    assert state(classic, source) == (False, CONVERTED)
    delete_status_rows(classic, source)
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), left(classic, source)) == ([DONE], (1, 6, SIMPLE_COST))


def test_a_lost_object_is_a_lost_day_and_no_error(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "parquet_object_lost")
    classic.poll(source)
    assert (left(classic, source), state(classic, source)) == ((1, 5, "4.608000000"), WHOLE)


def test_a_damaged_object_fails_the_summary(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "parquet_object_damaged")
    classic.poll(source)
    assert state(classic, source) == (False, CONVERTED | {"summary": ["failed", "start"]})
    assert "is not a valid Parquet File" in logged(classic)


def test_without_a_partition_all_is_done_and_nothing_is_there(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "partition_not_synced")
    classic.poll(source)
    assert (left(classic, source), state(classic, source)) == ((1, 6, None), WHOLE)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("trino_down", "Connection refused"),
        ("trino_tls", "External location is not a valid file system URI"),
        ("hive_without_s3", "No FileSystem for scheme"),
        ("hive_password_wrong", "Failed connecting to Hive metastore"),
    ],
)
def test_what_is_wrong_with_trino_fails_the_conversion(
    classic: ClassicStack, source: str, name: str, said: str
) -> None:
    if name in ("trino_tls", "hive_without_s3"):
        metastore = classic.stack.folder / "trino" / "metastore.json"
        assert metastore.exists()
        ask_trino(classic, "DROP TABLE IF EXISTS org1234567.aws_line_items")
    with classic.stack.faults.during(name):
        classic.poll(source)
        assert reports(classic, source) == FAILED
        assert said in logged(classic)
    delete_status_rows(classic, source)
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), left(classic, source)) == ([DONE], (1, 6, SIMPLE_COST))


def test_hives_log_has_the_reason_of_its_database(classic: ClassicStack, source: str) -> None:
    with classic.stack.faults.during("hive_password_wrong"):
        classic.poll(source)
    log = (classic.folder / "embedded" / "trino.log").read_text()
    assert 'FATAL:  password authentication failed for user "metastore"' in log


def test_without_its_schema_the_summary_fails(classic: ClassicStack, source: str) -> None:
    arm(classic, source, "trino_schema_missing")
    classic.poll(source)
    assert state(classic, source) == (False, CONVERTED | {"summary": ["failed", "start"]})
    assert "Schema 'org1234567' does not exist" in logged(classic)


def ask_trino(classic: ClassicStack, statement: str) -> None:
    from trino.dbapi import connect

    url = str(classic.stack.endpoints.trino_url)
    connection: Any = connect  # the client has no types
    with connection(host="127.0.0.1", port=int(url.rsplit(":", 1)[1]), user="x", catalog="hive") as opened:
        cursor = opened.cursor()
        cursor.execute(statement)
        cursor.fetchall()


def test_two_that_begin_at_one_moment_are_both_noted(classic: ClassicStack) -> None:
    """The first of them makes the row, and has not committed it yet when the second looks."""
    endpoints = classic.stack.endpoints

    def session() -> psycopg.Connection[Any]:
        options = f"-c search_path={endpoints.schema},public -c lock_timeout=20s"
        return psycopg.connect(endpoints.dsn, row_factory=dict_row, options=options)

    classic.conn.execute("TRUNCATE worker_cache_table")
    clock = Clock(None)
    with session() as first, session() as second:
        first.execute("SELECT 1")  # so that what follows is not committed by itself
        worker_cache.add(first, clock, "source:one")
        beside = threading.Thread(target=worker_cache.add, args=(second, clock, "source:two"), daemon=True)
        beside.start()
        waits = "SELECT 1 AS x FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
        until(lambda: classic.rows(waits, second.info.backend_pid), "the second to wait for the first")
        first.commit()
        beside.join(patience())
        second.commit()
    with session() as after:
        noted = [task for task in ("source:one", "source:two") if worker_cache.is_running(after, task)]
    classic.conn.execute("TRUNCATE worker_cache_table")
    assert noted == ["source:one", "source:two"]
