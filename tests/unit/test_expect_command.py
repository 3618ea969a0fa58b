"""The ``expect`` and ``explain`` commands: payloads in, figures and arithmetic out."""

from __future__ import annotations

import json
import tarfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from expect_charged import METRICS, golden_files, labelled_files, plain_files
from expect_models import GOLDEN, body, rate, tag_rate
from expect_payloads import claim_rows, hours, payload

from e2e_validator.errors import HarnessError, UsageError
from e2e_validator.providers.ocp.expect.command import expect_json, expect_text, expectation_of
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.explain import explain, explain_expectation


def model_file(tmp_path: Path, model: dict[str, Any]) -> Path:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    return path


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    folder = payload(tmp_path / "golden", **golden_files(2))
    path = tmp_path / "golden.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file in folder.iterdir():
            archive.add(file, file.name)
    return path


def leaves(node: Any) -> list[Any]:
    return [leaf for inside in node.values() for leaf in leaves(inside)] if isinstance(node, dict) else [node]


def test_the_json_has_every_report_as_decimal_strings(tarball: Path, tmp_path: Path) -> None:
    found = expect_json([tarball], model_file(tmp_path, GOLDEN))
    assert set(found) == {"costs", "compute", "memory", "volumes"}
    assert all(isinstance(leaf, str) and Decimal(leaf).is_finite() for leaf in leaves(found))
    costs = found["costs"]
    assert set(costs) == {"total", "by_project", "by_node", "by_cluster", "daily"}
    assert costs["total"] == {
        "raw": "0",
        "markup": "0",
        "usage": "1055.46133333333333333333333333",
        "total": "1055.46133333333333333333333333",
    }
    assert set(costs["by_project"]["app-a"]) == {
        *("raw", "markup", "usage", "total"),
        *("distributed", "platform_distributed", "worker_unallocated_distributed"),
    }
    assert costs["by_project"]["openshift-etcd"]["distributed"] == "0"
    assert set(costs["by_node"]) == {"n1", "n2"}
    assert set(costs["daily"]) == {"2026-11-05", "2026-11-06"}
    assert set(costs["by_cluster"]) == {"c-1"}
    assert found["compute"]["total"] == {"usage": "144", "request": "192", "limit": "192", "capacity": "576"}
    assert set(found["volumes"]["total"]) == {"usage", "request", "capacity"}


def test_a_tarball_and_its_folder_say_the_same(tarball: Path, tmp_path: Path) -> None:
    model = model_file(tmp_path, GOLDEN)
    assert expect_json([tarball], model) == expect_json([tmp_path / "golden"], model)


def test_without_a_cost_model_costs_are_0_and_usage_is_not(tarball: Path) -> None:
    found = expect_json([tarball])
    assert found["costs"]["total"]["total"] == "0"
    assert found["compute"]["total"]["usage"] == "144"


def test_enabled_tags_add_their_groups(tmp_path: Path) -> None:
    model = model_file(tmp_path, body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2})))
    found = expect_json([payload(tmp_path / "p", **labelled_files())], model, ("env",))
    costs = found["costs"]["by_tag"]["env"]
    assert {group: row["total"] for group, row in costs.items()} == {
        "prod": "24",
        "stage": "0",
        "test": "0",
        "No-env": "0",
    }


def test_the_text_has_the_same_figures(tarball: Path, tmp_path: Path) -> None:
    text = expect_text([tarball], model_file(tmp_path, GOLDEN))
    assert "costs total\n  raw 0  markup 0  usage 1055.46133333333  total 1055.46133333333\n" in text
    assert "compute by_node" in text


@pytest.mark.parametrize("content", [b"", b"no tar", b"\x1f\x8b\x08\x00 broken"])
def test_what_is_no_tarball_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="payload"):
        expect_json([path])


def test_a_truncated_or_missing_tarball_gets_one_sentence(tarball: Path, tmp_path: Path) -> None:
    tarball.write_bytes(tarball.read_bytes()[:400])
    for path in (tarball, tmp_path / "none"):
        with pytest.raises(UsageError, match="payload"):
            expect_json([path])


def totals(text: str) -> dict[str, str]:
    lines = text.split("Costs in USD\n")[1].splitlines()
    return {name.strip(): value for name, _, value in (line.partition(": ") for line in lines)}


