"""A scenario as far as no deployment is needed: its data, made by nise, and the expectation that follows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.errors import E2EError, Problem, UsageError
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import plan


def rehearse(loaded: LoadedScenario, *, fixtures: Path, today: date, folder: Path) -> Context:
    """Generate the scenario's data in ``folder``; nothing is sent anywhere. The context has the expectation.

    Raises:
        UsageError: the scenario expects a rejection, so no figures follow from it.
        HarnessError: nise failed.
    """
    planned = plan(loaded, today)
    if planned.negative:
        raise UsageError(f"{loaded.path}: expects that Koku rejects the payload; no figures follow from it.")
    target = Target.unknown()
    context = Context(
        run=Run("rehearsal", folder),
        loaded=loaded,
        plan=planned,
        state=ScenarioState.load(folder),
        target=target,
        clients=Clients(target, loaded.scenario.source.type),
        phase="generate",
        payload_index=1,
        today=today,
        fixtures=fixtures,
        emit=lambda _: None,
    )
    provider_of(context).rehearse(context)
    return context


def hand_figures_of(context: Context) -> list[Problem]:
    """Each cost that was worked out by hand and does not follow from the rehearsed data."""
    return provider_of(context).contradictions(context)


def recorded_contradictions(loaded: LoadedScenario, *, fixtures: Path, today: date) -> list[Problem]:
    """``hand_figures_of`` a scenario whose data are at hand, without a run of nise; nothing of any other."""
    expect = loaded.scenario.expect
    if expect.costs is None or expect.rejected or not (loaded.payloads or loaded.rows):
        return []
    with TemporaryDirectory() as folder:
        try:
            return hand_figures_of(rehearse(loaded, fixtures=fixtures, today=today, folder=Path(folder)))
        except E2EError as error:
            return [Problem(str(loaded.path), loaded.lines.get("data", 1), 1, error.headline)]
