"""Phases of a run that goes on which are not run again: what the run before did is kept."""

from __future__ import annotations

import pytest

from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.events import PhaseFinished
from e2e_validator.moments import stamp
from e2e_validator.plugin.collect import FINISHED, PhaseItem
from e2e_validator.plugin.resuming import KEPT
from e2e_validator.plugin.run_session import SESSION
from e2e_validator.report import junit
from e2e_validator.verdict import GOOD, Verdict


def keep(item: PhaseItem) -> bool:
    """Let the item end as the phase did in the run before, if it did; False when the phase is to be run.

    One that is kept leaves no event: those of the run before are still there. One that did not pass and is not tried
    again is skipped with an event, because a run that goes on forgets what had not passed.
    """
    session = item.config.stash[SESSION]
    name = item.scenario.plan.name
    verdict = ScenarioState.load(session.run.scenario_folder(name)).verdicts.get(item.name)
    good = verdict in GOOD
    if verdict is None or (item.name == "cleanup" and not good):
        return False
    finished = PhaseFinished(
        at=stamp(),
        scenario=name,
        phase=item.name,
        verdict=verdict if good else str(Verdict.SKIPPED),
        seconds=0.0,
        facts=KEPT if good else "",
        headline="" if good else "the cleanup of the run before was cut short; only that is done",
    )
    item.user_properties.extend(junit.properties(finished, session.run.id, session.redactor()))
    item.stash[FINISHED] = finished
    if not good:
        session.emit(finished)
        pytest.skip(finished.headline)
    return True
