"""What a cost model charges: the golden example, each metric, months, the price list, what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_charged import FIRST, LAST, METRICS, D, charged, cost, golden_files, labelled_files, plain_files
from expect_models import GOLDEN, INFRASTRUCTURE, SUPPLEMENTARY, body, rate
from expect_payloads import claim_rows, hours, node_rows, payload, pod_rows

from e2e_validator.errors import Inconclusive
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.invariants import invariants
from e2e_validator.providers.ocp.expect.noise import compare


@pytest.mark.parametrize(
    ("project", "infrastructure", "supplementary", "platform", "worker", "distributed"),
    [
        ("app-a", "36.211111", "7.546667", "136.244622", "33.004267", "213.006667"),
        ("app-b", "54.166667", "6.684", "204.366933", "49.506400", "314.724"),
        ("openshift-etcd", "63.888889", "15.432", "-79.320889", "0", "0"),
        ("Platform unallocated", "191.666667", "69.624", "-261.290667", "0", "0"),
        ("Worker unallocated", "54.166667", "28.344", "0", "-82.510667", "0"),
        ("", "400.1", "127.630667", "0", "0", "527.730667"),
    ],
)
def test_one_day_of_the_golden_example(
    tmp_path: Path,
    project: str,
    infrastructure: str,
    supplementary: str,
    platform: str,
    worker: str,
    distributed: str,
) -> None:
    figures = charged(tmp_path, GOLDEN, **golden_files()).figures(FIRST, LAST)
    row = figures["costs", "project", project, "2026-11" if project else ""]
    fields = ("infrastructure.total", "supplementary.total", "cost.platform_distributed")
    shown = [row[field] for field in (*fields, "cost.worker_unallocated_distributed", "cost.distributed")]
    wanted = [Decimal(text) for text in (infrastructure, supplementary, platform, worker, distributed)]
    assert [round(value, 6) for value in shown] == wanted
    assert row["cost.total"] == pytest.approx(row["infrastructure.total"] + row["supplementary.total"])


def test_two_days_of_the_golden_example_to_the_last_digit(tmp_path: Path) -> None:
    figures = charged(tmp_path, GOLDEN, **golden_files(2)).figures(FIRST, LAST)
    costs, compute = figures["costs", "total", "", ""], figures["compute", "total", "", ""]
    memory, volumes = figures["memory", "total", "", ""], figures["volumes", "total", "", ""]
    shown = {
        "1055.4613333333334": costs["cost.total"],
        "800.2": costs["infrastructure.total"],
        "255.26133333333334": costs["supplementary.total"],
        "144.0": compute["usage"],
        "192.0": compute["request"],
        "576.0": compute["capacity"],
        "347.74133333333333": compute["cost.total"],
        "75.0": compute["efficiency_percent"],
        "86.93533333333333": compute["wasted_cost"],
        "336.0": memory["usage"],
        "384.0": memory["limit"],
        "2304.0": memory["capacity"],
        # The contract has 0.293333333333334: two days of 15 decimals.
        "0.29333333333333333": volumes["cost.total"],
    }
    assert {repr(float(text)) for text in shown} == {repr(float(value)) for value in shown.values()}
    assert volumes["usage"] == pytest.approx(Decimal("2.66666666666666"))
    assert invariants(figures) == []


@pytest.mark.parametrize("cost_type", [INFRASTRUCTURE, SUPPLEMENTARY])
@pytest.mark.parametrize(("metric", "by", "report", "wanted"), METRICS)
def test_each_metric_at_a_price_of_1(
    tmp_path: Path, metric: str, by: str, report: str, wanted: tuple[Any, Any], cost_type: str
) -> None:
    expectation = charged(tmp_path, body(rate(metric, 1, cost_type), by=by), **plain_files())
    field = f"{cost_type.lower()}.total"
    for project, value in zip(("app-a", "Worker unallocated"), wanted, strict=True):
        assert cost(expectation, project, field=field) == pytest.approx(value, rel=Decimal("1e-25"))
    assert cost(expectation, "app-a", report) == cost(expectation, "app-a")
    assert ("compute", "project", "Worker unallocated", "2026-11") not in expectation.figures(FIRST, LAST)


@pytest.mark.parametrize(
    ("metric", "wanted"), [("storage_gb_usage_per_month", 40), ("storage_gb_request_per_month", 100)]
)
def test_storage_is_charged_by_the_gib_month(tmp_path: Path, metric: str, wanted: int) -> None:
    files = plain_files() | {"claims": [claim_rows(hours(24))]}
    expectation = charged(tmp_path, body(rate(metric, 3)), **files)
    assert cost(expectation, "app-a") == pytest.approx(Decimal(wanted) / 10)
    assert cost(expectation, "app-a", "volumes") == cost(expectation, "app-a")
    assert cost(expectation, "app-a", "compute") == 0


def test_a_node_of_half_a_day_pays_half_the_clusters_hours(tmp_path: Path) -> None:
    pods = [*pod_rows(hours(24), node_role="worker"), *pod_rows(hours(12), pod="b", node="n2", node_role="worker")]
    files: dict[str, Any] = {"pods": [pods], "nodes": [[*node_rows(hours(24)), *node_rows(hours(12), node="n2")]]}
    expectation = charged(tmp_path, body(rate("cluster_cost_per_hour", 3)), **files)
    figures = expectation.figures(FIRST, LAST)
    assert figures["costs", "node", "n1", "2026-11"]["cost.total"] == pytest.approx(Decimal(3) * 24 * 2 / 3)
    assert figures["costs", "node", "n2", "2026-11"]["cost.total"] == pytest.approx(Decimal(3) * 12 / 3)


def test_the_price_of_a_claim_is_shared_by_its_namespace(tmp_path: Path) -> None:
    claims = [
        *claim_rows(hours(24)),
        *claim_rows(hours(24), claim="pvc-2", volume="pv-2"),
        *claim_rows(hours(24), namespace="app-b", claim="pvc-3", volume="pv-3"),
        *claim_rows(hours(24), namespace="app-b", claim="empty", volume="pv-4", gib=(0, 0, 0)),
    ]
    expectation = charged(tmp_path, body(rate("pvc_cost_per_month", 60)), **plain_files() | {"claims": [claims]})
    assert {key[2] for key in expectation.stage("costs", 0)} == {"app-a", "app-b"}
    assert cost(expectation, "app-a") == 2
    assert cost(expectation, "app-b") == 1
    assert (
        expectation.stage("costs", 0)[D, "Storage", "app-a", "n1", SUPPLEMENTARY, "PVC"]["cost_model_volume_cost"] == 2
    )


def test_a_claim_on_two_nodes_pays_on_each(tmp_path: Path) -> None:
    pods = [*pod_rows(hours(12)), *pod_rows(hours(24)[12:], node="n2")]
    files: dict[str, Any] = {"pods": [pods], "claims": [claim_rows(hours(24))]}
    assert cost(charged(tmp_path, body(rate("pvc_cost_per_month", 30)), **files), "app-a") == 2


@pytest.mark.parametrize(("month", "days"), [(2, 28), (10, 31), (11, 30)])
def test_a_month_is_as_long_as_it_is(tmp_path: Path, month: int, days: int) -> None:
    when = hours(24, datetime(2027, month, 3, tzinfo=UTC))
    expectation = charged(tmp_path, body(rate("cluster_cost_per_month", 100)), **plain_files(when))
    total = expectation.figures(date(2027, month, 1), date(2027, month, 28))["costs", "total", "", ""]["cost.total"]
    assert total == pytest.approx(Decimal(100) / days, rel=Decimal("1e-25"))


def test_data_over_a_months_end_are_charged_by_their_own_month(tmp_path: Path) -> None:
    folders = []
    for number, start in enumerate((datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))):
        files = plain_files(hours(24, start))
        uuid = f"{number}1111111-1111-4111-8111-111111111111"
        folders.append(payload(tmp_path / str(number), uuid=uuid, **files))
    model = CostModel.from_json(body(rate("node_cost_per_month", 930)))
    expectation = Expectation.from_payloads(folders, cluster_alias="x", cost_model=model)
    assert {key[0] for key in expectation.stage("costs", 0)} == {"2026-10-31"}
    figures = expectation.figures(FIRST, LAST)
    assert [figures["costs", "cluster", "c-1", month]["cost.total"] for month in ("2026-10", "2026-11")] == [30, 31]


@pytest.mark.parametrize(("start", "end"), [("2026-12-01", "2099-12-31"), ("2026-03-01", "2026-10-31")])
def test_a_price_list_of_other_days_charges_nothing(tmp_path: Path, start: str, end: str) -> None:
    lists = [{"effective_start_date": start, "effective_end_date": end}]
    expectation = charged(tmp_path, GOLDEN | {"price_lists": lists}, **golden_files())
    assert expectation.stage("costs", 0) == {}
    assert expectation.figures(FIRST, LAST)["compute", "total", "", ""]["usage"] == 72


def test_days_after_today_are_not_shown(tmp_path: Path) -> None:
    folder = payload(tmp_path / "p", **plain_files(hours(48)))
    expectation = Expectation.from_payloads([folder], cluster_alias="x", today=date(2026, 11, 5))
    assert expectation.figures(FIRST, LAST)["compute", "total", "", ""]["usage"] == 12


def test_without_a_cost_model_no_row_has_costs_and_all_are_0(tmp_path: Path) -> None:
    expectation = Expectation.from_payloads([payload(tmp_path / "p", **golden_files())], cluster_alias="x")
    assert expectation.stage("costs", 0) == {}
    money = {field for row in expectation.figures(FIRST, LAST).values() for field in row if "cost" in field}
    assert all(row[field] == 0 for row in expectation.figures(FIRST, LAST).values() for field in money & row.keys())


def test_markup_of_a_cluster_without_a_bill_is_0(tmp_path: Path) -> None:
    with_markup = charged(tmp_path, GOLDEN | {"markup": {"value": "10", "unit": "percent"}}, **golden_files())
    without = charged(tmp_path, GOLDEN, **golden_files())
    assert with_markup.figures(FIRST, LAST) == without.figures(FIRST, LAST)


def test_what_a_node_without_a_role_has_left_is_not_charged(tmp_path: Path) -> None:
    files: dict[str, Any] = {"pods": [pod_rows(hours(24))]}
    expectation = charged(tmp_path, body(rate("cpu_core_usage_per_hour", 1)), **files)
    assert {key[2] for key in expectation.stage("costs", 0)} == {"app-a"}
    assert ("costs", "project", "No-project", "2026-11") in expectation.figures(FIRST, LAST)


@pytest.mark.parametrize(
    "rates",
    [[rate("node_cost_per_month", 1)], [rate("node_core_cost_per_hour", 1)], [rate("cpu_core_usage_per_hour", 1)]],
)
def test_a_node_without_memory_stops_the_memory_cost_step(tmp_path: Path, rates: list[dict[str, Any]]) -> None:
    files = plain_files(gib=0)
    with pytest.raises(Inconclusive, match="n1 has no memory on 2026-11-05"):
        charged(tmp_path, body(*rates, by="memory"), **files)


def test_a_rate_of_0_makes_rows_of_usage_but_none_by_the_month(tmp_path: Path) -> None:
    rates = [rate("cpu_core_usage_per_hour", 0), rate("node_cost_per_month", 0)]
    rows = charged(tmp_path, body(*rates), **plain_files()).stage("costs", 0)
    assert {key[2:] for key in rows} == {
        ("app-a", "n1", SUPPLEMENTARY, ""),
        ("Worker unallocated", "n1", SUPPLEMENTARY, ""),
    }


def test_money_and_labels_are_kept_on_disk(tmp_path: Path) -> None:
    expectation = charged(tmp_path, GOLDEN, tags=("env",), **labelled_files())
    expectation.write(tmp_path / "e.json")
    read = Expectation.read(tmp_path / "e.json")
    assert read == expectation
    assert compare("api", read.figures(FIRST, LAST), expectation.figures(FIRST, LAST)) == []
    assert compare("ui", read.stage("ui", 0), expectation.stage("ui", 0)) == []
