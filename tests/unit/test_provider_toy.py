"""A source type is a plug-in: phases and engine load, plan and run a throw-away one that they never heard of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import sent
from toy_type import SCENARIO, TODAY, Toy, of_toys, toys, written

from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import NumbersDiffer, ScenarioError
from e2e_validator.phases import api, generate, source, upload
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan


@pytest.fixture
def toy() -> Iterator[Toy]:
    with toys() as made:
        yield made


@pytest.mark.usefixtures("toy")
def test_its_scenarios_load_by_its_rules_and_plan_by_its_flow(tmp_path: Path) -> None:
    planned = plan(load_scenario(written(tmp_path), fixtures=tmp_path, today=TODAY), TODAY)
    assert planned.phases == ("source", "generate", "ingest", "count", "api", "cleanup")
    assert planned.limits["count"] == 7
    with pytest.raises(ScenarioError, match="no marbles"):
        load_scenario(written(tmp_path, SCENARIO.replace("marbles: 7", "balls: 7")), fixtures=tmp_path, today=TODAY)


@pytest.mark.usefixtures("toy")
def test_a_limit_for_a_phase_that_its_flow_has_not_is_refused(tmp_path: Path) -> None:
    text = f"{SCENARIO}limits: {{summary: 90s}}\n"
    with pytest.raises(ScenarioError, match=r"limits\.summary has no effect; a source of this type has no such phase"):
        load_scenario(written(tmp_path, text), fixtures=tmp_path, today=TODAY)


def test_without_it_there_is_no_such_source_type(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="'TOY' is not one of AWS, OCP"):
        load_scenario(written(tmp_path), fixtures=tmp_path, today=TODAY)


def test_its_source_data_and_payloads_go_through_the_phases(
    tmp_path: Path, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "create", lambda *_: (SimpleNamespace(id="7"), 1))
    monkeypatch.setattr("e2e_validator.life.looking.check", lambda *_: None)
    assert source.run(of_toys(tmp_path, "source")).facts.endswith("a box is ready")
    assert generate.run(of_toys(tmp_path, "generate")).facts == "a full box"
    made = of_toys(tmp_path, "generate")
    made.state.payloads = [replace(sent(1), tarball=str(tmp_path / "1.tar.gz"))]
    made.clients = cast("Any", SimpleNamespace(transport=SimpleNamespace(needs_object=False, title="the box office")))
    assert upload.run(made).attachments == {}
    assert toy.did == ["packed 1", "looked around"]


@pytest.mark.parametrize(("there", "verdict"), [(7, "PASSED"), (6, "FAILED")])
def test_its_figures_are_judged_where_they_stop_being_right(
    tmp_path: Path, toy: Toy, monkeypatch: pytest.MonkeyPatch, there: int, verdict: str
) -> None:
    generate.run(of_toys(tmp_path, "generate"))
    toy.there = there
    made = of_toys(tmp_path, "api")
    made.state.verdicts = dict.fromkeys(made.plan.phases, "PASSED")
    monkeypatch.setattr("e2e_validator.engine.runner.finding_of", lambda *_: None)
    finished, _, error = run_phase(made, api.run)
    assert finished.verdict == verdict
    if verdict == "FAILED":
        assert isinstance(error, NumbersDiffer)
        assert error.headline == "box -> API: 1 figure differs; box: marbles is 6, expected 7"


@pytest.mark.usefixtures("toy")
def test_its_key_goes_into_the_body_of_its_source(tmp_path: Path) -> None:
    made = of_toys(tmp_path, "source")
    body = provider_of(made).source_body("n", made.source_key)
    assert body == {"name": "n", "source_type": "TOY", "box": f"e2e-toys-{made.state.token}"}
