"""What all processes of one pytest run share: the run's folder, its target, its journal.

The controller (or the only process) makes the run and starts the target; xdist workers are told the run's id and
folder and wait for the target file. Nothing else passes between processes in memory.
"""

from __future__ import annotations

import os
import secrets
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e_validator import __version__
from e2e_validator.access.claims import Claims
from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target, namespace
from e2e_validator.deployment.endpoints import from_file
from e2e_validator.deployment.identity import addresses
from e2e_validator.engine.claims import hold_organisation
from e2e_validator.engine.run_state import Run
from e2e_validator.errors import Blocked, E2EError, UsageError
from e2e_validator.events import Event, PhaseFinished, RunStarted
from e2e_validator.plugin import handover
from e2e_validator.plugin.interrupts import Interrupts
from e2e_validator.plugin.options import Options
from e2e_validator.plugin.phase_order import check_planned
from e2e_validator.plugin.resuming import check_scenarios, go_on, join
from e2e_validator.plugin.run_lock import RunLock
from e2e_validator.plugin.run_record import RunRecord, ScenarioRecord
from e2e_validator.report.journal import Journal, merge
from e2e_validator.report.redact import Redactor
from e2e_validator.verdict import Verdict

if TYPE_CHECKING:
    from e2e_validator.deployment.namespace.opening import Opened
    from e2e_validator.embedded.stack import EmbeddedStack
    from e2e_validator.plugin.faults import OwnStack


PRIVATE = 0o700
# The note in which workers tell what the scenarios are.
_RECORDS = "scenarios"


