"""The classic stand-in against the recordings of a real Koku: the same input, row for row and figure for figure."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from classic_stack import ClassicStack, Row
from patience import ANSWER_SECONDS

from e2e_validator.embedded.stack import EmbeddedStack

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
NAMES = sorted(folder.parent.name for folder in RECORDINGS.glob("aws_*/input"))
TODAY = date(2026, 11, 29)
TOLERANCE = 1e-9
# Of the run, not of what was read.
OWN = {
    "uuid",
    "source_uuid",
    "provider_id",
    "cost_entry_bill_id",
    "id",
    "account_alias_id",
    "organizational_unit_id",
    "summary_data_creation_datetime",
    "summary_data_updated_datetime",
}
TABLES = {
    "daily_summary": "SELECT * FROM reporting_awscostentrylineitem_daily_summary WHERE source_uuid = %s",
    "ec2_compute_summary": "SELECT * FROM reporting_awscostentrylineitem_summary_by_ec2_compute_p"
    " WHERE source_uuid = %s",
    "bill": "SELECT * FROM reporting_awscostentrybill WHERE provider_id = %s",
    "tags_summary": "SELECT t.* FROM reporting_awstags_summary t JOIN reporting_awscostentrybill b"
    " ON b.id = t.cost_entry_bill_id WHERE b.provider_id = %s",
    "category_summary": "SELECT t.* FROM reporting_awscategory_summary t JOIN reporting_awscostentrybill b"
    " ON b.id = t.cost_entry_bill_id WHERE b.provider_id = %s",
}
# Two files at once in the recording: the end of the first came after the start of the second, which failed. The
# stand-in's one worker takes them in turn, so that the last word of that step is the second one's start.
IN_TURN = {"aws_neg_missing_file": {"download": ["start"]}}
# Answers that showed what other sources of the tenant had brought; what this one brought must be there.
MIXED = {"tags", "tags_key_only", "settings_tags"}


@dataclass(frozen=True)
class Replayed:
    """What a replayed recording left."""

    tables: dict[str, list[Row]]
    ui: dict[str, list[Row]]
    state: Row
    objects: list[Row]
    answers: dict[str, tuple[int, Any]]
    manifests: list[int]


def recorded(name: str, path: str) -> Any:
    """A JSON file of a recording."""
    return json.loads((RECORDINGS / name / path).read_text())


def recorded_rows(name: str, table: str) -> list[Row]:
    """A CSV file of a recording."""
    with (RECORDINGS / name / "db" / f"{table}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassicStack]:
    folder = tmp_path_factory.mktemp("classic")
    with EmbeddedStack.start(today=TODAY, report_dir=folder, stack="classic") as stack:
        found = ClassicStack(stack, folder)
        yield found
        found.conn.close()


class Replays(dict[str, Replayed]):
    """The recordings by name, each replayed when it is asked for, alone in the tenant as its answers were taken."""

    def __init__(self, classic: ClassicStack) -> None:
        super().__init__()
        self._classic = classic

    def __missing__(self, name: str) -> Replayed:
        return self.setdefault(name, _replay(self._classic, name))


@pytest.fixture(scope="module")
def replayed(classic: ClassicStack) -> Replays:
    """What is left of each recording that a test asks for."""
    return Replays(classic)


def _replay(classic: ClassicStack, name: str) -> Replayed:
    recording = recorded(name, "recording.json")
    source = classic.create_source(name)
    if "cost_model" in recording:
        body = recording["cost_model"]["body"] | {"source_uuids": [source]}
        url = f"{classic.stack.endpoints.koku_url}cost-models/"
        assert requests.post(url, json=body, timeout=ANSWER_SECONDS).status_code == 201
    for step in sorted((RECORDINGS / name / "input").iterdir()):
        classic.put(name, step)
        classic.poll(source)
    ui = {
        table: classic.rows(f"SELECT * FROM {table} WHERE source_uuid = %s", source)
        for table in recorded(name, "db/ui_summary_sums.json")
        if table.startswith("reporting_aws_")
    }
    answers = {}
    for file in sorted((RECORDINGS / name).glob("api/*.json")):
        call = json.loads(file.read_text())
        answers[file.stem] = classic.api(call["path"], call["params"])
    found = Replayed(
        tables={table: classic.rows(query, source) for table, query in TABLES.items()},
        ui=ui,
        state=_state(classic, source),
        objects=classic.objects(source),
        answers=answers,
        manifests=[row["id"] for row in _manifests(classic, source)],
    )
    classic.delete_source(source)
    for leftover in ("reporting_enabledtagkeys", "reporting_awsenabledcategorykeys"):
        classic.conn.execute(f"DELETE FROM {leftover}".encode())
    return found


def _manifests(classic: ClassicStack, source: str) -> list[Row]:
    return classic.rows(
        "SELECT * FROM reporting_common_costusagereportmanifest WHERE provider_id = %s ORDER BY id", source
    )


def _state(classic: ClassicStack, source: str) -> Row:
    """In the words of a recording's timeline."""
    reports = classic.rows(
        "SELECT s.*, m.assembly_id FROM reporting_common_costusagereportstatus s"
        " JOIN reporting_common_costusagereportmanifest m ON m.id = s.manifest_id WHERE m.provider_id = %s"
        " ORDER BY s.id",
        source,
    )
    provider = classic.rows(
        "SELECT setup_complete, polling_timestamp AS polled, data_updated_timestamp AS updated FROM api_provider"
        " WHERE uuid = %s",
        source,
    )[0]
    days = classic.rows(
        "SELECT usage_start::text AS day, count(*) AS n, sum(unblended_cost)::text AS cost"
        " FROM reporting_awscostentrylineitem_daily_summary WHERE source_uuid = %s GROUP BY 1",
        source,
    )
    bills = classic.rows(
        "SELECT * FROM reporting_awscostentrybill WHERE provider_id = %s ORDER BY billing_period_start", source
    )
    return {
        "manifests": [
            {
                "assembly_id": row["assembly_id"],
                "billing_start": str(row["billing_period_start_datetime"]).removesuffix(":00"),
                "completed": row["completed_datetime"] is not None,
                "daily_archive_start_date": _short(row["daily_archive_start_date"]),
                "num_total_files": row["num_total_files"],
                "report_tracker": row["report_tracker"],
                "s3_csv_cleared": row["s3_csv_cleared"],
                "s3_parquet_cleared": row["s3_parquet_cleared"],
                "s3_parquet_cleared_tracker": row["s3_parquet_cleared_tracker"],
                "state": {step: sorted(words) for step, words in row["state"].items()},
            }
            for row in _manifests(classic, source)
        ],
        "reports": [
            {
                "completed": row["completed_datetime"] is not None,
                "etag": row["etag"] is not None,
                "failed_status": row["failed_status"],
                "report_name": row["report_name"].replace(row["assembly_id"], "<assembly>"),
                "started": row["started_datetime"] is not None,
                "status": row["status"],
                "task": row["celery_task_id"] is not None,
            }
            for row in reports
        ],
        "provider": {
            "data_updated": provider["updated"] is not None,
            "polled": provider["polled"] is not None,
            "setup_complete": provider["setup_complete"],
            "upd_ge_poll": None if provider["updated"] is None else provider["updated"] >= provider["polled"],
        },
        "summary": {row["day"]: [row["n"], row["cost"]] for row in days},
        "bills": [
            {
                "created": row["summary_data_creation_datetime"] is not None,
                "updated": row["summary_data_updated_datetime"] is not None,
                "derived": row["derived_cost_datetime"] is not None,
                "finalized": row["finalized_datetime"] is not None,
                "start": str(row["billing_period_start"]).removesuffix(":00"),
            }
            for row in bills
        ],
    }


