"""For each repair a situation in which it would do harm if it trusted less evidence; it does nothing.

Who is slow is made slow by the real servers: processes that are stopped, statements that wait for a lock. The row that
a repair would write is not written, and where the situation ends, the scenario passes with the right figures.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

import pytest
from phase_by_phase import WATCHED_SECONDS, Going, Played, Stage, staged
from standin_deployment import Payload, Pod

from e2e_validator.embedded.standin.tasks.summarize import UPDATE_SUMMARY_TABLES

pytestmark = pytest.mark.embedded

TODAY = date(2026, 11, 21)
RAW = "openshift_storage_usage_line_items"
FIRST_RAW, LAST_RAW = "openshift_pod_usage_line_items", "openshift_node_labels_line_items"
SUMMARY = "reporting_ocpusagelineitem_daily_summary"
WEB = Pod("web-1", "web", "n1", cpu=(0.5, 1, 2), memory=(1, 2, 4), capacity=(4, 16))
# Writers wait, and readers (the validator is one) do not.
WRITERS_WAIT = "LOCK TABLE {} IN SHARE MODE"
PERIOD = "SELECT 1 FROM reporting_ocpusagereportperiod WHERE provider_id = '{}' FOR UPDATE"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("harm"), TODAY) as stage:
        # The month's partitions must be there: who makes one while a table is held keeps readers waiting too.
        stage.koku.ingest(*other_source(stage))
        yield stage


@pytest.fixture
def stage(own_stack: Stage) -> Iterator[Stage]:
    yield own_stack
    own_stack.stack.faults.clear()


def passed(verdicts: dict[str, str]) -> bool:
    return set(verdicts.values()) == {"PASSED"}


def passes(played: Played, going: Going, after: str) -> None:
    """The phase that was held up passes, and so does the rest, with nothing repaired."""
    assert going.finished is not None
    assert going.finished.verdict == "PASSED", going.finished
    assert passed(played.rest(after))
    assert played.repaired() == []


def other_source(stage: Stage) -> tuple[str, bytes]:
    """Another source on the same deployment, with a payload of its own."""
    cluster = f"other-{time.monotonic_ns()}"
    return stage.koku.create_source(cluster), Payload(cluster, [WEB]).pack()


# -- stuck_report: it clears and announces again; a slow listener would go on and count what it holds in its hands


def test_a_listener_stopped_in_a_file_is_not_dead(stage: Stage) -> None:
    played = stage.scenario().until("ingest")
    key = stage.stack.faults.arm("listener_stopped", key=played.cluster)
    played.phase("ingest")
    played.phase("download")
    with played.meanwhile("convert") as going:
        going.wait_until_recognised("in_work")
        going.nothing_is_done()
        stage.stack.faults.clear(key)
    passes(played, going, "summary")


def test_a_listener_that_waits_for_a_row_is_not_dead(stage: Stage) -> None:
    played = stage.scenario().until("ingest")
    with stage.held(WRITERS_WAIT.format(RAW)) as held:
        played.phase("ingest")
        played.phase("download")
        with played.meanwhile("convert") as going:
            going.wait_until_recognised("in_work")
            going.nothing_is_done()
            held.let_go()
    passes(played, going, "summary")


def test_a_listener_that_is_stopped_while_it_unpacks_is_not_dead(stage: Stage) -> None:
    played = stage.scenario().until("ingest")
    key = stage.stack.faults.arm("listener_stopped", key=played.cluster, point="listener.archived")
    played.phase("ingest")
    with played.meanwhile("download") as going:
        going.wait_until_recognised("in_work")
        going.nothing_is_done()
        stage.stack.faults.clear(key)
    passes(played, going, "convert")


def test_a_failed_file_is_not_sent_again_nor_its_row_made(stage: Stage) -> None:
    """The row is there, so it is not of that that the file failed.

    See docs/contract/faults.md F: sending again changes nothing.
    """
    played = stage.scenario().until("ingest")
    stage.stack.faults.arm("file_failed", key=played.cluster)
    played.phase("ingest")
    played.phase("download")
    finished = played.phase("convert")
    assert (finished.verdict, finished.cause) == ("FAILED", "file_failed")
    before = played.evidence()
    time.sleep(WATCHED_SECONDS / 2)
    assert played.evidence() == before
    assert before["tenant_copies"] == 1
    assert {report["status"] for report in before["manifests"][0]["reports"]} == {2, 3}
    assert played.repaired() == []


# -- payload_lost: it announces again; the payload waits behind those of others


def test_a_payload_behind_a_big_one_is_not_lost(stage: Stage) -> None:
    played = stage.scenario().until("ingest")
    _, data = other_source(stage)
    with stage.held(WRITERS_WAIT.format(RAW)) as held:
        stage.koku.upload(data)
        stage.koku.wait_for(stage.waiting_for_locks)
        played.phase("ingest")
        with played.meanwhile("download") as going:
            going.wait_until_recognised("in_work")
            going.nothing_is_done()
            assert played.evidence()["manifests"] == []
            held.let_go()
    passes(played, going, "convert")


def test_a_payload_behind_several_of_other_sources_is_not_lost(stage: Stage) -> None:
    """Who is at the second of them came after the announcement: by its age the session tells nothing."""
    played = stage.scenario().until("ingest")
    with stage.held(WRITERS_WAIT.format(LAST_RAW)) as first:
        stage.koku.upload(other_source(stage)[1])
        stage.koku.wait_for(stage.waiting_for_locks)
        stage.koku.upload(other_source(stage)[1])
        played.phase("ingest")
        with stage.held(WRITERS_WAIT.format(FIRST_RAW)) as second, played.meanwhile("download") as going:
            going.wait_until_recognised("in_work")
            first.let_go()
            going.nothing_is_done()
            second.let_go()
    passes(played, going, "convert")


# -- lost_summary: it summarises; a worker that is slow would do so too


@pytest.mark.parametrize("how", ["waits", "stopped", "stopped between statements"])
def test_a_slow_summary_is_not_lost_nor_its_lock_stale(stage: Stage, how: str) -> None:
    """The healthy summary holds the very lock that a dead one leaves."""
    played = stage.scenario().until("ingest")
    with stage.held(WRITERS_WAIT.format(SUMMARY)) as held:
        assert passed(played.rest("ingest", "convert"))
        stage.koku.wait_for(stage.waiting_for_locks)
        with played.meanwhile("summary") as going:
            if how == "waits":
                going.wait_until_recognised("in_work")
                going.nothing_is_done()
                held.let_go()
            else:
                with stage.stopped("worker-0"):
                    if how == "stopped between statements":
                        held.let_go()  # the statement ends, and nobody takes its answer
                    going.wait_until_recognised("in_work")
                    going.nothing_is_done()
                    locks = played.evidence()["locks"]
                    assert [key.split(":")[2] for key in locks] == [UPDATE_SUMMARY_TABLES]
                held.let_go()
    passes(played, going, "cost")


def test_a_summary_that_waits_in_its_queue_is_not_lost(stage: Stage) -> None:
    played = stage.scenario().until("ingest")
    key = stage.stack.faults.arm("worker_held", key=played.cluster)
    assert passed(played.rest("ingest", "convert"))
    with played.meanwhile("summary") as going:
        going.wait_until_recognised("not_taken")
        going.nothing_is_done()
        stage.stack.faults.clear(key)
    passes(played, going, "cost")


def test_the_lock_of_another_source_is_not_touched(stage: Stage) -> None:
    """A lock is left for ours and one is held by a healthy summary of another: only ours is removed."""
    played = stage.scenario().until("ingest")
    source, data = other_source(stage)
    stage.stack.faults.arm("stale_lock", key=played.cluster)
    theirs = f":1:{UPDATE_SUMMARY_TABLES}:{stage.target.schema_name}:OCP:{source}:2026-11"
    stage.koku.conn.execute(
        "INSERT INTO worker_cache_table (cache_key, value, expires) VALUES (%s, 'gASILg==', '2026-11-21 23:00+00')",
        [theirs],
    )
    before = stage.koku.row("SELECT * FROM worker_cache_table WHERE cache_key = %s", theirs)
    verdicts = played.rest("ingest")
    assert verdicts["summary"] == "REPAIRED"
    assert played.repaired() == [("stale_lock", "worked")]
    assert stage.koku.row("SELECT * FROM worker_cache_table WHERE cache_key = %s", theirs) == before
    stage.koku.conn.execute("DELETE FROM worker_cache_table WHERE cache_key = %s", [theirs])
    del data


# -- lost_cost_step, lost_completion: they price, and complete; a worker that is slow would do so too


def test_a_slow_cost_step_and_a_waiting_completion_are_not_lost(stage: Stage) -> None:
    """Who took the cost step from its queue came when the source had long stood still."""
    theirs, data = other_source(stage)
    stage.koku.ingest(theirs, data)
    played = stage.scenario().until("ingest")
    with stage.held(WRITERS_WAIT.format(SUMMARY)) as summary:
        assert passed(played.rest("ingest", "convert"))
        stage.koku.wait_for(stage.waiting_for_locks)
        with stage.held(PERIOD.format(theirs)) as other:
            summarise(stage, theirs)  # comes before the cost step of ours
            summary.let_go()
            assert played.phase("summary").verdict == "PASSED"
            with stage.held(PERIOD.format(played.source)) as ours, played.meanwhile("cost") as going:
                going.wait_until_recognised("not_taken")
                going.nothing_is_done(1)
                other.let_go()
                going.wait_until_recognised("in_work")
                going.nothing_is_done()
                with stage.held(PERIOD.format(theirs)) as again:
                    summarise(stage, theirs)  # comes before the completion of ours
                    ours.let_go()
                    going.thread.join(20)
                    with played.meanwhile("manifest") as completing:
                        completing.wait_until_recognised("not_taken")
                        completing.nothing_is_done()
                        again.let_go()
    assert going.finished is not None
    assert going.finished.verdict == "PASSED", going.finished
    passes(played, completing, "api")


def summarise(stage: Stage, source: str) -> None:
    """Have masu ask for a summary."""
    days = {"start_date": "2026-11-10", "end_date": "2026-11-10"}
    answer = stage.koku.masu("report_data/", schema=stage.target.schema_name, provider_uuid=source, **days)
    assert answer.status_code == 200, answer.text


def test_data_that_are_wrong_are_not_completed(stage: Stage) -> None:
    """All that is missing is the stamp, and it would say that all is well."""
    played = stage.scenario().until("ingest")
    stage.stack.faults.arm("completion_lost", key=played.cluster)
    assert passed(played.rest("ingest", "cost"))
    tampered = stage.koku.conn.execute(
        f"UPDATE {SUMMARY} SET pod_usage_cpu_core_hours = 99 WHERE source_uuid = %s AND namespace = 'ns_a'".encode(),
        [played.source],
    )
    assert tampered.rowcount
    before = played.evidence()
    finished = played.phase("manifest")
    assert (finished.verdict, finished.cause) == ("FAILED", "completion_lost")
    assert "lost_completion was tried 1 of 1 times: failed" in finished.headline
    assert played.repaired() == [("lost_completion", "failed")]
    assert "line items -> daily summary" in played.state.repairs[0]["did"]
    assert played.evidence() == before
    assert before["manifests"][0]["completed_datetime"] is None


# -- tenant_sync: it inserts the row; with a manifest something may be half written


def test_a_tenant_row_that_vanished_after_data_is_not_put_back(stage: Stage) -> None:
    played = stage.scenario(limit="4s").until("ingest")
    stage.stack.faults.arm("listener_killed_unpacking", key=played.cluster)
    played.phase("ingest")
    stage.koku.wait_for(stage.stack.faults.fired)
    stage.koku.conn.execute("DELETE FROM reporting_tenant_api_provider WHERE uuid = %s", [played.source])
    before = played.evidence()
    finished = played.phase("source")
    assert (finished.verdict, finished.cause) == ("FAILED", "time_limit")
    assert played.evidence() == before
    assert before["tenant_copies"] == 0
    assert played.repaired() == []


# -- stale_view_cache: it drops pages; figures that are wrong in the data are wrong on any page


def test_pages_of_wrong_data_are_not_dropped(stage: Stage) -> None:
    played = stage.scenario().until("api")
    stage.koku.conn.execute(
        f"UPDATE {SUMMARY} SET pod_usage_cpu_core_hours = 99 WHERE source_uuid = %s AND namespace = 'ns_a'".encode(),
        [played.source],
    )
    stage.koku.conn.execute(
        "UPDATE reporting_ocp_pod_summary_p SET pod_usage_cpu_core_hours = 99 WHERE source_uuid = %s", [played.source]
    )
    before = played.evidence()
    finished = played.phase("api")
    assert finished.verdict == "FAILED"
    assert finished.cause == "numbers_differ"
    assert (played.repaired(), played.recognised()) == ([], [])
    assert played.evidence() == before
