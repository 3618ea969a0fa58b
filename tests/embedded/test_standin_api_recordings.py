"""From the rows a real Koku had to the answers it gave: every recorded report, every key and every link."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from standin_api_server import TODAY, Api, api_server

from e2e_validator.embedded.standin.summary.range import SummaryRange
from e2e_validator.embedded.standin.summary.ui_tables import fill_ui_tables

pytestmark = pytest.mark.embedded

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
ANSWERS = sorted(RECORDINGS.glob("*/api/*.json"))
SUMMARY = "reporting_ocpusagelineitem_daily_summary"
NAMES = sorted({answer.parts[-3] for answer in ANSWERS})


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api_server(tmp_path_factory.mktemp("log")) as running:
        for name in NAMES:
            _load(running, RECORDINGS / name / "db" / "daily_summary.csv")
        yield running


def _load(api: Api, path: Path) -> None:
    """Put a recorded daily summary back, and fill the tables behind the reports from it."""
    with path.open(newline="") as file, api.pool.connection() as connection:
        rows = list(csv.DictReader(file))
        if not rows:
            return
        source = rows[0]["source_uuid"]
        keys = {"uuid": source, "name": rows[0]["cluster_alias"], "type": "OCP"}
        api.insert("api_provider", **keys, setup_complete=True, active=True, paused=False)
        api.insert("reporting_tenant_api_provider", **keys, provider_id=source)
        for row in rows:
            values = {column: value for column, value in row.items() if value and column != "report_period_id"}
            columns = sql.SQL(", ").join(map(sql.Identifier, values))
            holes = sql.SQL(", ").join([sql.Placeholder()] * len(values))
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(SUMMARY), columns, holes)
            connection.execute(statement, [_typed(column, value) for column, value in values.items()])
        days = [row["usage_start"] for row in rows]
        fill_ui_tables(connection, SummaryRange(source, TODAY.fromisoformat(min(days)), TODAY.fromisoformat(max(days))))


def _typed(column: str, value: str) -> Any:
    return Jsonb(json.loads(value)) if column.endswith("_labels") else value


def _differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """What differs: keys, lengths, kinds and values; figures to a relative 1e-9, sources not at all."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = (expected.keys() | actual.keys()) - {"source_uuid"}
        absent = {key: f"{path}.{key} is on one side only" for key in expected.keys() ^ actual.keys()}
        inner = (_differences(expected[key], actual[key], f"{path}.{key}") for key in keys - absent.keys())
        return [*absent.values(), *(text for texts in inner for text in texts)]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return [text for i, (left, right) in pairs for text in _differences(left, right, f"{path}[{i}]")]
    if type(expected) is float and type(actual) is float:
        same = actual == pytest.approx(expected, rel=1e-9, abs=1e-12)
    else:
        same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{path} is {actual!r}, not {expected!r}"]


@pytest.mark.parametrize("name", NAMES)
def test_the_api_gives_the_recorded_answers(api: Api, name: str) -> None:
    found = []
    for file in ANSWERS:
        if file.parts[-3] != name:
            continue
        recorded = json.loads(file.read_text())
        report = file.name.split(".")[0]
        answer = api.get(f"reports/openshift/{report}/", recorded["params"])
        assert answer.status_code == recorded["status"]
        found += [f"{file.stem}{text}" for text in _differences(recorded["body"], answer.json())]
    assert found == []


def test_a_changed_figure_and_an_absent_key_are_differences() -> None:
    assert _differences({"a": 1.0, "b": [{"c": 0}]}, {"a": 1.0 + 1e-12, "b": [{"c": 0}]}) == []
    assert len(_differences({"a": 1.0, "b": 0, "c": [1]}, {"a": 1.001, "b": 0.0, "c": []})) == 3
    assert len(_differences({"a": 1}, {"d": 1})) == 2
