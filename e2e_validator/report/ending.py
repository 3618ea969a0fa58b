"""The verdict of a run as a whole, in words."""

from __future__ import annotations

from e2e_validator.report.model import Results
from e2e_validator.report.outcome import INTERRUPTED, worst
from e2e_validator.report.repairs import not_allowed
from e2e_validator.verdict import GOOD, KNOWN_CODE, REPAIRED_CODE, SKIPPED_CODE, Verdict

_INTERRUPTED_CODE = 2


def run_verdict(results: Results) -> str:
    """The worst verdict; with the phase behind it where the run was to end before its scenarios did."""
    run = results.run
    verdicts = [str(scenario.verdict) for scenario in results.scenarios]
    if run.exit_code in (None, _INTERRUPTED_CODE):
        verdicts.append(INTERRUPTED)
    verdict = worst(verdicts)
    if verdict in GOOD and results.skips and run.exit_code == SKIPPED_CODE:
        verdict = str(Verdict.SKIPPED)
    by_gate = {REPAIRED_CODE: bool(not_allowed(results.repairs)), KNOWN_CODE: bool(results.deviations)}
    if verdict in GOOD and run.exit_code and not by_gate.get(run.exit_code):
        # Something outside the scenarios went wrong; the last line must not read as green.
        verdict = str(Verdict.ERROR)
    return f"{verdict} up to {run.until}" if verdict in GOOD and run.until else verdict
