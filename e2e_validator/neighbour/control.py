"""The neighbour itself: made once a run, by whichever process comes first; its state stands in the run's folder.

It goes the way of a scenario's source (``made_source``, ``upload``, ``ingest``), so what is known of interruptions and
lost answers holds for it too: a run that goes on takes it up, and never makes it twice.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.calendar_months import month_after
from e2e_validator.engine.claims import token
from e2e_validator.engine.context import Context
from e2e_validator.engine.made_source import create
from e2e_validator.engine.provider import control_of, provider_of
from e2e_validator.engine.run_state import Run, ScenarioState, SentPayload
from e2e_validator.engine.sending import deliver, send, transport_for
from e2e_validator.errors import Blocked, E2EError
from e2e_validator.neighbour.marks import FOLDER, MADE, MARKS, TROUBLE, locked, mark, marks
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.model import Limits, Scenario
from e2e_validator.scenario.plan import Plan, PlannedPayload

_STATE = "neighbour.json"
_ENVIRONMENT = (E2EError, Unreachable, Refused, S3Error, psycopg.Error, OSError)


def is_there(run: Run) -> bool:
    """Whether the run has begun to make its neighbour."""
    return (run.folder / FOLDER / _STATE).exists()


def of(context: Context) -> Context:
    """The neighbour's own context, from that of a phase; nothing that it waits for is told as the phase's."""
    state = ScenarioState.load(context.run.scenario_folder(FOLDER), _STATE)
    payloads = tuple(_payload(sent) for sent in state.payloads)
    days = [day for one in payloads for day in (one.start.date(), (one.end - timedelta(seconds=1)).date())]
    plan = replace(
        plan_of_nobody(context.today),
        payloads=payloads,
        first_day=min(days, default=context.today),
        last_day=min(max(days, default=context.today), context.today),
        limits=context.plan.limits,
    )
    loaded = scenario_of_nobody(context.run.folder / FOLDER)
    kind = loaded.scenario.source.type
    return replace(
        context,
        loaded=loaded,
        clients=context.clients if kind == context.loaded.scenario.source.type else context.clients.of(kind),
        plan=plan,
        state=state,
        phase="manifest",
        payload_index=1,
        emit=lambda _event: None,
        finding=None,
        repairs=[],
        repair="off",
    )


def ensure(context: Context) -> None:
    """Have the neighbour made and its payloads on their way, unless they are; it is not waited for.

    What stands in its way is noted and told by the look at the neighbour: nothing is said of this phase by it.
    """
    if not context.neighbour:
        return
    with locked(context.run):
        own = of(context)
        own.state.save()
        try:
            own.clients.claims.take(token(own.state.token), shared=True)
            if MADE not in marks(context.run):
                _make(own, context.neighbour)
            mark(context.run, made="yes", trouble=None)
        except _ENVIRONMENT as error:
            mark(context.run, trouble=f"{type(error).__name__}: {error}".strip())


def forget(own: Context) -> None:
    """It is gone; a run that goes on makes another, under another name. What it was called stays on record."""
    (own.folder / _STATE).replace(own.folder / f"removed-{own.state.token}.json")
    (own.folder / MARKS).unlink(missing_ok=True)


def trouble(run: Run) -> str:
    """Why the neighbour could not be made; empty when it was."""
    found = marks(run)
    return "" if MADE in found else found.get(TROUBLE, "it was not made")


def months(own: Context) -> list[Context]:
    """The neighbour's context for each of its payloads, one a month."""
    return [replace(own, payload_index=sent.index) for sent in own.state.payloads]


def _make(own: Context, shared: tuple[object, ...]) -> None:
    if not own.state.payloads:
        _write(own, shared)
    create(own, own.source_key, "source")
    for sent in own.state.payloads:
        provider_of(own).pack(sent, None)
        if transport_for(own).needs_object and not sent.announced_at:
            send(own, sent)
        deliver(own, sent, own.state.source)


def _write(own: Context, shared: tuple[object, ...]) -> None:
    """The payloads, and what follows from them."""
    work = own.folder / "generated"
    shutil.rmtree(work, ignore_errors=True)
    payloads = [
        SentPayload(
            index=index,
            uuid=manifest_uuid,
            payload_folder=str(folder),
            tarball=str(own.folder / f"payload-{index}.tar.gz"),
            object_key=f"{own.source_key}/payload-{index}.tar.gz",
            files=len(list(folder.glob("*.csv"))),
        )
        for index, (manifest_uuid, folder) in enumerate(control_of(own).write(shared, work, own.source_key), start=1)
    ]
    control_of(own).expect(own, [Path(payload.payload_folder) for payload in payloads])
    own.state.payloads = payloads
    own.state.save()


def _payload(sent: SentPayload) -> PlannedPayload:
    """The payload of a payload: its month, whole."""
    month = Path(sent.payload_folder).name
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    end = month_after(start)
    return PlannedPayload(sent.index, 0, "", month, start, end, daily_reports=True, damage=None, recorded=None)


def plan_of_nobody(today: date) -> Plan:
    """A plan without a payload, under the neighbour's name."""
    return Plan(
        name=FOLDER,
        negative=False,
        payloads=(),
        phases=("source", "manifest", "cleanup"),
        first_day=today,
        last_day=today,
        limits=Limits().model_dump(),
    )


def scenario_of_nobody(folder: Path) -> LoadedScenario:
    """The neighbour as a scenario, for what asks one: it has no cost model and wants nothing kept."""
    scenario = Scenario.model_validate(
        {
            "version": 1,
            "name": FOLDER.replace("-", "_"),
            "description": "The control source of a run.",
            "data": {"template": "neighbour.yml"},
        }
    )
    return LoadedScenario(folder / _STATE, scenario, "", "", {}, report=None, payloads=())


def blocked(run: Run) -> Blocked:
    """The verdict on a phase that cannot say anything of the neighbour."""
    first, _, rest = trouble(run).partition("\n")
    return Blocked(f"The control source could not be made: {first}", detail=rest)
