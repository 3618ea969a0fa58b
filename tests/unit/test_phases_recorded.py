"""The looks against what a real Koku showed, moment by moment: never done too soon, never dead, done at the end."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from phase_context import PROVIDER, context, database

from e2e_validator.access.source_state import SourceState
from e2e_validator.engine.context import Context
from e2e_validator.phases import convert, cost, download, summary
from e2e_validator.phases import manifest as completion
from e2e_validator.phases.rejection import Watch, wanted_traces
from e2e_validator.scenario.load import load_scenario
from e2e_validator.waiting.reading import Progress

CHECKOUT = Path(__file__).parents[2]
RECORDINGS = CHECKOUT / "fixtures" / "recordings"
NAMES = sorted(path.parent.name for path in RECORDINGS.glob("*/recording.json"))
GOOD = [name for name in NAMES if not name.startswith("neg_")]
BAD = [name for name in NAMES if name.startswith("neg_")]
STAMP = "2026-11-21T23:00:00+00:00"


@cache
def recording(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((RECORDINGS / name / "recording.json").read_text())
    return content


def rows(name: str, table: str) -> list[dict[str, str | None]]:
    path = RECORDINGS / name / "db" / f"{table}.csv"
    with path.open(newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def iso(text: str | None) -> str | None:
    return text and datetime.fromisoformat(text).isoformat()


def at_the_end(name: str) -> SourceState:
    """The source as the recording's database shows it at its end, through the code that reads the database."""
    provider = rows(name, "provider")
    updated = provider[0]["data_updated_timestamp"] if provider else None
    manifests = []
    for row in rows(name, "manifest"):
        reports = [one for one in rows(name, "report_status") if one["manifest_id"] == row["id"]]
        manifests.append(
            {
                "id": int(row["id"] or 0),
                "uuid": row["assembly_id"],
                "files": int(row["num_total_files"] or 0),
                "created": iso(row["creation_datetime"]),
                "completed": iso(row["completed_datetime"]),
                "state": json.loads(row["state"] or "null"),
                "reports": [
                    {
                        "name": one["report_name"],
                        "status": int(one["status"] or 0),
                        "failed_status": one["failed_status"] and int(one["failed_status"]),
                        "completed": iso(one["completed_datetime"]),
                    }
                    for one in reports
                ],
            }
        )
    return SourceState.from_row(
        {
            "providers": len(provider),
            "tenant_copies": len(rows(name, "tenant_provider")),
            "data_updated": updated and datetime.fromisoformat(updated),
            "summary_rows": len(rows(name, "daily_summary")),
            "periods": [
                {
                    "start": iso(one["report_period_start"]),
                    "summarised": iso(one["summary_data_updated_datetime"]),
                    "cost_derived": iso(one["derived_cost_datetime"]),
                }
                for one in rows(name, "report_period")
            ],
            "manifests": manifests,
        }
    )


def at_a_moment(moment: dict[str, Any]) -> SourceState:
    """The source at one moment of a timeline, which has words and counts, no times."""
    reports = [
        {"name": "x", "status": status, "failed_status": None, "completed": STAMP if number < completed else None}
        for status, count, completed in moment["status"]
        for number in range(count)
    ]
    row = {
        "id": 1,
        "uuid": "uuid-1",
        "files": moment["files"],
        "created": STAMP,
        "completed": STAMP if moment["completed"] else None,
        "state": {name: dict.fromkeys(words, STAMP) for name, words in (moment["state"] or {}).items()},
        "reports": reports,
    }
    return SourceState.from_row(
        {"providers": 1, "tenant_copies": 1, "data_updated": None, "summary_rows": moment["summary_rows"]}
        | {"periods": [], "manifests": [row] if moment["manifest"] else []}
    )


def files_of(moments: list[dict[str, Any]]) -> int:
    return max(moment["files"] or 0 for moment in moments)


def timelines() -> Iterator[tuple[str, int]]:
    for name in GOOD:
        for number, _ in enumerate(recording(name)["uploads"]):
            yield name, number


