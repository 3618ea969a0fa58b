"""The half states of the classic stack, and what ends them: as the fault recordings of a real Koku tell it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from classic_stack import ClassicStack, passing_source, started

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
SIMPLE, RICH = RECORDINGS / "aws_simple" / "input" / "0", RECORDINGS / "aws_rich" / "input" / "0"
DONE, SIMPLE_COST, RICH_COST = (1, None, True, True, True), "6.912000000", "167.520888819"
LATER = "data_updated_timestamp = clock_timestamp() + interval '1 day'"


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassicStack]:
    """A stack of its own, because its worker is killed."""
    folder = tmp_path_factory.mktemp("classic-faults")
    with started(folder) as found:
        yield found


@pytest.fixture
def source(classic: ClassicStack, request: pytest.FixtureRequest) -> Iterator[str]:
    """A source with the three days of aws_simple; it is gone afterwards, and so are the faults."""
    with passing_source(classic, request.node.name, SIMPLE) as uuid:
        yield uuid


def reports(classic: ClassicStack, source: str) -> list[tuple[int, int | None, bool, bool, bool]]:
    """Status, failed status, started, completed, etag."""
    rows = classic.rows(
        "SELECT s.* FROM reporting_common_costusagereportstatus s"
        " JOIN reporting_common_costusagereportmanifest m ON m.id = s.manifest_id WHERE m.provider_id = %s"
        " ORDER BY s.id",
        source,
    )
    return [
        (
            row["status"],
            row["failed_status"],
            row["started_datetime"] is not None,
            row["completed_datetime"] is not None,
            row["etag"] is not None,
        )
        for row in rows
    ]


def state(classic: ClassicStack, source: str) -> tuple[bool, dict[str, list[str]]]:
    """Whether the newest manifest is completed, and the words of its steps."""
    row = classic.rows(
        "SELECT completed_datetime, state FROM reporting_common_costusagereportmanifest WHERE provider_id = %s"
        " ORDER BY id DESC LIMIT 1",
        source,
    )[0]
    words = {step: sorted(set(said) - {"time_taken_seconds"}) for step, said in row["state"].items()}
    return row["completed_datetime"] is not None, words


def cost(classic: ClassicStack, source: str) -> str | None:
    row = classic.rows(
        "SELECT sum(unblended_cost)::text AS cost FROM reporting_awscostentrylineitem_daily_summary"
        " WHERE source_uuid = %s",
        source,
    )[0]
    found: str | None = row["cost"]
    return found


def bills(classic: ClassicStack, source: str) -> int:
    return len(classic.rows("SELECT id FROM reporting_awscostentrybill WHERE provider_id = %s", source))


def parquet(classic: ClassicStack, source: str) -> int:
    return sum(1 for item in classic.objects(source) if item["key"].endswith(".parquet"))


def unlock(classic: ClassicStack, source: str) -> None:
    classic.conn.execute(f"UPDATE api_provider SET {LATER} WHERE uuid = %s".encode(), [source])


def logged(classic: ClassicStack) -> str:
    return "".join(path.read_text() for path in (classic.folder / "embedded").glob("koku-worker*.jsonl"))


def test_without_the_tenant_copy_a_poll_ends_in_a_false_done(classic: ClassicStack, source: str) -> None:
    classic.conn.execute("DELETE FROM reporting_tenant_api_provider WHERE uuid = %s", [source])
    classic.poll(source)
    assert reports(classic, source) == [(2, 4, False, False, True)]
    assert (bills(classic, source), parquet(classic, source), cost(classic, source)) == (0, 2, None)
    assert "is not present in table" in logged(classic)
    classic.poll(source)
    assert reports(classic, source) == [(1, 4, True, True, True)]
    assert (bills(classic, source), parquet(classic, source), cost(classic, source)) == (0, 2, None)
    assert state(classic, source) == (False, {"download": ["end", "start"], "processing": ["end", "start"]})

    classic.conn.execute(
        "INSERT INTO reporting_tenant_api_provider (uuid, name, type, provider_id)"
        " SELECT uuid, name, type, uuid FROM api_provider WHERE uuid = %s",
        [source],
    )
    unlock(classic, source)
    classic.poll(source)
    assert cost(classic, source) is None
    classic.conn.execute(
        "UPDATE reporting_common_costusagereportstatus SET status = 3, completed_datetime = NULL,"
        " started_datetime = NULL, celery_task_id = NULL, etag = NULL WHERE manifest_id IN"
        " (SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s)",
        [source],
    )
    unlock(classic, source)
    classic.poll(source)
    assert reports(classic, source) == [(1, 4, True, True, True)]
    assert (bills(classic, source), parquet(classic, source), cost(classic, source)) == (1, 6, SIMPLE_COST)
    assert state(classic, source)[0]


def test_a_poll_that_finds_nothing_new_locks_the_source(classic: ClassicStack, source: str) -> None:
    def provider() -> tuple[bool, object]:
        row = classic.rows(
            "SELECT data_updated_timestamp AS updated, polling_timestamp AS polled FROM api_provider WHERE uuid = %s",
            source,
        )[0]
        return row["updated"] >= row["polled"], row["updated"]

    classic.poll(source)
    free, updated = provider()
    assert free
    classic.poll(source)
    assert provider() == (False, updated)
    classic.put(source_name(classic, source), RECORDINGS / "aws_growing" / "input" / "1")
    classic.poll(source)
    assert len(reports(classic, source)) == 1
    assert "processing currently in progress for provider" in logged(classic)
    unlock(classic, source)
    classic.poll(source)
    assert reports(classic, source) == [DONE, DONE]


def test_four_days_later_a_locked_source_is_polled(classic: ClassicStack, source: str) -> None:
    classic.poll(source)
    classic.conn.execute(
        "UPDATE api_provider SET data_updated_timestamp = now() - interval '4 days' WHERE uuid = %s", [source]
    )
    classic.put(source_name(classic, source), RECORDINGS / "aws_growing" / "input" / "1")
    classic.poll(source)
    assert reports(classic, source) == [DONE, DONE]


def test_a_paused_source_is_polled_when_it_is_named(classic: ClassicStack, source: str) -> None:
    classic.conn.execute("UPDATE api_provider SET paused = true WHERE uuid = %s", [source])
    classic.poll()
    assert reports(classic, source) == []
    classic.poll(source)
    assert reports(classic, source) == [DONE]


def test_without_a_name_a_source_that_is_not_due_is_left(classic: ClassicStack, source: str) -> None:
    classic.conn.execute("UPDATE api_provider SET polling_timestamp = now() WHERE uuid = %s", [source])
    classic.poll()
    assert reports(classic, source) == []


def test_two_polls_at_once_double_nothing(classic: ClassicStack, source: str) -> None:
    classic.masu("download/", provider_uuid=source)
    classic.poll(source)
    assert reports(classic, source) == [DONE]
    assert (parquet(classic, source), cost(classic, source)) == (6, SIMPLE_COST)


def test_a_lost_callback_leaves_files_and_no_summary(classic: ClassicStack, source: str) -> None:
    classic.stack.faults.arm("summary_message_lost", source=source)
    classic.poll(source)
    files = (False, {"download": ["end", "start"], "processing": ["end", "start"]})
    assert reports(classic, source) == [DONE]
    assert (state(classic, source), bills(classic, source), parquet(classic, source)) == (files, 1, 6)
    unlock(classic, source)
    classic.poll(source)
    assert cost(classic, source) is None
    classic.masu(
        "report_data/", schema="org1234567", provider_uuid=source, start_date="2026-11-24", end_date="2026-11-26"
    )
    classic.settle()
    assert (cost(classic, source), state(classic, source)) == (SIMPLE_COST, files)
    delete_status_rows(classic, source)
    unlock(classic, source)
    classic.poll(source)
    assert (cost(classic, source), state(classic, source)[0]) == (SIMPLE_COST, True)


def test_a_worker_killed_in_the_download_leaves_its_lock(classic: ClassicStack, source: str) -> None:
    classic.put(source_name(classic, source), RICH)
    classic.stack.faults.arm("listener_killed_unpacking", source=source, point="listener.recorded")
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    unlock(classic, source)
    classic.poll(source)
    assert reports(classic, source) == [(3, None, False, False, False)]
    assert "file processing is in progress" in logged(classic)
    classic.conn.execute("TRUNCATE worker_cache_table")
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], RICH_COST)


def test_a_kill_in_the_conversion_ends_in_a_false_done(classic: ClassicStack, source: str) -> None:
    classic.put(source_name(classic, source), RICH)
    classic.stack.faults.arm("listener_killed_mid_file", source=source, point="listener.day_cleared")
    classic.poll(source)
    assert reports(classic, source) == [(4, None, True, False, True)]
    assert (bills(classic, source), parquet(classic, source)) == (0, 0)
    classic.conn.execute("TRUNCATE worker_cache_table")
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), parquet(classic, source), cost(classic, source)) == ([DONE], 0, None)
    delete_status_rows(classic, source)
    unlock(classic, source)
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], RICH_COST)
    assert state(classic, source)[0]


def test_a_bucket_of_the_store_gives_what_a_directory_does(classic: ClassicStack) -> None:
    classic.store.make_bucket("cur-of-a-customer")
    put_into_bucket(classic, RICH, "cur-of-a-customer", "exports/")
    source = classic.create_source("in-a-bucket", "AWS", "cur-of-a-customer")
    classic.poll(source)
    assert (reports(classic, source), cost(classic, source)) == ([DONE], RICH_COST)
    classic.delete_source(source)


def test_a_lost_object_is_missing_in_the_next_summary(classic: ClassicStack, source: str) -> None:
    classic.poll(source)
    classic.conn.execute("DELETE FROM reporting_awscostentrylineitem_daily_summary WHERE source_uuid = %s", [source])
    first = next(item for item in classic.objects(source) if "/daily/" in item["key"])["key"]
    bucket = classic.stack.endpoints.buckets["archive"]
    classic.store.remove_object(bucket, first.replace("<provider>", source))
    classic.masu(
        "report_data/", schema="org1234567", provider_uuid=source, start_date="2026-11-24", end_date="2026-11-26"
    )
    classic.settle()
    assert cost(classic, source) == "4.608000000"


def put_into_bucket(classic: ClassicStack, folder: Path, bucket: str, prefix: str) -> None:
    """As AWS writes a report: the keys in its manifests are whole."""
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if file.name.endswith("-Manifest.json"):
                manifest = json.loads(content)
                manifest["reportKeys"] = [f"{prefix}{key}" for key in manifest["reportKeys"]]
                content = json.dumps(manifest).encode()
            key = f"{prefix}{file.relative_to(folder)}"
            classic.store.put_object(bucket, key, io.BytesIO(content), len(content))


def test_without_a_prefix_keys_of_a_bucket_begin_with_a_slash(classic: ClassicStack) -> None:
    classic.store.make_bucket("cur-without-prefix")
    put_into_bucket(classic, SIMPLE, "cur-without-prefix", "")
    source = classic.create_source("without-prefix", "AWS", "cur-without-prefix")
    classic.poll(source)
    assert reports(classic, source) == []
    text = "Unable to get report manifest. Reason: Unable to find cur-Manifest.json in S3 Bucket: cur-without-prefix"
    assert text in logged(classic)
    classic.delete_source(source)


def test_keys_of_a_bucket_are_taken_as_they_are(classic: ClassicStack) -> None:
    classic.store.make_bucket("cur-other-keys")
    put_into_bucket(classic, SIMPLE, "cur-other-keys", "exports/")
    (name,) = [
        one.object_name
        for one in classic.store.list_objects("cur-other-keys", recursive=True)
        if str(one.object_name).endswith("20261201/cur-Manifest.json")
    ]
    content = (SIMPLE / str(name).removeprefix("exports/")).read_bytes()
    classic.store.put_object("cur-other-keys", str(name), io.BytesIO(content), len(content))
    source = classic.create_source("other-keys", "AWS", "cur-other-keys")
    classic.poll(source)
    assert reports(classic, source) == [(2, 3, False, False, False)]
    assert state(classic, source) == (False, {"download": ["failed", "start"]})
    assert "Unable to find cur-1.csv.gz in S3 Bucket: cur-other-keys" in logged(classic)
    classic.delete_source(source)


@pytest.mark.parametrize(
    ("role", "bucket", "code"),
    [
        ("arn:aws:iam::123456789012:role/x", "not-there", "billing_source.bucket.notfound"),
        ("nonsense", "cur-of-a-customer", "authentication.role_arn.unreachable"),
    ],
)
def test_a_source_that_aws_does_not_know_is_refused(classic: ClassicStack, role: str, bucket: str, code: str) -> None:
    body = {
        "name": "unknown",
        "source_type": "AWS",
        "authentication": {"credentials": {"role_arn": role}},
        "billing_source": {"data_source": {"bucket": bucket}},
    }
    answer = requests.post(f"{classic.stack.endpoints.koku_url}sources/", json=body, timeout=20)
    assert answer.status_code == 400
    assert [one["source"] for one in answer.json()["errors"]] == [code]


def test_what_the_reports_of_aws_refuse(classic: ClassicStack, source: str) -> None:
    """As a real Koku answered (docs/contract/clouds.md 19)."""
    classic.poll(source)
    unsupported = ["Unsupported parameter or invalid value"]
    ec2, costs = "reports/aws/resources/ec2-compute/", "reports/aws/costs/"
    assert classic.api(ec2, {"start_date": "2026-11-01", "end_date": "2026-11-20"}) == (
        400, {"end_date": unsupported, "start_date": unsupported},
    )  # fmt: skip
    assert classic.api(ec2, {"filter[time_scope_value]": "-10", "filter[time_scope_units]": "day"}) == (
        400,
        {
            "filter": {
                "time_scope_value": ["valid choices are '('-1', '-2', '-3')'"],
                "time_scope_units": ["valid choice is 'month'"],
            }
        },
    )
    assert classic.api(ec2, {"group_by[account]": "*"})[1] == {
        "group_by": {"non_field_errors": ["Group by queries are not allowed."]}
    }
    assert classic.api(ec2, {"filter[instance_type]": "m5"})[0] == 400
    assert [row["date"] for row in classic.api(ec2, {})[1]["data"]] == ["2026-11"]
    assert classic.api(ec2, {"filter[time_scope_value]": "-2"})[1]["data"] == []
    assert classic.api(costs, {"filter[instance_type]": "m5"})[0] == 400
    assert classic.api(costs, {"group_by[instance_type]": "*", "filter[limit]": "2"})[0] == 500
    status, body = classic.api(
        costs,
        {
            "group_by[instance_type]": "*",
            "filter[resolution]": "monthly",
            "filter[time_scope_value]": "-1",
            "filter[time_scope_units]": "month",
        },
    )
    assert status == 200
    assert [[sorted(row), row["values"][0]["cost"]["total"]["value"]] for row in body["data"]] == [
        [["date", "values"], 6.912]
    ]
    status, body = classic.api("reports/aws/instance-types/", {"group_by[instance_type]": "*"})
    assert "instance_types" in body["data"][0]


def delete_status_rows(classic: ClassicStack, source: str) -> None:
    classic.conn.execute(
        "DELETE FROM reporting_common_costusagereportstatus WHERE manifest_id IN"
        " (SELECT id FROM reporting_common_costusagereportmanifest WHERE provider_id = %s)",
        [source],
    )


def source_name(classic: ClassicStack, source: str) -> str:
    return str(classic.rows("SELECT name FROM api_provider WHERE uuid = %s", source)[0]["name"])
