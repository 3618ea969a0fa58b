"""The hooks of a run with scenarios: each does one thing with the rooms below, and leaves other tests alone."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from e2e_validator.errors import UsageError
from e2e_validator.plugin import terminal
from e2e_validator.plugin.asking import refuse_without_terminal
from e2e_validator.plugin.collect import EXECUTION, FAILURE, FINISHED, Execution, PhaseItem, Scenario
from e2e_validator.plugin.finish import finish_run, note_early_end
from e2e_validator.plugin.neighbour import neighbour_of, remove_neighbour
from e2e_validator.plugin.ours import no_scenario_line
from e2e_validator.plugin.paths import private
from e2e_validator.plugin.run_identity import RunIdentity
from e2e_validator.plugin.run_session import SESSION, RunSession
from e2e_validator.plugin.selection import (
    complete,
    leave_out_faults,
    leave_out_other_stacks,
    left_out_line,
    records_of,
    refuse_reruns,
    take_share,
    warned,
)
from e2e_validator.plugin.settings import read_options
from e2e_validator.report.jsontext import plain, to_json

NAME = "e2e_validator.plugin.hooks"
_ALLURE = "e2e_allure_folder"


class RunHooks:
    """Registered once it is known that this process has to do with scenarios."""

    def __init__(self, config: pytest.Config, own: RunSession) -> None:
        """``own`` is the run."""
        self._config = config
        self._own = own
        self._distribution: Any = None

    @classmethod
    def register(cls, config: pytest.Config, told: RunIdentity | None, *, meant: bool) -> Self:
        """Check the options, join or make the run, and hear from pytest from now on.

        ``told`` is the run that workers were told of already. ``meant`` says that the command line means scenarios and
        nothing is collected yet: JUnit and Allure can still be pointed into the run's folder.

        Raises:
            pytest.UsageError: the options contradict each other, or name something that is not there.
        """
        try:
            hooks = cls(config, _session(config, told))
            config.stash[SESSION] = hooks._own
            execution: Execution = hooks
            config.stash[EXECUTION] = execution
            # A gate says -m "not fault" of any folder; with strict markers pytest refuses a word that no test has.
            config.addinivalue_line("markers", "fault: scenarios with faults, which are put to an embedded stack alone")
            if hooks._own.worker is None and meant and not config.getoption("collectonly"):
                hooks._own.prepare()
                hooks._point_reports()
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        if hooks._own.worker is not None:
            hooks._own.interrupts.catch()
        else:
            hooks._distribute(told)
        config.pluginmanager.register(hooks, NAME)
        return hooks

    def _point_reports(self) -> None:
        """Point JUnit and Allure into the run's folder, unless the user points them elsewhere."""
        option, folder = self._config.option, self._own.run.folder
        if getattr(option, "xmlpath", None) is None:
            option.xmlpath = str(folder / "junit.xml")
        if not getattr(option, "allure_report_dir", None):
            option.allure_report_dir = str(folder / "allure-results")

    def _distribute(self, told: RunIdentity | None) -> None:
        """As a controller that may have workers: hear from pytest-xdist, too."""
        self._own.interrupts.on_level = partial(terminal.show_interrupt, self._config)
        if self._config.pluginmanager.hasplugin("xdist"):
            from e2e_validator.plugin.distribution import Distribution

            self._distribution = Distribution(self._config, self._own)
            self._config.pluginmanager.register(self._distribution, "e2e_validator.plugin.distribution")
        if told is not None:
            self._own.exchange.open()

    def tell_worker(self, workerinput: dict[str, Any]) -> None:
        """Tell a worker which run it belongs to."""
        self._own.tell_worker(workerinput)
        # A worker is told the command line alone, not what we made of it.
        workerinput[_ALLURE] = getattr(self._config.option, "allure_report_dir", None)

    def hear_worker(self, node: Any, ids: Sequence[str]) -> None:
        """Take what a worker has collected."""
        self._distribution.pytest_xdist_node_collection_finished(node, ids)

    def run(self, item: PhaseItem) -> None:
        """Run the item's phase."""
        try:
            from e2e_validator.plugin.execute import execute
        except Exception as error:
            self._own.note_crash(item.scenario.name, item.name, error)
            raise
        execute(item)

    def end(self, scenario: Scenario) -> None:
        """Clean up after a scenario that was cut short, and stop its own stack."""
        from e2e_validator.plugin.execute import clean_up_late
        from e2e_validator.plugin.faults import end_stack

        try:
            clean_up_late(scenario)
        finally:
            end_stack(self._own, scenario.name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Complete the selection after all others (-k, -m, --lf); refuse what would make red green."""
        own, config = self._own, session.config
        if not any(isinstance(item, PhaseItem) for item in session.items):
            return
        if own.worker is None:
            # A worker cannot refuse; its controller does.
            refuse_reruns(config)
            refuse_without_terminal(config)
        leave_out_faults(config, session.items)
        leave_out_other_stacks(config, session.items)
        take_share(config, session.items)
        complete(config, session.items)
        own.neighbour = neighbour_of(session.items)
        phases = [item.nodeid for item in session.items if isinstance(item, PhaseItem)]
        own.exchange.leave_scenarios(phases, records_of(session.items))
        if own.worker is not None and not config.getoption("collectonly"):
            own.interrupts.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start the run once it is known that a phase will run (without xdist; with it, see distribution)."""
        own = self._own
        if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
            return  # a file is wrong, and pytest is about to say so
        scenarios: dict[str, list[str]] = {}
        for item in session.items:
            if isinstance(item, PhaseItem):
                scenarios.setdefault(item.scenario.name, []).append(item.name)
        if scenarios and own.worker is None and not session.config.getoption("collectonly"):
            terminal.show_start(session.config, own)
            try:
                on_wait = partial(terminal.show_line, session.config)
                with private():
                    own.begin(scenarios, records_of(session.items), on_wait=on_wait)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from None
            terminal.show_header(session.config, own)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
        """An interrupted run ends with the cleanup of the scenario that it was at; other tests end as ever."""
        own = self._own
        if not isinstance(item, PhaseItem):
            with own.interrupts.outside():
                return (yield)
        with private():
            result = yield
        same = isinstance(nextitem, PhaseItem) and nextitem.scenario is item.scenario
        if own.run.stopped() and not same:
            item.session.shouldstop = f"interrupted by {own.run.stopped_by()}"
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Give a phase's report its closing event, and its failure as plain text."""
        report = yield
        if not isinstance(item, PhaseItem):
            return report
        finished = item.stash.get(FINISHED, None)
        if finished is not None and report.when != "teardown" and (report.when == "call" or not report.passed):
            # As text: xdist carries only plain types.
            report.e2e_finished = to_json(plain(asdict(finished)))
        if report.failed and FAILURE in item.stash:
            report.longrepr = item.stash[FAILURE]
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Phases have a line of their own instead of a letter."""
        return terminal.category(report, self._config)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Show the phase's line, in the process that has the terminal."""
        finished = terminal.finished_of(report)
        if finished is not None and self._own.worker is None:
            terminal.show_phase(self._config, finished)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """After the last cleanup: exit code, results, and the end of what the run started."""
        own = self._own
        own.interrupts.finish()
        result = yield
        if own.worker is not None:
            own.interrupts.leave()
        else:
            try:
                with private():
                    remove_neighbour(session.config, own)
                    finish_run(session, own)
                    note_early_end(session, own)
            finally:
                own.end()
        return result

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Say at once what will not run (without xdist; with it, at the end)."""
        if self._config.get_verbosity() < 0:
            return []
        lines = (left_out_line(self._own.left_out, self._own.options.away), warned(items))
        return [line for line in lines if line]

    def pytest_terminal_summary(self, exitstatus: int, config: pytest.Config) -> None:
        """The table of scenarios, what was repaired, what was not looked at, and where the reports are."""
        if self._own.used:
            config.stash[terminal.SUMMARISING] = True
            terminal.show_summary(config, self._own)
        elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and (line := no_scenario_line(config)):
            terminal.show_line(config, line)

    def pytest_unconfigure(self) -> None:
        """Stop the stack even when the session could not finish."""
        self._own.end()


def _session(config: pytest.Config, told: RunIdentity | None) -> RunSession:
    """The run of this process.

    Raises:
        UsageError: the options contradict each other, or name something that is not there.
    """
    options = read_options(config)
    workerinput = getattr(config, "workerinput", None)
    if workerinput is None:
        return RunSession.of_controller(options, Path(config.invocation_params.dir), told)
    if _ALLURE in workerinput:
        config.option.allure_report_dir = workerinput[_ALLURE]
    return RunSession(options, RunIdentity.of_worker(workerinput))
