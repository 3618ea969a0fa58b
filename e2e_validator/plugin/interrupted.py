"""What the reports of an interrupted run say beside the phases: that it was interrupted, and what may be left."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e_validator.deployment import Target
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.errors import Blocked
from e2e_validator.events import PhaseFinished
from e2e_validator.moments import stamp
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.report import allure, junit
from e2e_validator.report.model import Results
from e2e_validator.report.outcome import INTERRUPTED
from e2e_validator.verdict import Verdict

_CLEANUP = "cleanup"
_NOT_CLEAN = {INTERRUPTED, str(Verdict.UNCLEAN)}


def note_left(own: RunSession, results: Results) -> None:
    """Give each scenario without a cleanup (its worker was killed) one that says what may be left."""
    if own.options.until_phase is not None:
        return
    # The phases bring the clients, which other test runs need not load.
    from e2e_validator.engine.left import describe_left
    from e2e_validator.plugin.early_end import needs_cleanup

    try:
        target = own.life.target()
    except Blocked:
        target = Target.unknown()
    for scenario in results.scenarios:
        cleanup = next((phase for phase in scenario.phases if phase.name == _CLEANUP), None)
        folder = own.run.folder / scenario.name
        if cleanup is None or cleanup.seconds is not None or not needs_cleanup(folder):
            continue
        headline, detail = describe_left(ScenarioState.load(folder), target, "no cleanup ran")
        now = stamp()
        own.emit(PhaseFinished(now, scenario.name, _CLEANUP, INTERRUPTED, 0.0, headline=headline, detail=detail))


def left_block(results: Results) -> str:
    """What is left on the target, with the commands that remove it; empty when every cleanup came to its end."""
    lines = []
    for scenario in results.scenarios:
        for phase in scenario.phases:
            if phase.name == _CLEANUP and phase.verdict in _NOT_CLEAN:
                lines.append(f"left      {scenario.name}: {phase.headline}")
                lines += [f"          {line}" for line in phase.detail.splitlines()]
    return "\n".join(lines)


def tell_reports(session: pytest.Session, own: RunSession, allure_folder: Path) -> None:
    """Say in JUnit and Allure that the run was interrupted, wherever it was at that moment."""
    sentence = f"The run was interrupted by {own.interrupts.by}; it says nothing of what it had not come to."
    path = getattr(session.config.option, "xmlpath", None)
    if path and Path(path).is_file():
        junit.add_interrupt(Path(path), sentence, run_id=own.run.id)
    if allure_folder.is_dir():
        allure.write_interrupt(allure_folder, sentence)
