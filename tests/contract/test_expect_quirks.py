"""Payloads with quirks, and what a real Koku showed of them: the judge expects the same."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.expect.ledger import describe
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, CostGroups
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.noise import compare
from e2e_validator.providers.ocp.generate.tarball import unpack

QUIRKS = Path(__file__).parents[2] / "fixtures" / "quirks"
# The days that were asked for.
TWO_DAYS = {
    "over_month": ("2026-10-31", "2026-11-01"),
    "over_month_files": ("2026-11-01", "2026-11-02"),
    "n_x_example_cost": ("2026-11-05", "2026-11-06"),
    "additive_month_end": ("2026-10-31", "2026-10-31"),
}
SHOWN = sorted(path.parent.name for path in QUIRKS.glob("*/real.json") if path.read_text() != "[]\n")
TODAY = date(2026, 11, 29)
FINANCE = CostGroups.of((*KOKU_DEFAULT.patterns, ("finance", "Platform")))


def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((QUIRKS / name / "case.json").read_text(encoding="utf-8"))
    return found


def expectation(name: str, folder: Path, groups: CostGroups = KOKU_DEFAULT) -> Expectation:
    folders = [unpack(path, folder / str(number)) for number, path in enumerate(sorted((QUIRKS / name).glob("*.gz")))]
    model = case(name).get("cost_model")
    return Expectation.from_payloads(
        folders,
        cluster_alias="c",
        cost_model=CostModel.from_json(model) if model else None,
        enabled_tags=case(name).get("enable_tags", ()),
        today=TODAY,
        cost_groups=groups,
    )


def real(name: str) -> dict[tuple[str, ...], dict[str, Decimal]]:
    rows = json.loads((QUIRKS / name / "real.json").read_text(encoding="utf-8"))
    return {
        tuple(key): {field: Decimal(text) for field, text in values.items() if round(Decimal(text), 12)}
        for key, values in rows
    }


@pytest.mark.parametrize("name", SHOWN)
def test_every_figure_is_what_a_real_koku_showed(name: str, tmp_path: Path) -> None:
    first, last = (date.fromisoformat(day) for day in TWO_DAYS.get(name, ("2026-11-10", "2026-11-10")))
    groups = FINANCE if name == "cost_group" else KOKU_DEFAULT
    figures = expectation(name, tmp_path, groups).figures(first, last)
    seen = real(name)
    fields = {field for row in seen.values() for field in row}
    expected = {
        # What is shared out may leave a crumb where 0 is right; 0 is not in the file.
        key: {field: value for field, value in figures[key].items() if field in fields and round(value, 12)}
        for key in seen
    }
    assert [describe(one) for one in compare(name, expected, seen)] == []
    shapes = {key[:2] for key in seen}
    assert {key for key in figures if key[:2] in shapes} == set(seen)


def test_without_the_cost_groups_costs_are_shared_out_wrongly(tmp_path: Path) -> None:
    figures = expectation("cost_group", tmp_path).figures(date(2026, 11, 10), date(2026, 11, 10))
    key = ("costs", "project", "finance", "2026-11")
    assert round(figures[key]["cost.platform_distributed"], 4) == Decimal("73.5387")
    assert round(real("cost_group")[key]["cost.platform_distributed"], 4) == Decimal("-18.3007")


def test_a_package_over_a_months_end_is_summarised_in_both(tmp_path: Path) -> None:
    found = expectation("over_month", tmp_path)
    rows = {key[:4]: row["pod_usage_cpu_core_hours"] for key, row in found.stage("summary", 0).items()}
    assert rows == {
        ("2026-10-31", "Pod", "shop", "worker-1"): 6,
        ("2026-10-31", "Pod", "Worker unallocated", "worker-1"): 90,
        ("2026-11-01", "Pod", "shop", "worker-1"): 3,
        ("2026-11-01", "Pod", "Worker unallocated", "worker-1"): 45,
    }
    assert {key[2] for key in found.stage("archive", 0)} == {"2026-10", "2026-11"}
    assert found.months(0) == ("2026-10", "2026-11")


@pytest.mark.parametrize(
    ("name", "lost", "folders"),
    [
        ("over_month_files", {"2026-10-30", "2026-10-31"}, {"2026-10", "2026-11"}),
        ("additive_month_end", {"2026-10-31"}, {"2026-11"}),
    ],
)
def test_days_never_summarised_are_in_the_line_items_alone(
    name: str, lost: set[str], folders: set[str], tmp_path: Path
) -> None:
    found = expectation(name, tmp_path)
    days = {day for _, day in found.stage("line_items", 0)}
    assert lost <= days
    assert {key[0] for key in found.stage("summary", 0)} == days - lost
    assert {key[2] for key in found.stage("archive", 0)} == folders


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bad_row", "1/ns.csv, line 4: 9 fields for 6 columns: Koku leaves the row out"),
        ("cut_line", "0/pods.csv, line 49: 11 fields for 20 columns: the rest counts as empty"),
        (
            "infinite",
            "0/pods.csv, line 5: pod_usage_cpu_core_seconds is '+Inf', more than 1e18: Koku leaves the row out",
        ),
    ],
)
def test_what_koku_reads_otherwise_is_said_with_file_and_line(name: str, said: str, tmp_path: Path) -> None:
    assert [one.partition("/")[2] for one in expectation(name, tmp_path).unread] == [said.partition("/")[2]]


@pytest.mark.parametrize(
    ("name", "file", "reason"),
    [
        ("many_files", "a.csv", "has the column 'new_col', which Koku's table openshift_pod_usage_line_items has not"),
        ("long_handle", "st.csv", "has a csi_volume_handle of 300 characters, Koku's column holds 256"),
    ],
)
def test_what_keeps_koku_from_loading_a_file_is_known_beforehand(
    name: str, file: str, reason: str, tmp_path: Path
) -> None:
    assert (file, reason) in expectation(name, tmp_path).obstacles


def test_one_uuid_over_two_tarballs_is_summarised_at_the_second(tmp_path: Path) -> None:
    found = expectation("split_payload", tmp_path)
    assert found.stage("summary", 0) == {}
    assert found.touched == ((), ("2026-11-10",))
    rows = {key[2]: row["pod_usage_cpu_core_hours"] for key, row in found.stage("summary", 1).items()}
    assert rows == {"shop": 12, "Worker unallocated": 180}
    assert {key[0] for key in found.stage("archive", 0)} == {"pod_usage"}
    assert {key[0] for key in found.stage("archive", 1)} == {"pod_usage", "node_labels", "namespace_labels"}
