"""Payload folders and tarballs."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import HarnessError, Inconclusive
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.payload import recorded_payload, write_payload
from e2e_validator.providers.ocp.generate.tarball import pack, unpack
from e2e_validator.providers.ocp.scenario.data_load import OF_COST_FILES
from e2e_validator.scenario.model import DAMAGES

RECORDED = Path(__file__).parents[2] / "fixtures" / "recordings" / "one_pod_day" / "payload.0.20261101-20261201.tar.gz"
UUID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recorded payload, addressed to another cluster."""
    return recorded_payload(RECORDED, tmp_path / "payload", cluster_id="c-1", manifest_uuid=UUID)


def manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return content


def members(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def test_a_recorded_payload_keeps_every_byte_under_new_names(folder: Path) -> None:
    recorded = members(RECORDED.read_bytes())
    old = json.loads(recorded["manifest.json"])
    new = manifest(folder)
    assert new["files"] == [name.replace(old["uuid"], UUID) for name in old["files"]]
    assert [(folder / name).read_bytes() for name in new["files"]] == [recorded[name] for name in old["files"]]
    assert (new["uuid"], new["cluster_id"]) == (UUID, "c-1")
    unchanged = old.keys() - {"uuid", "cluster_id", "files"}
    assert {key: new[key] for key in unchanged} == {key: old[key] for key in unchanged}
    assert {path.name for path in folder.iterdir()} == {*new["files"], "manifest.json"}


@pytest.mark.parametrize("daily", [None, False, True])
def test_a_recorded_payload_is_as_daily_as_it_was_unless_told(tmp_path: Path, daily: bool | None) -> None:
    folder = recorded_payload(RECORDED, tmp_path / "p", cluster_id="c", manifest_uuid=UUID, daily_reports=daily)
    assert manifest(folder)["daily_reports"] is (daily is not False)


def month(tmp_path: Path) -> GeneratedMonth:
    csvs = {}
    for report_type in NISE.files.values():
        csvs[report_type] = tmp_path / f"{report_type}.csv"
        csvs[report_type].write_text(report_type)
    return GeneratedMonth("2026-11", datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC), csvs, {})


def test_a_generated_payload_says_what_a_recorded_one_does(tmp_path: Path, folder: Path) -> None:
    written = write_payload(month(tmp_path), tmp_path / "new", cluster_id="c-1", manifest_uuid=UUID)
    ours, theirs = manifest(written), manifest(folder)
    assert {**ours, "cr_status": {}} == {**theirs, "cr_status": {}}
    assert ours["cr_status"].keys() <= theirs["cr_status"].keys()
    assert [(written / name).read_text() for name in ours["files"]] == list(NISE.files.values())
    assert (written / "manifest.json").stat().st_mode & 0o777 == 0o644


def test_a_payload_is_never_mixed_with_another(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(HarnessError, match="folder cannot be made"):
        write_payload(month(tmp_path), folder, cluster_id="c", manifest_uuid=UUID)


def test_the_same_payload_makes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    first = pack(folder, tmp_path / "a.tar.gz").read_bytes()
    assert first == pack(folder, tmp_path / "b.tar.gz").read_bytes()
    assert list(members(first)) == [*manifest(folder)["files"], "manifest.json"]


@pytest.mark.parametrize("source", ["path", "bytes"])
def test_what_is_packed_can_be_unpacked(folder: Path, tmp_path: Path, source: str) -> None:
    tarball = pack(folder, tmp_path / "a.tar.gz")
    back = unpack(tarball if source == "path" else tarball.read_bytes(), tmp_path / "back")
    assert {path.name: path.read_bytes() for path in back.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def damaged(folder: Path, tmp_path: Path, damage: str) -> bytes:
    return pack(folder, tmp_path / "damaged.tar.gz", damage).read_bytes()


def test_no_manifest(folder: Path, tmp_path: Path) -> None:
    assert set(members(damaged(folder, tmp_path, "no_manifest"))) == set(manifest(folder)["files"])


def test_dot_slash(folder: Path, tmp_path: Path) -> None:
    assert all(name.startswith("./") for name in members(damaged(folder, tmp_path, "dot_slash")))


def test_missing_file(folder: Path, tmp_path: Path) -> None:
    names = manifest(folder)["files"]
    assert set(members(damaged(folder, tmp_path, "missing_file"))) == {*names[1:], "manifest.json"}


def test_drop_column(folder: Path, tmp_path: Path) -> None:
    content = members(damaged(folder, tmp_path, "drop_column:pod_usage_cpu_core_seconds"))
    pods = content[manifest(folder)["files"][0]].decode().splitlines()
    whole = (folder / manifest(folder)["files"][0]).read_text().splitlines()
    assert "pod_usage_cpu_core_seconds" not in pods[0]
    assert len(pods) == len(whole)
    assert {line.count(",") for line in pods} == {whole[0].count(",") - 1}


def test_garbage_csv(folder: Path, tmp_path: Path) -> None:
    pods = members(damaged(folder, tmp_path, "garbage_csv"))[manifest(folder)["files"][0]]
    assert pods.splitlines()[1:] == [b"x,y,z"] * 5


def test_no_dates(folder: Path, tmp_path: Path) -> None:
    said = json.loads(members(damaged(folder, tmp_path, "no_dates"))["manifest.json"])
    assert said.keys() == manifest(folder).keys() - {"start", "end"}


@pytest.mark.parametrize("damage", ["truncated", "not_gzip"])
def test_a_broken_archive_cannot_be_unpacked(folder: Path, tmp_path: Path, damage: str) -> None:
    with pytest.raises(HarnessError, match="cannot be unpacked"):
        unpack(damaged(folder, tmp_path, damage), tmp_path / "back")


@pytest.mark.parametrize("damage", ["no_such", "drop_column:", "drop_column:no_such_column"])
def test_a_damage_that_breaks_nothing_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    with pytest.raises(HarnessError):
        damaged(folder, tmp_path, damage)


@pytest.mark.parametrize("damage", [one for one in DAMAGES if "<" not in one and one not in OF_COST_FILES])
def test_every_damage_changes_the_tarball_and_not_the_folder(folder: Path, tmp_path: Path, damage: str) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    whole = pack(folder, tmp_path / "whole.tar.gz").read_bytes()
    assert damaged(folder, tmp_path, damage) != whole
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(HarnessError, match="cannot be unpacked"):
        unpack(raw.getvalue(), tmp_path / "inside")
    assert not (tmp_path / "outside").exists()


def test_a_recording_without_a_manifest_is_refused(folder: Path, tmp_path: Path) -> None:
    tarball = pack(folder, tmp_path / "bare.tar.gz", "no_manifest")
    with pytest.raises(Inconclusive, match=r"no usable manifest: bare\.tar\.gz: .*No such file"):
        recorded_payload(tarball, tmp_path / "again", cluster_id="c", manifest_uuid=UUID)


def test_a_large_payload_is_packed_a_block_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    with (folder / "x.csv").open("wb") as file:
        for number in range(30):
            file.write(bytes([number]) * 1024**2)
    tracemalloc.start()
    try:
        tarball = pack(folder, tmp_path / "large.tar.gz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024**2
    assert (unpack(tarball, tmp_path / "back") / "x.csv").stat().st_size == 30 * 1024**2
