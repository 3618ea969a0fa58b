"""The plan of a scenario: one payload an upload and month, phases in the order of the flow, limits of each."""
# ruff: noqa: E501 - a table of mistakes and sentences reads best with one a line

from __future__ import annotations

import io
import json
import shutil
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import Plan, plan

TODAY = date(2026, 11, 21)
FIXTURES = Path(__file__).parents[2] / "fixtures"
HEAD = "version: 1\nname: x\ndescription: Why.\n"
TEMPLATE = "data: {template: one_pod.yml}\n"


def planned(folder: Path, text: str, *, fixtures: Path = FIXTURES, today: date = TODAY) -> Plan:
    (folder / "x.yaml").write_text(HEAD + text)
    return plan(load_scenario(folder / "x.yaml", fixtures=fixtures, today=today), today)


def hours(the_plan: Plan) -> list[tuple[int, int, str, str, str]]:
    return [
        (one.index, one.upload, one.month, f"{one.start:%m-%dT%H}", f"{one.end:%m-%dT%H}") for one in the_plan.payloads
    ]


def test_a_period_over_a_months_end_is_two_payloads(tmp_path: Path) -> None:
    result = planned(tmp_path, TEMPLATE + "period: {start: month-1m-1d, end: month-1m+2d}\n")
    assert hours(result) == [(1, 0, "2026-09", "09-30T00", "10-01T00"), (2, 0, "2026-10", "10-01T00", "10-03T00")]
    assert (result.first_day, result.last_day) == (date(2026, 9, 30), date(2026, 10, 2))


def test_rows_over_a_months_end_may_be_one_package(tmp_path: Path) -> None:
    rows = tmp_path / "rows" / "two"
    rows.mkdir(parents=True)
    (rows / "nodes.csv").write_text("node,node_labels\na,label_a:b\n")
    text = "data: {rows: two}\nperiod: {start: month-1m-1d, end: month-1m+1d}\nuploads: [{one_package: true}]\n"
    assert hours(planned(tmp_path, text, fixtures=tmp_path)) == [(1, 0, "2026-09", "09-30T00", "10-02T00")]


def test_a_whole_month_has_no_empty_next_one(tmp_path: Path) -> None:
    result = planned(tmp_path, TEMPLATE + "period: {start: month-1m, end: month}\n")
    assert hours(result) == [(1, 0, "2026-10", "10-01T00", "11-01T00")]
    assert result.last_day == date(2026, 10, 31)


def test_uploads_are_sent_in_order_each_with_its_own_part(tmp_path: Path) -> None:
    uploads = """\
uploads:
  - {label: half, period: {start: month-1m, end: month-1m+12h}, daily_reports: false}
  - {}
"""
    result = planned(tmp_path, TEMPLATE + "period: {start: month-1m, end: month-1m+1d}\n" + uploads)
    assert hours(result) == [(1, 0, "2026-10", "10-01T00", "10-01T12"), (2, 1, "2026-10", "10-01T00", "10-02T00")]
    assert [(one.label, one.daily_reports, one.damage) for one in result.payloads] == [
        ("half", False, None),
        ("upload 2", True, None),
    ]


def test_the_phases_after_the_upload_repeat_for_each_payload(tmp_path: Path) -> None:
    result = planned(tmp_path, TEMPLATE + "period: {start: month-1m-1d, end: month-1m+1d}\n")
    assert result.phases == (
        *("preflight", "source", "generate", "upload"),
        *("ingest", "download", "convert", "summary", "cost", "manifest"),
        *("ingest[2]", "download[2]", "convert[2]", "summary[2]", "cost[2]", "manifest[2]"),
        *("api", "cleanup"),
    )


def test_a_rejection_takes_the_place_of_the_processing(tmp_path: Path) -> None:
    text = "period: {start: month-1m, end: month-1m+1d}\nuploads: [{damage: 'drop_column:node'}]\n"
    result = planned(tmp_path, TEMPLATE + text + "expect: {rejected: {manifest: absent}}\n")
    assert result.negative
    assert result.phases == ("preflight", "source", "generate", "upload", "ingest", "rejection", "api", "cleanup")
    assert result.payloads[0].damage == "drop_column:node"


def test_limits_are_the_scenarios_or_the_defaults(tmp_path: Path) -> None:
    result = planned(tmp_path, TEMPLATE + "period: {start: month-1m-1d, end: month-1m+1d}\nlimits: {summary: 1h30m}\n")
    assert result.limit("summary[2]") == result.limit("summary") == 5400
    assert {name: result.limit(name) for name in result.phases if "[" not in name and name != "summary"} == {
        "preflight": 60,
        "source": 300,
        "generate": 300,
        "upload": 300,
        "ingest": 60,
        "download": 300,
        "convert": 600,
        "cost": 1200,
        "manifest": 1200,
        "api": 60,
        "cleanup": 300,
    }


def test_old_data_are_planned_when_their_rejection_is_expected(tmp_path: Path) -> None:
    text = TEMPLATE + "period: {start: month-8m, end: month-8m+1d}\n"
    with pytest.raises(ScenarioError, match="before what Koku keeps"):
        planned(tmp_path, text)
    assert planned(tmp_path, text + "expect: {rejected: {manifest: absent}}\n").first_day == date(2026, 3, 1)


def test_recorded_payloads_bring_their_own_dates(tmp_path: Path) -> None:
    result = planned(tmp_path, "data: {payloads: recordings/growing_day}\n")
    assert hours(result) == [(1, 0, "2026-11", "11-05T00", "11-05T12"), (2, 1, "2026-11", "11-05T00", "11-06T00")]
    assert [one.recorded and one.recorded.name for one in result.payloads] == [
        "payload.0.20261101-20261201.tar.gz",
        "payload.1.20261101-20261201.tar.gz",
    ]
    assert all(one.daily_reports for one in result.payloads)


