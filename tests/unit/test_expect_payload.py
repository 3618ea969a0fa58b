"""Reading a payload's folder."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from expect_payloads import DAY, claim_rows, hours, node_rows, payload, pod_rows

from e2e_validator.errors import Inconclusive
from e2e_validator.providers.ocp.expect.digest import digest
from e2e_validator.providers.ocp.expect.payload import read_payload, tables
from e2e_validator.providers.ocp.expect.report_types import REPORT_TYPES, detect


def test_rows_are_told_apart_by_header_and_counted_by_day(tmp_path: Path) -> None:
    folder = payload(
        tmp_path / "p", pods=[pod_rows(hours(30))], claims=[claim_rows(hours(2))], nodes=[node_rows(hours(1))]
    )
    sent = digest(read_payload(folder)).as_sent
    assert {key: row["rows"] for key, row in sent.items()} == {
        ("pod_usage", "2026-11-05"): 24,
        ("pod_usage", "2026-11-06"): 6,
        ("storage_usage", "2026-11-05"): 2,
        ("node_labels", "2026-11-05"): 1,
    }
    assert sent["pod_usage", "2026-11-06"]["pod_usage_cpu_core_seconds"] == 6 * 1800


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert read_payload(payload(tmp_path / "p", pods=[[]])).tables == {}


@pytest.mark.parametrize("name", REPORT_TYPES)
def test_each_kind_is_known_by_its_required_columns(name: str) -> None:
    kind = REPORT_TYPES[name]
    assert detect([*kind.required, "something_new"]) is kind
    for column in kind.required:
        assert detect([*(kind.required - {column})]) is not kind


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "manifest cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest is not usable"),
        (lambda folder: (folder / "manifest.json").write_text('{"files": []}'), "manifest is not usable"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "manifest is not usable"),
        (lambda folder: next(folder.glob("*.csv")).unlink(), "CSV file cannot be read"),
        (lambda folder: next(folder.glob("*.csv")).write_text("a,b\n1,2\n"), "fits no kind of report"),
        (lambda folder: next(folder.glob("*.csv")).open("a").write("x,y,z\n"), "line 4: interval_start 'z' is no time"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, break_it: object, said: str, recwarn: pytest.WarningsRecorder
) -> None:
    folder = payload(tmp_path / "p", pods=[pod_rows(hours(2))])
    assert callable(break_it)
    break_it(folder)
    with pytest.raises(Inconclusive, match=said) as raised:
        read_payload(folder)
    assert "\n" not in str(raised.value)


def test_hours_come_from_the_manifest_or_else_from_the_rows(tmp_path: Path) -> None:
    half = payload(tmp_path / "half", pods=[pod_rows(hours(12))], end=DAY.replace(hour=11, minute=30))
    assert read_payload(half).hours("pod_usage", "2026-11-05") == 12
    undated = payload(tmp_path / "undated", pods=[pod_rows(hours(5))], start=None, end=None)
    assert read_payload(undated).hours("pod_usage", "2026-11-05") == 5
    other = payload(tmp_path / "other", pods=[pod_rows(hours(3))], start=DAY.replace(day=7), end=DAY.replace(day=8))
    assert read_payload(other).hours("pod_usage", "2026-11-05") == 3


def test_labels_group_as_koku_reads_them_in_each_file(tmp_path: Path) -> None:
    spellings = ["label_a:x|broken", "label_a:x", "label_a:y"]
    rows = [row for text in spellings for row in pod_rows(hours(2), pod_labels=text)]
    one = digest(read_payload(payload(tmp_path / "one", pods=[rows])))
    assert sorted(group["pod_labels"] for group in one.groups["pod_usage", "2026-11-05"]) == [
        '{"a": "x"}',
        '{"a": "y"}',
    ]
    two = digest(read_payload(payload(tmp_path / "two", pods=[pod_rows(hours(2)), pod_rows(hours(2))])))
    assert len(two.groups["pod_usage", "2026-11-05"]) == 2
    assert two.raw["pod_usage", "2026-11-05"]["rows"] == 4


def test_a_row_beyond_sense_is_sent_and_never_a_line_item(tmp_path: Path) -> None:
    rows = [*pod_rows(hours(2)), *pod_rows(hours(1), pod="huge", pod_usage_memory_byte_seconds=2 * 10**18)]
    both = digest(read_payload(payload(tmp_path / "p", pods=[rows])))
    assert both.as_sent["pod_usage", "2026-11-05"]["rows"] == 3
    assert both.raw["pod_usage", "2026-11-05"]["rows"] == 2


def test_effective_usage_is_the_larger_of_each_hour(tmp_path: Path) -> None:
    rows = [*pod_rows(hours(1), cpu=(3, 1, 4)), *pod_rows(hours(2)[1:], cpu=(0, 1, 4))]
    raw = digest(read_payload(payload(tmp_path / "p", pods=[rows]))).raw["pod_usage", "2026-11-05"]
    assert raw["pod_effective_usage_cpu_core_seconds"] == 4 * 3600
    assert raw["pod_usage_cpu_core_seconds"] == 3 * 3600
    assert raw["pod_request_cpu_core_seconds"] == 2 * 3600


def test_csv_objects_read_back_have_the_files_measures(tmp_path: Path) -> None:
    folder = payload(tmp_path / "p", pods=[pod_rows(hours(24))])
    names = json.loads((folder / "manifest.json").read_text())["files"]
    found = tables([(folder / name).read_bytes() for name in names])
    assert found["pod_usage"].rows == 24
    assert found["pod_usage"]["pod_usage_cpu_core_seconds"][0] == Decimal(1800)
