"""What the terminal shows of phases: a line each, the words of the verdicts, the table at the end."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from e2e_validator.events import PhaseFinished
from e2e_validator.plugin.run_session import SESSION, RunSession, shown
from e2e_validator.report import console, journal
from e2e_validator.report.results import fold
from e2e_validator.report.table import count_line, scenario_table
from e2e_validator.verdict import Verdict


def finished_of(report: Any) -> PhaseFinished | None:
    """The closing event that a phase's report carries, also through xdist."""
    data = getattr(report, "e2e_finished", None)
    return PhaseFinished(**data) if data else None


def category(report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Pytest's category for a phase's report; letter and word are empty, because ``show_phase`` prints the line.

    BLOCKED and INCONCLUSIVE are counted apart from failures, but stay in the list of failures with their reasons.
    """
    finished = finished_of(report)
    if finished is None:
        return None
    names = {Verdict.PASSED: "passed", Verdict.SKIPPED: "skipped", Verdict.UNCLEAN: "error", Verdict.ERROR: "error"}
    return names.get(Verdict(finished.verdict), "failed"), "", ("", {})


def show_header(config: pytest.Config, session: RunSession) -> None:
    """The first screen, once it is known what will run; from here on, phases have lines of their own."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is None or session.started_event is None:
        return
    # Else pytest would begin each line with the file's path, for letters that we do not print.
    terminal.showfspath = False
    terminal.ensure_newline()
    if config.get_verbosity() >= 0:
        terminal.write_line(console.header(session.started_event))
        terminal.line("")


def show_phase(config: pytest.Config, finished: PhaseFinished) -> None:
    """One line for a phase that ended; with ``-q`` only for one that did not pass."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is None or (config.get_verbosity() < 0 and finished.verdict == Verdict.PASSED):
        return
    started = config.stash[SESSION].started_event
    layout = console.Layout.of(started, _width()) if started else console.Layout()
    terminal.ensure_newline()
    for text, style in console.phase_parts(finished, layout=layout):
        terminal.write(text, **style)
    terminal.line("")


def show_summary(config: pytest.Config, session: RunSession) -> None:
    """The scenario x phase table and where the reports are."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    records = fold(journal.merge(session.run.folder / "events")).scenarios
    if terminal is None or not records:
        return
    terminal.section("scenarios", sep="-")
    terminal.write_line(scenario_table(records, min(_width(), 140), colour=False))
    terminal.write_line(count_line(records))
    terminal.write_line(f"reports   {shown(session.run.folder)}  (results.json, junit.xml, allure-results/)")
    if session.exit_code is not None and session.exit_code not in (0, 1):
        terminal.write_line(f"exit code {session.exit_code}")


def _width() -> int:
    """The terminal's width; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns
