"""Makes what detectors and repairs look at, observed and expected, from what a phase works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from e2e_validator.access.ended_containers import EndedContainer, ended_containers
from e2e_validator.access.evidence import Evidence, Session, read_evidence, read_sessions
from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.lag import unread
from e2e_validator.access.source_state import SourceState
from e2e_validator.deployment.target import CLASSIC
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import AskedTwice, ObservedSource
from e2e_validator.engine.context import Context
from e2e_validator.engine.polled_source import look_further
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import Blocked, HarnessError
from e2e_validator.moments import now
from e2e_validator.verdict import GOOD


@dataclass(frozen=True, slots=True)
class Others:
    """What else may be at work; ``now`` and the times of sessions are by the database's clock.

    ``busy`` says that a worker runs a task, whosever it is: Celery's workers take the next one from its queue while
    they are still at one, and it is nowhere to be seen until they begin it.
    """

    queued: tuple[str, ...] | None
    sessions: tuple[Session, ...]
    now: datetime
    unread: int | None = 0
    busy: bool = False


def look_around(context: Context) -> Others:
    """The tasks of this source that wait in a queue, the messages that are not dealt with, all sessions.

    To be called before the evidence is read: a task that ends in between has then changed it.
    """
    # First: a task or message that is taken now has a session a moment later.
    queued, waiting = _queued(context), _unread(context)
    busy = queued == () and _busy(context)
    sessions, now = read_sessions(context.clients.database)
    return Others(queued, tuple(sessions), now, waiting, busy)


def evidence_of(context: Context) -> Evidence:
    """What the database shows of this source."""
    return read_evidence(context.clients.database, context.provider_uuid)


def make_case(context: Context, *, still: float, dead: bool, asked: AskedTwice | None = None) -> Case:
    """The case as it stands now, read at once; ``still`` is how long nothing has changed, in seconds."""
    others = look_around(context)
    case = case_of(context, others, evidence_of(context), context.observe(), still=still, dead=dead)
    return replace(case, observed=replace(case.observed, asked=asked))


def case_of(
    context: Context,
    others: Others,
    evidence: Evidence,
    state: SourceState,
    *,
    still: float,
    dead: bool,
    unattended: float = 0.0,
    alone: float = 0.0,
) -> Case:
    """The case that these looks show, taken in this order."""
    sent = next((sent for sent in context.state.payloads if sent.index == context.payload_index), None)
    observed = ObservedSource(
        provider_uuid=context.provider_uuid,
        schema=context.target.schema_name,
        names=provider_of(context).names,
        manifest_uuid=sent.uuid if sent else "",
        state=state,
        evidence=evidence,
        sessions=others.sessions,
        now=others.now,
        queued=others.queued,
        unread=others.unread,
        still_seconds=still,
        unattended_seconds=unattended,
        alone_seconds=alone,
        dead=dead,
        ended=_ended(context),
    )
    return Case(look_further(context, observed), _expected(context, sent))


def _expected(context: Context, sent: SentPayload | None) -> ExpectedSource:
    """What the run knows of the payload that the phase follows."""
    payload = context.payload
    return ExpectedSource(
        phase=context.base,
        object_key=sent.object_key if sent else "",
        tarball=Path(sent.tarball) if sent else context.folder,
        month=payload.month,
        first_day=payload.start.date(),
        last_day=(payload.end - timedelta(seconds=1)).date(),
        announced_seconds=_since(sent.announced_at if sent else "") or 0.0,
        converted_seconds=_since((sent.undone_at or sent.announced_at) if sent else ""),
        daily_reports=payload.daily_reports,
        report_types=provider_of(context).kinds_of_files(Path(sent.payload_folder)) if sent else {},
        expected_rows=_expected_rows(context),
        good=_good(context),
        verify=_verify(context),
        object_there=lambda: sent is not None and provider_of(context).delivery.stands(context, sent),
        months=tuple(context.months) if sent else (),
    )


def as_if_still(case: Case) -> Case:
    """The same case, had nothing changed for ever and were no process there: what could be recognised at all."""
    return replace(
        case,
        observed=replace(
            case.observed,
            still_seconds=1e6,
            unattended_seconds=1e6,
            alone_seconds=1e6,
            sessions=(),
            queued=(),
            unread=0,
        ),
    )


def _since(moment: str) -> float | None:
    return (now() - datetime.fromisoformat(moment)).total_seconds() if moment else None


def _ended(context: Context) -> tuple[EndedContainer, ...] | None:
    cluster = context.clients.cluster
    if cluster is None:
        return None
    try:
        return ended_containers(cluster)
    except (Unreachable, Refused):
        return None


def _queued(context: Context) -> tuple[str, ...] | None:
    try:
        return context.clients.masu.queued_for(context.provider_uuid)
    except (Unreachable, Refused, KeyError, TypeError, AttributeError):  # the last: an answer of another shape
        return None


def _busy(context: Context) -> bool:
    """Whether a worker is; where masu cannot tell, the sessions must."""
    try:
        return context.clients.masu.busy()
    except (Unreachable, Refused, KeyError, TypeError, AttributeError):
        return False


def _unread(context: Context) -> int | None:
    """Asked in the phases in which the listener works; behind a gateway of unknown brokers it cannot be told."""
    target = context.target
    if target.transport == "masu" or target.koku == CLASSIC or context.base not in {"download", "convert"}:
        return 0
    if target.kafka is None:
        return None
    try:
        return unread(target.kafka, target.verify)
    except (Unreachable, Blocked):
        return None


def _expected_rows(context: Context) -> dict[tuple[str, str], int]:
    if not context.expectation_file.exists():
        return {}
    expected = context.expectation.stage("line_items", context.payload_index - 1)
    return {(kind, day): int(values["rows"]) for (kind, day), values in expected.items()}


def _good(context: Context) -> frozenset[str]:
    """The phases of this payload that have passed, without the payload's number."""
    suffix = context.phase.removeprefix(context.base)
    return frozenset(
        name.removesuffix(suffix)
        for name, verdict in context.state.verdicts.items()
        if verdict in GOOD and name == name.partition("[")[0] + suffix
    )


def _verify(context: Context) -> Callable[[], None]:
    def verify() -> None:
        if not context.expectation_file.exists():
            raise HarnessError("There is no expectation to compare with.")
        provider_of(context).verify(context)

    return verify