@pytest.mark.parametrize(("name", "upload"), list(timelines()))
def test_download_and_conversion_are_done_when_they_were(tmp_path: Path, name: str, upload: int) -> None:
    moments = recording(name)["uploads"][upload]["timeline"]
    # The first look of a later upload still shows the manifest before.
    moments = moments[1:] if upload else moments
    the_context = context(tmp_path)
    the_context.state.payloads[0].files = files_of(moments)
    for moment in moments:
        database(the_context).states[PROVIDER] = at_a_moment(moment)
        words = (moment["state"] or {}).get("download", [])
        counts = Counter({status: count for status, count, _ in moment["status"]})
        downloaded = "end" in words and sum(counts.values()) == moment["files"]
        if moment["manifest"] or download.look(the_context).progress is not Progress.PENDING:
            assert (download.look(the_context).progress is Progress.DONE) == downloaded
            assert (convert.look(the_context).progress is Progress.DONE) == (counts[1] == moment["files"])
            for look in (download.look, convert.look, summary.look, cost.look, completion.look):
                assert look(the_context).progress is not Progress.DEAD


def latest(name: str) -> list[tuple[str, str]]:
    """The uuid and month of the last manifest of each month."""
    last: dict[str, str] = {}
    for row in rows(name, "manifest"):
        last[str(row["billing_period_start_datetime"])[:7]] = str(row["assembly_id"])
    return [(uuid, month) for month, uuid in last.items()]


def looking_at(folder: Path, name: str, uuid: str, month: str) -> Context:
    the_context = context(folder, shows=at_the_end(name), months=(month,))
    the_context.state.payloads[0].uuid = uuid
    the_context.state.payloads[0].files = 6
    return the_context


@pytest.mark.parametrize("name", GOOD)
def test_what_went_through_on_a_real_koku_is_done(tmp_path: Path, name: str) -> None:
    assert latest(name)
    for uuid, month in latest(name):
        the_context = looking_at(tmp_path, name, uuid, month)
        for look in (download.look, convert.look, summary.look, cost.look, completion.look):
            assert look(the_context).progress is Progress.DONE, look.__module__


@pytest.mark.parametrize("name", ["growing_day", "same_payload_twice"])
def test_the_stamps_of_a_first_upload_do_not_finish_the_second(tmp_path: Path, name: str) -> None:
    """The month's stamps are set back to what they were after the first upload."""
    state = at_the_end(name)
    first, second = state.manifests
    end = first.step_time("summary", "end")
    assert end is not None
    assert first.completed is not None
    assert second.created is not None
    (month,) = state.periods
    old = type(month)(month.start, end, first.completed)
    the_context = looking_at(tmp_path, name, second.uuid, "2026-11")
    database(the_context).states[PROVIDER] = SourceState(
        exists=True,
        tenant_copy=True,
        data_updated=state.data_updated,
        summary_rows=state.summary_rows,
        periods=(old,),
        manifests=state.manifests,
    )
    assert summary.look(the_context).progress is Progress.PENDING
    assert completion.look(the_context).progress is Progress.PENDING


@pytest.mark.parametrize("name", BAD)
def test_the_traces_of_a_rejection_are_those_expected(tmp_path: Path, name: str) -> None:
    today = date(2026, 11, 21)
    loaded = load_scenario(CHECKOUT / "scenarios" / f"{name}.yaml", fixtures=CHECKOUT / "fixtures", today=today)
    expected = loaded.scenario.expect.rejected
    assert expected is not None
    the_context = context(
        tmp_path, "rejection", shows=at_the_end(name), rejected=expected, create=loaded.scenario.source.create
    )
    for row in rows(name, "manifest"):
        the_context.state.payloads[0].uuid = str(row["assembly_id"])
        database(the_context).manifests += 1
    assert Watch(the_context, expected).traces() == wanted_traces(expected)


def test_there_are_recordings_of_both_kinds() -> None:
    assert (len(GOOD) >= 6, len(BAD) >= 10) == (True, True)
    assert datetime.fromisoformat(STAMP).tzinfo == UTC
