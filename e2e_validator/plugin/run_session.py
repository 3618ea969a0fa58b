"""The run as one pytest process sees it: which run it is, its target, what the processes tell each other, its journal.

The controller (or the only process) makes the run and starts the target; xdist workers are told the run's identity
and wait for the target. Nothing else passes between processes in memory.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from e2e_validator import __version__
from e2e_validator.engine.run_state import Run
from e2e_validator.errors import Blocked, E2EError, UsageError, first_line
from e2e_validator.events import Event, PhaseFinished, RunStarted
from e2e_validator.moments import stamp
from e2e_validator.plugin import handover
from e2e_validator.plugin.exchange import Exchange
from e2e_validator.plugin.interrupts import Interrupts
from e2e_validator.plugin.paths import PRIVATE, shown
from e2e_validator.plugin.phase_order import check_planned
from e2e_validator.plugin.resuming import check_scenarios, go_on, join
from e2e_validator.plugin.run_identity import RunIdentity
from e2e_validator.plugin.run_lock import RunLock
from e2e_validator.plugin.run_record import RunRecord, ScenarioRecord
from e2e_validator.plugin.settings import Options
from e2e_validator.plugin.target_life import Stoppable, TargetLife
from e2e_validator.report.journal import Journal, merge
from e2e_validator.report.redact import Redactor
from e2e_validator.scenario.flow import ON_PREM
from e2e_validator.verdict import Verdict

_VERSIONS = {"harness": __version__, "pytest": pytest.__version__}


class RunSession:
    """The run as one process sees it."""

    def __init__(self, options: Options, identity: RunIdentity, *, before: RunRecord | None = None) -> None:
        """``before`` is what the run left that goes on."""
        self.options = replace(options, today=identity.today, began_on=identity.began_on)
        self.identity = identity
        self.run = Run(identity.run_id, identity.folder)
        self.worker = identity.worker
        self.resumed = identity.resumed
        self.exchange = Exchange(identity.handover, identity.worker)
        self.life = TargetLife(self.options, identity.run_id, self.exchange)
        self.interrupts = Interrupts(self.run)
        self.started = time.monotonic()
        self.used = False
        self.started_event: RunStarted | None = None
        self.exit_code: int | None = None
        self.neighbour: tuple[object, ...] = ()
        self.own_stacks: dict[str, Stoppable | Blocked] = {}
        """The stacks of scenarios with faults, by scenario."""
        self.notes: list[str] = [*options.notes]
        self._before = before
        self._journal: Journal | None = None
        self._left_out: dict[str, list[str]] = {}
        self._lock: RunLock | None = None

    @classmethod
    def of_controller(cls, options: Options, here: Path, identity: RunIdentity | None = None) -> RunSession:
        """A new run, whose folder is made when the first scenario is about to run; or the one to go on with.

        ``here`` is the folder that paths on the command line are relative to; ``identity`` is given when workers were
        told already which run it is.

        Raises:
            UsageError: there is no run to go on with, or it cannot go on with these options.
        """
        if options.resume is not None:
            folder, record = join(options, here)
            again = RunIdentity.of_resumed(record.run, folder, record.today, record.began_on)
            return cls(options, again, before=record)
        return cls(options, identity or RunIdentity.new(options.reports, options.today, options.began_on))

    def tell_worker(self, workerinput: dict[str, Any]) -> None:
        """Hand the run to a worker."""
        self.exchange.open()
        self.identity.tell(workerinput)

    def begin(
        self,
        scenarios: dict[str, list[str]],
        records: Mapping[str, ScenarioRecord],
        *,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> bool:
        """Make the run's folder, find or start the target, hold it, and tell all processes.

        ``scenarios`` maps names to the phases that run, ``records`` to what is to be known of them on disk.
        False when the run has begun before (every xdist worker reports what it collected). ``on_wait`` is told when
        another run has to be waited for.
        """
        if self.used:
            return False
        self.prepare()
        self._plan(records)
        where = self.life.begin(on_wait, {record.stack for record in records.values()} or {ON_PREM})
        self.notes += self.life.notes
        self._record(records, where)
        self.used = True
        self.interrupts.begin()
        self.point_latest()
        self.life.announce()
        self.started_event = RunStarted(
            at=stamp(),
            run_id=self.run.id,
            target=self.life.title,
            today=self.options.today.isoformat(),
            versions=_VERSIONS,
            scenarios=scenarios,
            out_dir=shown(self.run.folder),
            resumed=self.resumed,
            until=self.options.until_phase or "",
        )
        self.emit(self.started_event)
        return True

    def prepare(self) -> None:
        """Make the run's folder, before any report is written into it; it is this process's until the end.

        Raises:
            UsageError: it cannot be made, or another process is still at work in it.
        """
        if self._lock is not None:
            return
        try:
            # What is in it was read from a deployment: no other user may read it.
            self.run.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--run-dir: {self.run.folder} cannot be made: {error.strerror}.") from error
        lock = RunLock(self.run.folder)
        lock.take()
        self._lock = lock
        # What asked the run before to stop.
        self.run.stop_file.unlink(missing_ok=True)
        self.run.abandon_file.unlink(missing_ok=True)
        self.interrupts.catch()
        handover.sweep()

    def enter(self) -> None:
        """As a worker: be seen in the run, which must not go on elsewhere while a phase still runs here."""
        if self._lock is None:
            self._lock = RunLock(self.run.folder)
            self._lock.share()

    def _plan(self, records: Mapping[str, ScenarioRecord]) -> None:
        """Settle which phases run, and say what is unusual about it.

        Raises:
            UsageError: with these scenarios, the options cannot be done.
        """
        options = self.options
        phases = {phase for record in records.values() for phase in record.phases}
        check_planned("--from-phase", options.from_phase, phases)
        check_planned("--until-phase", options.until_phase, phases)
        if self._before is not None:
            check_scenarios(self._before, records)
            self.notes += go_on(self.run, records, merge(self.run.folder / "events"), options.from_phase)
        if options.until_phase is not None:
            self.notes.append(f"until     {options.until_phase}; nothing is cleaned up, --resume goes on from there")

    def _record(self, records: Mapping[str, ScenarioRecord], target: Mapping[str, str]) -> None:
        """Write down what a later process must know to go on."""
        options = self.options
        RunRecord(
            run=self.run.id,
            today=options.today.isoformat(),
            began_on=self.identity.began_on.isoformat(),
            target=self._before.target if self._before else target,
            options={"keep": options.keep, "repair": options.repair, "until_phase": options.until_phase},
            versions=_VERSIONS,
            scenarios={**(self._before.scenarios if self._before else {}), **records},
        ).write(self.run.folder)

    def point_latest(self) -> None:
        """Let ``reports/latest`` point to this run; three runs side by side may do so at once."""
        link = self.run.folder.parent / f".latest-{os.getpid()}"
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(self.run.folder.name)
            link.replace(self.run.folder.parent / "latest")
        except OSError as error:
            raise UsageError(f"--run-dir: {link.parent}/latest cannot be made: {error.strerror}.") from error

    def emit(self, event: Event) -> None:
        """Write the event into this process's journal, without secrets."""
        self.journal.write(event)

    def note_crash(self, scenario: str, phase: str, error: Exception) -> None:
        """A phase could not even begin: that is a bug in this program, and the results must say so."""
        if isinstance(error, E2EError):
            headline, detail = error.headline, error.detail
        else:
            headline = first_line(f"{type(error).__name__}: {error}")
            detail = "".join(traceback.format_exception(error))
        self.emit(PhaseFinished(stamp(), scenario, phase, str(Verdict.ERROR), 0.0, headline=headline, detail=detail))

    @property
    def journal(self) -> Journal:
        """This process's journal; several processes never share a file."""
        if self._journal is None:
            folder = self.run.folder / "events"
            folder.mkdir(parents=True, exist_ok=True)
            self._journal = Journal(folder / f"{self.worker or 'main'}.ndjson", redactor=self.redactor())
        return self._journal

    def redactor(self) -> Redactor:
        """Masks the secrets of the target and of the scenarios' own stacks."""
        own = [*self.life.secrets, *self.exchange.secrets()]
        try:
            return Redactor([*self.life.secrets_of_targets(), *own])
        except Blocked:
            return Redactor(own)

    def learn_secrets(self, scenario: str, found: list[str]) -> None:
        """Mask these too from now on, in this process and in what the controller writes and sweeps at the end."""
        self.life.secrets += found
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self.exchange.leave_secrets(scenario, found)

    def leave_out(self, why: str, scenarios: list[str]) -> None:
        """Note that these scenarios were selected and cannot be run, for whichever process has the terminal."""
        self._left_out[why] = scenarios
        self.exchange.leave_left_out(why, scenarios)

    @property
    def left_out(self) -> dict[str, list[str]]:
        """The scenarios that were selected and cannot be run, by the reason."""
        if self.worker is None and not self._left_out:
            self._left_out = self.exchange.left_out()
        return self._left_out

    def end(self) -> None:
        """Stop what the run started; the target's secrets go with it."""
        self.interrupts.give_back()
        while self.own_stacks:  # of a scenario that pytest did not tear down
            _, own = self.own_stacks.popitem()
            if not isinstance(own, Blocked):
                own.stop()
        self.life.end()
        self.exchange.close()
        if self.worker is None and self._lock is not None:
            self._lock.release()


SESSION = pytest.StashKey[RunSession]()
