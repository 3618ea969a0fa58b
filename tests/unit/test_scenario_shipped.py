"""The scenarios that are shipped: valid on every day, as their schema says, with the rejections a real Koku gave."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2e_validator.calendar_months import add_months
from e2e_validator.scenario import dates
from e2e_validator.scenario.document import parse_document
from e2e_validator.scenario.fault_names import ARMABLE
from e2e_validator.scenario.lint import lint
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.scenario.registry import registry
from e2e_validator.scenario.schema import SHIPPED, schema, schema_text

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
FILES = sorted((ROOT / "scenarios").glob("*.yaml"))
FAULTS = sorted((ROOT / "scenarios" / "faults").glob("*.yaml"))
NEGATIVE = [path for path in FILES if path.stem.startswith("neg_")]
COST = [path for path in FILES if path.stem.startswith("cost_")]
# Those that have to deviate from the data: named by their ids, KNOWN as shipped.
KNOWN = [path for path in FILES if path.stem.startswith("known_")]
TODAY = date(2026, 11, 21)
STATUS = {1: "DONE", 2: "FAILED", 3: "DOWNLOADING", 4: "PROCESSING"}
# Koku's default keeps one month more than the chart; what is dropped must be older than either.
KOKU_MONTHS = 4


def content(path: Path) -> Any:
    return parse_document(path, path.read_text()).data


def test_what_is_promised_is_shipped() -> None:
    positive = {
        "differing",
        "last_days",
        "growing_day",
        "many_nodes",
        "moving",
        "naming",
        "not_daily",
        "one_pod_day",
        "over_month",
        "roles",
        "same_payload_twice",
        "team_cluster",
        "two_months",
        "unread",
    }
    assert {path.stem for path in FILES} - {path.stem for path in [*NEGATIVE, *COST, *KNOWN]} == positive
    assert {path.stem for path in NEGATIVE} == {
        path.name for path in (FIXTURES / "recordings").iterdir() if path.name.startswith("neg_")
    }
    assert len(NEGATIVE) == 10


def test_the_smoke_scenarios_are_the_fast_ones() -> None:
    smoke = {path.stem for path in FILES if "smoke" in content(path)["tags"]}
    assert smoke == {"one_pod_day", "team_cluster", "two_months", "neg_missing_file", "cost_team_full"}


# The ends of years, of Februaries and of months.
TURNS = [date(2027, 1, 1), date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 1), date(2027, 3, 31)]


@pytest.mark.parametrize("today", TURNS, ids=str)
def test_every_scenario_is_right_where_months_end(today: date) -> None:
    assert_right_on(today)


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(today=st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31)) | st.sampled_from(TURNS))
def test_every_scenario_is_right_on_every_day(today: date) -> None:
    assert_right_on(today)


def assert_right_on(today: date) -> None:
    for path in FILES:
        the_plan = plan(load_scenario(path, fixtures=FIXTURES, today=today), today)
        assert the_plan.last_day < today
        if path.stem == "neg_outside_retention":
            assert dates.midnight(the_plan.last_day) < add_months(dates.midnight(today.replace(day=1)), 1 - KOKU_MONTHS)
        else:
            assert dates.midnight(the_plan.first_day) >= dates.retained_from(today)
        if path.stem == "two_months":
            assert len({payload.month for payload in the_plan.payloads}) == 2
        if path.stem == "growing_day":
            assert [payload.end - payload.start for payload in the_plan.payloads] == [
                timedelta(hours=12),
                timedelta(hours=24),
            ]


def test_there_is_a_scenario_for_every_fault_that_can_be_armed() -> None:
    assert [path.stem for path in FAULTS] == sorted(ARMABLE)
    for path in FAULTS:
        data = content(path)
        assert data["faults"][0]["fault"] == path.stem
        assert "fault" in data["tags"]
        # It says how it must end: a repair that nobody expects is no success.
        assert {"repaired", "fails"} & data["expect"].keys()


@pytest.mark.parametrize("today", [date(2026, 11, 21), date(2027, 1, 1), date(2028, 2, 29), date(2027, 3, 31)])
def test_every_scenario_with_faults_is_right_on_every_day(today: date) -> None:
    for path in FAULTS:
        the_plan = plan(load_scenario(path, fixtures=FIXTURES, today=today), today)
        assert len(the_plan.payloads) == len(content(path).get("uploads", [{}]))


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_the_rejection_is_the_one_a_real_koku_gave(path: Path) -> None:
    recording = json.loads((FIXTURES / "recordings" / path.stem / "recording.json").read_text())
    seen = recording["uploads"][-1]["timeline"][-1]
    spec = recording["spec"]
    loaded = load_scenario(path, fixtures=FIXTURES, today=TODAY)
    rejected = loaded.scenario.expect.rejected
    assert rejected is not None
    state = seen["state"] or {}
    assert (rejected.manifest == "present") is seen["manifest"]
    files = rejected.report_status.model_dump() if rejected.report_status else {}
    assert {name: count for name, count in files.items() if count} == {
        STATUS[number]: count for number, count, _ in seen["status"]
    }
    steps = rejected.state.model_dump() if rejected.state else {}
    assert {step: set(marks) for step, marks in steps.items() if marks} == {
        step: set(marks) - {"time_taken_seconds"} for step, marks in state.items()
    }
    assert rejected.summary_rows == seen["summary_rows"]
    assert not seen["completed"]
    assert plan(loaded, TODAY).payloads[0].damage == spec.get("mutate")
    assert loaded.scenario.source.create == spec.get("source", True)


def test_the_shipped_schema_is_the_one_of_the_model() -> None:
    assert SHIPPED.read_text() == schema_text()


@pytest.mark.parametrize("path", [*FILES, *FAULTS], ids=lambda path: path.stem)
def test_a_shipped_scenario_fits_the_schema_it_names(path: Path) -> None:
    header = path.read_text().splitlines()[0]
    assert (path.parent / header.removeprefix("# yaml-language-server: $schema=")).resolve() == SHIPPED
    jsonschema.Draft202012Validator(schema()).validate(content(path))


@pytest.mark.parametrize("path", sorted((FIXTURES / "nise").glob("*.yml")), ids=lambda path: path.stem)
def test_a_template_fits_the_report_in_the_schema(path: Path) -> None:
    whole = schema() | {"$ref": "#/$defs/NiseReport"}
    for key in ("properties", "required", "additionalProperties", "anyOf", "type"):
        whole.pop(key)
    jsonschema.Draft202012Validator(whole).validate(content(path))


@pytest.mark.parametrize(
    "change",
    [
        {"kep": "all"},
        {"version": 2},
        {"period": {"start": "yesterday", "end": "today"}},
        {"limits": {"ingest": "30"}},
        {"uploads": [{"damage": "drop_column:"}]},
        {"data": {}},
        {"data": {"template": "a", "payloads": "b"}},
        {"data": {"nise": {"nodes": [{"node_name": "n"}]}}},
        {"tags": ["Smoke"]},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(change: dict[str, Any]) -> None:
    data = content(ROOT / "scenarios" / "one_pod_day.yaml") | change
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(data))


def test_the_shipped_folder_has_no_problem() -> None:
    assert lint([ROOT / "scenarios"], FIXTURES, TODAY) == []


def test_the_registry_is_made_of_the_files() -> None:
    made = registry(ROOT / "scenarios", fixtures=FIXTURES, today=TODAY)
    assert made == (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    for path in [*FILES, *FAULTS]:
        assert f"[{path.stem}]({path.relative_to(ROOT / 'scenarios')})" in made
