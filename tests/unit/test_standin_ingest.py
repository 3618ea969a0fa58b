"""The stand-in's reading of payloads: manifest, CSV, days, labels, types."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import UTC, date, datetime
from typing import Any

import pytest

from e2e_validator.embedded.standin.archive import daily_key
from e2e_validator.embedded.standin.ingest.daily_files import EmptyFileError, read_rows, split_by_day, whole
from e2e_validator.embedded.standin.ingest.line_items import parse_labels
from e2e_validator.embedded.standin.ingest.manifest import Manifest, months_before
from e2e_validator.embedded.standin.ingest.payload import KafkaMsgHandlerError, extract, read_manifest
from e2e_validator.embedded.standin.ingest.report_types import REPORT_TYPES, detect_type

UUID = "9fe19496-0723-4f1e-9889-3a80e6f82668"
LABELS_HEADER = b"report_period_start,report_period_end,interval_start,interval_end,node,node_labels\n"


def manifest(**said: Any) -> Manifest:
    return Manifest.model_validate({"uuid": UUID, "cluster_id": "c", "date": "2026-11-05T00:00:00Z", **said})


def test_a_range_to_the_months_end_has_its_last_day_summarised() -> None:
    said = manifest(start="2026-10-29T00:00:00Z", end="2026-11-01T00:00:00Z")
    assert said.summary_end == datetime(2026, 10, 31, tzinfo=UTC)
    assert said.billing_start == datetime(2026, 10, 1, tzinfo=UTC)
    assert said.hours_per_day == {"2026-10-29": 24, "2026-10-30": 24, "2026-10-31": 24, "2026-11-01": 0}


def test_begun_hours_of_a_day_count_whole() -> None:
    said = manifest(start="2026-11-05T06:00:00Z", end="2026-11-05T17:30:00Z")
    assert said.hours_per_day == {"2026-11-05": 12}


def test_without_start_and_end_the_date_decides() -> None:
    said = manifest(date="2026-02-07T10:00:00")
    assert (said.summary_end, said.hours_per_day) == (None, {})
    assert said.retention_end == datetime(2026, 2, 28, tzinfo=UTC)
    assert said.month == "20260201-20260301"


@pytest.mark.parametrize(
    ("status", "airgapped", "errors"),
    [
        ({}, None, None),
        ({"upload": {"upload": "True"}}, False, None),
        ({"upload": {"upload": False, "error": "no route"}}, True, {"upload_error": "no route"}),
    ],
)
def test_the_operators_status_becomes_columns(
    status: dict[str, Any], airgapped: bool | None, errors: dict[str, str] | None
) -> None:
    facts = manifest(cr_status=status, version="cdd836a19466190844727ff8f71730cd39dc28b7").operator_facts
    assert (facts["operator_airgapped"], facts["operator_errors"]) == (airgapped, errors)
    assert facts["operator_version"] == "costmanagement-metrics-operator:4.4.2"


def tarball(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


GOOD = json.dumps({"uuid": UUID, "cluster_id": "c", "date": "2026-11-05T00:00:00Z", "files": None}).encode()


def test_a_manifest_at_the_root_is_read() -> None:
    assert read_manifest("r", tarball({"manifest.json": GOOD})).files == []


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        tarball({"./manifest.json": GOOD}),
        tarball({"manifest.json": b"{}"}),
        tarball({"manifest.json": GOOD.replace(b'"c"', b'"../c"')}),
        tarball({"manifest.json": GOOD})[:60],
    ],
    ids=["no archive", "other name", "no uuid", "path as cluster", "cut"],
)
def test_an_unusable_payload_is_refused(data: bytes) -> None:
    with pytest.raises(KafkaMsgHandlerError, match=r"Extraction failure\."):
        read_manifest("r", data)


def test_a_member_outside_the_archive_is_refused() -> None:
    with pytest.raises(KafkaMsgHandlerError, match=r"Extraction failure\."):
        extract("r", tarball({"../evil.csv": b""}))


def test_every_type_is_recognised_by_its_own_columns_only() -> None:
    for kind in REPORT_TYPES:
        assert detect_type(sorted(kind.required)) is kind
        assert all(detect_type(sorted(kind.required - {column})) is not kind for column in kind.required)


def test_rows_are_read_as_pandas_reads_them() -> None:
    report = read_rows(LABELS_HEADER + b"a,b,2026-11-05 00:00:00,d,null,\na,b,c,d,e,f,too many\n\nshort\n")
    assert report.rows == [["a", "b", "2026-11-05 00:00:00", "d", "", ""], ["short", "", "", "", "", ""]]
    assert report.kind is not None
    assert report.kind.name == "node_labels"


def test_a_file_without_a_header_is_empty() -> None:
    with pytest.raises(EmptyFileError):
        read_rows(b"")


def counter(prefix: str) -> int:
    assert prefix.endswith(".7")
    return 0


def test_a_file_is_split_by_day_under_kokus_names() -> None:
    rows = b"p,q,2026-11-06 00:00:00 +0000 UTC,x,n,\np,q,2026-11-05 00:00:00 +0000 UTC,x,n,\n"
    files = split_by_day(read_rows(LABELS_HEADER + rows), 7, {"2026-11-05": 12}, counter)
    assert [(file.name, file.day, file.hours, file.rows) for file in files] == [
        ("node_labels.2026-11-05.7.0.csv", date(2026, 11, 5), 12, 1),
        ("node_labels.2026-11-06.7.0.csv", date(2026, 11, 6), 1, 1),
    ]
    assert files[0].cleared_key == "node_labels.2026-11-05.7"


def test_a_day_that_is_no_date_is_counted_and_then_fails() -> None:
    counted: list[str] = []

    def count(prefix: str) -> int:
        counted.append(prefix)
        return 0

    with pytest.raises(ValueError, match="time data 'z'"):
        split_by_day(read_rows(LABELS_HEADER + b"x,y,z\n"), 7, {}, count)
    assert counted == ["node_labels.z.7"]


def test_an_unknown_header_without_times_cannot_be_split() -> None:
    with pytest.raises(AttributeError, match="interval_start"):
        split_by_day(read_rows(b"a,b\n1,2\n"), 7, {}, counter)


def test_a_header_only_file_keeps_its_name_and_its_key() -> None:
    files = [whole(f"u_report.{n}.csv", read_rows(LABELS_HEADER), date(2026, 11, 5)) for n in (1, 4)]
    assert [file.cleared_key for file in files] == ["u_report", "u_report"]
    key = daily_key("org1234567", "s", date(2026, 11, 5), files[0].name)
    assert key == "data/csv/org1234567/OCP/source=s/year=2026/month=11/u_report.1.csv"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", {}),
        ("label_app:web|label_tier:db", {"app": "web", "tier": "db"}),
        ("app:|nothing|a:b:c|label_label_x:1", {"app": "", "x": "1"}),
        ("a:1|a:2", {"a": "2"}),
    ],
)
def test_labels_are_split_as_koku_splits_them(text: str, labels: dict[str, str]) -> None:
    assert parse_labels(text) == labels


@pytest.mark.parametrize(("months", "first"), [(0, (2026, 1, 1)), (1, (2025, 12, 1)), (13, (2024, 12, 1))])
def test_months_are_counted_back_over_the_years(months: int, first: tuple[int, int, int]) -> None:
    assert months_before(date(2026, 1, 31), months) == date(*first)
