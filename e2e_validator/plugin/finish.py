"""The end of a run: the exit code from all verdicts, and the reports for machines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from e2e_validator.events import LeftOut, RunFinished
from e2e_validator.moments import stamp
from e2e_validator.plugin.interrupted import note_left, tell_reports
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.plugin.selection import left_out_reason
from e2e_validator.report import allure, journal, junit
from e2e_validator.report.allure_repairs import explain_repaired
from e2e_validator.report.model import Results
from e2e_validator.report.repairs import not_allowed
from e2e_validator.report.results import fold, write_results
from e2e_validator.verdict import GOOD, Verdict, exit_code

# pytest's own codes that say more than our verdicts could: interrupted, usage, nothing selected.
_PYTEST_KEEPS = {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED}

_ENDED_EARLY: dict[int | pytest.ExitCode, str] = {
    pytest.ExitCode.INTERRUPTED: "The run was interrupted before its first phase.",
    pytest.ExitCode.USAGE_ERROR: "The run was refused; the console says why.",
    pytest.ExitCode.NO_TESTS_COLLECTED: "No scenario was selected.",
}


def finish_run(session: pytest.Session, own: RunSession) -> None:
    """Set the exit code and write ``results.json``; the redactor still knows the target's secrets."""
    if not own.used:
        return
    events = own.run.folder / "events"
    for why, names in own.left_out.items():
        own.emit(LeftOut(stamp(), names, left_out_reason(why, own.options.away)))
    note_left(own, fold(journal.merge(events)))
    results = fold(journal.merge(events))
    verdicts = {
        Verdict(phase.verdict)
        for scenario in results.scenarios
        for phase in scenario.phases
        if phase.verdict in Verdict.__members__
    }
    if own.interrupts.by:
        # Also where everything had been done by then: a run that was stopped must say so.
        session.exitstatus = pytest.ExitCode.INTERRUPTED
    code = int(session.exitstatus)
    # xdist calls it an interrupt when -x ends the run.
    stopped_by_x = (
        session.exitstatus == pytest.ExitCode.INTERRUPTED and bool(session.shouldfail) and not own.interrupts.by
    )
    if (session.exitstatus not in _PYTEST_KEEPS or stopped_by_x) and code != pytest.ExitCode.INTERNAL_ERROR:
        gate = own.options.fail_on_repair and bool(not_allowed(results.repairs))
        known = own.options.fail_on_known and bool(results.deviations)
        if (gate or known) and session.testsfailed <= _red_by_gate(results, repairs=gate, known=known):
            code = 0  # no test beside the phases failed; the phases' own verdicts say the rest
        code = exit_code(verdicts) or code
        if not code and any(scenario.verdict not in GOOD for scenario in results.scenarios):
            # Phases that were skipped or never ended, without a reason that counts: that is not green.
            code = exit_code({Verdict.INCONCLUSIVE})
        skipped = own.options.fail_on_skip and bool(results.skips)
        code = code or exit_code(set(), skip_not_allowed=skipped, known_not_allowed=known, repair_not_allowed=gate)
        session.exitstatus = code
    own.exit_code = code
    own.emit(
        RunFinished(
            at=stamp(),
            run_id=own.run.id,
            exit_code=code,
            seconds=round(time.monotonic() - own.started, 3),
            interrupted=own.interrupts.by,
        )
    )
    write_results(own.run.folder / "results.json", journal.merge(events), own.redactor())
    allure_folder = Path(session.config.option.allure_report_dir or own.run.folder / "allure-results")
    if allure_folder.is_dir():
        explain_repaired(allure_folder)
        allure.write_categories(allure_folder)
        environment = {"run": own.run.id, "target": results.run.target, "today": results.run.today}
        allure.write_environment(allure_folder, environment, own.redactor())
    if own.interrupts.by:
        tell_reports(session, own, allure_folder)
    # Last: what pytest and Allure wrote themselves (tracebacks, messages of exceptions).
    xml = getattr(session.config.option, "xmlpath", None)
    own.redactor().sweep_reports(allure_folder, xml and Path(xml))
    own.redactor().sweep(own.run.folder)


def _red_by_gate(results: Results, *, repairs: bool, known: bool) -> int:
    """How many phases ended well, and are failures for pytest because of what a gate does not allow."""
    return sum(
        (known and phase.verdict == Verdict.KNOWN)
        or (repairs and phase.verdict in GOOD and bool(not_allowed(phase.repairs)))
        for scenario in results.scenarios
        for phase in scenario.phases
    )


def note_early_end(session: pytest.Session, own: RunSession) -> None:
    """A run of scenarios that ended before its first phase leaves a JUnit file with an error, never an empty green one.

    ``latest`` points to it, and not to an older run that was green.
    """
    reason = _ENDED_EARLY.get(session.exitstatus)
    if own.used or reason is None or not own.run.folder.is_dir():
        return
    own.point_latest()
    path = getattr(session.config.option, "xmlpath", None)
    # Files that are wrong stand in pytest's own report.
    if path and not session.testsfailed:
        junit.early_abort_junit(Path(path), reason, run_id=own.run.id, seconds=time.monotonic() - own.started)