def _short(moment: object) -> str | None:
    return None if moment is None else str(moment).removesuffix(":00")


def end_of(name: str) -> Row:
    """The recorded end."""
    recording = recorded(name, "recording.json")
    end = recording.get("final") or recording["steps"][-1]["timeline"][-1]
    without = {"id", "manifest_id"}
    found = {
        key: [{k: v for k, v in row.items() if k not in without} for row in end[key]]
        for key in ("manifests", "reports", "bills")
    }
    found["bills"].sort(key=lambda bill: str(bill["start"]))
    return found | {"provider": end["provider"], "summary": end["summary"]}


def plain(value: Any) -> str:
    """A cell in a form that does not depend on who wrote it: numbers by value, JSON with sorted keys."""
    if value is None:
        return ""
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    if text and text[0] in "[{" and text[-1] in "]}":
        # Lists are of distinct values, in whatever order the engine met them.
        read = json.loads(text)
        return json.dumps(sorted(read) if isinstance(read, list) else read, sort_keys=True)
    if re.fullmatch(r"-?\d+(\.\d+)?(E-?\d+)?", text, re.IGNORECASE):
        number = Decimal(text)
        return "0" if not number else f"{number.normalize():f}"
    return text


def comparable(rows: list[Row]) -> Counter[tuple[tuple[str, str], ...]]:
    """Rows as a multiset."""
    return Counter(tuple(sorted((key, plain(row[key])) for key in row if key not in OWN)) for row in rows)


def test_every_recording_of_aws_is_replayed() -> None:
    assert len(NAMES) == 21


