"""What the terminal shows of phases: a line each, the words of the verdicts, the table at the end."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from e2e_validator.events import PhaseFinished
from e2e_validator.finding import Finding
from e2e_validator.plugin.interrupted import left_block
from e2e_validator.plugin.interrupts import ONCE
from e2e_validator.plugin.paths import shown
from e2e_validator.plugin.run_session import SESSION, RunSession
from e2e_validator.plugin.width import terminal_width
from e2e_validator.report import console, journal
from e2e_validator.report.known import known_block
from e2e_validator.report.repair_text import repairs_block
from e2e_validator.report.results import fold
from e2e_validator.report.skips import skips_block
from e2e_validator.report.table import scenario_table
from e2e_validator.report.totals import totals_table
from e2e_validator.verdict import Verdict

SUMMARISING = pytest.StashKey[bool]()


def finished_of(report: Any) -> PhaseFinished | None:
    """The closing event that a phase's report carries, also through xdist."""
    text = getattr(report, "e2e_finished", None)
    if not text:
        return None
    fields = json.loads(text)
    return PhaseFinished(**fields | {"finding": Finding.read(fields["finding"])})


def category(report: Any, config: pytest.Config) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Pytest's category for a phase's report.

    While phases run, letter and word are empty: ``show_phase`` prints the line. In the summary the word is the
    verdict's. Whatever did not pass stays in pytest's list of failures, with its reason; the table counts by verdict.
    A repaired phase is a category of its own, so that pytest does not count it as passed; with ``--fail-on-repair``
    it failed. So is one with known deviations, which failed with ``--fail-on-known``.
    """
    finished = finished_of(report)
    if finished is None:
        return None
    names = {
        str(Verdict.PASSED): "passed",
        str(Verdict.REPAIRED): "repaired",
        str(Verdict.KNOWN): "known",
        str(Verdict.SKIPPED): "skipped",
    }
    name = names.get(finished.verdict, "failed")
    if name in {"repaired", "known"} and report.failed:
        name = "failed"
    if not config.stash.get(SUMMARISING, False):
        return name, "", ("", {})
    return name, "", (finished.verdict, console.state_style(finished.verdict))


def show_header(config: pytest.Config, session: RunSession, *, below_status_line: bool = False) -> None:
    """The first screen, once it is known what will run; from here on, phases have lines of their own."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is None or session.started_event is None:
        return
    # Else pytest would begin each line with the file's path, for letters that we do not print.
    terminal.showfspath = False
    terminal.ensure_newline()
    if below_status_line and terminal.hasmarkup:
        # xdist rewrites one line with its workers' states; pytest does not know that it is not empty.
        terminal.line("")
    if config.get_verbosity() >= 0:
        terminal.write_line(console.header(session.started_event))
        for note in session.notes:
            terminal.write_line(note)
        terminal.line("")


def show_line(config: pytest.Config, text: str) -> None:
    """A line of its own, before there are any of phases."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        terminal.ensure_newline()
        terminal.write_line(text)


def show_start(config: pytest.Config, own: RunSession) -> None:
    """Say what is waited for before the header can say what was found; a run says something within two seconds."""
    if own.used or config.get_verbosity() < 0:
        return
    options = own.options
    if options.target_file is not None:
        doing = f"reading {options.target_file}"
    else:
        doing = "starting an embedded stack" if options.where is None else f"looking at {options.where.namespace}"
    show_line(config, f"{doing} ...")


def show_interrupt(config: pytest.Config, level: int, by: str) -> None:
    """Say at once that a signal was heard, and what the next one would do."""
    if level == ONCE:
        show_line(config, f"{by}: the run stops and cleans up; a second one leaves what there is, and says what.")
    else:
        show_line(config, f"{by} again: nothing more is removed.")


def show_phase(config: pytest.Config, finished: PhaseFinished) -> None:
    """One line for a phase that ended; with ``-q`` only for one that did not pass."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    if terminal is None or (config.get_verbosity() < 0 and finished.verdict == Verdict.PASSED):
        return
    started = config.stash[SESSION].started_event
    layout = console.Layout.of(started, terminal_width()) if started else console.Layout()
    terminal.ensure_newline()
    redact = config.stash[SESSION].redactor()
    for text, style in console.phase_parts(finished, layout=layout):
        terminal.write(redact.text(text), **style)
    terminal.line("")
    totals = totals_table(finished.data.get("totals", {}))
    if config.get_verbosity() >= 0:
        if totals:
            terminal.write_line(totals)
        for sentence in finished.data.get("said", []):
            terminal.write_line(redact.text(f"          {sentence}"))


def show_summary(config: pytest.Config, session: RunSession) -> None:
    """The scenario x phase table and where the reports are."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    results = fold(journal.merge(session.run.folder / "events"))
    records = results.scenarios
    if terminal is None or not records:
        return
    terminal.section("scenarios", sep="-")
    width, red, strict = min(_width(), 140), session.options.fail_on_repair, session.options.fail_on_skip
    terminal.write_line(scenario_table(records, width, colour=terminal.hasmarkup))
    terminal.line("")
    folder = shown(session.run.folder)
    repairs = repairs_block(results.repairs, folder=folder, width=width, red=red)
    known = known_block(results.deviations, width=width, red=session.options.fail_on_known)
    for block in (known, repairs, skips_block(results.skips, width=width, red=strict)):
        if block:
            terminal.write_line(session.redactor().text(block))
            terminal.line("")
    if left := left_block(results):
        terminal.write_line(session.redactor().text(left))
        terminal.line("")
    terminal.write_line(console.closing(results, reports=[f"{folder}results.json", "junit.xml", "allure-results/"]))


def _width() -> int:
    """The terminal's width; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns
