"""Faults of the listener and the worker, put to a running stack: each leaves what it left on a real Koku."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from patience import ANSWER_SECONDS
from standin_deployment import Deployment, Payload, Pod, pack

from e2e_validator.embedded.faults.control import FaultControl
from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded

WEB = Pod("web-1", "web", "n1", cpu=(0.5, 1, 2), memory=(1, 2, 4), capacity=(4, 16))
A_DAY = 12.0  # core-hours of WEB
DAYS = 2
TASKS = "masu.processor.tasks"


@dataclass(frozen=True)
class Ingest:
    """A fresh source on the stack, with a payload for it."""

    koku: Deployment
    faults: FaultControl
    cluster: str
    source: str

    def arm(self, name: str, **named: Any) -> str:
        return self.faults.arm(name, key=self.cluster, **named)

    def fired(self, times: int = 1) -> bool:
        return len([entry for entry in self.faults.fired() if entry["key"] == self.cluster]) >= times

    def wait(self, **wanted: Any) -> None:
        """Wait until ``seen`` says this."""
        self.koku.wait_for(lambda: self.seen() | wanted == self.seen())

    def seen(self) -> dict[str, Any]:
        """What docs/contract/faults.md tells of each fault: rows and core-hours, the summary without unallocated."""
        seen = self.koku.seen(self.source)
        tables = {"raw": "openshift_pod_usage_line_items", "daily": "openshift_pod_usage_line_items_daily"}
        figures = "count(*) AS n, coalesce(sum(pod_usage_cpu_core_seconds), 0) / 3600 AS hours"
        rows = {
            key: self.koku.row(f"SELECT {figures} FROM {table} WHERE source = %s", self.source)
            for key, table in tables.items()
        }
        tracker = self.koku.rows(
            "SELECT s3_parquet_cleared_tracker AS keys FROM reporting_common_costusagereportmanifest"
            " WHERE provider_id = %s",
            self.source,
        )
        return {
            "status": seen["status"],
            "state": seen["state"],
            "completed": seen["completed"],
            "tracker": len(tracker[0]["keys"]) if tracker else None,
            **{key: (row["n"], float(row["hours"])) for key, row in rows.items()},
            "summary": self.koku.usage(self.source),
        }

    def priced(self) -> bool:
        period = "SELECT derived_cost_datetime AS at FROM reporting_ocpusagereportperiod WHERE provider_id = %s"
        return any(row["at"] for row in self.koku.rows(period, self.source))

    def idle(self) -> bool:
        lengths = self.koku.masu("celery_queue_lengths/").json()
        return not any(lengths.values()) and self.koku.masu("running_celery_tasks/").json() == {"active_tasks": []}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedStack, Deployment]]:
    """A stack of its own, because its processes are killed and its logs are read."""
    folder = tmp_path_factory.mktemp("faults")
    with EmbeddedStack.start(today=date(2026, 11, 21), report_dir=folder) as running:
        deployment = Deployment(running, folder / "embedded")
        yield running, deployment
        deployment.conn.close()


@pytest.fixture
def ingest(stack: tuple[EmbeddedStack, Deployment]) -> Iterator[Ingest]:
    running, koku = stack
    cluster = f"f-{uuid.uuid4().hex[:8]}"
    yield Ingest(koku, running.faults, cluster, koku.create_source(cluster))
    running.faults.clear()


def two_days(cluster: str) -> bytes:
    """Pods and labels of two days in one payload of two files."""
    payloads = [Payload(cluster, [WEB], day=day) for day in range(10, 10 + DAYS)]
    key = payloads[0].key
    names = [f"{key}_openshift_usage_report.{n}.csv" for n in (0, 2)]
    said = {
        "uuid": key, "cluster_id": cluster, "date": "2026-11-10T00:00:00Z", "version": "1", "files": names,
        "start": "2026-11-10T00:00:00Z", "end": "2026-11-11T23:59:59Z", "daily_reports": True,
    }  # fmt: skip

    def joined(texts: list[str]) -> str:
        header, *lines = texts[0].splitlines(keepends=True)
        return "".join([header, *lines, *(line for text in texts[1:] for line in text.splitlines(keepends=True)[1:])])

    pods, labels = joined([p._pods() for p in payloads]), joined([p._nodes() for p in payloads])
    return pack({"manifest.json": json.dumps(said), names[0]: pods, names[1]: labels})


def healthy() -> dict[str, Any]:
    return {
        "status": [[1, 2, 2]],
        "state": {step: ["end", "start", "time_taken_seconds"] for step in ("download", "processing", "summary")},
        "completed": True,
        "tracker": 4,
        "raw": (48, DAYS * A_DAY),
        "daily": (DAYS, DAYS * A_DAY),
        "summary": DAYS * A_DAY,
    }


def test_nothing_happens_while_nothing_is_armed(ingest: Ingest) -> None:
    ingest.koku.ingest(ingest.source, two_days(ingest.cluster))
    assert ingest.seen() == healthy()
    assert ingest.faults.fired() == []


def test_killed_while_unpacking_and_announced_again_is_right(ingest: Ingest) -> None:
    """See docs/contract/faults.md A."""
    data = two_days(ingest.cluster)
    ingest.arm("listener_killed_unpacking")
    ingest.koku.upload(data)
    ingest.koku.wait_for(ingest.fired)
    assert ingest.seen() == {
        "status": [[3, 2, 0]], "state": {"download": ["start"]}, "completed": False, "tracker": 0,
        "raw": (0, 0), "daily": (0, 0), "summary": 0,
    }  # fmt: skip
    ingest.koku.ingest(ingest.source, data)
    assert ingest.seen() == healthy()


def test_killed_mid_file_and_announced_again_counts_a_day_twice(ingest: Ingest) -> None:
    """See docs/contract/faults.md B."""
    data = two_days(ingest.cluster)
    ingest.arm("listener_killed_mid_file")
    ingest.koku.upload(data)
    ingest.koku.wait_for(ingest.fired)
    half = ingest.seen()
    assert (half["status"], half["state"]["processing"], half["tracker"]) == ([[3, 1, 0], [4, 1, 0]], ["start"], 1)
    assert (half["raw"], half["daily"], half["summary"], half["completed"]) == ((24, A_DAY), (1, A_DAY), 0, False)
    ingest.koku.ingest(ingest.source, data)
    twice = (DAYS + 1) * A_DAY
    assert ingest.seen() == healthy() | {"raw": (72, twice), "daily": (DAYS + 1, twice), "summary": twice}


def test_killed_mid_file_can_leave_the_tracker_alone(ingest: Ingest) -> None:
    """See docs/contract/faults.md B: what is half written depends on the moment."""
    ingest.arm("listener_killed_mid_file", point="listener.day_cleared")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    half = ingest.seen()
    assert (half["tracker"], half["raw"], half["daily"]) == (1, (0, 0), (0, 0))


def test_cleared_before_it_is_announced_again_it_is_right(ingest: Ingest) -> None:
    """See docs/contract/faults.md C."""
    data = two_days(ingest.cluster)
    ingest.arm("listener_killed_mid_file")
    ingest.koku.upload(data)
    ingest.koku.wait_for(ingest.fired)
    for table in ("openshift_pod_usage_line_items", "openshift_pod_usage_line_items_daily"):
        ingest.koku.conn.execute(f"DELETE FROM {table} WHERE source = %s".encode(), [ingest.source])
    ingest.koku.conn.execute(
        "UPDATE reporting_common_costusagereportmanifest SET s3_parquet_cleared_tracker = '{}' WHERE provider_id = %s",
        [ingest.source],
    )
    ingest.koku.ingest(ingest.source, data)
    assert ingest.seen() == healthy()


def test_a_redelivered_announcement_counts_a_day_twice_by_itself(ingest: Ingest) -> None:
    ingest.arm("announcement_redelivered")
    ingest.koku.ingest(ingest.source, two_days(ingest.cluster))
    twice = (DAYS + 1) * A_DAY
    assert ingest.seen() == healthy() | {"raw": (72, twice), "daily": (DAYS + 1, twice), "summary": twice}


def test_killed_after_the_first_file_leaves_one_done(ingest: Ingest) -> None:
    ingest.arm("listener_killed_after_first_file")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    assert ingest.seen()["status"] == [[1, 1, 1], [3, 1, 0]]


@pytest.mark.parametrize("fault", ["listener_killed_on_announcement", "announcement_lost"])
def test_a_payload_lost_before_its_manifest_leaves_nothing(ingest: Ingest, fault: str) -> None:
    ingest.arm(fault)
    data = two_days(ingest.cluster)
    ingest.koku.upload(data)
    ingest.koku.wait_for(ingest.fired)
    other = f"{ingest.cluster}-other"
    source = ingest.koku.create_source(other)
    ingest.koku.ingest(source, two_days(other))  # the listener takes one after the other
    assert ingest.koku.seen(ingest.source)["manifest"] is False
    ingest.koku.ingest(ingest.source, data)
    assert ingest.seen() == healthy()


def test_a_stopped_listener_makes_no_progress_until_it_goes_on(ingest: Ingest) -> None:
    key = ingest.arm("listener_stopped")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    pid = ingest.faults.fired()[0]["pid"]
    ingest.koku.wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    assert ingest.seen()["status"] == [[3, 1, 0], [4, 1, 0]]
    ingest.faults.clear(key)
    ingest.wait(**healthy())


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("worker_killed_before_summary", {}),
        ("worker_killed_before_summary", {"task": f"{TASKS}.update_summary_tables"}),
        ("summary_message_lost", {}),
        ("month_summary_lost", {}),
    ],
)
def test_a_lost_summary_leaves_the_manifest_open_for_ever(ingest: Ingest, fault: str, options: dict[str, str]) -> None:
    """See docs/contract/faults.md D."""
    data = two_days(ingest.cluster)
    ingest.arm(fault, **options)
    ingest.koku.upload(data)
    ingest.koku.wait_for(ingest.fired)
    ingest.koku.wait_for(ingest.idle)
    lost = healthy() | {"completed": False, "summary": 0}
    del lost["state"]["summary"]
    assert ingest.seen() == lost
    ingest.koku.upload(data)
    day = {"start_date": "2026-11-10", "end_date": "2026-11-11"}
    ingest.koku.masu("report_data/", schema="org1234567", provider_uuid=ingest.source, **day)
    ingest.koku.wait_for(ingest.priced)
    ingest.koku.wait_for(ingest.idle)
    assert ingest.seen() == lost | {"summary": DAYS * A_DAY}


@pytest.mark.parametrize("fault", ["worker_killed_during_summary", "worker_out_of_memory"])
def test_a_worker_killed_in_the_summary_leaves_its_lock(ingest: Ingest, fault: str) -> None:
    ingest.arm(fault)
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    pid = ingest.faults.fired()[0]["pid"]
    ingest.koku.wait_for(lambda: f'"pid": {pid}, "exit": 137' in ingest.koku.logged("supervisor"))
    assert ingest.seen() == healthy() | {
        "state": healthy()["state"] | {"summary": ["start"]}, "completed": False, "summary": 0
    }  # fmt: skip
    locks = "SELECT cache_key FROM worker_cache_table WHERE cache_key LIKE %s AND expires > '2026-11-21'"
    (lock,) = ingest.koku.rows(locks, f"%{ingest.source}%")
    assert lock["cache_key"] == f":1:{TASKS}.update_summary_tables:org1234567:OCP:{ingest.source}:2026-11"


def test_a_stale_lock_keeps_the_summary_going_round(ingest: Ingest) -> None:
    key = ingest.arm("stale_lock")
    ingest.koku.upload(two_days(ingest.cluster))
    text = f"Task {TASKS}.update_summary_tables already running for ['org1234567', 'OCP', '{ingest.source}', '2026-11']"
    ingest.koku.wait_for(lambda: f"{text}. Requeuing." in ingest.koku.logged("worker-0"))
    assert "summary" not in ingest.seen()["state"]
    other = f"{ingest.cluster}-other"
    ingest.koku.ingest(ingest.koku.create_source(other), two_days(other))  # others are not kept waiting
    ingest.faults.clear(key)
    ingest.wait(**healthy())


@pytest.mark.parametrize("fault", ["worker_killed_before_cost", "cost_step_lost", "cost_step_fails"])
def test_without_the_cost_step_there_is_usage_and_no_money(ingest: Ingest, fault: str) -> None:
    """See docs/contract/faults.md E."""
    ingest.arm(fault)
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    ingest.koku.wait_for(ingest.idle)
    assert ingest.seen() == healthy() | {"completed": False}
    assert not ingest.priced()
    if fault == "cost_step_fails":
        assert "subquery in FROM must have an alias" in ingest.koku.logged("worker-0")


def test_a_worker_killed_in_the_cost_step_leaves_no_end(ingest: Ingest) -> None:
    ingest.arm("worker_killed_during_cost")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    ingest.koku.wait_for(ingest.idle)
    assert (ingest.seen(), ingest.priced()) == (healthy() | {"completed": False}, False)


def test_without_the_completion_step_only_the_end_is_missing(ingest: Ingest) -> None:
    ingest.arm("completion_lost")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(ingest.fired)
    ingest.koku.wait_for(ingest.idle)
    assert (ingest.seen(), ingest.priced()) == (healthy() | {"completed": False}, True)


def test_a_held_worker_leaves_its_task_queued_then_takes_it(ingest: Ingest) -> None:
    key = ingest.arm("worker_held")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(lambda: ingest.koku.masu("celery_queue_lengths/").json()["ocp"] == 1)
    assert (ingest.koku._logs / "koku-worker-0.hold").exists()
    assert ingest.seen()["summary"] == 0
    ingest.faults.clear(key)
    ingest.wait(**healthy())


def test_a_queue_that_is_lost_held_the_task_first(ingest: Ingest) -> None:
    """See docs/contract/faults.md D, with a Redis that restarts."""
    ingest.arm("queue_lost", seconds=0.3)
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(lambda: ingest.koku.masu("celery_queue_lengths/").json()["ocp"] == 1)
    ingest.koku.wait_for(ingest.idle)
    ingest.koku.wait_for(lambda: not (ingest.koku._logs / "koku-worker-0.hold").exists())
    assert "summary" not in ingest.seen()["state"]


@pytest.mark.parametrize("fault", ["tenant_row_never_made", "tenant_row_deleted_on_ingest"])
def test_without_the_tenant_row_the_day_is_half_written(ingest: Ingest, fault: str) -> None:
    """See docs/contract/koku.md 7.4."""
    cluster = f"{ingest.cluster}-t"
    ingest.faults.arm(fault, key=cluster)
    source = ingest.koku.create_source(cluster)
    there = bool(ingest.koku.rows("SELECT 1 FROM reporting_tenant_api_provider WHERE uuid = %s", source))
    assert there is (fault == "tenant_row_deleted_on_ingest")
    other = Ingest(ingest.koku, ingest.faults, cluster, source)
    other.koku.upload(two_days(cluster))
    other.koku.wait_for(lambda: "failed" in (other.seen()["state"] or {}).get("processing", ()))
    seen = other.seen()
    assert (seen["status"], seen["tracker"], seen["raw"], seen["daily"]) == (
        [[2, 1, 0], [3, 1, 0]], 1, (0, 0), (1, A_DAY)
    )  # fmt: skip
    assert f"({source}) is not present in table" in other.koku.logged("listener")


def test_a_failed_file_says_why_and_stops_the_rest(ingest: Ingest) -> None:
    """See docs/contract/faults.md F."""
    ingest.arm("file_failed")
    ingest.koku.upload(two_days(ingest.cluster))
    ingest.koku.wait_for(lambda: "failed" in (ingest.seen()["state"] or {}).get("processing", ()))
    seen = ingest.seen()
    assert (seen["status"], seen["tracker"], seen["raw"]) == ([[2, 1, 0], [3, 1, 0]], 0, (0, 0))
    row = ingest.koku.row(
        "SELECT failed_status, started_datetime FROM reporting_common_costusagereportstatus s"
        " JOIN reporting_common_costusagereportmanifest m ON m.id = s.manifest_id"
        " WHERE m.provider_id = %s AND s.status = 2",
        ingest.source,
    )
    assert row == {"failed_status": 4, "started_datetime": None}
    text = "Report processing error: Unknown processor error: 'str' object has no attribute 'decode'"
    assert text in ingest.koku.logged("listener")


def test_a_file_can_be_done_without_rows(ingest: Ingest) -> None:
    ingest.arm("file_done_without_rows")
    ingest.koku.ingest(ingest.source, two_days(ingest.cluster))
    assert ingest.seen() == healthy() | {"tracker": 2, "raw": (0, 0), "daily": (0, 0), "summary": 0}
    assert "no split files to convert to parquet" in ingest.koku.logged("listener")


@pytest.mark.parametrize(("daily", "usage"), [(True, A_DAY), (False, 2 * A_DAY)])
def test_a_payload_sent_twice_doubles_reports_that_are_not_daily(ingest: Ingest, daily: bool, usage: float) -> None:
    ingest.arm("payload_sent_twice")
    ingest.koku.upload(Payload(ingest.cluster, [WEB], manifest={"daily_reports": daily}).pack())
    done = "SELECT count(completed_datetime) AS n FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
    ingest.koku.wait_for(lambda: ingest.koku.row(done, ingest.source)["n"] == 2)
    assert ingest.seen()["summary"] == usage


def test_stale_views_show_the_answer_of_before(ingest: Ingest, stack: tuple[EmbeddedStack, Deployment]) -> None:
    url = f"{stack[0].endpoints.koku_url}reports/openshift/compute/?filter[cluster]={ingest.cluster}"
    url += "&start_date=2026-11-10&end_date=2026-11-11"

    def usage(address: str) -> float:
        return float(requests.get(address, timeout=ANSWER_SECONDS).json()["meta"]["total"]["usage"]["value"] or 0)

    assert usage(url) == 0
    ingest.arm("stale_views")
    ingest.koku.ingest(ingest.source, two_days(ingest.cluster))
    assert (ingest.fired(2), usage(url), usage(f"{url}&limit=7")) == (True, 0, DAYS * A_DAY)
    ingest.koku.masu_post("invalidate_cache/", json={"schema_name": "org1234567", "cache_name": "api"})
    assert usage(url) == DAYS * A_DAY


def test_a_fault_for_another_cluster_leaves_this_one_alone(ingest: Ingest) -> None:
    for name in ("listener_killed_mid_file", "completion_lost", "announcement_lost", "stale_views", "file_failed"):
        ingest.faults.arm(name, key="another", times=None)
    ingest.koku.ingest(ingest.source, two_days(ingest.cluster))
    assert (ingest.seen(), ingest.faults.fired()) == (healthy(), [])
