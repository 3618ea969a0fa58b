"""A drawn cluster on its way through a deployment, judged at every stage as the phases of a scenario judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from money_cluster import write
from money_drawn import Example
from patience import came

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.run_state import Run, ScenarioState, SentPayload
from e2e_validator.expect.stage import judge
from e2e_validator.phases import cleanup, ingest, source, upload
from e2e_validator.providers.ocp import showing as api
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.reconciliation import reconcile
from e2e_validator.providers.ocp.flow import FLOW
from e2e_validator.providers.ocp.money import check_money
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.prices import cost_model_of
from e2e_validator.providers.ocp.reports import answers
from e2e_validator.providers.ocp.stages import line_item_stages, rate_stage, stage, summary_stage, ui_stage
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.model import Data, Limits, Scenario
from e2e_validator.scenario.plan import Plan, PlannedPayload

PATIENCE_SECONDS = 60.0
NAME = "drawn"


@dataclass(frozen=True)
class Deployment:
    """Where examples run, on which day, and a folder for their files."""

    target: Target
    clients: Clients
    today: date
    new_folder: Callable[[], Path]


def agree(deployment: Deployment, example: Example) -> None:
    """Send and price the example; every stage after every payload and the API hold what is expected, or this raises."""
    context = _context(deployment, example)
    try:
        source.run(context)
        _write(context, example)
        upload.run(replace(context, phase="upload"))
        for index in range(1, len(context.plan.payloads) + 1):
            _through(replace(context, phase="manifest", payload_index=index))
        _api(replace(context, phase="api"))
    finally:
        cleanup.run(replace(context, phase="cleanup"))


def _context(deployment: Deployment, example: Example) -> Context:
    folder = deployment.new_folder()
    run = Run("drawn", folder)
    payloads = tuple(
        PlannedPayload(0, number, "", f"{start:%Y-%m}", start, end, daily_reports=True, damage=None, recorded=None)
        for number, sent in enumerate(example.uploads)
        for start, end in sent.months()
    )
    payloads = tuple(replace(payload, index=index) for index, payload in enumerate(payloads, start=1))
    loaded = LoadedScenario(
        folder / "drawn.yaml",
        Scenario(version=1, name=NAME, description="Drawn.", data=Data(nise="drawn")),
        "",
        "",
        {},
        report=None,
        payloads=(),
        cost_model=example.model,
        price_list=example.effective,
        enable_tags=example.tags,
    )
    first, last = example.days
    limits = Limits().model_dump()
    plan = Plan(NAME, negative=False, payloads=payloads, phases=FLOW.phases(len(payloads), negative=False),
                first_day=first, last_day=last, limits=limits)  # fmt: skip
    return Context(
        run=run,
        loaded=loaded,
        plan=plan,
        state=ScenarioState.load(run.scenario_folder(NAME)),
        target=deployment.target,
        clients=deployment.clients,
        phase="source",
        payload_index=1,
        today=deployment.today,
        fixtures=folder,
        emit=lambda _: None,
    )


def _write(context: Context, example: Example) -> None:
    """The payloads and what follows from them, as ``generate`` leaves them."""
    folders = []
    for payload in context.plan.payloads:
        folder = context.folder / f"payload-{payload.index}"
        sent = example.uploads[payload.upload]
        key = write(sent, payload.start, payload.end, folder, cluster_id=context.source_key)
        folders.append(folder)
        tarball = context.folder / f"payload-{payload.index}.tar.gz"
        name = f"{context.source_key}/{tarball.name}"
        context.state.payloads.append(SentPayload(payload.index, key, str(folder), str(tarball), name, 6))
    expectation = Expectation.from_payloads(
        folders,
        cluster_alias=context.source_key,
        cluster_id=context.source_key,
        cost_model=cost_model_of(context.loaded),
        enabled_tags=example.tags,
        today=context.today,
    )
    expectation.write(context.expectation_file)


def _through(context: Context) -> None:
    """Announce one payload, wait for its completion and compare what it made."""
    ingest.run(context)
    if not came(lambda: _completed(context), PATIENCE_SECONDS):
        raise AssertionError(f"payload {context.payload_index} is not completed: {context.observe()}")
    last = context.payload_index
    judge(
        [
            *line_item_stages(context, last),
            summary_stage(context, last),
            rate_stage(context, last),
            ui_stage(context, last),
        ]
    )


def _api(context: Context) -> None:
    """What the phase ``api`` compares; without its tables, which take longer than all the rest."""
    first, last = context.plan.first_day, context.plan.last_day
    expected, actual = own_expectation(context).figures(first, last), answers(context)
    judge([*api._stages_before(context), stage("UI tables -> API", expected, actual)])
    check_money(context, actual, first, last)
    assert all(line.ok for line in reconcile(expected, actual))


def _completed(context: Context) -> bool:
    manifest = context.manifest(context.observe())
    return manifest is not None and manifest.completed is not None
