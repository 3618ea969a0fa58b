"""What a validator that waits sees of the classic stack, state after state, as the recordings of a real one show it."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from classic_stack import ClassicStack, Row, started
from patience import ANSWER_SECONDS
from test_classic_faults import RICH, RICH_COST, cost, reports
from test_classic_recordings import differences, end_of, recorded

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
WATCHED = (
    "public.api_provider",
    "public.reporting_common_costusagereportmanifest",
    "public.reporting_common_costusagereportstatus",
    "public.worker_cache_table",
    "reporting_awscostentrybill",
    "reporting_awscostentrylineitem_daily_summary",
)
SNAPSHOT = """
CREATE TABLE life_log (id serial, seen jsonb);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO life_log (seen) VALUES (jsonb_build_object(
    'provider', (SELECT jsonb_agg(jsonb_build_array(data_updated_timestamp IS NOT NULL, polling_timestamp IS NOT NULL,
        setup_complete)) FROM public.api_provider),
    'manifests', (SELECT jsonb_agg(jsonb_build_array(completed_datetime IS NOT NULL, daily_archive_start_date
        IS NOT NULL, s3_parquet_cleared, state) ORDER BY id) FROM public.reporting_common_costusagereportmanifest),
    'reports', (SELECT jsonb_agg(jsonb_build_array(status, failed_status, started_datetime IS NOT NULL,
        completed_datetime IS NOT NULL, etag IS NOT NULL, celery_task_id IS NOT NULL) ORDER BY id)
        FROM public.reporting_common_costusagereportstatus),
    'bills', (SELECT jsonb_agg(jsonb_build_array(summary_data_creation_datetime IS NOT NULL,
        summary_data_updated_datetime IS NOT NULL) ORDER BY billing_period_start) FROM reporting_awscostentrybill),
    'rows', (SELECT count(*) FROM reporting_awscostentrylineitem_daily_summary),
    'cache', (SELECT jsonb_object_agg(cache_key, value) FROM public.worker_cache_table)));
  RETURN NULL; END $$
"""
# A file that is downloaded waits until another one is being worked on, however fast the first worker is.
TOGETHER = """
CREATE FUNCTION wait_for_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  FOR look IN 1..1500 LOOP
    EXIT WHEN (SELECT count(*) FROM public.reporting_common_costusagereportstatus WHERE celery_task_id IS NOT NULL) > 1;
    PERFORM pg_sleep(0.02);
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER together BEFORE UPDATE OF etag ON public.reporting_common_costusagereportstatus
  FOR EACH ROW EXECUTE FUNCTION wait_for_another();
