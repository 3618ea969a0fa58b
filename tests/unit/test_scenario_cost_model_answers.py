# ruff: noqa: E501 - a mistake and its sentence are one line each
"""A cost model as ``GET cost-models/UUID/`` answers it is taken as it is; what would change its meaning is told."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e_validator.errors import ScenarioError
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.scenario.cost_model import request_body
from e2e_validator.scenario.load import LoadedScenario, load_scenario

CHECKOUT = Path(__file__).parents[2]
RECORDED = sorted((CHECKOUT / "fixtures" / "recordings" / "with_cost_model").glob("*/recording.json"))
OURS = {"name", "description", "source_type", "source_uuids"}
KOKUS = {"uuid", "created_timestamp", "updated_timestamp", "sources", "price_lists"}


def answer(recording: Path) -> dict[str, Any]:
    """What a real Koku answered about the cost model."""
    return dict(json.loads(recording.read_text())["cost_model_response"]["body"])


def load(folder: Path, model: dict[str, Any], *, in_file: bool) -> LoadedScenario:
    """A scenario with that cost model, inline or in a file."""
    if in_file:
        (folder / "fixtures" / "cost_models").mkdir(parents=True)
        (folder / "fixtures" / "cost_models" / "answer.json").write_text(json.dumps(model, indent=1))
    text = {
        "version": 1,
        "name": "x",
        "description": "Why.",
        "period": {"start": "month-1m", "end": "month-1m+1d"},
        "data": {"template": "team_cluster.yml"},
        "enable_tags": ["environment"],
        "cost_model": {"file": "answer.json"} if in_file else model,
    }
    (folder / "x.yaml").write_text(yaml.safe_dump(text))
    return load_scenario(folder / "x.yaml", fixtures=folder / "fixtures", today=date(2026, 11, 21))


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.parent.name)
def test_the_answers_of_a_real_koku_are_taken(tmp_path: Path, recording: Path, in_file: bool) -> None:
    model = answer(recording)
    assert set(model) >= OURS | KOKUS
    loaded = load(tmp_path, model, in_file=in_file)
    assert loaded.warnings == ()
    assert loaded.cost_model is not None
    body = request_body(loaded.cost_model)
    assert not set(body) & (OURS | KOKUS)
    assert [set(rate["metric"]) for rate in body["rates"]] == [{"name"}] * len(model["rates"])
    # What is sent charges as what was answered.
    assert CostModel.from_json(loaded.cost_model) == CostModel.from_json(
        json.loads(json.dumps(model), parse_float=Decimal)
    )


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ([{"effective_start_date": "2026-10-01", "effective_end_date": "2099-12-31"}], "cost_model.price_lists[0]: the prices hold from 2026-10-01 to 2099-12-31"),
        ([{"effective_start_date": "2026-03-01", "effective_end_date": "2099-12-31", "enabled": False}], "cost_model.price_lists[0]: it is not enabled"),
        ([{}, {}], "cost_model.price_lists: 2 price lists"),
    ],
)  # fmt: skip
def test_price_lists_that_say_more_than_the_usual_are_told(
    tmp_path: Path, lists: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ScenarioError) as wrong:
        load(tmp_path, {**answer(RECORDED[0]), "price_lists": lists}, in_file=False)
    assert [problem.what for problem in wrong.value.problems] == [said]
    assert wrong.value.problems[0].hint


def test_what_koku_takes_from_nobody_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ScenarioError, match="'price_list_uuids' is not allowed in cost_model; the price lists of others"
    ):
        load(tmp_path, {**answer(RECORDED[0]), "price_list_uuids": []}, in_file=False)
