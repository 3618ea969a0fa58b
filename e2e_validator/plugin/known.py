"""Phases with accepted deviations: what the reports are told of them, and what ``--fail-on-known`` makes of them."""

from __future__ import annotations

from e2e_validator.errors import KnownNotAllowed
from e2e_validator.events import PhaseFinished
from e2e_validator.plugin.run_session import RunSession
from e2e_validator.report import allure_known
from e2e_validator.report.known import worst
from e2e_validator.verdict import Verdict


def label(finished: PhaseFinished) -> None:
    """Label a KNOWN phase in Allure."""
    if finished.verdict == Verdict.KNOWN:
        allure_known.label_known(finished.data)


def refusal(finished: PhaseFinished, session: RunSession) -> KnownNotAllowed | None:
    """The failure that ``--fail-on-known`` makes of a KNOWN phase; the verdict stays."""
    if finished.verdict != Verdict.KNOWN or not session.options.fail_on_known:
        return None
    return KnownNotAllowed(f"known, which --fail-on-known does not allow: {worst(finished.data)}")
