"""The pytest plugin: hooks only; each does one thing with the rooms below.

It stays out of the way of every test that is not a phase of a scenario.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.errors import UsageError
from e2e_validator.plugin import newhooks, terminal
from e2e_validator.plugin.asking import refuse_without_terminal
from e2e_validator.plugin.collect import (
    FAILURE,
    FINISHED,
    PhaseItem,
    ScenarioFile,
    given_paths,
    is_scenario_file,
    no_scenario_line,
)
from e2e_validator.plugin.finish import finish_run, note_early_end
from e2e_validator.plugin.neighbour import neighbour_of, remove_neighbour
from e2e_validator.plugin.options import add_options, read_options
from e2e_validator.plugin.passed_over import passed_over, warned
from e2e_validator.plugin.run_session import SESSION, RunSession, private
from e2e_validator.plugin.selection import (
    complete,
    leave_out_faults,
    left_out_line,
    records_of,
    refuse_reruns,
    take_share,
)
from e2e_validator.report.jsontext import plain, to_json
from e2e_validator.scenario.places import FOLDER, SUFFIXES, looks_like_scenario, yaml_within


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our options."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare our hooks."""
    pluginmanager.add_hookspecs(newhooks)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options, join or make the run, and point JUnit and Allure into its folder."""
    # A gate says -m "not fault" of any folder; --strict would refuse the word where no scenario has the tag.
    config.addinivalue_line("markers", "fault: scenarios with faults, which are put to an embedded stack alone")
    try:
        options = read_options(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[SESSION] = RunSession.of_worker(options, workerinput)
        # A worker is told the command line alone, not what we made of it.
        config.option.allure_report_dir = workerinput["e2e_allure_folder"]
        config.stash[SESSION].interrupts.catch()
        return
    try:
        session = RunSession.of_controller(options, Path(config.invocation_params.dir))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[SESSION] = session
    session.interrupts.on_level = partial(terminal.show_interrupt, config)
    if _aims_at_scenarios(config) and not config.getoption("collectonly"):
        try:
            session.prepare()
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        if getattr(config.option, "xmlpath", None) is None:
            config.option.xmlpath = str(session.run.folder / "junit.xml")
        if not getattr(config.option, "allure_report_dir", None):
            config.option.allure_report_dir = str(session.run.folder / "allure-results")
    if config.pluginmanager.hasplugin("xdist"):
        from e2e_validator.plugin.distribution import Distribution

        config.pluginmanager.register(Distribution(), "e2e_validator.plugin.distribution")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files are collected by us."""
    if is_scenario_file(file_path, parent.config):
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
        return file
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Complete the selection, after everybody (-k, -m, --lf) has made theirs; refuse what would make red green."""
    if not any(isinstance(item, PhaseItem) for item in session.items):
        return
    if session.config.stash[SESSION].worker is None:
        # A worker cannot refuse; its controller does.
        refuse_reruns(session.config)
        refuse_without_terminal(session.config)
    leave_out_faults(session.config, session.items)
    take_share(session.config, session.items)
    complete(session.config, session.items)
    own = session.config.stash[SESSION]
    own.neighbour = neighbour_of(session.items)
    own.leave_records(records_of(session.items))
    if own.worker is not None and not session.config.getoption("collectonly"):
        own.interrupts.begin()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Start the run once it is known that a phase will run (without xdist; with it, see distribution)."""
    own = session.config.stash[SESSION]
    if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
        return  # a file is wrong, and pytest is about to say so
    scenarios: dict[str, list[str]] = {}
    for item in session.items:
        if isinstance(item, PhaseItem):
            scenarios.setdefault(item.scenario.name, []).append(item.name)
    if scenarios and own.worker is None and not session.config.getoption("collectonly"):
        try:
            on_wait = partial(terminal.show_line, session.config)
            with private():
                own.begin(scenarios, records_of(session.items), on_wait=on_wait)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        terminal.show_header(session.config, own)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """An interrupted run ends with the cleanup of the scenario that it was at; other tests are interrupted as ever."""
    own = item.config.stash[SESSION]
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
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
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
def pytest_report_teststatus(report: Any, config: pytest.Config) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Phases have a line of their own instead of a letter."""
    return terminal.category(report, config)


def pytest_runtest_logreport(report: Any) -> None:
    """Show the phase's line, in the process that has the terminal."""
    finished = terminal.finished_of(report)
    if finished is not None and _CONTROLLER:
        terminal.show_phase(_CONTROLLER[-1], finished)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    """After the last cleanup: exit code, results, and the end of what the run started."""
    own = session.config.stash[SESSION]
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


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Say at once what will not run (without xdist; with it, at the end)."""
    own = config.stash[SESSION]
    if config.get_verbosity() < 0:
        return []
    lines = (left_out_line(own.left_out, own.options.away), passed_over(config, items), warned(items))
    return [line for line in lines if line]


def pytest_terminal_summary(exitstatus: int, config: pytest.Config) -> None:
    """The table of scenarios, what was repaired, what was not looked at, and where the reports are."""
    own = config.stash[SESSION]
    if own.used:
        config.stash[terminal.SUMMARISING] = True
        terminal.show_summary(config, own)
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and (line := no_scenario_line(config)):
        terminal.show_line(config, line)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember the process that owns the terminal."""
    if session.config.stash[SESSION].worker is None:
        _CONTROLLER.append(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Forget it, and stop the stack even when the session could not finish."""
    if config in _CONTROLLER:
        _CONTROLLER.remove(config)
    own = config.stash.get(SESSION, None)
    if own is not None:
        own.end()


# pytest_runtest_logreport is told no config; nested runs (pytester in process) make this a stack.
_CONTROLLER: list[pytest.Config] = []


def _aims_at_scenarios(config: pytest.Config) -> bool:
    """Whether the command line names scenario files or a folder of them."""
    for arg in config.args:
        path = Path(config.invocation_params.dir, arg.split("::")[0])
        if path.suffix in SUFFIXES or FOLDER in path.parts or (path / FOLDER).is_dir():
            return True
    return any(map(looks_like_scenario, (file for path in given_paths(config) for file in yaml_within(path))))
