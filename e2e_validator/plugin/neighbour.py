"""The run's neighbour, as the plugin has to do with it: what it shares with the scenarios, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from e2e_validator.errors import Blocked, CleanupIncomplete
from e2e_validator.events import PhaseFinished
from e2e_validator.phases.neighbour.marks import FOLDER
from e2e_validator.phases.neighbour.shared import Shared, shared_with
from e2e_validator.plugin import terminal
from e2e_validator.plugin.collect import PhaseItem
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.verdict import Verdict


def neighbour_of(items: Sequence[pytest.Item]) -> tuple[Shared, ...]:
    """What the neighbour of a run of these items has in common with them.

    Scenarios with faults have stacks of their own, and no neighbour there: a fault may hit whatever is on its stack.
    """
    scenarios = {item.scenario.name: item.scenario for item in items if isinstance(item, PhaseItem)}
    beside = [one for one in scenarios.values() if not one.loaded.scenario.faults]
    return shared_with((one.loaded, one.plan) for one in beside)


def remove_neighbour(config: pytest.Config, session: RunSession) -> None:
    """Remove it when the run ends, after every scenario; one that cannot be removed makes the run UNCLEAN."""
    if not session.used or session.options.until_phase or not (session.run.folder / FOLDER).is_dir():
        return
    # Only now: other test runs need not load the clients.
    from e2e_validator.phases.context import Clients
    from e2e_validator.phases.neighbour.removal import remove
    from e2e_validator.phases.outcome import PhaseSkipped
    from e2e_validator.plugin.alone import context_alone

    try:
        target = session.target()
    except Blocked:
        return  # then nothing was made either
    clients = Clients(target, session.claims(target))
    try:
        remove(context_alone(session, target, clients))
    except PhaseSkipped as kept:
        terminal.show_line(config, str(kept))
    except CleanupIncomplete as left:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        said = session.redactor().text(f"{left.headline}\n{left.detail}")
        session.emit(
            PhaseFinished(now, FOLDER, "cleanup", str(Verdict.UNCLEAN), 0.0, headline=left.headline, detail=left.detail)
        )
        terminal.show_line(config, said)
    finally:
        clients.close()