"""


@contextmanager
def logging(classic: ClassicStack) -> Iterator[list[Row]]:
    """Every state from now on, as each statement leaves it; read at the end."""
    classic.conn.execute(SNAPSHOT.encode())
    for table in WATCHED:
        trigger = f"CREATE TRIGGER look AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT"
        classic.conn.execute(f"{trigger} EXECUTE FUNCTION look()".encode())
    found: list[Row] = []
    yield found
    found += [seen(row["seen"]) for row in classic.rows("SELECT seen FROM life_log ORDER BY id")]
    classic.conn.execute(b"DROP FUNCTION look() CASCADE")
    classic.conn.execute(b"DROP TABLE life_log")


def seen(raw: Row) -> Row:
    cache = raw["cache"] or {}
    lists = [base64.b64decode(value) for key, value in cache.items() if key.endswith(":worker")]
    files = [one for content in lists for one in pickle.loads(content)]  # noqa: S301 - our own stack's
    return {
        "provider": raw["provider"][0],
        "manifests": [
            [*flags, {step: sorted(words) for step, words in state.items()}] for *flags, state in raw["manifests"] or []
        ],
        "reports": raw["reports"] or [],
        "bills": raw["bills"] or [],
        "rows": raw["rows"] > 0,
        "files in work": len(files),
        "locked": any("update_summary_tables" in key for key in cache),
    }


def as_recorded(state: Row) -> Row:
    provider, cache = state["provider"], state["worker_cache"]
    return {
        "provider": [provider["data_updated"], provider["polled"], provider["setup_complete"]],
        "manifests": [
            [
                one["completed"],
                one["daily_archive_start_date"] is not None,
                one["s3_parquet_cleared"],
                {step: sorted(words) for step, words in one["state"].items()},
            ]
            for one in state["manifests"]
        ],
        "reports": [
            [one["status"], one["failed_status"], one["started"], one["completed"], one["etag"], one["task"]]
            for one in state["reports"]
        ],
        "bills": [[one["created"], one["updated"]] for one in state["bills"]],
        "rows": bool(state["summary"]),
        "files in work": sum(len(value) for key, value in cache.items() if key.endswith(":worker")),
        "locked": any("update_summary_tables" in key for key in cache),
    }


def missing(wanted: list[Row], found: list[Row]) -> list[Row]:
    """The recorded states that were not seen, in the recorded order."""
    left, gone = iter(found), []
    for state in wanted:
        here = list(left)
        if state not in here:
            gone.append(state)
            left = iter(here)
        else:
            left = iter(here[here.index(state) :])
    return gone


@pytest.mark.parametrize("name", ["aws_simple", "aws_neg_no_payer", "aws_neg_header_only", "aws_neg_empty_file"])
def test_every_recorded_state_is_passed_through_in_order(tmp_path: Path, name: str) -> None:
    with started(tmp_path) as classic:
        source = classic.create_source(name)
        classic.put(name, RECORDINGS / name / "input" / "0")
        with logging(classic) as found:
            classic.poll(source)
        (step,) = recorded(name, "recording.json")["steps"]
        wanted = [as_recorded(state) for state in step["timeline"][1:]]
        assert missing(wanted, found) == []
        assert missing(wanted[::-1], found) != []


def test_two_workers_work_on_two_files_at_once(tmp_path: Path) -> None:
    name = "aws_neg_missing_file"
    with started(tmp_path, workers=2, pace="brisk") as classic:
        source = classic.create_source(name)
        classic.put(name, RECORDINGS / name / "input" / "0")
        classic.conn.execute(TOGETHER.encode())
        classic.poll(source)
        states = classic.rows("SELECT state FROM reporting_common_costusagereportmanifest")[0]["state"]
        assert {step: sorted(words) for step, words in states.items()} == end_of(name)["manifests"][0]["state"]
        assert [row[0] for row in reports(classic, source)] == [1, 3]


def test_files_are_done_one_by_one_and_summarised_once(tmp_path: Path) -> None:
    with started(tmp_path, workers=2, pace="brisk") as classic:
        source = classic.create_source("aws_files")
        classic.put("aws_files", RECORDINGS / "aws_files" / "input" / "0")
        classic.conn.execute(TOGETHER.encode())
        with logging(classic) as found:
            classic.poll(source)
        done = [sum(report[0] == 1 for report in state["reports"]) for state in found]
        assert done == sorted(done)
        assert set(done) == {0, 1, 2, 3}
        # By their rows: of two that begin the list in the workers' cache at one moment, it keeps one.
        assert max(sum(report[5] and not report[3] for report in state["reports"]) for state in found) == 2
        assert all(count == 3 for count, state in zip(done, found, strict=True) if state["locked"] or state["rows"])
        assert cost(classic, source) == RICH_COST
        texts = "".join(path.read_text() for path in (tmp_path / "embedded").glob("koku-worker*.jsonl"))
        assert texts.count("Task masu.processor.tasks.summarize_reports[") == 2, "received once, succeeded once"


def test_a_tag_key_goes_and_comes_with_the_next_summary(tmp_path: Path) -> None:
    steps = [step for step in recorded("aws_tags", "recording.json")["steps"] if "total_rows" in step]
    with started(tmp_path) as classic:
        source = classic.create_source("aws_tags")
        classic.put("aws_tags", RICH)
        classic.poll(source)
        (key,) = classic.rows("SELECT uuid::text AS uuid FROM reporting_enabledtagkeys WHERE key = 'app'")
        changes = (None, "disable", "", "enable", "")
        for step, change in zip(steps, changes, strict=True):
            if change:
                url = f"{classic.stack.endpoints.koku_url}settings/tags/{change}/"
                assert requests.put(url, json={"ids": [key["uuid"]]}, timeout=ANSWER_SECONDS).status_code == 204
            elif change == "":
                days = {"start_date": "2026-11-24", "end_date": "2026-11-26"}
                classic.masu("report_data/", schema="org1234567", provider_uuid=source, **days)
                classic.settle()
            by_tags = classic.rows(
                "SELECT tags, count(*) AS n, sum(unblended_cost)::text AS c FROM"
                " reporting_awscostentrylineitem_daily_summary WHERE source_uuid = %s GROUP BY 1",
                source,
            )
            assert _sorted(by_tags) == _sorted(step["rows_by_tags"]), step["step"]
            assert sum(row["n"] for row in by_tags) == step["total_rows"]
            asked, listed = step["by_app"], step["tags"]
            _, body = classic.api("reports/aws/costs/", asked["params"])
            assert list(differences(asked["body"]["data"], body["data"])) == [], step["step"]
            _, tags = classic.api("tags/aws/", listed["params"])
            # The values of other sources stood in the recorded list, too.
            keys = [row["key"] for row in tags["data"]]
            assert keys == [row["key"] for row in listed["body"]["data"] if row["key"] in keys]
            assert ("app" in keys) == ("app" in [row["key"] for row in listed["body"]["data"]]), step["step"]


def test_a_disabled_category_is_kept_in_rows_and_shown_nowhere(tmp_path: Path) -> None:
    calls = recorded("aws_category_off", "recording.json")["calls"]
    with started(tmp_path) as classic:
        source = classic.create_source("aws_category_off")
        classic.put("aws_category_off", RICH)
        classic.poll(source)
        switch = f"{classic.stack.endpoints.koku_url}settings/aws_category_keys/"
        (key,) = classic.rows("SELECT uuid::text AS uuid FROM reporting_awsenabledcategorykeys WHERE key = 'env'")
        for call in calls:
            if call["step"] in ("enable", "disable"):
                answer = requests.put(f"{switch}{call['step']}/", json={"ids": [key["uuid"]]}, timeout=ANSWER_SECONDS)
                assert answer.status_code == call["status"]
                continue
            status, body = classic.api(call["path"], call["params"])
            assert status == call["status"], call
            if status != 200:
                assert body == call["body"]
            elif call["path"].startswith("reports/"):
                assert list(differences(call["body"]["data"], body["data"])) == [], call
                assert list(differences(call["body"]["meta"]["total"], body["meta"]["total"])) == [], call
                assert call["body"]["meta"].keys() == body["meta"].keys(), call
            else:
                # The recorded lists have keys of other sources, too.
                assert _of_env(body["data"]) == _of_env(call["body"]["data"]), call
        # A summary forgets a disabled key in the lists, and leaves it in the rows.
        requests.put(f"{switch}disable/", json={"ids": [key["uuid"]]}, timeout=ANSWER_SECONDS)
        days = {"start_date": "2026-11-24", "end_date": "2026-11-26"}
        classic.masu("report_data/", schema="org1234567", provider_uuid=source, **days)
        classic.settle()
        _, listed = classic.api("resource-types/aws-categories/", {"limit": "100"})
        assert _of_env(listed["data"]) == []
        (rows,) = classic.rows(
            "SELECT count(*) AS n FROM reporting_awscostentrylineitem_daily_summary WHERE cost_category ? 'env'"
        )
        assert rows["n"] > 0


def _of_env(listed: list[Any]) -> list[Any]:
    """Whether a list has the key, and as what."""
    entries = [one if isinstance(one, dict) else {"key": one} for one in listed]
    return [one.get("enabled") for one in entries if one["key"] == "env"]


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)
