"""What a phase failed of: the fault that was recognised, or the kind of the failure; each with its remedy."""

from __future__ import annotations

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.diagnose.failures import finding_of_failure
from e2e_validator.diagnose.registry import recognise
from e2e_validator.diagnose.said import finding_of_text
from e2e_validator.engine.context import Context
from e2e_validator.engine.examining import make_case
from e2e_validator.engine.repair_runner import RepairRunner
from e2e_validator.errors import (
    Blocked,
    CleanupIncomplete,
    Contradicts,
    Deviates,
    GaveUp,
    Inconclusive,
    LosesData,
    NeighbourChanged,
    NumbersDiffer,
    PhaseTimeout,
    WrongLife,
)
from e2e_validator.finding import Finding
from e2e_validator.verdict import Verdict

_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (NumbersDiffer, "numbers_differ"),
    (NeighbourChanged, "neighbour_changed"),
    (WrongLife, "wrong_life"),
    (PhaseTimeout, "time_limit"),
    (GaveUp, "given_up"),
    (LosesData, "data_incomplete"),
    (Contradicts, "scenario_contradicts"),
    (Blocked, "not_ready"),
    (Unreachable, "not_reachable"),
    (Inconclusive, "not_readable"),
    (S3Error, "object_store_refused"),
    (psycopg.Error, "database_refused"),
    (CleanupIncomplete, "left_behind"),
)


def finding_of(context: Context, error: BaseException, verdict: Verdict) -> Finding | None:
    """Why the phase did not pass; None for one that was skipped and for a bug in this program."""
    if verdict in {Verdict.SKIPPED, Verdict.ERROR}:
        return None
    if isinstance(error, Deviates):
        return Finding(error.cause, error.sentence, remedy=error.remedy, reference=error.reference)
    if context.finding is not None:
        return context.finding
    if isinstance(error, NumbersDiffer):
        _ask_why(context)
        if context.finding is not None:
            return context.finding
    if isinstance(error, GaveUp) and (said := finding_of_text(error.headline)) is not None:
        return said
    if isinstance(error, Refused):
        return finding_of_failure(f"refused_{error.status}")
    return finding_of_failure(next((name for kind, name in _KINDS if isinstance(error, kind)), "failed"))


def _ask_why(context: Context) -> None:
    """Have the detectors look at figures that differ; what they cannot read leaves the cause as it is."""
    if context.state.source is None or not context.state.source["uuid"]:
        return
    try:
        case = make_case(context, still=0.0, dead=True)
        finding = recognise(case.observed, case.expected, figures=True)
    except (Unreachable, psycopg.Error):
        return
    if finding is not None:
        RepairRunner(context).recognise(finding, "", 0.0)