MODELS = [
    GOLDEN,
    GOLDEN | {"distribution": "memory"},
    body(*(rate(metric, "0.37") for metric, by, *_ in METRICS if by == "cpu"), rate("pvc_cost_per_month", 7)),
    body(*(rate(metric, "1.3", "Infrastructure") for metric, by, *_ in METRICS if by == "memory"), by="memory"),
    body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2, "stage": 1}, default="stage")),
    body(tag_rate("storage_gb_request_per_month", "env", {"prod": "0.25"}), rate("storage_gb_usage_per_month", 2)),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("files", [golden_files(3), labelled_files()])
def test_the_arithmetic_ends_in_the_figures(tmp_path: Path, model: dict[str, Any], files: dict[str, Any]) -> None:
    folders = [payload(tmp_path / "p", **files)]
    path = model_file(tmp_path, model)
    found = expect_json(folders, path, ("env",))["costs"]
    shown = totals(explain(folders, path, ("env",)))
    assert Decimal(shown["total"]) == pytest.approx(Decimal(found["total"]["total"]), rel=Decimal("1e-13"))
    for project, row in found["by_project"].items():
        written = shown.get(project, "0").split(", distributed ")
        assert Decimal(written[0]) == pytest.approx(Decimal(row["total"]), rel=Decimal("1e-13"), abs=Decimal("1e-13"))
        assert Decimal(written[-1]) == pytest.approx(
            Decimal(row["distributed"]), rel=Decimal("1e-13"), abs=Decimal("1e-13")
        )


def test_the_arithmetic_names_data_price_and_sum(tmp_path: Path) -> None:
    text = explain([payload(tmp_path / "p", **golden_files(2))], model_file(tmp_path, GOLDEN))
    assert "2026-11-05 to 2026-11-06 (2 days, each of them)" in text
    assert "12 core-hours used x 0.007 = 0.084 (Supplementary)" in text
    assert "24/96 core-hours of n1 x 1000 / 30 days [node_cost_per_month] = 8.33333333333333 (Infrastructure)" in text
    assert "1 of 1 claims x 3 / 30 days [pvc_cost_per_month] = 0.1 (Infrastructure)" in text
    assert "worker_unallocated_distributed: 82.5106666666667 from Worker unallocated 82.5106666666667; to app-a" in text
    assert totals(text)["total"] == "1055.46133333333"


def test_a_claim_with_two_volumes_pays_twice_in_words_too(tmp_path: Path) -> None:
    claims = [*claim_rows(hours(12)), *claim_rows(hours(24)[12:], volume="pv-2")]
    folder = payload(tmp_path / "p", **plain_files() | {"claims": [claims]})
    text = explain([folder], model_file(tmp_path, body(rate("pvc_cost_per_month", 30))))
    # Each row is joined with both of the claim's volumes, as Koku does.
    assert "2 of 1 claims x 30 / 30 days [pvc_cost_per_month] = 2" in text


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (None, "There is no cost model: every cost is 0."),
        (body(), "no rates: every cost is 0 while usage is not"),
        (
            GOLDEN | {"price_lists": [{"effective_start_date": "2026-12-01", "effective_end_date": "2099-12-31"}]},
            "nothing: the price list is effective 2026-12-01 to 2099-12-31",
        ),
    ],
)
def test_why_there_is_no_cost_is_said(tmp_path: Path, model: dict[str, Any] | None, said: str) -> None:
    path = model_file(tmp_path, model) if model else None
    assert said in explain([payload(tmp_path / "p", **golden_files())], path)


def test_without_data_there_is_nothing_to_explain() -> None:
    assert explain([]) == "There are no data: every figure is 0.\n"


def test_arithmetic_that_does_not_lead_to_the_figures_is_a_bug(tmp_path: Path) -> None:
    other = json.loads(json.dumps(GOLDEN))
    other["rates"][0]["tiered_rates"][0]["value"] = "0.0071"
    folders = [payload(tmp_path / "p", **golden_files())]
    with (
        expectation_of(folders, model_file(tmp_path, GOLDEN)) as (expected, _),
        pytest.raises(HarnessError, match="to"),
    ):
        explain_expectation(expected, CostModel.from_json(other))
