"""A throw-away source type, which counts marbles: what one must have, and nothing of any other."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from phase_context import context
from pydantic import BaseModel

from e2e_validator.access.life import ManifestRow
from e2e_validator.access.source_names import SourceNames, SourceTables
from e2e_validator.engine.context import Context
from e2e_validator.engine.delivery import ByIngressBucket, Delivery
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import Asked, Compared, ControlSource, FilesBeside, Provider
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.engine.stock import Item
from e2e_validator.errors import Problem
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage, judge
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

    def figures(self, start: date, end: date) -> Measures:
        del start, end
        return self.stage("box", 0)

    def months(self, payload: int) -> tuple[str, ...]:
        del payload
        return ("2026-11",)


class ToyRules:
    """A scenario says how many marbles there are, and nothing else."""

    deviations = ("marble_lost",)

    def starter(self, name: str, file: str, schema: str) -> str:
        text = SCENARIO.replace("name: toys", f"name: {name}")
        return f"# yaml-language-server: $schema={schema}\n# pytest {file}\n{text}"

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

    def scale_models(self) -> Sequence[type[BaseModel]]:
        return ()

    def price_models(self) -> Sequence[type[BaseModel]]:
        return ()


NAMES = SourceNames(
    type="TOY",
    credential="box",
    announced_at="ingest_toys/",
    a_report="reports/toys/marbles/",
    archives=("data/csv/{account}/TOY/source={uuid}/",),
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
    control: ControlSource | None = None
    delivery: Delivery = ByIngressBucket()
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

    def kept(self, context: Context) -> Sequence[Item]:
        del context
        return ()

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

    def asked_by_others(self, context: Context) -> dict[str, dict[str, Any]]:
        return {"reports/toys/marbles/": {"from": context.plan.first_day.isoformat()}}

    def explain(self, context: Context) -> str:
        (figures,) = context.expectation.figures(context.plan.first_day, context.plan.last_day).values()
        return f"{figures['marbles']} marbles in one box\n"

    def expected_figures(self, asked: Asked) -> Mapping[str, Any]:
        return {"marbles": {path.name: path.read_text() for path in asked.payloads}}

    def expected_text(self, asked: Asked) -> str:
        return "".join(f"{name}: {count}\n" for name, count in self.expected_figures(asked)["marbles"].items())

    def known_deviations(self, *, markdown: bool) -> str:
        return "# marble_lost\n" if markdown else "marble_lost: one rolls away"

    def kinds_of_files(self, folder: Path) -> dict[str, str]:
        del folder
        return {}


@contextmanager
def toys() -> Iterator[Toy]:
    """The source type, as long as the block lasts."""
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
