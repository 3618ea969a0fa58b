"""A scenario run phase by phase in this process, on a stack whose servers the test disturbs meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from standin_deployment import Deployment

from e2e_validator.access.evidence import Evidence, read_evidence
from e2e_validator.access.source_database import SourceDatabase
from e2e_validator.deployment import Target
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.engine.runner import run_phase
from e2e_validator.events import Event, PhaseFinished, Recognised, Repaired
from e2e_validator.plugin.registry import PHASES
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.plan import plan
from e2e_validator.slowness import expired

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
REPAIR_AFTER = 0.8
# Long enough for any repair that would be done: the first look, the stillness, and what changes hands in between.
WATCHED_SECONDS = 4.0
# Sessions of the test itself must not be taken for those of somebody at work.
NOBODY = "e2e_validator test"
TEXT = """
version: 1
name: {name}
description: One recorded payload.
data: {{payloads: recordings/{recording}}}
limits: {{source: 3s, download: {limit}, convert: {limit}, summary: {limit}, cost: {limit}, manifest: {limit}}}
"""


@dataclass
class Stage:
    """A stack with what the tests need of it."""

    stack: EmbeddedStack
    target: Target
    koku: Deployment
    folder: Path
    koku_today: date
    count: int = 0

    def scenario(
        self, recording: str = "one_pod_day", *, repair: str = "auto", limit: str = "30s", more: str = ""
    ) -> Played:
        """A scenario of a recorded payload, not begun."""
        self.count += 1
        name = f"s{self.count}"
        path = self.folder / f"{name}.yaml"
        path.write_text(TEXT.format(name=name, recording=recording, limit=limit) + more, encoding="utf-8")
        return Played(self, path, repair)

    def pid(self, process: str) -> int:
        """The process id of ``listener`` or ``worker-0``."""
        return int((self.koku._logs / f"koku-{process}.pid").read_text())

    @contextmanager
    def stopped(self, process: str) -> Iterator[None]:
        """A process that lives and does nothing."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def held(self, *statements: str) -> Iterator[Held]:
        """What is locked by these statements, in a transaction that is open until the block ends or it is let go."""
        options = f"-c search_path={self.target.schema_name},public"
        with psycopg.connect(self.target.dsn, options=options, application_name=NOBODY) as conn:
            for statement in statements:
                conn.execute(statement.encode())
            yield Held(conn)
            conn.rollback()

    def waiting_for_locks(self) -> int:
        """How many sessions wait for a lock."""
        found = self.koku.row("SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return int(found["n"])


@dataclass
class Held:
    """Locks that somebody holds."""

    conn: psycopg.Connection[Any]

    def let_go(self) -> None:
        """Give them back."""
        self.conn.rollback()


@dataclass
class Played:
    """A scenario whose phases the test runs one after the other."""

    stage: Stage
    path: Path
    repair: str
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Load and plan it."""
        today = self.stage.koku_today
        self.loaded = load_scenario(self.path, fixtures=FIXTURES, today=today)
        self.plan = plan(self.loaded, today)
        self.run = Run("run", self.stage.folder / "runs")

    @property
    def state(self) -> ScenarioState:
        """What the phases have handed on."""
        return ScenarioState.load(self.run.scenario_folder(self.plan.name))

    @property
    def source(self) -> str:
        """The provider's uuid."""
        state = self.state
        assert state.source is not None
        return state.source["uuid"]

    @property
    def cluster(self) -> str:
        """The cluster id."""
        return f"e2e-{self.plan.name}-{self.state.token}"

    @contextmanager
    def context(self, phase: str) -> Iterator[Context]:
        """The context of one phase."""
        clients = Clients(self.stage.target, "OCP")
        try:
            yield Context(
                run=self.run,
                loaded=self.loaded,
                plan=self.plan,
                state=self.state,
                target=self.stage.target,
                clients=clients,
                phase=phase,
                payload_index=1,
                today=self.stage.koku_today,
                fixtures=FIXTURES,
                emit=self.events.append,
                repair=self.repair,
                repair_after=REPAIR_AFTER,
            )
        finally:
            clients.close()

    def phase(self, phase: str) -> PhaseFinished:
        """Run one phase."""
        with self.context(phase) as context:
            if not context.state.path.exists():
                context.state.save()
            return run_phase(context, PHASES[context.base])[0]

    def until(self, phase: str) -> Played:
        """Run every phase before this one; each must pass."""
        for name in self.plan.phases[: self.plan.phases.index(phase)]:
            finished = self.phase(name)
            assert finished.verdict in {"PASSED", "REPAIRED"}, f"{name}: {finished.headline}\n{finished.detail}"
        return self

    def rest(self, phase: str, last: str = "cleanup") -> dict[str, str]:
        """Run this phase and all after it, up to ``last``; their verdicts."""
        names = self.plan.phases
        return {name: self.phase(name).verdict for name in names[names.index(phase) : names.index(last) + 1]}

    @contextmanager
    def meanwhile(self, phase: str) -> Iterator[Going]:
        """The phase runs while the block does; at its end it is waited for."""
        going = Going(self, phase)
        going.thread.start()
        try:
            yield going
        finally:
            going.thread.join(40)
            assert not going.thread.is_alive(), f"{phase} goes on for ever"

    def evidence(self) -> Evidence:
        """Every row that tells how far the ingest came."""
        database = SourceDatabase(self.stage.target, NAMES)
        try:
            return read_evidence(database, self.source)
        finally:
            database.close()

    def repaired(self) -> list[tuple[str, str]]:
        """The tries of repairs and what became of them."""
        return [(event.repair, event.effect) for event in self.events if isinstance(event, Repaired)]

    def recognised(self) -> list[str]:
        """The faults that were told."""
        return [event.cause for event in self.events if isinstance(event, Recognised)]

    def usage(self) -> float:
        """Core-hours used, in the daily summary."""
        return self.stage.koku.usage(self.source)


@dataclass
class Going:
    """A phase in progress."""

    played: Played
    phase: str
    finished: PhaseFinished | None = None

    def __post_init__(self) -> None:
        """It is started later."""
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.finished = self.played.phase(self.phase)

    def nothing_is_done(self, seconds: float = WATCHED_SECONDS) -> None:
        """Watch: no repair is begun, and no row is written."""
        before = self.played.evidence()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.thread.is_alive(), self.finished
            assert self.played.state.repairs == []
            time.sleep(0.05)
        assert self.played.evidence() == before
        assert self.played.repaired() == []

    def wait_until_recognised(self, cause: str) -> None:
        """Wait until the fault is told."""
        self.wait(lambda: cause in self.played.recognised(), cause)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something while the phase goes on."""
        began = time.monotonic()
        while not condition():
            assert not expired(20, began), what
            assert self.thread.is_alive(), f"ended before {what}: {self.finished}"
            time.sleep(0.02)


@contextmanager
def staged(folder: Path, today: date) -> Iterator[Stage]:
    """A stack of one's own, because its processes are stopped and killed."""
    with EmbeddedStack.start(today=today, report_dir=folder) as stack:
        koku = Deployment(stack, folder / "embedded")
        koku.conn.execute(f"SET application_name = '{NOBODY}'".encode())
        target = Target.load({"kind": "embedded", "name": "stack", **stack.endpoints.as_json()})
        yield Stage(stack, target, koku, folder, today)
        koku.conn.close()
