"""The journal: lines that survive what happens to their writers."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import E2EError
from e2e_validator.events import PhaseFinished, PhaseStarted, as_json
from e2e_validator.report.journal import Journal, merge


def started(at: str, scenario: str = "one") -> PhaseStarted:
    return PhaseStarted(at, scenario, "ingest")


def test_each_event_is_one_json_line_with_its_kind(tmp_path: Path) -> None:
    with Journal(tmp_path / "events" / "main.ndjson") as journal:
        journal.write(started("2026-11-21T09:00:00+00:00"))
        journal({"event": "Custom", "at": "2026-11-21T09:00:01+00:00", "text": "two\nlines"})
    assert (tmp_path / "events" / "main.ndjson").read_text() == (
        '{"event": "PhaseStarted", "at": "2026-11-21T09:00:00+00:00", "scenario": "one", "phase": "ingest"}\n'
        '{"event": "Custom", "at": "2026-11-21T09:00:01+00:00", "text": "two\\nlines"}\n'
    )


def test_facts_that_json_does_not_know_become_text(tmp_path: Path) -> None:
    data: dict[Any, Any] = {
        "exact": Decimal("0.1000"),
        "day": date(2026, 11, 21),
        "path": Path("a/b"),
        "nan": float("nan"),
        "days": {3, 1},
        7: b"\xff",
        "half": "\ud800",
    }
    with Journal(tmp_path / "a.ndjson") as journal:
        journal.write(PhaseFinished("2026-11-21T09:00:00Z", "one", "api", "PASSED", 1.0, data=data))
    entry = json.loads((tmp_path / "a.ndjson").read_bytes(), parse_constant=pytest.fail)
    assert entry["data"]["exact"] == "0.1000"
    assert entry["data"]["day"] == "2026-11-21"
    assert entry["data"]["nan"] == "nan"
    assert entry["data"]["days"] == [1, 3]
    assert entry["data"]["half"] == "\ud800"


def test_merge_sorts_by_time_whatever_the_spelling(tmp_path: Path) -> None:
    with Journal(tmp_path / "gw0.ndjson") as first, Journal(tmp_path / "gw1.ndjson") as second:
        first.write(started("2026-11-21T09:00:00Z", "a"))
        second.write(started("2026-11-21T09:00:00.500000+00:00", "b"))
        first.write(started("2026-11-21T10:00:01+01:00", "c"))
        second.write(started("2026-11-21T09:00:02", "d"))
    assert [entry["scenario"] for entry in merge(tmp_path)] == ["a", "b", "c", "d"]


def test_merge_keeps_a_files_order_when_the_clock_goes_back(tmp_path: Path) -> None:
    with Journal(tmp_path / "gw0.ndjson") as journal:
        journal.write(started("2026-11-21T09:00:05Z", "first"))
        journal.write(started("2026-11-21T09:00:01Z", "second"))
    assert [entry["scenario"] for entry in merge(tmp_path)] == ["first", "second"]


@pytest.mark.parametrize(
    "junk", [b'{"event": "Phase', b"null", b'{"at": "2026-11-21"}', b'{"at": 1, "event": "X"}', b"\xff"]
)
def test_a_line_cut_off_by_a_kill_is_reported_alone(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "gw0.ndjson"
    with Journal(path) as journal:
        journal.write(started("2026-11-21T09:00:00Z", "before"))
    path.write_bytes(path.read_bytes() + junk)
    with Journal(path) as journal:
        journal.write(started("2026-11-21T09:00:09Z", "after"))
    assert [(entry["event"], entry.get("scenario"), entry.get("line")) for entry in merge(tmp_path)] == [
        ("PhaseStarted", "before", None),
        ("JournalDamaged", None, 2),
        ("PhaseStarted", "after", None),
    ]


def test_merge_of_a_folder_without_journals_is_empty(tmp_path: Path) -> None:
    assert merge(tmp_path) == []
    assert merge(tmp_path / "missing") == []


def _append(path: Path, name: str) -> None:
    with Journal(path) as journal:
        for number in range(50):
            journal.write({"event": "X", "at": "2026-11-21T09:00:00Z", "who": name, "n": number, "pad": "x" * 5000})


def test_processes_that_share_a_file_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "shared.ndjson"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_append, [path, path], ["a", "b"]))
    entries = merge(tmp_path)
    assert len(entries) == 100
    assert [entry["n"] for entry in entries if entry["who"] == "a"] == list(range(50))


def test_a_journal_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(E2EError) as caught:
        Journal(tmp_path / "file" / "gw0.ndjson")
    assert str(caught.value) == f"Cannot open the journal {tmp_path}/file/gw0.ndjson: File exists."


def test_a_full_disk_is_one_sentence() -> None:
    journal = Journal(Path("/dev/full"))
    with pytest.raises(E2EError, match=r"^Cannot write the journal /dev/full: No space left on device\.$"):
        journal.write(started("2026-11-21T09:00:00Z"))
    journal.close()
    journal.close()


def test_as_json_and_journal_agree(tmp_path: Path) -> None:
    event = started("2026-11-21T09:00:00Z")
    with Journal(tmp_path / "a.ndjson") as journal:
        journal.write(event)
    assert merge(tmp_path) == [as_json(event)]
