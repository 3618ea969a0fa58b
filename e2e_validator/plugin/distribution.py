"""pytest-xdist: a scenario stays on one worker, without the user having to ask for it.

``--dist=loadgroup`` does not work on pytest 9.2 with xdist 3.8 and the default spreads the phases of one scenario
over all workers, which made false greens; so the scheduler is ours, from when a worker has collected scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from e2e_validator.errors import HarnessError, UsageError, counted
from e2e_validator.plugin import terminal
from e2e_validator.plugin.paths import private
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.plugin.selection import only_left_out, refuse_reruns


class ScenarioScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Phases of a scenario together; every other test by itself, as plain ``-n`` does."""

    def __init__(self, config: pytest.Config, log: Any, phases: frozenset[str]) -> None:
        """``phases`` are the node ids of phases."""
        super().__init__(config, log)
        self._phases = phases

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.rsplit("::", 1)[0] if nodeid in self._phases else nodeid

    def remove_node(self, node: Any) -> str | None:
        """The item during which a worker died; a phase is not tried again, only the cleanup is.

        xdist would give it to the next worker, and a phase that passes then would hide what happened to the first.
        """
        units: list[dict[str, bool]] = list(self.assigned_work[node].values())
        crashed = next((name for unit in units for name, done in unit.items() if not done), None)
        if crashed in self._phases and not crashed.endswith("::cleanup"):
            next(unit for unit in units if crashed in unit)[crashed] = True
        super().remove_node(node)
        return crashed


class Distribution:
    """The hooks of xdist, in the controller of a run with scenarios."""

    def __init__(self, config: pytest.Config, own: RunSession) -> None:
        """No worker has collected anything yet."""
        self._config = config
        self._own = own
        self._phases: frozenset[str] = frozenset()
        self._begun: set[str] = set()
        self._listens = False

    def pytest_sessionstart(self) -> None:
        """An interrupt is the workers' to act on; the loop of the controller ends with them."""
        loop = self._config.pluginmanager.getplugin("dsession")
        if loop is not None and not self._listens:
            self._listens = True
            self._own.interrupts.on_level = partial(_stop_loop, loop, self._own.interrupts.on_level)

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The first worker that has collected scenarios says which; then the target is started."""
        config, own = node.config, self._own
        self.pytest_sessionstart()
        phases = own.exchange.phases()
        scenarios = scenarios_of(ids, phases)
        if own.left_out and not ids:
            raise pytest.UsageError(only_left_out(own.left_out, own.options.away))
        if not scenarios:
            return
        if not self._phases:
            self._phases = phases
            self._keep_scenarios_together()
        if config.getoption("collectonly"):
            return
        refuse_reruns(config)
        session: Any = config.pluginmanager.getplugin("session")
        if session.testsfailed and not own.used and not config.getoption("continue_on_collection_errors"):
            # As without xdist; xdist itself would run the rest.
            count = counted(session.testsfailed, "error")
            raise session.Interrupted(f"{count} during collection")
        terminal.show_start(config, own)
        try:
            with private():
                begun = own.begin(scenarios, own.exchange.records(), on_wait=partial(terminal.show_line, config))
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        if begun:
            terminal.show_header(config, own, below_status_line=True)

    def _keep_scenarios_together(self) -> None:
        """Put our scheduler in the place of xdist's, which has been given no test yet.

        Raises:
            pytest.UsageError: the user asked for one that runs each test several times.
        """
        mode = self._config.getoption("dist")
        if mode == "each":
            raise pytest.UsageError("--dist=each would run every scenario several times at once; use plain -n N.")
        loop: Any = self._config.pluginmanager.getplugin("dsession")
        if mode in {"loadfile", "loadscope"}:
            return  # these keep a scenario together anyway
        scheduling = ScenarioScheduling(self._config, loop.log, self._phases)
        for node in loop.sched.nodes:
            scheduling.add_node(node)
        loop.sched = scheduling

    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """A worker died: nothing is known of the product, and the results must say so."""
        for scenario, phases in scenarios_of([crashitem], self._phases).items():
            if not self._own.run.stopped():
                self._own.note_crash(scenario, phases[0], HarnessError(f"The {report.longrepr}."))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Before xdist ends its workers: let those that were cut short (-x, Ctrl-C, SIGTERM) clean up."""
        own = self._own
        if own.used and not own.options.until_phase and session.config.pluginmanager.hasplugin("dsession"):
            from e2e_validator.plugin.early_end import wait_for_cleanups

            nodes = getattr(session.config.pluginmanager.getplugin("dsession"), "_active_nodes", True)
            wait_for_cleanups(own.run, self._begun if own.resumed else None, workers_left=lambda: bool(nodes))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember the scenarios whose turn has come."""
        self._begun |= scenarios_of([nodeid], self._phases).keys()


def _stop_loop(loop: Any, say: Callable[[int, str], None], level: int, by: str) -> None:
    """Let the controller's loop end with its workers, whose reports of the end it still takes.

    Workers that die of the same signal before they have begun are not replaced. The loop sleeps until it is told
    something, so it is told something.
    """
    say(level, by)
    loop.shouldstop = loop.shouldstop or f"interrupted by {by}"
    loop._max_worker_restart = 0  # noqa: SLF001 - read once by xdist, from an option
    loop.worker_e2e_interrupted = lambda: None
    loop.queue.put(("e2e_interrupted", {}))


def scenarios_of(ids: Iterable[str], phases: Collection[str]) -> dict[str, list[str]]:
    """Scenario names with their phases, from those node ids ``file.yaml::scenario::phase`` that are of ``phases``."""
    scenarios: dict[str, list[str]] = {}
    for nodeid in ids:
        if nodeid in phases:
            _, scenario, phase = nodeid.rsplit("::", 2)
            scenarios.setdefault(scenario, []).append(phase)
    return scenarios
