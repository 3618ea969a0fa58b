"""A scenario as far as no deployment is needed: its data, made by nise, and the expectation that follows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from e2e_validator.errors import UsageError
from e2e_validator.expect.cost_model import CostModel
from e2e_validator.expect.expectation import Expectation
from e2e_validator.phases import generate
from e2e_validator.phases.context import Clients, Context
from e2e_validator.phases.prices import cost_model_of
from e2e_validator.phases.run import Run, ScenarioState
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.target import Target


def rehearse(path: Path, *, fixtures: Path, today: date, folder: Path) -> tuple[Expectation, CostModel | None]:
    """Generate the scenario's data in ``folder``; nothing is sent anywhere.

    Raises:
        ScenarioError: the file is wrong.
        UsageError: the scenario expects a rejection, so no figures follow from it.
        HarnessError: nise failed.
    """
    loaded = load_scenario(path, fixtures=fixtures, today=today)
    planned = plan(loaded, today)
    if planned.negative:
        raise UsageError(f"{path}: expects that Koku rejects the payload; no figures follow from it.")
    target = Target.unknown()
    context = Context(
        run=Run("rehearsal", folder),
        loaded=loaded,
        plan=planned,
        state=ScenarioState.load(folder),
        target=target,
        clients=Clients(target),
        phase="generate",
        parcel_index=1,
        today=today,
        fixtures=fixtures,
        emit=lambda _: None,
    )
    generate.run(context)
    return context.expectation, cost_model_of(loaded)
