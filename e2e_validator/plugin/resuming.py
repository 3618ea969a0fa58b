"""Going on with a run that was stopped: which run, and where each of its scenarios goes on.

What a scenario has done stands in its ``state.json``, with the verdict of each phase; a phase whose verdict is there
when its turn comes is not run again. So where a scenario goes on is decided once, before its first phase, by taking
verdicts out of that file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from e2e_validator.deployment.endpoints import from_file
from e2e_validator.deployment.identity import addresses
from e2e_validator.deployment.namespace import identity
from e2e_validator.engine.run_state import Run, ScenarioState
from e2e_validator.errors import UsageError
from e2e_validator.plugin.phase_order import position
from e2e_validator.plugin.run_record import FILE, RunRecord, ScenarioRecord
from e2e_validator.plugin.settings import Options
from e2e_validator.report.redact import Redactor
from e2e_validator.verdict import GOOD, Verdict

KEPT = "kept: done in the run before"
_CLEANUP = "cleanup"
_SENT = "generate"


def join(options: Options, here: Path) -> tuple[Path, RunRecord]:
    """The folder and the record of the run that ``--resume`` names.

    Raises:
        UsageError: there is none, or it cannot go on with these options.
    """
    folder = find_run(str(options.resume), reports=options.reports, here=here)
    record = RunRecord.read(folder)
    if options.today_given and options.today.isoformat() != record.today:
        raise UsageError(f"--today {options.today}: the run {record.run} goes on at its own day, {record.today}.")
    secrets = from_file(options.target_file).secrets() if options.target_file else []
    check_target(record, whereabouts(options), Redactor(secrets))
    return folder, record


def whereabouts(options: Options) -> dict[str, str] | None:
    """Where the target of these options is, as far as it is known before it is looked for; None for our own stack."""
    if options.where is not None:
        return identity(options.where)
    return addresses(from_file(options.target_file)) if options.target_file else None


def find_run(value: str, *, reports: Path, here: Path) -> Path:
    """The folder of the run that ``--resume`` names: ``latest``, a run's id, or a path (relative to ``here``).

    Raises:
        UsageError: there is no such run; says which there are, or that pytest took a path of scenarios for its name.
    """
    reports, named = reports.resolve(), (here / value).resolve()
    for folder in ((reports / value).resolve(), named):
        if (folder / FILE).is_file() or (folder.is_dir() and reports in folder.parents):
            return folder
    if _has_scenarios(Path(str(here / value).partition("::")[0])):
        raise UsageError(
            f"--resume {value}: these are scenarios, and pytest took them for the name of a run; put --resume last"
            f" (pytest {value} --resume), or write --resume=RUN."
        )
    runs = sorted(file.parent.name for file in reports.glob(f"*/{FILE}") if not file.parent.is_symlink())
    if not runs:
        raise UsageError(f"--resume: there is no run in {reports} to go on with.")
    close = difflib.get_close_matches(value, runs, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the latest is {runs[-1]}."
    raise UsageError(f"--resume {value}: there is no such run in {reports}; {hint}")


def _has_scenarios(path: Path) -> bool:
    """Whether a user would give this path to pytest."""
    if path.is_file():
        return path.suffix in {".yaml", ".yml"}
    return path.is_dir() and ((path / "scenarios").is_dir() or any(path.glob("*.y*ml")))


def check_target(record: RunRecord, addresses: Mapping[str, str] | None, redactor: Redactor | None = None) -> None:
    """Refuse to go on with another target than the run's; ``addresses`` are None without ``--target``.

    The record was masked when its run ended: a database that is called like its password is ``***`` there.

    Raises:
        UsageError: it is another one, or has ended with its run.
    """
    of = f"--resume: the run {record.run}"
    if record.target["kind"] == "embedded":
        raise UsageError(f"{of} had an embedded stack of its own, which ended with it; nothing is left to go on with.")
    if addresses is None:
        raise UsageError(f"{of} was made on {record.target['title']}; give its file with --target, or its --namespace.")
    masked = redactor or Redactor()
    other = [key for key, at in addresses.items() if record.target.get(key) not in {at, masked.text(at)}]
    if other:
        was = ", ".join(f"{key} was {record.target.get(key)}" for key in other)
        raise UsageError(f"{of} was made on another target than --target says: {was}.")


def check_scenarios(record: RunRecord, scenarios: Mapping[str, ScenarioRecord]) -> None:
    """Refuse scenarios that are not what they were; one that is new to the run is welcome.

    Raises:
        UsageError: the first that changed, and what in it.
    """
    for name, now in scenarios.items():
        before = record.scenarios.get(name)
        changes = before.changes(now) if before else []
        if changes:
            raise UsageError(
                f"--resume: {name} is not what it was in the run {record.run}: {', '.join(changes)} changed;"
                " start a new run, or put it back."
            )


class Way(Enum):
    """How a scenario goes on, in the words of the header."""

    COMPLETE = "complete"
    ONWARD = "going on"
    ANEW = "cleaned up before everything had passed, so it starts again"
    CLEANUP = "its cleanup was cut short, so only that is done; --resume once more starts it again"
    NEW = "beginning"


@dataclass(frozen=True, slots=True)
class Past:
    """What the journal says of a scenario.

    ``ended`` holds the verdicts of phases that were not begun again afterwards, ``cleaning`` whether a cleanup began
    after which no phase did.
    """

    ended: Mapping[str, str] = field(default_factory=dict)
    cleaning: bool = False


def past_of(events: Iterable[Mapping[str, Any]]) -> dict[str, Past]:
    """What the events of a run say of its scenarios."""
    ended: dict[str, dict[str, str]] = {}
    cleaning: dict[str, bool] = {}
    for event in events:
        if event["event"] == "PhaseStarted":
            ended.setdefault(event["scenario"], {}).pop(event["phase"], None)
            cleaning[event["scenario"]] = event["phase"] == _CLEANUP
        elif event["event"] == "PhaseFinished":
            ended.setdefault(event["scenario"], {})[event["phase"]] = event["verdict"]
    return {name: Past(phases, cleaning.get(name, False)) for name, phases in ended.items()}


@dataclass(frozen=True, slots=True)
class Course:
    """Where a scenario goes on: its phases before ``at`` are kept; ``at`` is empty when all are."""

    way: Way
    at: str = ""


def course(phases: Sequence[str], verdicts: Mapping[str, str], past: Past) -> Course:
    """Where a scenario with these ``phases`` goes on.

    A phase is done when the state and the journal both say so: the process may have died between the two.
    """
    if not verdicts and not past.ended:
        return Course(Way.NEW, phases[0])
    done = [name for name in phases if verdicts.get(name) in GOOD and past.ended.get(name) in GOOD]
    first = next((name for name in phases if name not in done), "")
    if first in ("", _CLEANUP):
        return Course(Way.ONWARD if first else Way.COMPLETE, first)
    cleaned = past.ended.get(_CLEANUP, "")
    if verdicts.get(_CLEANUP) in GOOD:
        return Course(Way.ANEW, phases[0])
    if past.cleaning and cleaned not in (*GOOD, Verdict.SKIPPED):
        return Course(Way.CLEANUP, _CLEANUP)
    return Course(Way.ONWARD, first)


def course_from(phase: str, name: str, phases: Sequence[str], state: ScenarioState, found: Course) -> Course:
    """The course when ``--from-phase`` moves it back to ``phase``.

    Raises:
        UsageError: a phase before it did not pass, or what it works on is gone or was sent already.
    """
    option = f"--from-phase {phase}: {name}"
    at = next((one for one in phases if position(one) >= position(phase)), "")
    if found.way is not Way.ONWARD:
        reason = "has not begun" if found.way is Way.NEW else "was cleaned up, so there is nothing to go on with"
        raise UsageError(f"{option} {reason}; leave it out of the selection, or --from-phase.")
    if position(found.at) < position(at):
        verdict = state.verdicts.get(found.at)
        reason = f"ended {verdict} in its {found.at}" if verdict else f"did not pass its {found.at}"
        raise UsageError(f"{option} {reason}, which stands before it; leave --from-phase out.")
    if position(at) <= position(_SENT) and any(payload.announced_at for payload in state.payloads):
        raise UsageError(
            f"{option} has announced its data, and new data in the same source would be counted beside them;"
            " start a new run, or go on from a later phase."
        )
    return Course(Way.ONWARD, at)


def take(state: ScenarioState, phases: Sequence[str], taken: Course) -> None:
    """Make the state on disk what the course says: only verdicts of phases that are not run again are in it."""
    match taken.way:
        case Way.ANEW:
            # Kept beside it: it shows what the first try had made.
            state.path.rename(state.path.with_name(f"state-{state.token}.json"))
            return
        case Way.CLEANUP:
            # SKIPPED, whatever it was: with FAILED among them the cleanup might keep what it has half removed.
            was = {name: state.verdicts.get(name, "") for name in phases if name != _CLEANUP}
            verdicts = {name: verdict if verdict in GOOD else str(Verdict.SKIPPED) for name, verdict in was.items()}
        case Way.NEW:
            return
        case _:
            kept = phases if taken.way is Way.COMPLETE else phases[: phases.index(taken.at)]
            verdicts = {name: state.verdicts[name] for name in kept}
    if verdicts != state.verdicts:
        state.verdicts = verdicts
        state.save()


def go_on(
    run: Run, scenarios: Mapping[str, ScenarioRecord], events: Iterable[Mapping[str, Any]], from_phase: str | None
) -> list[str]:
    """Decide where each scenario goes on, note it on disk, and say it: a line for each way.

    Nothing is changed unless all of them can.

    Raises:
        UsageError: ``--from-phase`` cannot be done.
    """
    pasts = past_of(events)
    courses: dict[str, tuple[ScenarioState, Course]] = {}
    for name, record in scenarios.items():
        state = _state(run, name)
        found = course(record.phases, state.verdicts, pasts.get(name, Past()))
        if from_phase is not None:
            found = course_from(from_phase, name, record.phases, state, found)
        courses[name] = state, found
    for name, (state, found) in courses.items():
        take(state, scenarios[name].phases, found)
    return _said({name: found for name, (_, found) in courses.items()})


def _state(run: Run, name: str) -> ScenarioState:
    try:
        return ScenarioState.load(run.folder / name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--resume: {run.folder / name}/state.json cannot be read; start a new run.") from error


def _said(courses: Mapping[str, Course]) -> list[str]:
    lines = []
    for way in Way:
        names = [name for name, found in courses.items() if found.way is way]
        if way is Way.ONWARD:
            names = [f"{name} at {courses[name].at}" for name in names]
        if names:
            lines.append(f"{'resumed':<10}{', '.join(names)}: {way.value}")
    return lines