class RunSession:
    """The run as one process sees it."""

    def __init__(self, options: Options, run: Run, *, worker: str | None) -> None:
        """``worker`` is None in the controller and in a run without xdist."""
        self.options = options
        self.run = run
        self.worker = worker
        self.started = time.monotonic()
        self.used = False
        self.started_event: RunStarted | None = None
        self.exit_code: int | None = None
        self._target: Target | None = None
        self._word: handover.Word | None = None
        self._handover: Path | None = None
        self._handed: handover.Folder | None = None
        self._stack: EmbeddedStack | None = None
        self._opened: Opened | None = None
        self._journal: Journal | None = None
        self._claims: dict[str, Claims] = {}
        self.own_stacks: dict[str, OwnStack | Blocked] = {}
        self._own_secrets: list[str] = []
        self._left_out: list[str] = []
        self.neighbour: tuple[object, ...] = ()
        self.resumed = False
        self.notes: list[str] = []
        self._before: RunRecord | None = None
        self._lock: RunLock | None = None
        self.interrupts = Interrupts(run)

    @classmethod
    def of_controller(cls, options: Options, here: Path) -> RunSession:
        """A new run, whose folder is made when the first scenario is about to run; or the one to go on with.

        ``here`` is the folder that paths on the command line are relative to.

        Raises:
            UsageError: there is no run to go on with, or it cannot go on with these options.
        """
        if options.resume is not None:
            folder, record = join(options, here)
            options = options.on(record.today, record.began_on)
            session = cls(options, Run(record.run, folder), worker=None)
            session.resumed, session._before = True, record
            return session
        stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
        run_id = f"{stamp}-{secrets.token_hex(2)}"
        return cls(options, Run(run_id, options.reports.absolute() / run_id), worker=None)

    @classmethod
    def of_worker(cls, options: Options, workerinput: dict[str, Any]) -> RunSession:
        """The controller's run, in a worker."""
        folder = Path(workerinput["e2e_run_folder"])
        options = options.on(workerinput["e2e_today"], workerinput["e2e_began_on"])
        session = cls(options, Run(workerinput["e2e_run_id"], folder), worker=workerinput["workerid"])
        session._handover = Path(workerinput["e2e_handover"])
        session.resumed = workerinput["e2e_resumed"]
        return session

    def tell_worker(self, workerinput: dict[str, Any]) -> None:
        """Hand the run to a worker."""
        if self._handover is None:
            self._handed = handover.Folder.make()
            self._handover = self._handed.path
        workerinput["e2e_handover"] = str(self._handover)
        workerinput["e2e_run_id"] = self.run.id
        workerinput["e2e_run_folder"] = str(self.run.folder)
        workerinput["e2e_today"] = self.options.today.isoformat()
        workerinput["e2e_began_on"] = (self.options.began_on or self.options.today).isoformat()
        workerinput["e2e_resumed"] = self.resumed

    def leave_records(self, records: Mapping[str, ScenarioRecord]) -> None:
        """As a worker: tell the controller, which collects nothing, what the scenarios are."""
        if self._handover is not None:
            handover.leave_note(self._handover, _RECORDS, [record.as_json(name) for name, record in records.items()])

    def records_of_workers(self) -> dict[str, ScenarioRecord]:
        """The scenarios that the workers have collected."""
        told = handover.note(self._handover, _RECORDS) if self._handover is not None else []
        return dict(map(ScenarioRecord.from_json, told))

    def begin(
        self,
        scenarios: dict[str, list[str]],
        records: Mapping[str, ScenarioRecord],
        *,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> bool:
        """Make the run's folder, find or start the target, hold it, and leave word of it for all processes.

        ``scenarios`` maps names to the phases that run, ``records`` to what is to be known of them on disk.
        False when the run has begun before (every xdist worker reports what it collected). ``on_wait`` is told when
        another run has to be waited for.
        """
        if self.used:
            return False
        self.prepare()
        self._plan(records)
        where = {"kind": "embedded", "title": "none"}
        try:
            target = self._find_target()
            where = {"kind": target.kind, "title": target.title, **addresses(target)}
            self._hold(target, on_wait)
        except UsageError:
            raise
        except E2EError as error:
            word: handover.Word = {"error": error.headline, "detail": error.detail}
            title = "none"
        else:
            word = {"target": target.model_dump(by_alias=True)}
            if self._stack is not None:
                word["logs"] = str(self._stack.logs)
            title = target.title
        self._record(records, where)
        self.used = True
        self.interrupts.begin()
        self.point_latest()
        self._word = word
        if self._handover is not None:
            handover.leave(self._handover, word)
        self.started_event = RunStarted(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            run_id=self.run.id,
            target=title,
            today=self.options.today.isoformat(),
            versions={"harness": __version__, "pytest": pytest.__version__},
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
            # What is in it was read from a deployment: it is nobody else's business.
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
            self.notes = go_on(self.run, records, merge(self.run.folder / "events"), options.from_phase)
        if options.until_phase is not None:
            self.notes.append(f"until     {options.until_phase}; nothing is cleaned up, --resume goes on from there")

    def _record(self, records: Mapping[str, ScenarioRecord], target: Mapping[str, str]) -> None:
        """Write down what a later process must know to go on."""
        options = self.options
        RunRecord(
            run=self.run.id,
            today=options.today.isoformat(),
            began_on=(options.began_on or options.today).isoformat(),
            target=self._before.target if self._before else target,
            options={"keep": options.keep, "repair": options.repair, "until_phase": options.until_phase},
            versions={"harness": __version__, "pytest": pytest.__version__},
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

    def target(self) -> Target:
        """The run's target.

        Raises:
            Blocked: there is none; says why.
        """
        if self._target is None:
            if self._word is None and self._handover is not None:
                self._word = handover.fetch(self._handover)
            if self._word is None:
                raise Blocked("The run has not begun.")
            if "error" in self._word:
                raise Blocked(self._word["error"], detail=self._word["detail"])
            self._target = Target.load(self._word["target"])
        return self._target

    def stack_logs(self) -> Path | None:
        """Where the run's embedded stack writes its logs, if it has one."""
        logs = (self._word or {}).get("logs")
        return Path(logs) if logs else None

    def emit(self, event: Event) -> None:
        """Write the event into this process's journal, without secrets."""
        self.journal.write(event)

    def note_crash(self, scenario: str, phase: str, error: Exception) -> None:
        """A phase could not even begin: that is a bug of ours, and the results must say so."""
        if isinstance(error, E2EError):
            headline, detail = error.headline, error.detail
        else:
            headline = f"{type(error).__name__}: {error}".splitlines()[0]
            detail = "".join(traceback.format_exception(error))
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.emit(PhaseFinished(now, scenario, phase, str(Verdict.ERROR), 0.0, headline=headline, detail=detail))

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
        own = list(self._own_secrets)
        if self.worker is None and self._handover is not None:
            own += handover.secrets_of_workers(self._handover)
        try:
            return Redactor([*self.target().secrets(), *own])
        except Blocked:
            return Redactor(own)

    def learn_secrets(self, scenario: str, found: list[str]) -> None:
        """Mask these too from now on, in this process and in what the controller writes and sweeps at the end."""
        self._own_secrets += found
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self.worker is not None and self._handover is not None:
            handover.leave_secrets(self._handover, f"{self.worker}-{scenario}", found)

    def leave_out(self, scenarios: list[str]) -> None:
        """Note that these scenarios were selected and cannot be run, for whoever has the terminal."""
        self._left_out = scenarios
        if self.worker is not None and self._handover is not None:
            handover.leave_note(self._handover, "left-out", scenarios)

    @property
    def left_out(self) -> list[str]:
        """The scenarios that were selected and cannot be run."""
        if self.worker is None and self._handover is not None and not self._left_out:
            self._left_out = handover.note(self._handover, "left-out")
        return self._left_out

    def claims(self, target: Target) -> Claims:
        """The locks of this process on the target; held until they are given back, or the process ends."""
        if target.dsn not in self._claims:
            self._claims[target.dsn] = Claims(target, self.run.id, exclusive=self.options.exclusive)
        return self._claims[target.dsn]

    def end(self) -> None:
        """Stop what the run started; the target's secrets go with it."""
        self.interrupts.give_back()
        for claims in self._claims.values():
            claims.close()
        while self.own_stacks:  # of a scenario that pytest did not tear down
            _, own = self.own_stacks.popitem()
            if not isinstance(own, Blocked):
                own.stop()
        if self.worker is not None:
            return
        if self._stack is not None:
            self._stack.stop()
            self._stack = None
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        if self._handed is not None:
            self._handed.remove()
        if self._lock is not None:
            self._lock.release()

    def _find_target(self) -> Target:
        if self.options.target_file is not None:
            return from_file(self.options.target_file)
        if self.options.where is not None:
            target, self._opened = namespace.start(self.options.where)
            self._own_secrets += self._opened.found.secrets()
            self.notes += self._opened.notes()
            return target
        from e2e_validator.deployment import embedded

        target, self._stack = embedded.start(today=self.options.today)
        return target

    def _hold(self, target: Target, on_wait: Callable[[str], None]) -> None:
        """Hold the organisation; where no database answers, preflight says so, and asks again before anything begins.

        Raises:
            Blocked: another run has it.
        """
        with suppress(Unreachable):
            hold_organisation(self.claims(target), wait_seconds=self.options.wait_for_lock, on_wait=on_wait)


@contextmanager
def private() -> Iterator[None]:
    """What is written in the block, also by what it starts, can be read by this user alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def shown(folder: Path) -> str:
    """The folder as the user would type it."""
    with suppress(ValueError):
        return f"{folder.relative_to(Path.cwd())}/"
    return f"{folder}/"


SESSION = pytest.StashKey[RunSession]()
