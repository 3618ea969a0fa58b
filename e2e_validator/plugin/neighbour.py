"""The run's neighbour, as the plugin has to do with it: what it shares with the scenarios, and its end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from e2e_validator.errors import Blocked, E2EError
from e2e_validator.events import PhaseFinished
from e2e_validator.moments import stamp
from e2e_validator.neighbour.marks import FOLDER
from e2e_validator.plugin import terminal
from e2e_validator.plugin.collect import PhaseItem
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.providers import registry
from e2e_validator.report.outcome import INTERRUPTED
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.model import Source

_CLEANUP = "cleanup"


def neighbour_of(items: Sequence[pytest.Item]) -> tuple[object, ...]:
    """What the neighbour of a run of these items has in common with them.

    Scenarios with faults have stacks of their own, and no neighbour there: a fault may hit whatever is on its stack.
    """
    scenarios = {item.scenario.name: item.scenario for item in items if isinstance(item, PhaseItem)}
    beside = [one for one in scenarios.values() if not one.loaded.scenario.faults]
    # One control source a run, of the type that scenarios have by default.
    kind = Source().type
    own = [(one.loaded, one.plan) for one in beside if one.loaded.scenario.source.type == kind]
    shared: tuple[object, ...] = registry.find(kind).control.shared_with(own)
    return shared


def neighbour_for(session: RunSession, loaded: LoadedScenario) -> tuple[object, ...]:
    """The part of the run's neighbour that a scenario has to do with: it stands where sources of its own type do."""
    return session.neighbour if loaded.scenario.source.type == Source().type else ()


def remove_neighbour(config: pytest.Config, session: RunSession) -> None:
    """Remove it when the run ends, after every scenario; one that cannot be removed makes the run UNCLEAN."""
    if not session.used or session.options.until_phase or not (session.run.folder / FOLDER).is_dir():
        return
    # Only now: other test runs need not load the clients.
    from e2e_validator.engine.context import Clients
    from e2e_validator.engine.left import describe_left
    from e2e_validator.engine.outcome import PhaseSkipped
    from e2e_validator.engine.runner import verdict_of
    from e2e_validator.neighbour.control import is_there, of
    from e2e_validator.neighbour.removal import remove
    from e2e_validator.plugin.alone import context_alone

    try:
        target = session.life.target(registry.flow(registry.USUAL).stack)
    except Blocked:
        return  # then nothing was made either
    clients = Clients(target, registry.USUAL, session.life.claims(target))
    context = context_alone(session, target, clients)
    try:
        with session.interrupts.during(_CLEANUP):
            remove(context)
    except PhaseSkipped as kept:
        terminal.show_line(config, str(kept))
    except E2EError as left:
        _tell(session, str(verdict_of(left)), left.headline, left.detail)
    except KeyboardInterrupt:
        if target.kind != "embedded" and is_there(session.run):
            _tell(session, INTERRUPTED, *describe_left(of(context).state, target, "a second signal ended its removal"))
    finally:
        clients.close()


def _tell(session: RunSession, verdict: str, headline: str, detail: str) -> None:
    """As the cleanup of a scenario of the neighbour's name: so every report shows it, and the exit code counts it."""
    now = stamp()
    session.emit(PhaseFinished(now, FOLDER, _CLEANUP, verdict, 0.0, headline=headline, detail=detail))
