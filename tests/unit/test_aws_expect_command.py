"""``e2e-validator expect`` of bills: stages and figures of recorded files are those of the recording."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aws_files import package, row
from click.testing import CliRunner

from e2e_validator.cli.expect import expect
from e2e_validator.errors import UsageError
from e2e_validator.providers.aws.expect.command import expect_json, expect_text

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings-classic"
RICH = RECORDINGS / "aws_rich" / "input"


@pytest.fixture(scope="module")
def rich() -> dict[str, Any]:
    return expect_json([RICH])


def shown(name: str) -> Decimal:
    content = json.loads((RECORDINGS / "aws_rich" / "api" / f"{name}.json").read_text(), parse_float=Decimal)
    value: Decimal = content["body"]["meta"]["total"]["cost"]["total"]["value"]
    return value


@pytest.mark.parametrize("report", ["costs", "instance-types", "storage"])
@pytest.mark.parametrize("cost_type", ["blended_cost", "savingsplan_effective_cost", "calculated_amortized_cost"])
def test_totals_are_those_of_the_recording(rich: dict[str, Any], report: str, cost_type: str) -> None:
    there = shown(f"{report}_{cost_type}")
    assert Decimal(rich[report][cost_type]["total"]["total"]) == pytest.approx(there, rel=Decimal("1e-9"))


def test_groups_add_up_to_the_total(rich: dict[str, Any]) -> None:
    for report, shapes in ((report, rich[report]["unblended_cost"]) for report in ("costs", "storage", "ec2-compute")):
        for name, groups in shapes.items():
            if name != "total":
                total = sum(Decimal(row["total"]) for row in groups.values())
                assert (report, name, total) == (report, name, Decimal(shapes["total"]["total"]))


def test_each_stage_is_there_with_its_sums(rich: dict[str, Any]) -> None:
    counts = {name: row["rows"] for name, row in rich["stages"].items()}
    assert counts == {
        "daily_csv": "692", "raw_parquet": "692", "daily_parquet": "106", "bill": "1", "summary": "46", "ec2": "6",
    }  # fmt: skip
    assert rich["stages"]["summary"]["unblended_cost"] == "167.520888819"


def test_the_text_has_the_same_figures() -> None:
    text = expect_text([RICH], tags=("app",))
    assert text.startswith("Koku will deviate on these data: amortized_not_as_aws: ")
    assert "costs unblended_cost total\n  raw 167.520888819  markup 0  total 167.520888819\n" in text
    assert "costs blended_cost by_tag\n  app:\n    No-app:\n" in text


def test_the_markup_is_that_of_the_cost_model(tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps({"markup": {"value": "10", "unit": "percent"}}))
    assert expect_json([RICH], model)["costs"]["unblended_cost"]["total"]["total"] == "184.272977702"
    model.write_text("[1]")
    with pytest.raises(UsageError, match="The cost model cannot be read"):
        expect_json([RICH], model)


def test_a_manifest_its_month_and_its_folder_say_the_same(tmp_path: Path) -> None:
    manifest = package(tmp_path, [row(), row("2026-11-25")])
    whole = expect_json([tmp_path])
    assert whole == expect_json([manifest]) == expect_json([manifest.parent])
    assert whole["costs"]["unblended_cost"]["daily"]["2026-11-25"]["total"] == "0.1"
    (early,) = expect_json([manifest], today=date(2026, 11, 24))["costs"]["unblended_cost"]["daily"].values()
    assert early["total"] == "0.1"


def test_a_file_that_koku_does_not_load_is_told(tmp_path: Path) -> None:
    header = [name for name in row() if name != "lineItem/UsageType"]
    found = expect_json([package(tmp_path, [row()], header=header)])
    assert found["unread"] == ["cur-1.csv.gz is not loaded: it has no column lineItem/UsageType"]
    assert [one["id"] for one in found["deviations"]] == ["file_not_loaded"]
    assert found["stages"]["summary"]["rows"] == "0"


@pytest.mark.parametrize("name", ["none", "some.csv"])
def test_what_has_no_manifest_gets_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "some.csv").write_text("a,b\n")
    with pytest.raises(UsageError, match="no manifest of a month"):
        expect_json([tmp_path / name])


def test_the_command_prints_both_forms() -> None:
    given = ["--source-type", "AWS", str(RECORDINGS / "aws_simple" / "input")]
    assert "\ncosts unblended_cost total\n" in CliRunner().invoke(expect, given).output
    assert set(json.loads(CliRunner().invoke(expect, [*given, "--json"]).output)) >= {"stages", "costs", "ec2-compute"}
    refused = CliRunner().invoke(expect, [*given, "--platform", "x"])
    assert "--platform cannot be given" in str(refused.exception) + refused.output
