"""A source type is a plug-in: phases and engine load, plan and run a throw-away one that they never heard of."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context, sent
from pydantic import BaseModel

from e2e_validator.access.life import ManifestRow
from e2e_validator.access.source_names import SourceNames, SourceTables
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import Compared, ControlSource, FilesBeside, Provider, provider_of
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import NumbersDiffer, Problem, ScenarioError
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.phases import api, generate, source, upload
from e2e_validator.providers import registry
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.flow import Flow, Step
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.scenario.source_type import Prices, SourceData

TODAY = date(2026, 11, 21)
SCENARIO = """\
version: 1
name: toys
description: Marbles by the box.
period: {start: 2026-11-01, end: 2026-11-02}
source: {type: TOY}
data: {nise: {marbles: 7}}
"""


class ToyExpectation:
    """What must come out of a box of marbles."""

    obstacles: tuple[tuple[str, str], ...] = ()

    def __init__(self, marbles: int) -> None:
        self.marbles = marbles

    def stage(self, name: str, payload: int) -> Measures:
        del name, payload
        return {("box",): {"marbles": Decimal(self.marbles)}}

    def months(self, payload: int) -> tuple[str, ...]:
        del payload
        return ("2026-11",)


class ToyRules:
    """A scenario says how many marbles there are, and nothing else."""

    def load_data(
        self, document: Document, *, fixtures: Path, today: date, problems: list[Problem], warnings: list[Problem]
    ) -> SourceData:
        del fixtures, today, warnings
        report = document.data["data"]["nise"]
        if "marbles" not in report:
            problems.append(document.problem(("data", "nise"), "data.nise: no marbles", "write marbles: 7"))
        return SourceData(report)

    def load_prices(
        self,
        document: Document,
        *,
        fixtures: Path,
        today: date,
        data: SourceData,
        months: Collection[str],
        problems: list[Problem],
    ) -> Prices:
        del document, fixtures, today, data, months, problems
        return Prices()

    def report_models(self) -> Sequence[type[BaseModel]]:
        return ()

    def price_models(self) -> Sequence[type[BaseModel]]:
        return ()


NAMES = SourceNames(
    type="TOY",
    credential="box",
    announced_at="ingest_toys/",
    a_report="reports/toys/marbles/",
    tables=SourceTables(
        periods="toy_months",
        period_start="begins",
        period_end="ends",
        key="box",
        alias="label",
        summary="toy_summary",
        summary_period="toy_month",
        named=("toy_summary", "toy_shelf"),
        line_items="toys_{kind}_rows",
        required=("toy_months", "toy_summary"),
        emptied="toy_[a-z]+|toys_[a-z]+_rows(_daily)?",
        pointed_to=("toy_months",),
        manifest=("box", "colour"),
    ),
)


class Toy:
    """A source type that counts marbles."""

    type = "TOY"
    names = NAMES
    rules = ToyRules()
    control = cast("ControlSource", None)
    flow = Flow(
        before=(Step("source", 5, "until it is there"), Step("generate", 5, "until the box is full")),
        accepted=(Step("ingest", 5, "until it is taken"), Step("count", 7, "until the marbles are counted")),
        refused=(Step("ingest", 5, "until it is taken"),),
        after=(Step("api", 5, "until they are shown"), Step("cleanup", 5, "until they are gone")),
    )

    def __init__(self) -> None:
        self.did: list[str] = []
        self.there = 7

    def source_body(self, name: str, key: str) -> dict[str, Any]:
        return {"name": name, "source_type": "TOY", "box": key}

    def read_expectation(self, path: Path) -> ToyExpectation:
        return ToyExpectation(json.loads(path.read_text()))

    def prepare(self, context: Context, *, again: bool) -> list[str]:
        del context, again
        return ["a box is ready"]

    def generate(self, context: Context) -> Outcome:
        assert context.loaded.report is not None
        context.expectation_file.write_text(json.dumps(context.loaded.report["marbles"]))
        return Outcome("a full box")

    def rehearse(self, context: Context) -> None:
        self.generate(context)

    def contradictions(self, context: Context) -> list[Problem]:
        del context
        return []

    def pack(self, sent: SentPayload, damage: str | None) -> None:
        del damage
        self.did.append(f"packed {sent.index}")
        Path(sent.tarball).write_bytes(b"marbles")

    def compare_payloads(self, context: Context, sent: Sequence[SentPayload]) -> str:
        del context
        return f"{len(sent)} box: ok"

    def misnoted(self, sent: SentPayload, manifest: ManifestRow) -> Iterator[str]:
        if manifest.own["colour"] != "red":
            yield f"manifest.colour of box {sent.index} is {manifest.own['colour']}"

    def check_files_beside(self, context: Context) -> None:
        del context
        self.did.append("looked beside the box")

    def files_beside(self, context: Context, provider_uuid: str) -> FilesBeside | None:
        del context
        return FilesBeside("attic", f"{provider_uuid}/", (f"{provider_uuid}/spare",))

    def before_upload(self, context: Context) -> None:
        del context
        self.did.append("looked around")

    def compare(self, context: Context) -> Compared:
        raise NotImplementedError

    def show(self, context: Context) -> Outcome:
        shown: Measures = {("box",): {"marbles": Decimal(self.there)}}
        return Outcome(judge([Stage("box -> API", context.expectation.stage("box", 0), shown)]))

    def verify(self, context: Context) -> None:
        del context

    def kinds_of_files(self, folder: Path) -> dict[str, str]:
        del folder
        return {}


@pytest.fixture
def toy() -> Iterator[Toy]:
    made = Toy()
    provider: Provider = made
    with registry.added(provider):
        yield made


def written(folder: Path, text: str = SCENARIO) -> Path:
    path = folder / "toys.yaml"
    path.write_text(text)
    return path


def of_toys(folder: Path, phase: str) -> Context:
    loaded = load_scenario(written(folder), fixtures=folder, today=TODAY)
    made = context(folder, phase)
    return replace(made, loaded=loaded, plan=plan(loaded, TODAY))


@pytest.mark.usefixtures("toy")
def test_its_scenarios_are_loaded_by_its_rules_and_planned_by_its_flow(tmp_path: Path) -> None:
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
    with pytest.raises(ScenarioError, match="'TOY' is not one of OCP"):
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
