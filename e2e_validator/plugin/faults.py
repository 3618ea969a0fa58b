"""A scenario with faults runs on an embedded stack of its own, so that no other scenario feels them.

The stack starts when the first phase of the scenario runs and stops when the scenario has ended, in the process that
runs it; when that process dies, its keeper ends it. Faults are armed and taken back between phases. What happened is
written down only at the end: no phase may know it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Context
from e2e_validator.engine.runner import missing_phase
from e2e_validator.errors import Blocked, HarnessError, plural
from e2e_validator.events import Emit, Event, PhaseFinished
from e2e_validator.moments import stamp
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.providers import registry
from e2e_validator.scenario.fault_names import ARMABLE
from e2e_validator.scenario.model import Fault, Scenario
from e2e_validator.verdict import GOOD, Verdict
from e2e_validator.whole_file import write_whole

if TYPE_CHECKING:
    from e2e_validator.embedded.stack import EmbeddedStack

_CLEANUP = "cleanup"


@dataclass(slots=True)
class Armed:
    """A fault of the scenario that was armed; ``happened`` holds what the control port described of it last."""

    fault: Fault
    id: str
    source_key: str | None
    at: str
    taken_back: str | None = None
    happened: list[dict[str, Any]] = field(default_factory=list)


class OwnStack:
    """The stack of one scenario, with the faults that were put to it."""

    def __init__(self, scenario: Scenario, target: Target, stack: EmbeddedStack) -> None:
        """Nothing is armed yet."""
        self.target = target
        self.armed: list[Armed] = []
        self._scenario = scenario
        self._stack = stack

    @classmethod
    def start(cls, scenario: Scenario, today: date) -> OwnStack:
        """Start it, with its clock on the day of the run.

        Raises:
            Blocked: it did not become ready.
        """
        from e2e_validator.deployment import embedded

        target, stack = embedded.start(today=today, stack=registry.flow(scenario.source.type).stack)
        return cls(scenario, target, stack)

    @property
    def logs(self) -> Path:
        """Where its servers write their logs."""
        return self._stack.logs

    def secrets(self) -> list[str]:
        """Every string of it that must not reach a report."""
        return [*self.target.secrets(), self._stack.control.token]

    def set_scene(self, context: Context) -> None:
        """Take back what ends before the context's phase, and arm what begins with it.

        Raises:
            HarnessError: the stack refuses it.
        """
        for armed in self.armed:
            if armed.fault.until == context.phase:
                self._take_back(armed)
        if missing_phase(context) is not None:
            return  # the phase is about to be skipped
        for fault in self._scenario.faults:
            if fault.before == context.phase:
                source = context.source_key if ARMABLE[fault.fault].scope == "source" else None
                times = None if fault.times == "always" else fault.times
                at = stamp()  # before: some happen at once
                name = self._stack.faults.arm(fault.fault, key=source, times=times, **fault.options)
                self.armed.append(Armed(fault, name, source, at))

    def calm_down(self) -> None:
        """Take back everything, for a scenario that is cut short and wants to clean up.

        Raises:
            HarnessError: the stack refuses it.
        """
        for armed in self.armed:
            self._take_back(armed)

    def never_happened(self, phase: str) -> list[str]:
        """The armed faults that have had their time with this phase, and have not happened.

        Raises:
            HarnessError: the stack does not tell.
        """
        self._look()
        here = phase == _CLEANUP
        return [
            armed.fault.fault for armed in self.armed if (armed.fault.before == _CLEANUP) == here and not armed.happened
        ]

    def end(self, folder: Path) -> None:
        """Write ``faults.json`` and stop the stack.

        Raises:
            CleanupIncomplete: something of the stack could not be removed.
        """
        try:
            described = self._described()
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / "faults.json", json.dumps(described, indent=1) + "\n")
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop the stack and forget it.

        Raises:
            CleanupIncomplete: something of it could not be removed.
        """
        self._stack.stop()

    def _take_back(self, armed: Armed) -> None:
        if armed.taken_back is None:
            self._look()  # the stack forgets what it takes back
            self._stack.faults.clear(armed.id)
            armed.taken_back = stamp()

    def _look(self) -> None:
        """Learn what has happened by now."""
        fired = self._stack.faults.fired()
        for armed in self.armed:
            if armed.taken_back is None:
                armed.happened = [entry for entry in fired if entry["id"] == armed.id]

    def _described(self) -> dict[str, Any]:
        """The faults by the time at which they happened (UTC), and what was armed when."""
        described: dict[str, Any] = {}
        try:
            self._look()
        except HarnessError as error:
            described["unknown"] = error.headline
        happened = sorted((entry for armed in self.armed for entry in armed.happened), key=lambda entry: entry["at"])
        described["fired"] = [
            {"fault": entry["name"], "at": _iso(entry["at"]), "point": entry["point"], "process": entry["process"]}
            for entry in happened
        ]
        described["armed"] = [
            {
                **armed.fault.model_dump(mode="json"),
                "source_key": armed.source_key,
                "at": armed.at,
                "taken_back": armed.taken_back,
                "happened": len(armed.happened),
            }
            for armed in self.armed
        ]
        return described


