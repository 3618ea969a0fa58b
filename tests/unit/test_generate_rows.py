"""The plan of rows, and its comparison with what was written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.calendar_months import months
from e2e_validator.errors import HarnessError
from e2e_validator.generate.month import GeneratedMonth
from e2e_validator.providers.ocp.generate.rows import check_rows, planned_rows

START, END = datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)
POD = {"pod_name": "p"}


def node(**namespaces: Any) -> dict[str, Any]:
    return {"node_name": "n", "namespaces": namespaces}


@pytest.mark.parametrize(
    ("nodes", "hourly"),
    [
        ([node(a={"pods": [POD]})], {"pod_usage": 1, "node_labels": 1, "namespace_labels": 1}),
        ([node(a=None, b={"pods": None})], {"node_labels": 1, "namespace_labels": 2}),
        (
            [node(a={"pods": [POD], "volumes": [{"volume_claims": [{}, {}]}, {"volume_claims": []}, {}]})],
            {"pod_usage": 1, "storage_usage": 4, "node_labels": 1, "namespace_labels": 1},
        ),
        (
            [
                node(
                    a={
                        "pods": [POD | {"labels": "label_a:b|label_vm_kubevirt_io_name:vm1"}],
                        "virtual_machines": [{"vm_name": "vm1"}, {"vm_name": "vm2"}],
                    }
                )
            ],
            {"pod_usage": 2, "vm_usage": 2, "node_labels": 1, "namespace_labels": 1},
        ),
        (
            [node(a={"pods": [POD | {"gpus": [{}, {"mig_instances": [{}, {}, {}]}]}]})],
            {"pod_usage": 1, "gpu_usage": 4, "node_labels": 1, "namespace_labels": 1},
        ),
    ],
)
def test_each_hour_has_a_row_for_each_thing(nodes: list[Any], hourly: dict[str, int]) -> None:
    planned = planned_rows([{"OCPGenerator": {"nodes": nodes}}], START, END)
    assert {name: count for name, count in planned["2026-11"].items() if count} == {
        name: 24 * count for name, count in hourly.items()
    }


def test_generators_add_up_and_months_are_counted_apart() -> None:
    generator = {"OCPGenerator": {"nodes": [node(a={"pods": [POD]})]}}
    planned = planned_rows(
        [generator, generator], datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
    )
    assert {month: counts["pod_usage"] for month, counts in planned.items()} == {"2026-12": 24, "2027-01": 48}


def test_a_month_ends_where_the_next_begins() -> None:
    spans = list(months(datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)))
    assert spans == [("2026-11", datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))]


def generated(**rows: int) -> GeneratedMonth:
    return GeneratedMonth("2026-11", START, END, {}, rows)


def test_what_was_planned_and_written_passes() -> None:
    check_rows({"2026-11": {"pod_usage": 24, "storage_usage": 0}}, [generated(pod_usage=24)])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([generated(pod_usage=23)], "pod_usage of 2026-11: 24 rows planned, 23 written"),
        ([], "pod_usage of 2026-11: 24 rows planned, 0 written"),
        ([generated(pod_usage=24, vm_usage=1)], "vm_usage of 2026-11: 0 rows planned, 1 written"),
    ],
)
def test_a_row_too_few_or_too_many_is_named(found: list[GeneratedMonth], said: str) -> None:
    with pytest.raises(HarnessError, match=said):
        check_rows({"2026-11": {"pod_usage": 24}}, found)


def test_a_month_that_was_not_planned_is_named(tmp_path: Path) -> None:
    other = GeneratedMonth("2026-12", START, END, {"pod_usage": tmp_path}, {"pod_usage": 1})
    with pytest.raises(HarnessError, match="pod_usage of 2026-12: 0 rows planned, 1 written"):
        check_rows({}, [other])
