"""A phase that is attended without servers: a clock, what is seen, who is there, and repairs made up for a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from phase_context import context, emitted, source_state
from repair_cases import NOW

from e2e_validator.access.evidence import Session
from e2e_validator.access.source_state import SourceState
from e2e_validator.diagnose import registry as diagnose_registry
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.detector import Detect, Detector
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.engine import examining, repair_runner
from e2e_validator.engine import stall_monitor as attending
from e2e_validator.engine.context import Context
from e2e_validator.engine.examining import Others
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.events import Recognised, Repaired
from e2e_validator.finding import Finding
from e2e_validator.repair import registry as repair_registry
from e2e_validator.repair.repair import Repair, RepairResult, Tools
from e2e_validator.waiting import Reading, pending
from e2e_validator.waiting.reading import Progress

AFTER = 30.0
DETECTORS = diagnose_registry.DETECTORS
MENDED = {cause for repair in repair_registry.REPAIRS for cause in repair.causes} - {"views_stale"}
WAITS = pending("summary not started")


def finding(cause: str = "it_is_broken", sentence: str = "it is broken", **fields: Any) -> Finding:
    """What a repair or a detector has recognised."""
    return Finding(cause, sentence, **fields)


def a_repair(name: str = "mend_it", **change: Any) -> Repair:
    """A repair of ``it_is_broken`` that does nothing."""
    fields: dict[str, Any] = {
        "name": name,
        "phases": ("summary", "convert"),
        "causes": ("it_is_broken",),
        "action": "mends it",
        "writes": "nothing",
        "undo": "not needed",
        "contract": "docs/contract/koku.md 1.1",
        "apply": lambda _case, _tools: RepairResult("mended it", "undo it"),
        "took": lambda _case, _state: False,
    }
    return Repair(**fields | change)


def when_still(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """It is broken as soon as nothing changes."""
    return finding() if observed.still_seconds else None


def when_nobody_will(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
    """It is broken when nothing changes and no process will do it."""
    return finding() if observed.still_seconds and observed.nobody_will() else None


def scenario(found: Context, **change: Any) -> Context:
    """The context with other words in its scenario; those of ``expect`` by ``expect``."""
    expect = found.loaded.scenario.expect.model_copy(update=change.pop("expect", {}))
    changed = found.loaded.scenario.model_copy(update={"expect": expect, **change})
    found.loaded = replace(found.loaded, scenario=changed)
    return found


@dataclass
class Attended:
    """A phase with its stall monitor; the test moves the clock."""

    context: Context
    monkeypatch: pytest.MonkeyPatch
    repairs: tuple[Repair, ...] = ()
    detect: Detect = when_still
    time: float = 100.0
    reading: Reading = WAITS
    evidence: dict[str, Any] = field(default_factory=dict)
    queued: tuple[str, ...] | None = ()
    sessions: tuple[Session, ...] = ()
    asked: list[str] = field(default_factory=list)
    did: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the place of the servers."""
        cast("Any", self.context.clients).masu = SimpleNamespace()
        for module in (attending, examining):
            self.monkeypatch.setattr(module, "look_around", self._around)
        for module in (attending, examining, repair_runner):
            self.monkeypatch.setattr(module, "evidence_of", self._evidence)
        self.only(*self.repairs, detect=self.detect)
        self._monitor = StallMonitor(self.context, lambda _context: self.reading, clock=lambda: self.time)

    def only(self, *repairs: Repair, detect: Detect = when_still) -> None:
        """Let these be all repairs there are; ``detect`` says when what they mend is broken."""
        for module in (attending, repair_registry):
            self.monkeypatch.setattr(module, "REPAIRS", repairs)
        others = tuple(one for one in DETECTORS if one.cause not in MENDED)
        phases = tuple({phase for repair in repairs for phase in repair.phases})
        broken = (Detector("it_is_broken", detect, "it is broken", phases),) if repairs else ()
        self.monkeypatch.setattr(diagnose_registry, "DETECTORS", (*broken, *others))

    def _around(self, _context: Context) -> Others:
        self.asked.append("around")
        return Others(self.queued, self.sessions, NOW)

    def _evidence(self, _context: Context) -> dict[str, Any]:
        self.asked.append("evidence")
        return {"manifests": [], "locks": {}, "line_items": {}, "provider": {}, "periods": [], **self.evidence}

    def after(self, seconds: float = 0.0) -> Reading:
        """The next reading, some seconds later."""
        self.time += seconds
        return self._monitor()

    def every_second(self, seconds: int) -> Reading:
        """The last of a reading each second; as a waiter does, it ends with one that is not pending."""
        found = self.reading
        for _ in range(seconds):
            found = self.after(1.0)
            if found.progress is not Progress.PENDING:
                break
        return found

    def until_still(self) -> Reading:
        """The reading at which nothing has changed for long enough; the first one taken now."""
        self.after()
        self.after(1.0)
        return self.after(AFTER)

    def events(self, kind: type[Recognised | Repaired]) -> list[Any]:
        """The events of one kind."""
        return [event for event in emitted(self.context) if isinstance(event, kind)]

    def mends(self, case: Case, tools: Tools) -> RepairResult:
        """A repair's action that is counted."""
        del case, tools
        self.did.append("mended")
        return RepairResult("mended it", "undo it")


def attended(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *repairs: Repair,
    phase: str = "summary",
    shows: SourceState | None = None,
    detect: Detect = when_still,
    **change: Any,
) -> Attended:
    """A phase of a scenario whose payload went through, attended with these repairs."""
    found = context(folder, phase, shows=shows or source_state(), repair_after=AFTER, **change)
    return Attended(found, monkeypatch, repairs, detect)