@pytest.mark.parametrize("name", NAMES)
def test_the_source_ends_as_recorded(replayed: Replays, name: str) -> None:
    wanted = end_of(name)
    for manifest in wanted["manifests"]:
        manifest["state"] |= IN_TURN.get(name, {})
    assert replayed[name].state == wanted


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", NAMES)
def test_the_rows_are_those_recorded(replayed: Replays, name: str, table: str) -> None:
    wanted, found = comparable(recorded_rows(name, table)), comparable(replayed[name].tables[table])
    assert {"missing": wanted - found, "extra": found - wanted} == {"missing": Counter(), "extra": Counter()}


@pytest.mark.parametrize("name", NAMES)
def test_the_ui_tables_add_up_as_recorded(replayed: Replays, name: str) -> None:
    for table, sums in recorded(name, "db/ui_summary_sums.json").items():
        if not table.startswith("reporting_aws_"):
            continue
        rows = replayed[name].ui[table]
        assert len(rows) == (sums or {"n": 0})["n"], table
        for column, wanted in sums.items():
            if column != "n" and wanted is not None:
                found = sum((Decimal(row[column] or 0) for row in rows), Decimal(0))
                assert found == Decimal(wanted), (table, column)


@pytest.mark.parametrize("name", ["aws_rich", "aws_rich_again"])
def test_the_ui_tables_have_the_rows_recorded(replayed: Replays, name: str) -> None:
    for file in (RECORDINGS / name).glob("db/ui_reporting_aws_*.csv"):
        table = file.stem.removeprefix("ui_")
        assert comparable(recorded_rows(name, file.stem)) == comparable(replayed[name].ui[table]), table


@pytest.mark.parametrize("name", NAMES)
def test_the_objects_are_those_recorded(replayed: Replays, name: str) -> None:
    s3 = recorded(name, "s3.json")
    ids = sorted({int(item["metadata"]["manifestid"]) for item in s3["objects"]})
    own = {str(old): str(new) for old, new in zip(ids, replayed[name].manifests, strict=False)}
    wanted = {}
    for item in s3["objects"]:
        old = item["metadata"]["manifestid"]
        key = item["key"].replace(f"manifestid-{old}_", f"manifestid-{own[old]}_")
        wanted[key] = item | {"metadata": {"manifestid": own[old]}}
    found = {item["key"]: item for item in replayed[name].objects}
    assert found.keys() == wanted.keys()
    for key, item in wanted.items():
        here = found[key]
        assert here["metadata"] == item["metadata"]
        if "csv_rows" in item:
            names = ("size", "csv_rows", "csv_columns", "csv_header_sha")
            assert {part: here[part] for part in names} == {part: item[part] for part in names}, key
            continue
        assert here["rows"] == item["rows"], key
        assert here["columns"] == s3["schemas"][item["schema_id"]], key
        assert here["sums"] == pytest.approx(item["sums"], rel=TOLERANCE, abs=TOLERANCE), key


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where an answer is another one; ids of the run do not count."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in sorted(wanted.keys() | found.keys()):
            if key in ("source_uuid", "uuid"):
                continue
            if key not in found or key not in wanted:
                yield f"{path}/{key}: {'missing' if key not in found else 'extra'}"
            else:
                yield from differences(wanted[key], found[key], f"{path}/{key}")
    elif isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            yield f"{path}: {len(found)} items, not {len(wanted)}"
        for number, (one, other) in enumerate(zip(wanted, found, strict=False)):
            yield from differences(one, other, f"{path}[{number}]")
    elif isinstance(wanted, int | float) and isinstance(found, int | float) and not isinstance(wanted, bool):
        if abs(wanted - found) > TOLERANCE:
            yield f"{path}: {found}, not {wanted}"
    elif wanted != found:
        yield f"{path}: {found!r}, not {wanted!r}"


ANSWERS = [(name, file.stem) for name in NAMES for file in sorted((RECORDINGS / name).glob("api/*.json"))]


@pytest.mark.parametrize(("name", "answer"), [pair for pair in ANSWERS if pair[1] not in MIXED])
def test_the_answers_are_those_recorded(replayed: Replays, name: str, answer: str) -> None:
    wanted = recorded(name, f"api/{answer}.json")
    status, body = replayed[name].answers[answer]
    assert status == wanted["status"]
    assert list(differences(wanted["body"], body)) == []


@pytest.mark.parametrize(("name", "answer"), [pair for pair in ANSWERS if pair[1] in MIXED])
def test_mixed_answers_have_what_this_source_brought(replayed: Replays, name: str, answer: str) -> None:
    wanted = recorded(name, f"api/{answer}.json")
    status, body = replayed[name].answers[answer]
    assert status == wanted["status"]
    assert body["data"]
    if answer == "tags_key_only":
        assert set(body["data"]) <= set(wanted["body"]["data"])
        return
    listed = {(row["key"], row.get("source_type")): row for row in wanted["body"]["data"]}
    for row in body["data"]:
        other = listed[row["key"], row.get("source_type")]
        assert row["enabled"] == other["enabled"]
        assert set(row.get("values", [])) <= set(other.get("values", []))
