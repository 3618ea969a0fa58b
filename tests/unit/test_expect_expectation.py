"""The expectation on disk."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from expect_payloads import DAY, claim_rows, hours, node_rows, payload, pod_rows

from e2e_validator.errors import Inconclusive
from e2e_validator.providers.ocp.expect.expectation import Expectation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    when = hours(24)
    return payload(tmp_path / "p", pods=[pod_rows(when)], claims=[claim_rows(when)], nodes=[node_rows(when)])


def test_what_is_written_is_read_back_to_the_last_digit(folder: Path, tmp_path: Path) -> None:
    expectation = Expectation.from_payloads([folder], cluster_alias="alias")
    expectation.write(tmp_path / "expectation.json")
    assert Expectation.read(tmp_path / "expectation.json") == expectation


def test_a_csv_changed_later_leaves_the_expectation_on_disk(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "expectation.json"
    before = Expectation.from_payloads([folder], cluster_alias="alias")
    before.write(path)
    csv = next(folder.glob("*.0.csv"))
    csv.write_text(csv.read_text().replace("1800.0", "1900.0", 1))
    after = Expectation.from_payloads([folder], cluster_alias="alias")
    for stage in ("payload", "archive", "line_items", "daily_line_items", "summary"):
        assert after.stage(stage, 0) != before.stage(stage, 0)
        assert Expectation.read(path).stage(stage, 0) == before.stage(stage, 0)


def test_each_payload_has_its_own_and_the_tables_all_before(folder: Path, tmp_path: Path) -> None:
    tomorrow = DAY + timedelta(days=1)
    second = payload(
        tmp_path / "q",
        uuid="21111111-1111-4111-8111-111111111111",
        pods=[pod_rows(hours(24, tomorrow))],
        start=tomorrow,
        end=tomorrow + timedelta(days=1),
    )
    both = Expectation.from_payloads([folder, second], cluster_alias="alias")
    assert ("pod_usage", "2026-11-05") not in both.stage("payload", 1)
    assert (
        both.stage("line_items", 1)["pod_usage", "2026-11-05"] == both.stage("line_items", 0)["pod_usage", "2026-11-05"]
    )
    assert both.days() == [date(2026, 11, 5), date(2026, 11, 6)]
    assert both.figures(date(2026, 11, 6), date(2026, 11, 6))["compute", "total", "", ""]["usage"] == 12


def test_without_a_payload_nothing_is_expected() -> None:
    nothing = Expectation.from_payloads([], cluster_alias="alias", cluster_id="c")
    assert nothing.days() == []
    assert set(nothing.figures(date(2026, 11, 1), date(2026, 11, 2))["compute", "total", "", ""].values()) == {
        Decimal(0)
    }


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"version": 2}', '{"version": 1, "stages": 3}'])
def test_what_is_no_expectation_is_inconclusive(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "expectation.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Inconclusive, match="expectation"):
        Expectation.read(path)
