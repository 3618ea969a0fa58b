"""What a second payload of a day does to the first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from expect_payloads import DAY, hours, payload, pod_rows

from e2e_validator.providers.ocp.expect import line_items
from e2e_validator.providers.ocp.expect.days import counted
from e2e_validator.providers.ocp.expect.digest import digest
from e2e_validator.providers.ocp.expect.payload import PayloadData, read_payload

UUIDS = [f"{number}1111111-1111-4111-8111-111111111111" for number in range(1, 5)]
FULL, HALF = {"count": 24}, {"count": 12}


def numbered(folder: Path, number: int, *, count: int = 24, uuid: str | None = None, **more: Any) -> PayloadData:
    end = DAY + timedelta(hours=count)
    rows = pod_rows(hours(count))
    return read_payload(payload(folder / str(number), uuid=uuid or UUIDS[number], pods=[rows], end=end, **more))


@pytest.mark.parametrize(
    ("payloads", "kept"),
    [
        ([FULL], (0,)),
        ([FULL, FULL], (0,)),
        ([HALF, FULL], (1,)),
        ([FULL, HALF], (0,)),
        ([HALF, FULL, FULL], (1,)),
        ([FULL, FULL | {"uuid": UUIDS[0]}], (0,)),
        ([FULL | {"daily_reports": False}], (0,)),
        ([FULL | {"daily_reports": False}, FULL | {"daily_reports": False}], (0, 1)),
        ([FULL | {"daily_reports": False}, FULL | {"daily_reports": False, "uuid": UUIDS[0]}], (0,)),
        ([FULL | {"daily_reports": False}, HALF], (1,)),
        ([FULL, HALF | {"daily_reports": False}], (0, 1)),
        ([FULL, HALF | {"daily_reports": False, "version": ""}], (0, 1)),
    ],
)
def test_a_day_is_replaced_skipped_or_added_to(
    tmp_path: Path, payloads: list[dict[str, Any]], kept: tuple[int, ...]
) -> None:
    read = [numbered(tmp_path, number, **arguments) for number, arguments in enumerate(payloads)]
    assert counted(read) == {("pod_usage", "2026-11-05"): kept}


def test_pods_in_two_tarballs_of_one_uuid_all_count(tmp_path: Path) -> None:
    """A package is split by size: each of its tarballs may have a file of the same kind and day."""
    pods = [pod_rows(hours(), pod="web-1"), pod_rows(hours(), pod="web-2")]
    read = []
    for number in (0, 1):
        folder = payload(tmp_path / str(number), uuid=UUIDS[1], pods=pods)
        (other,) = [file for file in folder.glob("*.csv") if f"web-{2 - number}" in file.read_text()]
        other.unlink()
        read.append(read_payload(folder, partial=True))
    before, after = numbered(tmp_path, 2, count=12), numbered(tmp_path, 3)
    assert counted([before, *read, after]) == {("pod_usage", "2026-11-05"): (1, 2)}


def test_only_the_days_that_a_payload_has_are_touched(tmp_path: Path) -> None:
    two_days = payload(tmp_path / "a", uuid=UUIDS[0], pods=[pod_rows(hours(36))], end=DAY + timedelta(hours=36))
    second = payload(
        tmp_path / "b",
        uuid=UUIDS[1],
        pods=[pod_rows(hours(24, DAY + timedelta(days=1)))],
        start=DAY + timedelta(days=1),
        end=DAY + timedelta(days=2),
    )
    read = [read_payload(two_days), read_payload(second)]
    assert counted(read) == {("pod_usage", "2026-11-05"): (0,), ("pod_usage", "2026-11-06"): (1,)}


def test_added_rows_count_twice_in_both_line_item_tables(tmp_path: Path) -> None:
    read = [numbered(tmp_path, number, daily_reports=False) for number in (0, 1)]
    digests = [digest(data) for data in read]
    rows = counted(read)
    key = ("pod_usage", "2026-11-05")
    assert line_items.raw(digests, rows)[key]["rows"] == 48
    daily = line_items.daily(digests, rows)[key]
    assert daily["rows"] == 2
    assert daily["pod_usage_cpu_core_seconds"] == 48 * 1800
    assert daily["node_capacity_cpu_cores"] == 8
