"""How nise is called and judged, with a stand-in for the command."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp.generate.nise_kind import NISE

START, END = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)
GENERATORS = [{"OCPGenerator": {"nodes": [{"node_name": "n", "cpu_usage": {"2026-11-05": 1}}]}}]
WRITE = f"""
import json, os, sys
for part in {list(NISE.files)}:
    with open(f"November-2026-c-1-{{part}}.csv", "w") as stream:
        stream.write("header\\n" + "row\\n" * ROWS)
with open("seen.json", "w") as stream:
    json.dump({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}, stream)
"""


def fake(script: str, *, rows: int = 2) -> list[str]:
    """A command that does ``script`` in place of nise."""
    return [sys.executable, "-c", f"ROWS = {rows}\n{script}"]


def run(
    folder: Path, command: list[str], start: datetime = START, end: datetime = END, **more: Any
) -> list[GeneratedMonth]:
    return run_nise(GENERATORS, kind=NISE, key="c-1", start=start, end=end, folder=folder, nise=command, **more)


def test_the_files_are_found_and_their_rows_counted(tmp_path: Path) -> None:
    (month,) = run(tmp_path / "new" / "folder", fake(WRITE))
    assert (month.month, month.start, month.end) == ("2026-11", START, END)
    assert month.rows == dict.fromkeys(NISE.files.values(), 2)
    assert set(month.csvs) == set(NISE.files.values())


def test_a_month_without_a_row_is_left_out(tmp_path: Path) -> None:
    assert run(tmp_path, fake(WRITE, rows=0)) == []


def test_nise_has_its_own_folders_and_none_of_our_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("S3_ACCESS_KEY", "AWS_PROFILE", "INSIGHTS_USER", "PYTHONWARNINGS"):
        monkeypatch.setenv(name, "ours")
    (month,) = run(tmp_path, fake(WRITE))
    place = month.csvs["pod_usage"].parent
    seen = json.loads((place / "seen.json").read_text())
    assert "ours" not in seen["environment"].values()
    assert seen["environment"]["PYTHONHASHSEED"] == "0"
    assert Path(seen["environment"]["TMPDIR"]).parent == place.parent
    assert tmp_path in place.parents
    assert seen["arguments"][:2] == ["report", "ocp"]
    assert "--write-monthly" in seen["arguments"]
    assert not [word for word in seen["arguments"] if "upload" in word]


def test_the_report_has_dates_as_text_in_a_copy(tmp_path: Path) -> None:
    (month,) = run(tmp_path, fake(WRITE), end=END.replace(day=5, hour=12))
    report = yaml.safe_load((month.csvs["pod_usage"].parents[1] / "static_report.yml").read_text())
    attributes = report["generators"][0]["OCPGenerator"]
    assert (attributes["start_date"], attributes["end_date"]) == ("2026-11-05 00:00:00", "2026-11-05 12:00:00")
    assert list(attributes["nodes"][0]["cpu_usage"]) == ["2026-11-05"]
    assert "start_date" not in GENERATORS[0]["OCPGenerator"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print('[ERROR] file does not exist')", "nise failed for 2026-11: \\[ERROR\\] file does not exist"),
        (WRITE + "print('[ERROR] 403 File upload failed.')", "403 File upload failed"),
        ("raise ValueError('Static yaml error')", "exit code 1.*ValueError: Static yaml error"),
        ("raise SystemExit(3)", "exit code 3.*it said nothing"),
        ("pass", "no file of ocp_pod_usage"),
        (WRITE + "open('November-2026-c-1-ocp_vm_usage-1.csv', 'w')", "2 files of ocp_vm_usage"),
    ],
)
def test_a_failure_is_seen_whatever_the_exit_code_says(tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(HarnessError, match=said) as raised:
        run(tmp_path, fake(script))
    assert "\n" not in raised.value.headline


def test_a_command_that_does_not_exist_blocks(tmp_path: Path) -> None:
    with pytest.raises(Blocked, match="no-such-nise does not exist"):
        run(tmp_path, ["no-such-nise"])


def test_a_command_that_does_not_end_blocks(tmp_path: Path) -> None:
    with pytest.raises(Blocked, match="was not done with 2026-11"):
        run(tmp_path, fake("import threading; threading.Event().wait()"), timeout_seconds=0.2)


def test_a_folder_that_cannot_be_written_blocks(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Blocked, match="cannot be generated in"):
        run(tmp_path / "file" / "folder", fake(WRITE))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START.replace(minute=30), END),
        (START.replace(tzinfo=None), END.replace(tzinfo=None)),
        (datetime(2026, 11, 30, 6, tzinfo=UTC), datetime(2026, 11, 30, 18, tzinfo=UTC)),
    ],
)
def test_hours_that_nise_would_get_wrong_are_refused(tmp_path: Path, start: datetime, end: datetime) -> None:
    with pytest.raises(HarnessError, match="nise"):
        run(tmp_path, fake(WRITE), start=start, end=end)


def test_what_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be written as YAML"):
        run_nise(
            [{"X": {"nodes": object()}}], kind=NISE, key="c", start=START, end=END, folder=tmp_path, nise=fake(WRITE)
        )
