"""Labels: which keys count, what they cost, and the groups by label."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from expect_charged import FIRST, LAST, D, charged, cost, labelled_files, plain_files
from expect_models import GOLDEN, body, rate, tag_rate
from expect_payloads import hours, namespace_rows, payload

from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.invariants import invariants


def by_tag(expectation: Expectation, key: str, report: str = "costs") -> dict[str, Decimal]:
    return {
        group: row["cost.total"]
        for (found, grouping, group, when), row in expectation.figures(FIRST, LAST).items()
        if (found, grouping) == (report, f"tag:{key}") and when
    }


def test_a_tag_rate_has_a_price_for_each_value(tmp_path: Path) -> None:
    model = body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2, "stage": 1}))
    expectation = charged(tmp_path, model, tags=("env",), **labelled_files())
    assert by_tag(expectation, "env") == {"prod": 24, "stage": 12, "test": 0, "No-env": 0}
    assert {key[5] for key in expectation.stage("costs", 0)} == {"Tag"}


def test_a_default_prices_every_other_value_and_no_missing_one(tmp_path: Path) -> None:
    model = body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2, "stage": 1}, default="stage"))
    expectation = charged(tmp_path, model, tags=("env",), **labelled_files())
    assert by_tag(expectation, "env") == {"prod": 24, "stage": 12, "test": 12, "No-env": 0}
    assert cost(expectation, "app-b") == 0


def test_a_key_that_is_not_enabled_has_no_price(tmp_path: Path) -> None:
    model = body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2}, default="prod"))
    assert charged(tmp_path, model, tags=("team",), **labelled_files()).stage("costs", 0) == {}
    assert charged(tmp_path, model, **labelled_files()).stage("costs", 0) == {}


def test_labels_of_the_namespace_are_its_pods_by_default(tmp_path: Path) -> None:
    expectation = charged(tmp_path, body(rate("cpu_core_usage_per_hour", 1)), tags=("team", "env"), **labelled_files())
    assert by_tag(expectation, "team") == {"red": 36, "No-team": 60}
    assert set(by_tag(expectation, "env")) == {"prod", "stage", "test", "No-env"}


def test_a_rate_row_by_tag_has_no_other_label(tmp_path: Path) -> None:
    model = body(tag_rate("cpu_core_usage_per_hour", "env", {"prod": 2}))
    expectation = charged(tmp_path, model, tags=("team", "env"), **labelled_files())
    assert by_tag(expectation, "team") == {"red": 0, "No-team": 24}


def test_storage_is_priced_by_the_labels_of_its_volume(tmp_path: Path) -> None:
    model = body(tag_rate("storage_gb_request_per_month", "env", {"prod": 3}))
    expectation = charged(tmp_path, model, tags=("env",), **labelled_files())
    assert by_tag(expectation, "env", "volumes") == {"prod": pytest.approx(10)}
    assert by_tag(expectation, "env", "compute")["prod"] == 0


def test_by_tag_there_is_usage_but_no_score(tmp_path: Path) -> None:
    figures = charged(tmp_path, body(), tags=("env",), **labelled_files()).figures(FIRST, LAST)
    row = figures["compute", "tag:env", "prod", "2026-11"]
    assert [row["usage"], row["capacity"]] == [Decimal(12), Decimal(96)]
    assert not row.keys() & {"efficiency_percent", "wasted_cost"}
    assert invariants(figures) == []


@pytest.mark.parametrize("tags", [(), ("env",), ("env", "app", "team")])
def test_enabled_keys_do_not_change_what_a_namespace_used(tmp_path: Path, tags: tuple[str, ...]) -> None:
    plain = Expectation.from_payloads([payload(tmp_path / "x", **labelled_files())], cluster_alias="x")
    assert charged(tmp_path, GOLDEN, tags=tags, **labelled_files()).stage("summary", 0) == plain.stage("summary", 0)


def test_labels_that_change_within_a_day_count_its_usage_twice(tmp_path: Path) -> None:
    spaces = [*namespace_rows(hours(12), labels="label_team:a"), *namespace_rows(hours(24)[12:], labels="label_team:b")]
    files = plain_files() | {"namespaces": [spaces]}
    key = (D, "Pod", "app-a", "n1", "")
    assert charged(tmp_path, body(), **files).stage("summary", 0)[key]["pod_usage_cpu_core_hours"] == 12
    twice = charged(tmp_path, body(), tags=("team",), **files)
    assert twice.stage("summary", 0)[key]["pod_usage_cpu_core_hours"] == 24
    assert twice.figures(FIRST, LAST)["compute", "tag:team", "a", "2026-11"]["usage"] == 12
