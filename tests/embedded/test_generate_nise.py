"""The real nise: it needs no servers, but 0.7 s a month."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from e2e_validator.errors import HarnessError
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.generate.nise_kind import NISE
from e2e_validator.providers.ocp.generate.payload import write_payload
from e2e_validator.providers.ocp.generate.rows import check_rows, planned_rows

RECORDED = Path(__file__).parents[2] / "fixtures" / "recordings" / "two_months"
POD = {
    "pod_name": "pod_a1",
    "cpu_request": 1,
    "mem_request_gig": 2,
    "cpu_limit": 2,
    "mem_limit_gig": 4,
    "pod_seconds": 3600,
    "cpu_usage": {"full_period": 0.5},
    "mem_usage_gig": {"full_period": 1},
    "labels": "label_environment:prod|label_app:web",
}


def generators(**namespaces: Any) -> list[dict[str, Any]]:
    node = {
        "node_name": "node_1",
        "cpu_cores": 4,
        "memory_gig": 16,
        "resource_id": 1,
        "namespaces": namespaces or {"ns_a": {"pods": [POD]}},
    }
    return [{"OCPGenerator": {"nodes": [node]}}]


def test_two_months_are_the_recorded_ones_byte_for_byte(tmp_path: Path) -> None:
    start, end = datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)
    months = run_nise(generators(), kind=NISE, key="c-1", start=start, end=end, folder=tmp_path)
    check_rows(planned_rows(generators(), start, end), months)
    assert [(month.month, month.rows["pod_usage"]) for month in months] == [("2026-10", 72), ("2026-11", 72)]
    for month, tarball in zip(months, sorted(RECORDED.glob("payload.*")), strict=True):
        with tarfile.open(tarball) as archive:
            names = sorted(name for name in archive.getnames() if name.endswith(".csv"))
            recorded = [archive.extractfile(name).read() for name in names]  # type: ignore[union-attr]
        assert [path.read_bytes() for path in month.csvs.values()] == recorded


def test_half_of_a_months_last_day_up_to_its_end_is_whole(tmp_path: Path) -> None:
    start, end = datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    (month,) = run_nise(generators(), kind=NISE, key="c-1", start=start, end=end, folder=tmp_path)
    check_rows(planned_rows(generators(), start, end), [month])
    folder = write_payload(month, tmp_path / "p", cluster_id="c-1", manifest_uuid=str(uuid4()))
    (usage,) = (
        row["pod_usage_cpu_core_hours"]
        for key, row in Expectation.from_payloads([folder], cluster_alias="c-1").stage("summary", 0).items()
        if key[2] == "ns_a"
    )
    assert usage == 6


def test_what_nise_drops_in_silence_is_found_by_counting(tmp_path: Path) -> None:
    start, end = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)
    twice = generators(ns_a={"pods": [POD]}, ns_b={"pods": [POD]})
    months = run_nise(twice, kind=NISE, key="c-1", start=start, end=end, folder=tmp_path)
    with pytest.raises(HarnessError, match="pod_usage of 2026-11: 48 rows planned, 24 written"):
        check_rows(planned_rows(twice, start, end), months)
