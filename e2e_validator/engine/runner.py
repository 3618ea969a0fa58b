"""Runs one phase: what must have gone before, what it ended with, and the verdict that follows."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.bundle.taking import remembering, take_at_end
from e2e_validator.engine.causes import finding_of
from e2e_validator.engine.context import Context
from e2e_validator.engine.expected_end import Ending, as_expected, repaired
from e2e_validator.engine.koku_day import forgotten
from e2e_validator.engine.left import describe_left
from e2e_validator.engine.outcome import Outcome, PhaseSkipped
from e2e_validator.engine.repair_runner import close_open_tries
from e2e_validator.errors import Blocked, CleanupIncomplete, E2EError, Inconclusive, PhaseFailed, PhaseInterrupted
from e2e_validator.events import PhaseFinished, PhaseStarted
from e2e_validator.moments import stamp
from e2e_validator.verdict import GOOD, Verdict

INTERRUPTED = "INTERRUPTED"
# What comes of days that a deployment has given up meanwhile.
_OF_THE_DATA = {Verdict.FAILED, Verdict.INCONCLUSIVE}
Work = Callable[[Context], Outcome]
"""What a phase does."""
_MACHINE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.ENFILE}


def missing_phase(context: Context) -> str | None:
    """Why this phase cannot run: the first earlier phase that did not pass; None when all did.

    cleanup runs whatever happened before.
    """
    if context.base == "cleanup":
        return None
    for name in context.plan.phases[: context.plan.phases.index(context.phase)]:
        verdict = context.state.verdicts.get(name)
        if verdict not in GOOD:
            return f"{name} {'did not run' if verdict is None else f'ended {verdict}'}"
    return None


def run_phase(
    context: Context, work: Callable[[Context], Outcome]
) -> tuple[PhaseFinished, Outcome | None, BaseException | None]:
    """Run the phase, whose work is ``work``, and note its verdict in the scenario's state.

    Returns the closing event, the outcome of a phase that passed, and the exception of one that did not: an interrupt
    becomes PhaseInterrupted, so that reports show it like any other end. A phase that did not pass leaves a bundle.
    """
    with remembering(context):
        finished, outcome, error = _run(context, work)
        take_at_end(context, finished)
    return finished, outcome, error


def _run(
    context: Context, work: Callable[[Context], Outcome]
) -> tuple[PhaseFinished, Outcome | None, BaseException | None]:
    started = time.monotonic()
    context.emit(PhaseStarted(stamp(), context.plan.name, context.phase))
    outcome: Outcome | None = None
    error: BaseException | None = None
    try:
        reason = missing_phase(context)
        if reason is not None:
            raise PhaseSkipped(reason)  # noqa: TRY301 - one place turns what happened into a verdict
        if context.blocked is not None and context.base != "cleanup":
            raise context.blocked  # noqa: TRY301 - one place turns what happened into a verdict
        with context.during(context.base):
            outcome = work(context)
        # What is wrong by the data says more than what had to be repaired, which the repairs themselves tell.
        mended = repaired(context)
        verdict = Verdict.KNOWN if outcome.known else Verdict.REPAIRED if mended else Verdict.PASSED
    except PhaseSkipped as skipped:
        verdict, error = Verdict.SKIPPED, skipped
    except KeyboardInterrupt:
        return _interrupted(context, time.monotonic() - started)
    except Exception as raised:  # noqa: BLE001 - whatever it is becomes a verdict, none is swallowed
        verdict, error = verdict_of(raised), raised
        if verdict in _OF_THE_DATA and (why := forgotten(context)):
            verdict, error = Verdict.BLOCKED, Blocked(why, detail=f"{headline_of(raised)}\nRun the scenario again.")
    close_open_tries(context)
    finding = finding_of(context, error, verdict) if error is not None else None
    cause = finding.cause if finding else ""
    verdict, outcome, error = as_expected(context, Ending(verdict, cause, outcome, error))
    context.state.verdicts[context.phase] = str(verdict)
    context.state.save()
    finished = PhaseFinished(
        at=stamp(),
        scenario=context.plan.name,
        phase=context.phase,
        verdict=str(verdict),
        seconds=round(time.monotonic() - started, 3),
        facts=outcome.facts if outcome else "",
        headline=headline_of(error),
        detail=detail_of(error, verdict),
        data={**(outcome.data if outcome else {}), "polls": context.polls},
        finding=finding,
        repairs=tuple(context.repairs),
    )
    context.emit(finished)
    return finished, outcome, error


def _interrupted(context: Context, seconds: float) -> tuple[PhaseFinished, None, PhaseInterrupted]:
    """The end of a phase that a signal ended; what a cleanup has not removed is told from the state."""
    by = context.run.stopped_by()
    why = f"interrupted by {by}" if by else "interrupted"
    if context.base == "cleanup":
        headline, detail = describe_left(context.state, context.target, f"the cleanup was {why}")
    else:
        headline, detail = f"{why}; says nothing of the product", ""
    context.state.verdicts[context.phase] = INTERRUPTED
    context.state.save()
    finished = PhaseFinished(
        at=stamp(),
        scenario=context.plan.name,
        phase=context.phase,
        verdict=INTERRUPTED,
        seconds=round(seconds, 3),
        headline=headline,
        detail=detail,
        data={"polls": context.polls},
        repairs=tuple(context.repairs),
    )
    context.emit(finished)
    return finished, None, PhaseInterrupted(headline, detail=detail)


def verdict_of(error: BaseException) -> Verdict:
    """The verdict that an exception stands for; an unexpected one is a bug in this program."""
    if isinstance(error, PhaseFailed | Refused):
        return Verdict.FAILED
    if isinstance(error, Blocked) or _machine_error(error) is not None:
        return Verdict.BLOCKED
    if isinstance(error, Inconclusive | Unreachable | S3Error | psycopg.Error):
        return Verdict.INCONCLUSIVE
    if isinstance(error, CleanupIncomplete):
        return Verdict.UNCLEAN
    return Verdict.ERROR


def _machine_error(error: BaseException | None) -> OSError | None:
    """The error of this machine (no space, no permission, no more files) that this one is, or was caused by.

    Neither the product nor we are to blame for it.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _MACHINE_ERRORS:
            return error
        error = error.__cause__
    return None


def headline_of(error: BaseException | None) -> str:
    """One sentence for summaries."""
    if error is None:
        return ""
    if isinstance(error, E2EError):
        return error.headline
    machine = _machine_error(error)
    if machine is not None:
        return f"{machine.strerror}: {machine.filename}" if machine.filename else f"{machine.strerror}"
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def detail_of(error: BaseException | None, verdict: Verdict) -> str:
    """The lines below the headline: ours for what we understand, a traceback for our own bugs."""
    if error is None:
        return ""
    if verdict is Verdict.ERROR:
        trace = "".join(traceback.format_exception(error))
        return f"This is a bug in the harness, not in the product.\n{trace}"
    if isinstance(error, E2EError):
        return error.detail
    if isinstance(error, Refused):
        return f"answer      {error.status}: {error.body}"
    return "\n".join(str(error).strip().splitlines()[1:])
