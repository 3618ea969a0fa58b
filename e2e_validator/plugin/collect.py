"""Scenario files as pytest nodes: file -> scenario -> one item per phase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from e2e_validator.errors import ScenarioError
from e2e_validator.events import PhaseFinished
from e2e_validator.plugin.run_record import ScenarioRecord
from e2e_validator.plugin.run_session import SESSION
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.places import fixtures_for
from e2e_validator.scenario.plan import Plan, plan


class Execution(Protocol):
    """What runs a phase, and ends a scenario; it brings the clients, which collecting need not load."""

    def run(self, item: PhaseItem) -> None:
        """Run the item's phase; raises what makes pytest show it as it ended."""

    def end(self, scenario: Scenario) -> None:
        """Clean up when the run ended before the scenario's own cleanup, and stop the scenario's own stack."""


class ScenarioFile(pytest.File):
    """One scenario file; collecting it validates it whole."""

    def collect(self) -> Iterable[Scenario]:
        """The file's scenario, or one collection error with every problem of the file."""
        session = self.config.stash[SESSION]
        fixtures = fixtures_for(self.path, session.options.fixtures)
        try:
            loaded = load_scenario(self.path, fixtures=fixtures, today=session.options.today)
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        yield Scenario.from_parent(self, name=loaded.scenario.name, loaded=loaded, fixtures=fixtures)


class Scenario(pytest.Collector):
    """One scenario; its children are its phases, in order."""

    def __init__(self, *, loaded: LoadedScenario, fixtures: Path, **kwargs: Any) -> None:
        """Resolve the dates of the scenario once, for all its phases."""
        super().__init__(**kwargs)
        self.loaded = loaded
        self.fixtures = fixtures
        self.plan: Plan = plan(loaded, self.config.stash[SESSION].options.today)
        # What ``--collect-only -v`` shows below the name.
        self.obj = type("Described", (), {"__doc__": loaded.scenario.description})

    @property
    def record(self) -> ScenarioRecord:
        """What a later process must know of it, to go on with this scenario and not with another one."""
        return ScenarioRecord.of(self.loaded, self.plan)

    def collect(self) -> Iterator[PhaseItem]:
        """One item per phase."""
        for phase in self.plan.phases:
            yield self.phase_item(phase)

    def phase_item(self, phase: str) -> PhaseItem:
        """The item of one phase, marked with the scenario's tags."""
        item: PhaseItem = PhaseItem.from_parent(self, name=phase)
        for tag in self.loaded.scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: scenarios tagged {tag}")
            item.add_marker(tag)
        return item

    def teardown(self) -> None:
        """Clean up when the run ended before the scenario's own cleanup (-x, Ctrl-C, SIGTERM); stop its own stack."""
        self.config.stash[EXECUTION].end(self)


class PhaseItem(pytest.Item):
    """One phase of one scenario."""

    parent: Scenario

    @property
    def scenario(self) -> Scenario:
        """The scenario this phase belongs to."""
        return self.parent

    def setup(self) -> None:
        """Preflight runs here: trouble of the environment is an error in JUnit, not a failure of the product."""
        if self.name == "preflight":
            self.config.stash[EXECUTION].run(self)

    def runtest(self) -> None:
        """Run the phase."""
        if self.name != "preflight":
            self.config.stash[EXECUTION].run(self)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ARG002
        """The failure as text: its first line is the reason everywhere (short summary, JUnit, Allure)."""
        text = self.stash.get(FAILURE, "")
        return text or self.config.stash[SESSION].redactor().text(str(excinfo.value))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, zero-based line of the scenario's name, and the failure's heading."""
        line = self.scenario.loaded.lines.get("name", 1) - 1
        return self.path, line, f"{self.scenario.name}: {self.name}"


EXECUTION = pytest.StashKey[Execution]()
FAILURE = pytest.StashKey[str]()
FINISHED = pytest.StashKey[PhaseFinished]()
