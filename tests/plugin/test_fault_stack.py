"""Faults between the phases of one scenario: armed and taken back in time, told at the end, and none may stay away."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nested import CHECKOUT, TODAY, quick

from e2e_validator.deployment import Target
from e2e_validator.embedded.folder import sweep
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.events import Event, PhaseFinished
from e2e_validator.plugin import faults, handover
from e2e_validator.plugin.faults import LastWord, OwnStack
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.model import Fault, Scenario

PHASES = ("preflight", "source", "upload", "convert", "api", "cleanup")
FAILS = {"phase": "convert", "cause": "in_work"}


@dataclass
class Stack:
    """A stack that only takes orders; what ``happens`` is told as fired."""

    said: list[str] = field(default_factory=list)
    happens: set[str] = field(default_factory=set)
    armed: dict[str, str] = field(default_factory=dict)
    gone: bool = False

    @property
    def faults(self) -> Stack:
        return self

    @property
    def control(self) -> Any:
        return SimpleNamespace(token="the-token")

    def arm(self, name: str, *, key: str | None, times: int | None, **options: Any) -> str:
        made = f"id-{len(self.armed)}"
        self.armed[made] = name
        self.said.append(f"arm {name} {key} {times} {options}")
        return made

    def fired(self) -> list[dict[str, Any]]:
        if self.gone:
            raise HarnessError("The control port of the embedded stack does not answer.")
        return [
            {"id": key, "name": name, "at": 1000.5, "point": "announcing", "process": "api", "pid": 1}
            for key, name in self.armed.items()
            if name in self.happens
        ]

    def clear(self, key: str) -> None:
        self.said.append(f"clear {self.armed.pop(key)}")

    def stop(self) -> None:
        self.said.append("stop")


def own(stack: Stack, *given: Fault) -> OwnStack:
    scenario = cast("Scenario", SimpleNamespace(name="x", faults=given))
    return OwnStack(scenario, Target.unknown(), cast("Any", stack))


def context(phase: str, *, verdict: str = "PASSED", fails: dict[str, str] | None = None) -> Context:
    before = PHASES[: PHASES.index(phase)]
    return cast(
        "Context",
        SimpleNamespace(
            phase=phase,
            base=phase,
            source_key="e2e-x",
            plan=SimpleNamespace(phases=PHASES),
            state=SimpleNamespace(verdicts=dict.fromkeys(before, verdict), save=lambda: None),
            loaded=SimpleNamespace(scenario=SimpleNamespace(expect=SimpleNamespace(fails=fails))),
        ),
    )


def finished(verdict: str, phase: str = "api") -> PhaseFinished:
    return PhaseFinished("2026-11-21T12:00:00+00:00", "x", phase, verdict, 0.1, headline="h" * (verdict != "PASSED"))


def heard(the_own: OwnStack, phase: str, verdict: str, **more: Any) -> PhaseFinished:
    """What comes of the closing event of a phase."""
    events: list[Event] = []
    LastWord(events.append, context(phase, **more), the_own)(finished(verdict, phase))
    (event,) = events
    assert isinstance(event, PhaseFinished)
    return event


def test_a_fault_is_armed_before_its_phase_alone() -> None:
    stack = Stack()
    the_own = own(
        stack,
        Fault(fault="announcement_lost", before="upload", until="api"),
        Fault(fault="api_slow", before="upload", times="always", options={"delay_s": 1}),
    )
    seen = {}
    for phase in PHASES:
        the_own.set_scene(context(phase))
        seen[phase], stack.said = stack.said, []
    assert seen == {
        "preflight": [],
        "source": [],
        # Whom it hits: this scenario's cluster, or everybody on the stack.
        "upload": ["arm announcement_lost e2e-x 1 {}", "arm api_slow None None {'delay_s': 1}"],
        "convert": [],
        "api": ["clear announcement_lost"],
        "cleanup": [],
    }


def test_a_phase_that_is_skipped_arms_nothing_and_yet_takes_back() -> None:
    stack = Stack()
    the_own = own(stack, Fault(fault="masu_down", before="source", until="api"), Fault(fault="koku_down", before="api"))
    the_own.set_scene(context("source"))
    the_own.set_scene(context("api", verdict="FAILED"))
    assert stack.said == ["arm masu_down None 1 {}", "clear masu_down"]


def test_what_was_taken_back_has_happened_all_the_same(tmp_path: Path) -> None:
    stack = Stack(happens={"masu_down"})
    the_own = own(stack, Fault(fault="masu_down", before="source", until="convert"))
    the_own.set_scene(context("source"))
    the_own.set_scene(context("convert"))
    assert the_own.never_happened("api") == []
    the_own.end(tmp_path)
    told = json.loads((tmp_path / "faults.json").read_text())
    assert told["fired"] == [
        {"fault": "masu_down", "at": "1970-01-01T00:16:40.500+00:00", "point": "announcing", "process": "api"}
    ]
    (armed,) = told["armed"]
    assert armed["happened"] == 1
    assert armed["at"] <= armed["taken_back"]
    assert stack.said[-1] == "stop"


def test_a_silent_stack_is_stopped_all_the_same(tmp_path: Path) -> None:
    stack = Stack()
    the_own = own(stack, Fault(fault="masu_down"))
    the_own.set_scene(context("source"))
    stack.gone = True
    the_own.end(tmp_path)
    assert "does not answer" in json.loads((tmp_path / "faults.json").read_text())["unknown"]
    assert stack.said[-1] == "stop"


def test_a_scenario_that_is_cut_short_takes_everything_back_once() -> None:
    stack = Stack()
    the_own = own(stack, Fault(fault="masu_down", until="api"), Fault(fault="s3_slow"))
    the_own.set_scene(context("source"))
    the_own.calm_down()
    the_own.calm_down()
    assert stack.said[2:] == ["clear masu_down", "clear s3_slow"]


@pytest.mark.parametrize(
    ("phase", "verdict", "fails", "became"),
    [
        ("api", "PASSED", None, "ERROR"),
        ("api", "REPAIRED", None, "ERROR"),
        ("convert", "PASSED", None, "PASSED"),  # it may happen yet
        ("api", "FAILED", None, "FAILED"),  # red already, for what was seen
        ("api", "FAILED", FAILS, "ERROR"),  # it passed where it had to fail: this is why
        ("api", "SKIPPED", FAILS, "SKIPPED"),
        ("cleanup", "PASSED", None, "PASSED"),  # said one phase before
    ],
)
def test_a_fault_that_never_happened_is_an_error(
    phase: str, verdict: str, fails: dict[str, str] | None, became: str
) -> None:
    the_own = own(Stack(), Fault(fault="masu_down"))
    the_own.set_scene(context("source"))
    event = heard(the_own, phase, verdict, fails=fails)
    assert event.verdict == became
    if became == "ERROR":
        assert event.headline == "The fault masu_down never happened; the scenario shows nothing."
        assert verdict in event.detail


@pytest.mark.parametrize(("happens", "became"), [({"masu_down"}, "ERROR"), ({"masu_down", "s3_slow"}, "PASSED")])
def test_every_fault_has_to_happen(happens: set[str], became: str) -> None:
    the_own = own(Stack(happens=happens), Fault(fault="masu_down"), Fault(fault="s3_slow"))
    the_own.set_scene(context("source"))
    assert heard(the_own, "api", "PASSED").verdict == became


def test_a_fault_of_the_cleanup_is_judged_after_it() -> None:
    the_own = own(Stack(), Fault(fault="koku_down", before="cleanup"))
    the_own.set_scene(context("cleanup"))
    assert heard(the_own, "api", "PASSED").verdict == "PASSED"
    assert heard(the_own, "cleanup", "PASSED").verdict == "ERROR"


def test_a_stack_that_cannot_be_asked_leaves_no_phase_green() -> None:
    stack = Stack(happens={"masu_down"})
    the_own = own(stack, Fault(fault="masu_down"))
    the_own.set_scene(context("source"))
    stack.gone = True
    assert heard(the_own, "api", "PASSED").verdict == "ERROR"


def test_events_before_the_last_one_pass_as_they_are() -> None:
    events: list[Event] = []
    word = LastWord(events.append, context("api"), own(Stack()))
    word(finished("PASSED", "convert"))
    assert events == [finished("PASSED", "convert")]
    assert word.error is None


def test_a_stack_that_does_not_start_is_tried_once_a_scenario(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tries: list[str] = []

    def refuse(scenario: Scenario, _today: date) -> OwnStack:
        tries.append(scenario.name)
        raise Blocked("No disk space.")

    monkeypatch.setattr(faults.OwnStack, "start", refuse)
    session = cast("Any", SimpleNamespace(own_stacks={}, options=SimpleNamespace(today=None)))
    scenario = load(tmp_path, "faults: [{fault: masu_down}]")
    for _ in range(2):
        with pytest.raises(Blocked):
            faults.own_stack(session, scenario)
    assert tries == ["x"]
    faults.end_stack(session, "x")
    assert session.own_stacks == {}


def test_a_scenario_without_faults_has_no_stack_of_its_own(tmp_path: Path) -> None:
    assert faults.own_stack(cast("Any", None), load(tmp_path, "")) is None


def load(folder: Path, more: str) -> Scenario:
    (folder / "x.yaml").write_text(quick("x") + more)
    today = date.fromisoformat(TODAY)
    return load_scenario(folder / "x.yaml", fixtures=CHECKOUT / "fixtures", today=today).scenario


def test_the_secrets_are_those_of_the_target_and_the_token() -> None:
    assert set(own(Stack()).secrets()) == {*Target.unknown().secrets(), "the-token"}


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Makes folders that pass secrets on, below the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made: list[handover.Folder] = []

    def make() -> Path:
        made.append(handover.Folder.make())
        return made[-1].path

    yield make
    for one in made:
        one.remove()


def test_what_workers_leave_is_read_by_nobody_else(private: Callable[[], Path]) -> None:
    folder = private()
    handover.leave_secrets(folder, "gw0-a", ["one"])
    handover.leave_secrets(folder, "gw1-b", ["two", "three"])
    assert sorted(handover.secrets_of_workers(folder)) == ["one", "three", "two"]
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_a_stack_that_starts_later_sweeps_no_secrets_away(private: Callable[[], Path]) -> None:
    folder = private()
    handover.leave_secrets(folder, "gw0-a", ["one"])
    os.utime(folder, (time.time() - 3600,) * 2)
    assert sweep(folder.parent) == []
    assert handover.secrets_of_workers(folder) == ["one"]
