"""Runs one phase item: context, hooks, reports; and the late cleanup of a scenario that was cut short."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from e2e_validator.bundle.taking import SUMMARY, bundle_folder
from e2e_validator.deployment import Target
from e2e_validator.engine.claims import hold_scenario
from e2e_validator.engine.context import Clients, Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import ScenarioState
from e2e_validator.engine.runner import run_phase
from e2e_validator.errors import Blocked
from e2e_validator.events import Emit, Event, Heartbeat, Observed, PhaseFinished, Recognised, Repaired
from e2e_validator.plugin import known, repaired
from e2e_validator.plugin.asking import asker
from e2e_validator.plugin.collect import FAILURE, FINISHED, PhaseItem, Scenario
from e2e_validator.plugin.early_end import needs_cleanup
from e2e_validator.plugin.faults import LastWord, own_stack
from e2e_validator.plugin.kept import keep
from e2e_validator.plugin.live import show_live
from e2e_validator.plugin.neighbour import neighbour_for
from e2e_validator.plugin.paths import shown
from e2e_validator.plugin.registry import PHASES
from e2e_validator.plugin.run_session import SESSION, RunSession
from e2e_validator.report import allure as allure_report
from e2e_validator.report import console, junit
from e2e_validator.report.redact import Redactor
from e2e_validator.verdict import Verdict

_PAYLOAD = re.compile(r"\[(\d+)\]$")


def execute(item: PhaseItem) -> None:
    """Run the item's phase and hand what it said to every report; raises what makes pytest show it as it ended."""
    session = item.config.stash[SESSION]
    scenario = item.scenario
    if session.worker is not None:
        session.enter()
    if session.resumed and keep(item):
        return
    context = _context(item.config, scenario, item.name)
    context.emit = tries = repaired.Tries(context.emit)
    folder = context.folder
    spec = scenario.loaded.scenario
    allure_report.label(scenario.name, item.name, spec.tags, spec.description)
    hooks = {"scenario": scenario.name, "phase": item.name, "folder": folder, "target": context.target}
    if context.blocked is None:
        _tell(item, session, item.ihook.pytest_e2e_phase_started, hooks)
    try:
        finished, outcome, error = _run(session, context)
    except Exception as crash:
        session.note_crash(scenario.name, item.name, crash)
        raise
    finally:
        context.clients.close()
    redact = session.redactor()
    repaired.label(finished)
    known.label(finished)
    error = error or known.refusal(finished, session) or repaired.refusal(finished, session)
    item.user_properties.extend(junit.properties(finished, session.run.id, redact))
    item.stash[FINISHED] = finished
    for name, text in (outcome.attachments if outcome else {}).items():
        (folder / f"{item.name}.{name}").write_text(redact.text(text), encoding="utf-8")
        allure_report.attach_text(name, redact.text(text))
    if context.blocked is None:
        _tell(item, session, item.ihook.pytest_e2e_phase_finished, hooks | {"finished": finished})
    if error is None:
        return
    if finished.verdict == Verdict.SKIPPED:
        pytest.skip(finished.headline)
    told = repaired.with_reason(finished, error)
    files = [shown(folder), *_bundle(context, redact)]
    text = console.failure_block(told, repaired=tries.made, reproduce=_reproduce(item), files="\n".join(files))
    item.stash[FAILURE] = redact.text(text)
    allure_report.attach_text("failure", redact.text(text))
    if finished.finding is not None:
        allure_report.attach_text("finding", redact.text(finished.finding.text()))
    raise error


def _run(session: RunSession, context: Context) -> tuple[PhaseFinished, Outcome | None, BaseException | None]:
    """Run the phase, in a scenario with faults amid those that are due; what the scenario needs alone is held."""
    if context.blocked is None:
        try:
            hold_scenario(context)
        except Blocked as refused:
            context.blocked = refused
    own = own_stack(session, context.loaded.scenario) if context.blocked is None else None
    if own is None:
        return run_phase(context, PHASES[context.base])
    own.set_scene(context)
    context.emit = word = LastWord(context.emit, context, own)
    finished, outcome, error = run_phase(context, PHASES[context.base])
    return word.finished or finished, outcome, word.error or error


