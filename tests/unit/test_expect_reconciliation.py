"""Rules between figures, and the reconciliation: each is broken once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from expect_charged import golden_files, labelled_files
from expect_models import GOLDEN, body, rate
from expect_payloads import payload

from e2e_validator.expect.measures import Key, Measures
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.invariants import invariants, tag_coverage
from e2e_validator.providers.ocp.expect.reconciliation import Line, Status, reconcile, reconciliation_table

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
TOTAL: Key = ("costs", "project", "", "")
APP: Key = ("costs", "project", "app-a", "2026-11")


def expectation(tmp_path: Path) -> Expectation:
    folder = payload(tmp_path / "p", **golden_files())
    return Expectation.from_payloads([folder], cluster_alias="x", cost_model=CostModel.from_json(GOLDEN))


@pytest.fixture
def figures(tmp_path: Path) -> Measures:
    return expectation(tmp_path).figures(FIRST, LAST)


def changed(figures: Measures, key: Key, **values: Decimal) -> Measures:
    fields = {name.replace("__", "."): value for name, value in values.items()}
    return figures | {key: figures[key] | fields}


def more(figures: Measures, key: Key, field: str, by: str = "0.0001") -> Measures:
    return figures | {key: figures[key] | {field: figures[key][field] + Decimal(by)}}


@pytest.mark.parametrize(
    ("key", "field", "said"),
    [
        (APP, "cost.total", "costs by project: cost.total of all groups"),
        (("compute", "node", "n1", "2026-11"), "usage", "compute by node: usage of all groups is 72.0001"),
        (("memory", "cluster", "", ""), "request", "memory by cluster: the total request"),
        (("costs", "total", "", ""), "infrastructure.usage", "costs / total: infrastructure.total is 400.1"),
        (APP, "cost.platform_distributed", "platform_distributed sums to 0.0001"),
        (APP, "cost.worker_unallocated_distributed", "not to 0"),
        (APP, "cost.distributed", "app-a / 2026-11: cost.distributed"),
    ],
)
def test_each_rule_is_seen_to_be_broken(figures: Measures, key: Key, field: str, said: str) -> None:
    assert invariants(figures) == []
    assert any(said in sentence for sentence in invariants(more(figures, key, field)))


def test_a_cost_moved_to_another_project_is_a_variance(figures: Measures) -> None:
    moved = more(figures, APP, "cost.total", "-1")
    moved = more(moved, ("costs", "project", "app-b", "2026-11"), "cost.total", "1")
    (line,) = [line for line in reconcile(figures, moved) if not line.ok]
    assert (line.report, line.grouping, line.figure, line.status) == ("costs", "project", "cost.total", "variance")
    assert line.differing == 2
    assert line.where == "app-a 2026-11"
    assert line.difference == pytest.approx(-1)


def test_a_missing_share_breaks_a_rule_and_varies_the_pool(figures: Measures) -> None:
    field = "cost.worker_unallocated_distributed"
    lost = changed(figures, APP, cost__worker_unallocated_distributed=Decimal(0))
    assert any("worker_unallocated_distributed sums to -33.004" in one for one in invariants(lost, lost={}))
    (given,) = [line for line in reconcile(figures, lost) if line.grouping == "pool" and not line.ok]
    assert given.figure == "worker_unallocated given"
    assert given.difference == pytest.approx(-figures[APP][field])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda rows: rows, Status.EXACT),
        (
            lambda rows: changed(rows, TOTAL, cost__usage=rows[TOTAL]["cost.usage"] * Decimal("1.0000000001")),
            Status.WITHIN,
        ),
        (
            lambda rows: changed(rows, TOTAL, cost__usage=rows[TOTAL]["cost.usage"] * Decimal("1.00000001")),
            Status.VARIANCE,
        ),
        (lambda rows: {key: row for key, row in rows.items() if key != APP}, Status.MISSING),
        (lambda rows: rows | {("costs", "project", "new", "2026-11"): rows[APP]}, Status.VARIANCE),
        (
            lambda rows: rows | {TOTAL: {name: value for name, value in rows[TOTAL].items() if name != "cost.usage"}},
            Status.MISSING,
        ),
    ],
)
def test_the_four_words_for_a_line(figures: Measures, change: Callable[[Measures], Measures], status: Status) -> None:
    lines = {(line.report, line.grouping): line for line in reconcile(figures, change(figures))}
    assert lines["costs", "project"].status is status
    assert {line.status for key, line in lines.items() if key[1] not in {"project", "pool"}} == {Status.EXACT}


def test_a_report_that_nobody_answered_is_missing(figures: Measures) -> None:
    answered = {key: row for key, row in figures.items() if key[:2] != ("volumes", "daily")}
    (line,) = [line for line in reconcile(figures, answered) if not line.ok]
    assert (line.report, line.grouping, line.status) == ("volumes", "daily", Status.MISSING)
    assert line.expected is None


def test_the_table_has_a_line_for_each_report_and_fits(figures: Measures) -> None:
    lines = reconcile(figures, more(figures, APP, "cost.total"))
    text = reconciliation_table(lines, title="golden", coverage={"env": Decimal("12.345"), "app": None})
    assert max(map(len, text.splitlines())) <= 120
    assert text.count("variance (1 of ") == 1
    assert "│ app-a 2026-11 " in text
    assert "│ platform taken " in text
    assert "+0.0001" in text
    assert "tag env: 12.35 % of the cost" in text.replace("12.34 %", "12.35 %")
    assert "tag app: there is no cost" in text
    assert len(lines) == 4 * 5 + 4


def test_the_table_says_which_row_is_missing(figures: Measures) -> None:
    gone = {key: row for key, row in figures.items() if key != APP}
    (line,) = [line for line in reconcile(figures, gone) if line.status is Status.MISSING]
    assert isinstance(line, Line)
    assert "present" in reconciliation_table([line])


def test_tag_coverage_is_the_part_of_the_cost_that_has_the_label(tmp_path: Path) -> None:
    model = body(rate("cpu_core_usage_per_hour", "0.007"))
    found = Expectation.from_payloads(
        [payload(tmp_path / "p", **labelled_files())],
        cluster_alias="x",
        cost_model=CostModel.from_json(model),
        enabled_tags=("env", "team"),
    )
    # 36 of 96 core-hours are pods with a label env.
    assert tag_coverage(found.figures(FIRST, LAST)) == {"env": pytest.approx(Decimal("37.5")), "team": Decimal("37.5")}
    nothing = Expectation.from_payloads([], cluster_alias="x", enabled_tags=("env",))
    assert tag_coverage(nothing.figures(FIRST, LAST)) == {"env": None}
