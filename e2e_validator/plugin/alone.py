"""A context that belongs to no scenario: for what the run itself has on the deployment."""

from __future__ import annotations

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.neighbour.control import plan_of_nobody, scenario_of_nobody
from e2e_validator.plugin.run_session import RunSession


def context_alone(session: RunSession, target: Target, clients: Clients) -> Context:
    """The run's own; nothing of it is told as a phase's."""
    return Context(
        run=session.run,
        loaded=scenario_of_nobody(session.run.folder),
        plan=plan_of_nobody(session.options.today),
        state=ScenarioState(session.run.folder / "none.json"),
        target=target,
        clients=clients,
        phase="cleanup",
        payload_index=1,
        today=session.options.today,
        began_on=session.options.began_on,
        fixtures=session.run.folder,
        emit=lambda _event: None,
        keep=session.options.keep,
    )
