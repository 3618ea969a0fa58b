"""What remedies do to the totals: those of the guide double or corrupt them, ours end with every figure right.

The figures of the remedies are those that a real Koku gave (docs/contract/koku.md 7.4; docs/contract/faults.md A-C).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from phase_by_phase import Played, Stage, staged

from e2e_validator.embedded.faults.kinds.resends import under_another_uuid

pytestmark = pytest.mark.embedded

TODAY = date(2026, 11, 21)
PODS, DAILY = "openshift_pod_usage_line_items", "openshift_pod_usage_line_items_daily"
SUMMARY = "reporting_ocpusagelineitem_daily_summary"
COPY = (
    "INSERT INTO reporting_tenant_api_provider (uuid, name, type, provider_id)"
    " SELECT uuid, name, type, uuid FROM api_provider WHERE uuid = %s"
)
# Core-hours of a recorded payload: of all its days, and of its first.
USED = {"team_cluster": (720.0, 72.0), "one_pod_day": (12.0, 12.0)}


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("works"), TODAY) as stage:
        yield stage


@pytest.fixture
def stage(own_stack: Stage) -> Iterator[Stage]:
    yield own_stack
    own_stack.stack.faults.clear()


def broken(stage: Stage, fault: str, recording: str = "one_pod_day", **options: Any) -> Played:
    """A scenario whose payload was announced, and of which a fault has left something."""
    played = stage.scenario(recording, **{name: options.pop(name) for name in ("repair", "limit") if name in options})
    played.until("ingest")
    stage.stack.faults.arm(fault, key=played.cluster, **options)
    played.phase("ingest")
    stage.koku.wait_for(stage.stack.faults.fired)
    return played


def failed_without_its_row(stage: Stage, **options: Any) -> Played:
    """The tenant row vanished, and a file has failed of it; the row is there again."""
    played = broken(stage, "tenant_row_deleted_on_ingest", **options)
    stage.koku.wait_for(lambda: "failed" in (stage.koku.seen(played.source)["state"] or {}).get("processing", ()))
    return played


def resend(played: Played) -> None:
    """What the guide says: send it again."""
    stage = played.stage
    query = {"org_id": stage.target.org_id, "payload_name": played.state.payloads[0].object_key}
    assert stage.koku.masu("ingest_ocp_payload/", **query).status_code == 202
    stage.koku.wait_for(lambda: stage.koku.seen(played.source)["completed"], 30)


def rows(played: Played, table: str) -> int:
    """The rows of the source."""
    found = played.stage.koku.row(f"SELECT count(*) AS n FROM {table} WHERE source = %s", played.source)
    return int(found["n"])


# -- the guide's remedies


@pytest.mark.parametrize("recording", ["one_pod_day", "team_cluster"])
def test_a_half_written_day_sent_again_counts_twice_and_is_red(stage: Stage, recording: str) -> None:
    """See docs/contract/faults.md B: every file is DONE, the manifest is completed, and a day is counted twice."""
    played = broken(stage, "listener_killed_mid_file", recording, repair="off")
    resend(played)
    whole, day = USED[recording]
    assert played.usage() == pytest.approx(whole + day)
    seen = stage.koku.seen(played.source)
    assert (seen["status"], seen["completed"]) == ([[1, 6, 6]], True)
    assert played.phase("download").verdict == "PASSED"
    finished = played.phase("convert")
    assert (finished.verdict, finished.cause) == ("FAILED", "counted_twice")


def test_a_doubling_redelivery_without_repair_is_red(stage: Stage) -> None:
    played = broken(stage, "announcement_redelivered", "team_cluster")
    played.phase("download")
    finished = played.phase("convert")
    assert (finished.verdict, finished.cause) == ("FAILED", "counted_twice")
    stage.koku.wait_for(lambda: stage.koku.seen(played.source)["completed"], 30)
    assert played.usage() == pytest.approx(792.0)
    assert played.repaired() == []


def test_with_the_row_inserted_only_the_first_type_doubles(stage: Stage) -> None:
    """See docs/contract/koku.md 7.4, first row: 12 becomes 24."""
    played = failed_without_its_row(stage, repair="off")
    assert (rows(played, PODS), rows(played, DAILY)) == (0, 1)
    stage.koku.conn.execute(COPY, [played.source])
    resend(played)
    assert (rows(played, PODS), rows(played, DAILY)) == (24, 2)
    assert played.usage() == pytest.approx(24.0)
    played.phase("download")
    assert played.phase("convert").verdict == "FAILED"


@pytest.mark.parametrize("tracker", [False, True])
def test_with_the_half_written_rows_deleted_first_it_is_right(stage: Stage, tracker: bool) -> None:
    """See docs/contract/koku.md 7.4, second and third row."""
    played = failed_without_its_row(stage, repair="off")
    stage.koku.conn.execute(COPY, [played.source])
    stage.koku.conn.execute(f"DELETE FROM {DAILY} WHERE source = %s".encode(), [played.source])
    if tracker:
        reset_tracker(played)
    resend(played)
    assert (rows(played, PODS), rows(played, DAILY)) == (24, 1)
    assert played.usage() == pytest.approx(12.0)
    assert set(played.rest("download").values()) == {"PASSED"}


@pytest.mark.parametrize("remedy", ["tracker", "uuid"])
def test_with_tracker_reset_or_new_uuid_nodes_lose_capacity(stage: Stage, remedy: str) -> None:
    """Rows four and five of docs/contract/koku.md 7.4: no raw rows, capacity 0, unallocated below 0, all says done."""
    played = failed_without_its_row(stage, repair="off")
    stage.koku.conn.execute(COPY, [played.source])
    if remedy == "tracker":
        reset_tracker(played)
        resend(played)
    else:
        key = played.state.payloads[0].object_key
        answer = stage.koku.objects.get_object(stage.stack.endpoints.buckets["ingress"], key)
        stage.koku.upload(under_another_uuid(answer.read()))
        stage.koku.wait_for(lambda: stage.koku.seen(played.source)["completed"], 30)
    assert (rows(played, PODS), rows(played, DAILY)) == (0, 1)
    found = stage.koku.row(
        f"SELECT min(pod_effective_usage_cpu_core_hours) AS least, max(node_capacity_cpu_core_hours) AS capacity"
        f" FROM {SUMMARY} WHERE source_uuid = %s AND namespace LIKE '%% unallocated'",
        played.source,
    )
    assert (float(found["least"]) < 0, float(found["capacity"] or 0)) == (True, 0)


def reset_tracker(played: Played) -> None:
    played.stage.koku.conn.execute(
        "UPDATE reporting_common_costusagereportmanifest SET s3_parquet_cleared_tracker = '{}' WHERE provider_id = %s",
        [played.source],
    )


# -- ours


@pytest.mark.parametrize(
    ("fault", "options", "tries"),
    [
        ("listener_killed_unpacking", {}, ["stuck_report"]),
        ("listener_killed_mid_file", {}, ["stuck_report"]),
        ("listener_killed_mid_file", {"point": "listener.day_cleared"}, ["stuck_report"]),
        ("listener_killed_mid_file", {"point": "listener.raw_written"}, ["stuck_report"]),
        ("listener_killed_mid_file", {"skip": 11}, ["stuck_report"]),
        ("listener_killed_after_first_file", {}, ["stuck_report"]),
        ("tenant_row_deleted_on_ingest", {}, ["tenant_sync_after_failure"]),
        ("listener_killed_on_announcement", {}, ["payload_lost"]),
        ("announcement_lost", {}, ["payload_lost"]),
        ("summary_message_lost", {}, ["lost_summary", "lost_completion"]),
        ("worker_killed_during_summary", {}, ["stale_lock", "lost_summary", "lost_completion"]),
        ("cost_step_lost", {}, ["lost_cost_step", "lost_completion"]),
        ("completion_lost", {}, ["lost_completion"]),
    ],
)
def test_ours_end_with_every_figure_right(stage: Stage, fault: str, options: dict[str, Any], tries: list[str]) -> None:
    """Ten days; every phase after the repair compares all its figures as ever, and one of them is known by heart."""
    played = stage.scenario("team_cluster").until("ingest")
    stage.stack.faults.arm(fault, key=played.cluster, **options)
    verdicts = played.rest("ingest", "api")
    assert stage.stack.faults.fired(), "it never happened"
    assert set(verdicts.values()) == {"PASSED", "REPAIRED"}, played.events[-1]
    assert played.repaired() == [(name, "worked") for name in tries]
    assert [phase for phase, verdict in verdicts.items() if verdict == "REPAIRED"] == list(
        dict.fromkeys(record["phase"] for record in played.state.repairs)
    )
    assert played.usage() == pytest.approx(720.0)
    assert played.phase("cleanup").verdict == "PASSED"


def test_a_begun_payload_not_split_by_day_is_not_sent_again(stage: Stage) -> None:
    """Its tracker stays empty, so what is half written cannot be told; sent again, all of it counts twice."""
    played = broken(stage, "listener_killed_mid_file", "not_daily", point="listener.raw_written", limit="5s")
    played.phase("download")
    before = played.evidence()
    assert before["manifests"][0]["s3_parquet_cleared_tracker"] == {}
    assert before["line_items"][PODS]
    finished = played.phase("convert")
    assert (finished.verdict, played.repaired()) == ("FAILED", [])
    assert played.evidence() == before


def test_what_was_removed_is_put_back_without_a_taker(stage: Stage) -> None:
    played = broken(stage, "listener_killed_mid_file", limit="4s")
    played.phase("download")
    before, there = played.evidence(), snapshot(played)
    assert there[DAILY]
    stage.stack.faults.arm("masu_down", seconds=60.0)
    assert played.phase("convert").verdict == "FAILED"
    assert {effect for _, effect in played.repaired()} == {"failed"}
    assert snapshot(played) == {PODS: [], DAILY: []}
    folder = played.run.folder / played.state.repairs[0]["folder"]
    stage.koku.conn.execute(undo(folder).encode())
    assert played.evidence() == before
    assert snapshot(played) == there


def snapshot(played: Played) -> dict[str, list[dict[str, Any]]]:
    """Every row of the source in both tables."""
    return {
        table: played.stage.koku.rows(f"SELECT * FROM {table} WHERE source = %s ORDER BY 1, 2, 3", played.source)
        for table in (PODS, DAILY)
    }


def undo(folder: Path) -> str:
    """The undo statement with the kept rows in their places."""

    def kept(match: re.Match[str]) -> str:
        text = json.dumps(json.loads((folder / match[1]).read_text(encoding="utf-8")))
        return "'" + text.replace("'", "''") + "'"

    return re.sub(r"'<rows of (removed-\w+\.json)>'", kept, (folder / "undo.sql").read_text(encoding="utf-8"))


def test_what_did_not_help_is_tried_up_to_its_limit(stage: Stage) -> None:
    """See docs/contract/faults.md F: a Koku that fails on each payload; here a listener that dies of each."""
    played = stage.scenario().until("ingest")
    stage.stack.faults.arm("listener_killed_unpacking", key=played.cluster, times=None)
    played.phase("ingest")
    finished = played.phase("download")
    assert finished.verdict == "FAILED"
    assert finished.cause == "report_stuck"
    assert [name for name, _ in played.repaired()] == ["stuck_report", "stuck_report"]
    assert "stuck_report was tried 2 of 2 times: " in finished.headline
