"""Phases that were repaired: what the reports are told of it, and what ``--fail-on-repair`` makes of them."""

from __future__ import annotations

from dataclasses import replace

from e2e_validator.errors import KnownNotAllowed, RepairNotAllowed
from e2e_validator.events import Emit, Event, PhaseFinished, Recognised, Repaired
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.report import allure_repairs
from e2e_validator.report.repairs import WORKED, names, not_allowed, read_try
from e2e_validator.verdict import GOOD


class Tries:
    """Passes events on and keeps the tries of repairs, which know when they were."""

    def __init__(self, emit: Emit) -> None:
        """None so far."""
        self._emit = emit
        self.made: list[Repaired] = []

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Repaired):
            self.made.append(event)
        self._emit(event)


def add_steps(event: Event, session: RunSession) -> None:
    """Show Allure what was recognised and tried, with its evidence."""
    if isinstance(event, Recognised):
        allure_repairs.fault_step(event, session.redactor())
    if isinstance(event, Repaired):
        allure_repairs.repair_step(event, session.run.folder, session.redactor())


def label(finished: PhaseFinished) -> None:
    """Label a repaired phase in Allure."""
    worked = [one for one in map(read_try, finished.repairs) if one.effect == WORKED]
    if finished.verdict in GOOD and worked:
        allure_repairs.label_repaired(worked)


def refusal(finished: PhaseFinished, session: RunSession) -> RepairNotAllowed | None:
    """The failure that ``--fail-on-repair`` makes of a repaired phase; None if the scenario expected all its repairs.

    The verdict stays, and the phases behind it run: their numbers say whether the repair was a good one.
    """
    tries = not_allowed(map(read_try, finished.repairs))
    if not tries or finished.verdict not in GOOD or not session.options.fail_on_repair:
        return None
    return RepairNotAllowed(f"repaired, which --fail-on-repair does not allow: {names(tries)}")


def with_reason(finished: PhaseFinished, error: BaseException) -> PhaseFinished:
    """The closing event with the reason of a failure that the phase itself knows nothing of."""
    if isinstance(error, RepairNotAllowed | KnownNotAllowed):
        return replace(finished, headline=error.headline)
    return finished
