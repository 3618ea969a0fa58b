"""pytest-xdist: a scenario stays on one worker, without the user having to ask for it.

``--dist=loadgroup`` does not work on pytest 9.2 with xdist 3.8 and the default spreads the phases of one scenario
over all workers, which made false greens; so the scheduler is ours. Registered only where xdist is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from e2e_validator.errors import HarnessError, UsageError
from e2e_validator.plugin import terminal
from e2e_validator.plugin.run_session import SESSION, private
from e2e_validator.plugin.selection import only_faults, refuse_reruns
from e2e_validator.scenario.places import SUFFIXES


class ScenarioScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Phases of a scenario together; every other test by itself, as plain ``-n`` does."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        is_phase = file.endswith(tuple(SUFFIXES)) and "::" in rest
        return nodeid.rsplit("::", 1)[0] if is_phase else nodeid

    def remove_node(self, node: Any) -> str | None:
        """The item during which a worker died; a phase is not tried again, only the cleanup is.

        xdist would give it to the next worker, and a phase that passes then would hide what happened to the first.
        """
        units: list[dict[str, bool]] = list(self.assigned_work[node].values())
        crashed = next((name for unit in units for name, done in unit.items() if not done), None)
        if crashed is not None and scenarios_of([crashed]) and not crashed.endswith("::cleanup"):
            next(unit for unit in units if crashed in unit)[crashed] = True
        super().remove_node(node)
        return crashed


class Distribution:
    """The hooks of xdist, in the controller."""

    def __init__(self) -> None:
        """No file has been found wrong yet."""
        self._session: pytest.Session | None = None
        self._wrong_files = 0
        self._begun: set[str] = set()

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session, which alone can be interrupted; an interrupt is the workers' to act on."""
        self._session = session
        interrupts, loop = session.config.stash[SESSION].interrupts, session.config.pluginmanager.getplugin("dsession")
        if loop is not None:
            interrupts.on_level = partial(_stop_loop, loop, interrupts.on_level)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count the files that are wrong; every worker tells, xdist passes each on once."""
        self._wrong_files += report.failed

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ScenarioScheduling | None:
        """Ours, unless the user asked for one that keeps a file together anyway."""
        mode = config.getoption("dist")
        if mode == "each":
            raise pytest.UsageError("--dist=each would run every scenario several times at once; use plain -n N.")
        return None if mode in {"loadfile", "loadscope"} else ScenarioScheduling(config, log)

    def pytest_configure_node(self, node: Any) -> None:
        """Tell the worker which run it belongs to."""
        node.config.stash[SESSION].tell_worker(node.workerinput)
        node.workerinput["e2e_allure_folder"] = getattr(node.config.option, "allure_report_dir", None)

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The first worker that has collected scenarios says which; then the target is started."""
        scenarios = scenarios_of(ids)
        session = node.config.stash[SESSION]
        if session.left_out and not ids:
            raise pytest.UsageError(only_faults(session.left_out, session.options.away))
        if scenarios and not node.config.getoption("collectonly"):
            refuse_reruns(node.config)
            if self._session and self._wrong_files and not node.config.getoption("continue_on_collection_errors"):
                # As without xdist; xdist itself would run the rest.
                count = f"{self._wrong_files} error{'s' * (self._wrong_files != 1)}"
                raise self._session.Interrupted(f"{count} during collection")
            try:
                on_wait = partial(terminal.show_line, node.config)
                own = node.config.stash[SESSION]
                with private():
                    begun = own.begin(scenarios, own.records_of_workers(), on_wait=on_wait)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from error
            if begun:
                terminal.show_header(node.config, node.config.stash[SESSION], below_status_line=True)

    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """A worker died: nothing is known of the product, and the results must say so."""
        session = self._session.config.stash[SESSION] if self._session else None
        for scenario, phases in scenarios_of([crashitem]).items():
            if session is not None and not session.run.stopped():
                session.note_crash(scenario, phases[0], HarnessError(f"The {report.longrepr}."))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Before xdist ends its workers: let those that were cut short (-x, Ctrl-C, SIGTERM) clean up."""
        own = session.config.stash[SESSION]
        if own.used and not own.options.until_phase and session.config.pluginmanager.hasplugin("dsession"):
            from e2e_validator.plugin.early_end import wait_for_cleanups

            nodes = getattr(session.config.pluginmanager.getplugin("dsession"), "_active_nodes", True)
            wait_for_cleanups(own.run, self._begun if own.resumed else None, anybody=lambda: bool(nodes))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember the scenarios whose turn has come."""
        self._begun |= scenarios_of([nodeid]).keys()


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


def scenarios_of(ids: list[str]) -> dict[str, list[str]]:
    """Scenario names with their phases, from node ids ``file.yaml::scenario::phase``."""
    scenarios: dict[str, list[str]] = {}
    for nodeid in ids:
        parts = nodeid.split("::")
        if len(parts) == 3 and parts[0].endswith(tuple(SUFFIXES)):
            scenarios.setdefault(parts[1], []).append(parts[2])
    return scenarios