def test_recorded_payloads_grow_too_old(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        planned(tmp_path, "data: {payloads: recordings/one_pod_day}\n", today=date(2027, 2, 1))
    assert str(caught.value) == (
        f"{tmp_path}/x.yaml:4:18  data.payloads.start: 2026-11-05 00:00 is before what Koku keeps (from 2026-12-01);"
        " write month-2m or later, or expect.rejected"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("period: {start: month, end: today}\n", "5:1  'period' is not allowed with payloads; recorded payloads have their own dates"),
        ("uploads: [{}, {}]\n", "5:1  2 uploads, but the recording has 1; leave the key out to send what was recorded"),
        ("uploads: [{period: {start: month, end: today}}]\n", "5:12  'period' is not allowed with payloads; recorded payloads have their own dates"),
    ],
)  # fmt: skip
def test_recorded_payloads_are_sent_as_they_were(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        planned(tmp_path, "data: {payloads: recordings/one_pod_day}\n" + text)
    assert str(caught.value).removeprefix(f"{tmp_path}/x.yaml:") == complaint


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Platform unallocated", "has rows of 'Platform unallocated', a project that Koku makes itself"),
        ('"Worker unallocated"', "has rows of 'Worker unallocated', a project that Koku makes itself"),
        ("a\0b", "has a NUL in it"),
        ("null", ""),
        ("my Platform unallocated", ""),
    ],
)
def test_recorded_rows_that_no_cluster_could_send_are_told(tmp_path: Path, cell: str, said: str) -> None:
    folder = tmp_path / "recordings" / "mine"
    folder.mkdir(parents=True)
    name = "payload.0.20261101-20261201.tar.gz"
    with tarfile.open(FIXTURES / "recordings" / "one_pod_day" / name) as recorded:
        files = {one.name: recorded.extractfile(one).read() for one in recorded}  # type: ignore[union-attr]
    with tarfile.open(folder / name, "w:gz") as archive:
        for one, content in files.items():
            changed = content.replace(b"ns_a", cell.encode())
            member = tarfile.TarInfo(one)
            member.size = len(changed)
            archive.addfile(member, io.BytesIO(changed))
    if not said:
        assert planned(tmp_path, "data: {payloads: recordings/mine}\n", fixtures=tmp_path)
        return
    with pytest.raises(ScenarioError) as caught:
        planned(tmp_path, "data: {payloads: recordings/mine}\n", fixtures=tmp_path)
    assert caught.value.problems[0].what.endswith(f".csv of {name} {said}")


def tarball(path: Path, manifest: Any) -> None:
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


def test_a_recording_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / "mine"
    name = "payload.0.20261101-20261201.tar.gz"

    def complaint() -> str:
        with pytest.raises(ScenarioError) as caught:
            planned(tmp_path, "data: {payloads: recordings/mine}\n", fixtures=tmp_path)
        assert len(caught.value.problems) == 1
        return caught.value.problems[0].what.removeprefix("data.payloads: ")

    assert complaint() == f"there is no folder {folder}"
    folder.mkdir(parents=True)
    assert complaint() == f"there is no payload.N.MONTH.tar.gz in {folder}"
    (folder / name).write_bytes(b"this is not a tar archive")
    assert complaint() == f"{name} has no readable manifest.json: it is no tar.gz"
    tarball(folder / name, b"{")
    assert complaint().startswith(f"the manifest.json of {name} is not usable: Invalid JSON: EOF while parsing")
    tarball(folder / name, [])
    assert complaint().startswith(f"the manifest.json of {name} is not usable: Input should be an object")
    tarball(folder / name, {"files": [None]})
    assert complaint() == f"the manifest.json of {name} is not usable: uuid: Field required"
    whole = {
        "uuid": "0d07de90-6d7d-490a-86a8-abce939d2164",
        "cluster_id": "c",
        "date": "2026-11-06",
        "start": "2026-11-05",
        "files": ["a.csv"],
    }
    tarball(folder / name, whole | {"files": [None]})
    assert complaint() == f"the manifest.json of {name} is not usable: files.0: Input should be a valid string"
    tarball(folder / name, whole | {"daily_reports": "perhaps"})
    assert complaint().startswith(f"the manifest.json of {name} is not usable: daily_reports: Input should be a valid")
    tarball(folder / name, whole)
    assert complaint() == f"the manifest of {name} has no start and end"
    ros = {"end": "2026-11-06", "files": None, "resource_optimization_files": ["ros.csv"]}
    tarball(folder / name, whole | ros)
    assert complaint() == (
        f"the manifest of {name} names no file with usage, only 1 for resource optimisation: Koku makes a manifest of"
        " 0 files of it, which never completes"
    )
    tarball(folder / name, whole | {"start": "2026-10-05", "end": "2026-10-06"})
    assert complaint() == f"the manifest of {name} says 2026-10-05 to 2026-10-06, not hours of 2026-11"
    source = FIXTURES / "recordings" / "one_pod_day" / name
    shutil.copyfile(source, folder / name)
    shutil.copyfile(source, folder / name.replace(".0.", ".2."))
    assert complaint() == f"the payloads of {folder} are numbered 0, 2, not 0, 1, 2, ..."
    (folder / "payload.tgz").touch()
    assert complaint() == "payload.tgz is not named payload.N.YYYYMM01-YYYYMM01.tar.gz"