def _tell(item: PhaseItem, session: RunSession, hook: Callable[..., Any], hooks: dict[str, Any]) -> None:
    """Call a hook of this plugin; what goes wrong in it is no failure of the product."""
    try:
        hook(**hooks)
    except Exception as crash:
        session.note_crash(item.scenario.name, item.name, crash)
        raise


def clean_up_late(scenario: Scenario) -> None:
    """Run the cleanup that the scenario did not reach (-x), so that a run that was cut short leaves nothing behind.

    Its end stands in the journal, as that of any phase; pytest has no item for it.
    """
    session = scenario.config.stash[SESSION]
    if session.options.until_phase or not needs_cleanup(session.run.folder / scenario.plan.name):
        return
    context = _context(scenario.config, scenario, "cleanup")
    try:
        if (own := own_stack(session, scenario.loaded.scenario)) is not None:
            own.calm_down()
        run_phase(context, PHASES[context.base])
    finally:
        context.clients.close()


def _context(config: pytest.Config, scenario: Scenario, phase: str) -> Context:
    session = config.stash[SESSION]
    payload = _PAYLOAD.search(phase)
    blocked, own = None, None
    try:
        own = own_stack(session, scenario.loaded.scenario)
        target = own.target if own else session.life.target(scenario.plan.stack)
    except Blocked as error:
        target, blocked = Target.unknown(), error
    return Context(
        run=session.run,
        loaded=scenario.loaded,
        plan=scenario.plan,
        state=ScenarioState.load(session.run.scenario_folder(scenario.plan.name)),
        target=target,
        clients=Clients(target, scenario.loaded.scenario.source.type, session.life.claims(target)),
        phase=phase,
        payload_index=int(payload[1]) if payload else 1,
        today=session.options.today,
        began_on=session.options.began_on,
        fixtures=scenario.fixtures,
        emit=_emitter(config, session),
        keep=session.options.keep,
        repair=session.options.repair,
        strict=session.options.fail_on_skip,
        accepted=session.options.accepted,
        ask=asker(config),
        repair_after=_repair_after(session, target),
        redactor=session.redactor(),
        logs=own.logs if own else session.life.logs(scenario.plan.stack),
        # A fault of a scenario's own stack may hit whatever is there: what it did to a neighbour would say nothing.
        neighbour=() if own else neighbour_for(session, scenario.loaded),
        blocked=blocked,
        during=session.interrupts.during,
    )


def _repair_after(session: RunSession, target: Target) -> float:
    """How long nothing may have changed before a fault is believed; the embedded stack's work takes fractions of it."""
    given = session.options.repair_after
    return given if given is not None else 2.0 if target.kind == "embedded" else 30.0


def _emitter(config: pytest.Config, session: RunSession) -> Emit:
    def emit(event: Event) -> None:
        session.emit(event)
        if isinstance(event, Heartbeat | Observed | Recognised | Repaired):
            show_live(config, event)
            repaired.add_steps(event, session)
            if isinstance(event, Observed):
                with allure_report.step(f"{event.elapsed_seconds:.1f}s  {event.seen}", session.redactor()):
                    pass

    return emit


def _bundle(context: Context, redact: Redactor) -> list[str]:
    """Where the phase's bundle begins, which is also attached for Allure; empty when none could be taken."""
    page = bundle_folder(context) / SUMMARY
    if not page.is_file():
        return []
    allure_report.attach_text(f"bundle/{SUMMARY}", redact.text(page.read_text(encoding="utf-8")))
    return [f"{shown(page.parent)}{SUMMARY}"]


def _reproduce(item: PhaseItem) -> str:
    return f"pytest '{item.scenario.nodeid}'"