class LastWord:
    """Emits for one phase; its end becomes an error when it was the last chance of a fault that never happened.

    A scenario whose fault did not happen has shown nothing, whatever its phases say.
    """

    def __init__(self, emit: Emit, context: Context, own: OwnStack) -> None:
        """The phase has not ended yet."""
        self._emit, self._context, self._own = emit, context, own
        self.finished: PhaseFinished | None = None
        self.error: HarnessError | None = None

    def __call__(self, event: Event) -> None:
        """Pass the event on, the last one perhaps with another verdict."""
        if isinstance(event, PhaseFinished):
            event = self.finished = self._judged(event)
        self._emit(event)

    def _judged(self, finished: PhaseFinished) -> PhaseFinished:
        context = self._context
        last_chance = context.phase in context.plan.phases[-2:]
        counts = finished.verdict in GOOD or (
            context.loaded.scenario.expect.fails is not None and finished.verdict != Verdict.SKIPPED
        )
        if not (last_chance and counts):
            return finished
        try:
            never = self._own.never_happened(context.phase)
        except HarnessError as error:
            self.error = error
        else:
            if not never:
                return finished
            self.error = HarnessError(
                f"The {plural(len(never), 'fault')} {', '.join(never)} never happened; the scenario shows nothing.",
                detail=f"the phase    {finished.verdict}{': ' * bool(finished.headline)}{finished.headline}",
            )
        context.state.verdicts[context.phase] = str(Verdict.ERROR)
        context.state.save()
        return replace(
            finished, verdict=str(Verdict.ERROR), headline=self.error.headline, detail=self.error.detail, finding=None
        )


def own_stack(session: RunSession, scenario: Scenario) -> OwnStack | None:
    """The scenario's own stack, started when first asked for; None for a scenario without faults.

    Raises:
        Blocked: it did not start; not tried again.
    """
    if not scenario.faults:
        return None
    if scenario.name not in session.own_stacks:
        try:
            own = OwnStack.start(scenario, session.options.today)
        except Blocked as error:
            session.own_stacks[scenario.name] = error
        else:
            session.own_stacks[scenario.name] = own
            session.learn_secrets(scenario.name, own.secrets())
    found = session.own_stacks[scenario.name]
    if isinstance(found, Blocked):
        raise found
    return found if isinstance(found, OwnStack) else None


def end_stack(session: RunSession, name: str) -> None:
    """Stop the stack of a scenario that has ended; nothing to do when it has none.

    Raises:
        CleanupIncomplete: something of the stack could not be removed.
    """
    own = session.own_stacks.pop(name, None)
    if isinstance(own, OwnStack):
        own.end(session.run.folder / name)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
