"""The judge's money against the recordings of a real Koku: every rate row and every figure, to 1e-9."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.archive import extract
from e2e_validator.expect.measures import Measures, add
from e2e_validator.providers.ocp.expect.answers import read_answer
from e2e_validator.providers.ocp.expect.command import expect_json
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.explain import explain
from e2e_validator.providers.ocp.expect.fields import GROUPINGS, REPORTS
from e2e_validator.providers.ocp.expect.invariants import invariants, not_conserved
from e2e_validator.providers.ocp.expect.noise import compare
from e2e_validator.providers.ocp.expect.rate_rows import COSTS, read_rates
from e2e_validator.providers.ocp.expect.reconciliation import reconcile
from e2e_validator.providers.ocp.expect.summary import HIGHEST, SUMMED, UNALLOCATED
from e2e_validator.providers.ocp.expect.ui_tables import BY_NODE, BY_PROJECT, COST, PODS, VOLUMES, read_ui_table

FIXTURES = Path(__file__).parents[2] / "fixtures" / "recordings"
# They stand apart until the stand-in can charge: its tests replay whatever is in fixtures/recordings.
APART = FIXTURES / "with_cost_model"
# The day on which Koku was recorded: a month "up to today" ended there.
FIRST, TODAY = date(2026, 11, 1), date(2026, 11, 21)
NAMES = (
    "namespace_on_two_nodes",
    "one_cpu_rate",
    "team_cost_model",
    "team_memory_distribution",
    "team_tag_rates",
)
SHAPES = [(report, grouping) for report in REPORTS for grouping in GROUPINGS]

Expected = Callable[..., Expectation]


def place(name: str) -> Path:
    return next(folder for folder in (FIXTURES / name, APART / name) if folder.exists())


def recording(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((place(name) / "recording.json").read_text(), parse_float=Decimal)
    return content


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """The expectation of a recording, from its payload and its cost model or another one."""

    @cache
    def folder(name: str) -> Path:
        into = tmp_path_factory.mktemp("payload")
        extract(next(place(name).glob("payload.*")), into)
        return into

    @cache
    def of(name: str, model: str = "") -> Expectation:
        found = recording(name)
        body = json.loads(model, parse_float=Decimal) if model else found["spec"]["cost_model"]
        return Expectation.from_payloads(
            [folder(name)],
            cluster_alias=found["cluster_id"],
            cluster_id=found["cluster_id"],
            cost_model=CostModel.from_json(body),
            enabled_tags=tuple(found["spec"].get("enable_tags", ())),
            today=TODAY,
        )

    return of


def recorded_rows(name: str) -> list[dict[str, str]]:
    with (place(name) / "db" / "daily_summary.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def recorded_answer(name: str, report: str, grouping: str) -> dict[str, Any]:
    shape = {"total": "monthly", "daily": "daily"}.get(grouping, f"by_{grouping}.monthly")
    text = (place(name) / "api" / f"{report}.{shape}.json").read_text()
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal)
    assert answer["status"] == 200
    return answer


def recorded_figures(name: str) -> Measures:
    found: Measures = {}
    for report, grouping in SHAPES:
        found |= read_answer(report, grouping, recorded_answer(name, report, grouping)["body"])
    return found


def expected_figures(expectation: Expectation) -> Measures:
    every = expectation.figures(FIRST, TODAY)
    return {key: row for key, row in every.items() if key[1] in GROUPINGS}


@pytest.mark.parametrize("name", NAMES)
def test_the_daily_summary_is_what_was_recorded(name: str, expected: Expected) -> None:
    rows: Measures = {}
    for row in recorded_rows(name):
        if not row["cost_model_rate_type"]:
            key = (row["usage_start"], row["data_source"], row["namespace"], row["node"], row["persistentvolumeclaim"])
            add(rows, key, {field: Decimal(row[field]) for field in SUMMED if row[field]})
            for field in HIGHEST:
                if row[field]:
                    rows[key][field] = max(rows[key].get(field, Decimal(0)), Decimal(row[field]))
    assert compare("summary", expected(name).stage("summary", 0), rows) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_with_costs_are_what_was_recorded(name: str, expected: Expected) -> None:
    recorded = read_rates(recorded_rows(name))
    assert recorded
    assert compare("rates", expected(name).stage("costs", 0), recorded) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_ui_tables_are_sums_of_what_was_recorded(name: str, expected: Expected) -> None:
    rows = recorded_rows(name)
    pods = [row for row in rows if row["data_source"] == "Pod" and row["namespace"] not in UNALLOCATED.values()]
    claims = [row for row in rows if row["data_source"] == "Storage" and row["persistentvolumeclaim"]]
    tables = {COST: rows, BY_PROJECT: rows, BY_NODE: rows, PODS: pods, VOLUMES: claims}
    recorded: Measures = {}
    for table, members in tables.items():
        recorded |= read_ui_table(table, members)
    assert compare("ui", expected(name).stage("ui", 0), recorded) == []


@pytest.mark.parametrize(("report", "grouping"), SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_api_shows_what_was_recorded(name: str, report: str, grouping: str, expected: Expected) -> None:
    answer = recorded_answer(name, report, grouping)
    figures = {key: row for key, row in expected_figures(expected(name)).items() if key[:2] == (report, grouping)}
    assert compare("api", figures, read_answer(report, grouping, answer["body"])) == []


RATES = [(name, index) for name in NAMES for index in range(len(recording(name)["spec"]["cost_model"]["rates"]))]


@pytest.mark.parametrize(("name", "index"), RATES)
def test_no_rate_can_change_by_a_hundredth_of_a_cent_unseen(name: str, index: int, expected: Expected) -> None:
    body = copy.deepcopy(recording(name)["spec"]["cost_model"])
    rate = body["rates"][index]
    values = rate.get("tiered_rates") or rate["tag_rates"]["tag_values"]
    for value in values:
        before = value["value"]
        value["value"] += Decimal("0.0001")
        changed = expected(name, json.dumps(body, default=str))
        value["value"] = before
        assert compare("rates", changed.stage("costs", 0), read_rates(recorded_rows(name)))
        assert compare("ui", changed.stage("ui", 0), expected(name).stage("ui", 0))
        lines = reconcile(expected_figures(changed), recorded_figures(name))
        assert {line.report for line in lines if not line.ok} >= {"costs"}


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_figures_keep_every_rule_and_reconcile(name: str, expected: Expected) -> None:
    recorded = recorded_figures(name)
    figures = expected_figures(expected(name))
    lost = not_conserved(expected(name).stage("costs", 0), FIRST, TODAY)
    assert invariants(recorded, lost=lost) == invariants(figures, lost=lost) == []
    lines = reconcile(figures, recorded)
    assert {line.status for line in lines} == {"exact"}
    assert len(lines) >= len(SHAPES)


def numbers(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all figures but those that are 0 (or what the last digits leave of it)."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from numbers(value, (*path, key))
    elif isinstance(node, Decimal) and abs(node) > Decimal("1e-9"):
        yield path


@pytest.mark.parametrize(("report", "grouping"), SHAPES)
@pytest.mark.parametrize("name", ["team_cost_model", "team_memory_distribution"])
def test_no_figure_can_change_by_1e_8_unseen(name: str, report: str, grouping: str, expected: Expected) -> None:
    """Each number of an answer, one at a time."""
    body = recorded_answer(name, report, grouping)["body"]
    figures = {key: row for key, row in expected_figures(expected(name)).items() if key[:2] == (report, grouping)}
    paths = list(numbers({part: body[part] for part in ("data", "meta")}))
    assert paths
    for path in paths:
        changed = copy.deepcopy(body)
        place_of = changed
        for key in path[:-1]:
            place_of = place_of[key]
        place_of[path[-1]] *= Decimal("1.00000001")
        assert compare("api", figures, read_answer(report, grouping, changed)), path


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_say_what_was_recorded(name: str, tmp_path: Path) -> None:
    spec = recording(name)["spec"]
    model = tmp_path / "model.json"
    model.write_text(json.dumps(spec["cost_model"], default=float))
    given = ([next(place(name).glob("payload.*"))], model, tuple(spec.get("enable_tags", ())), TODAY)
    recorded = recorded_figures(name)["costs", "total", "", ""]["cost.total"]
    assert Decimal(expect_json(*given)["costs"]["total"]["total"]) == pytest.approx(recorded, rel=Decimal("1e-13"))
    assert Decimal(explain(*given).split("total: ")[-1]) == pytest.approx(recorded, rel=Decimal("1e-13"))


@pytest.mark.parametrize("cost", COSTS)
def test_no_cost_of_a_row_can_change_by_1e_8_unseen(cost: str, expected: Expected) -> None:
    recorded = read_rates(recorded_rows("team_cost_model"))
    want = expected("team_cost_model").stage("costs", 0)
    for key in recorded:
        changed = recorded | {key: recorded[key] | {cost: recorded[key][cost] + Decimal("1e-8")}}
        if any(recorded[key][cost] * sign >= 10 for sign in (1, -1)):
            continue  # 1e-8 of more than 10 is within the tolerance
        assert [(one.key, one.field) for one in compare("rates", want, changed)] == [(key, cost)]


def test_a_missing_row_with_a_share_is_seen(expected: Expected) -> None:
    recorded = read_rates(recorded_rows("team_cost_model"))
    gone = next(key for key in recorded if key[4] == "worker_distributed")
    (missing,) = compare(
        "rates", expected("team_cost_model").stage("costs", 0), {k: v for k, v in recorded.items() if k != gone}
    )
    assert missing.key == gone


@pytest.mark.parametrize("name", NAMES)
def test_what_was_recorded_is_what_the_data_say(name: str, expected: Expected) -> None:
    """The second oracle against a real Koku: it shares no joins with the first, and comes to the same."""
    expectation = expected(name)
    assert expectation.by_data(FIRST, TODAY)
    assert [(one.name, str(one.worst)) for one in expectation.deviations(FIRST, TODAY)] == []
    recorded = recorded_figures(name)
    for key, row in expectation.by_data(FIRST, TODAY).items():
        for field, value in row.items():
            shown = recorded.get(key, {}).get(field, Decimal(0)) if key[:2] in SHAPES else value
            assert abs(shown - value) <= Decimal("1e-9") * max(abs(shown), abs(value), Decimal(1)), (key, field)
