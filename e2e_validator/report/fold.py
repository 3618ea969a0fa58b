"""The events of a run, folded into its results; also those of a run that was stopped and continued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from e2e_validator.finding import Finding
from e2e_validator.report.ending import run_verdict
from e2e_validator.report.journal import DAMAGED
from e2e_validator.report.jsontext import plain
from e2e_validator.report.known import known_deviations
from e2e_validator.report.model import Counts, FindingResult, PhaseResult, Results, RunInfo, ScenarioResult, Word
from e2e_validator.report.outcome import INTERRUPTED, WORST_FIRST, known, worst
from e2e_validator.report.repairs import RepairBook, by_kind, causes
from e2e_validator.report.skips import skips
from e2e_validator.verdict import GOOD, Verdict

_NEVER_ENDED = "The phase began, but the run was cut off before it ended."
_NEVER_BEGAN = "The phase did not run: it left no event."
_CLEANUP = "cleanup"


def fold(events: Iterable[Mapping[str, Any]]) -> Results:
    """The results of the run that ``events`` (JSON objects in time order) tell of.

    A phase that began and never ended is INTERRUPTED; a planned one that never began is SKIPPED, so that a
    run which was cut off is never green. A scenario's verdict is that of its worst phase.

    Where a run goes on (``resumed``), the phases of the scenarios it goes on with count as never run unless they
    passed; so does their cleanup. What was repaired stays repaired: a phase in which a repair worked is REPAIRED even
    if it only passed in a later part of the run.
    """
    tale = _Tale()
    for event in events:
        tale.hear(event)
    return tale.results()


def scenario_verdict(phases: Sequence[PhaseResult]) -> str:
    """The worst verdict of the phases; a cleanup that the scenario asked to skip (``keep``) takes nothing away."""
    return worst(
        phase.verdict
        for phase in phases
        if not (phase.name == _CLEANUP and phase.verdict == Verdict.SKIPPED and phase.seconds is not None)
    )


class _Tale:
    """What the events said so far."""

    def __init__(self) -> None:
        """Nothing was heard."""
        self._run = RunInfo(
            id="", started=None, finished=None, seconds=None, target="", today="", versions={}, exit_code=None
        )
        self._plan: dict[str, dict[str, PhaseResult | None]] = {}
        self._begun: set[tuple[str, str]] = set()
        # The part of the run in which a phase ended: 0, and one more each time the run was continued.
        self._ended_in: dict[tuple[str, str], int] = {}
        self._warnings: list[tuple[tuple[str, str] | None, str]] = []
        self._repairs = RepairBook()
        self._left_out: dict[str, str] = {}

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take one more event; kinds that say nothing of results are passed over."""
        match event["event"]:
            case "RunStarted":
                self._run_started(event)
            case "PhaseStarted":
                self._goes_on(event["scenario"], event["phase"])
                self._plan.setdefault(event["scenario"], {}).setdefault(event["phase"], None)
                self._begun.add((event["scenario"], event["phase"]))
            case "Repaired":
                self._repairs.add(event, self._run.resumed)
            case "PhaseFinished":
                self._phase_finished(event)
            case "LeftOut":
                self._left_out |= dict.fromkeys(event["scenarios"], event["reason"])
            case "RunFinished":
                self._run = self._run.model_copy(
                    update={
                        "finished": event["at"],
                        "seconds": event["seconds"],
                        "exit_code": event["exit_code"],
                        "interrupted": event.get("interrupted", ""),
                    }
                )
            case kind if kind == DAMAGED:
                said = f"Line {event['line']} of {event['file']} cannot be read; its event is missing here."
                self._warnings.append((None, said))

    def results(self) -> Results:
        """All of it."""
        scenarios = [self._scenario(name, phases) for name, phases in self._plan.items()]
        whole = Results(
            run=self._run,
            counts=_counts(scenarios).model_copy(update={"repairs": by_kind(self._repairs.tries)}),
            scenarios=scenarios,
            repairs=self._repairs.tries,
            deviations=known_deviations(scenarios),
            skips=skips(scenarios, self._left_out),
            warnings=[said for _, said in self._warnings],
        )
        return whole.model_copy(update={"run": self._run.model_copy(update={"verdict": run_verdict(whole)})})

    def _run_started(self, event: Mapping[str, Any]) -> None:
        if event.get("resumed"):
            self._run = self._run.model_copy(
                update={
                    "resumed": self._run.resumed + 1,
                    "finished": None,
                    "seconds": None,
                    "exit_code": None,
                    "interrupted": "",
                }
            )
            for scenario in event["scenarios"]:
                self._forget(scenario)
        if self._run.started is None:
            self._run = self._run.model_copy(
                update={
                    "id": event["run_id"],
                    "started": event["at"],
                    "target": event["target"],
                    "today": event["today"],
                    "versions": dict(event["versions"]),
                }
            )
        self._run = self._run.model_copy(update={"until": event.get("until", "")})
        for scenario, phases in event["scenarios"].items():
            before = self._plan.get(scenario, {})
            if event.get("until"):
                before = {name: result for name, result in before.items() if name in phases or result is not None}
            self._plan[scenario] = {phase: before.get(phase) for phase in _joined(list(before), phases)}

    def _phase_finished(self, event: Mapping[str, Any]) -> None:
        where = (event["scenario"], event["phase"])
        self._goes_on(*where)
        self._repairs.ended(event, self._run.resumed)
        phases = self._plan.setdefault(event["scenario"], {})
        phases[event["phase"]] = self._worse(where, phases.get(event["phase"]), self._result(event))
        self._ended_in[where] = self._run.resumed

    def _forget(self, scenario: str) -> None:
        """A run goes on with this scenario: what did not pass counts as never run.

        A scenario that was through is left alone until a phase of it runs again.
        """
        phases = self._plan.get(scenario, {})
        ended = [result for result in phases.values() if result is not None]
        if len(ended) == len(phases) and scenario_verdict(ended) in GOOD:
            return
        for phase, result in phases.items():
            if result is None or result.verdict not in GOOD or phase == _CLEANUP:
                self._drop(scenario, phase)

    def _goes_on(self, scenario: str, phase: str) -> None:
        """A phase runs that an earlier part of the run had ended, if it had: it counts anew, and so does cleanup."""
        for name in (phase, _CLEANUP):
            if self._ended_in.get((scenario, name), self._run.resumed) < self._run.resumed:
                self._drop(scenario, name)

    def _drop(self, scenario: str, phase: str) -> None:
        where = (scenario, phase)
        self._plan[scenario][phase] = None
        self._begun.discard(where)
        self._ended_in.pop(where, None)
        self._warnings = [(place, said) for place, said in self._warnings if place != where]

    def _result(self, event: Mapping[str, Any]) -> PhaseResult:
        """The result of a phase; an unknown verdict is an error."""
        where = (event["scenario"], event["phase"])
        verdict, finding = event["verdict"], Finding.read(event.get("finding"))
        if not known(verdict):
            said = f"{': '.join(where)} ended with the unknown verdict {verdict!r}, counted as ERROR."
            self._warnings.append((where, said))
            verdict = Verdict.ERROR
        return PhaseResult(
            name=event["phase"],
            verdict=cast("Word", str(verdict)),
            seconds=event["seconds"],
            facts=event.get("facts", ""),
            headline=event.get("headline", ""),
            detail=event.get("detail", ""),
            data=plain(event.get("data", {})),
            # A run that an older version began has the name alone.
            cause=finding.cause if finding else event.get("cause", ""),
            finding=FindingResult(**plain(asdict(finding))) if finding else None,
        )

    def _worse(self, where: tuple[str, str], before: PhaseResult | None, result: PhaseResult) -> PhaseResult:
        """The result that counts if a phase ended twice."""
        if before is None:
            return result
        said = f"{': '.join(where)} ended twice ({before.verdict}, then {result.verdict}); the worse one counts."
        self._warnings.append((where, said))
        return before if worst([before.verdict, result.verdict]) == before.verdict else result

    def _scenario(self, name: str, phases: Mapping[str, PhaseResult | None]) -> ScenarioResult:
        """A scenario with every phase of its plan, whether it ran or not."""
        whole = [self._phase(name, phase, result) for phase, result in phases.items()]
        return ScenarioResult(
            name=name,
            verdict=cast("Word", scenario_verdict(whole)),
            seconds=sum(phase.seconds or 0.0 for phase in whole),
            phases=whole,
        )

    def _phase(self, scenario: str, phase: str, result: PhaseResult | None) -> PhaseResult:
        """A phase with the tries within it; one that left no result says why."""
        if result is None:
            begun = (scenario, phase) in self._begun
            result = PhaseResult(
                name=phase,
                verdict=cast("Word", INTERRUPTED if begun else str(Verdict.SKIPPED)),
                seconds=None,
                headline=_NEVER_ENDED if begun else _NEVER_BEGAN,
            )
        verdict = result.verdict
        part = self._ended_in.get((scenario, phase), 0)
        if verdict == Verdict.PASSED and self._repairs.worked_before(scenario, phase, part):
            verdict = "REPAIRED"
        tries = self._repairs.of(scenario, phase)
        cause = result.cause or (causes(tries) if verdict == Verdict.REPAIRED else "")
        return result.model_copy(update={"verdict": verdict, "cause": cause, "repairs": tries})


def _joined(before: Sequence[str], phases: Sequence[str]) -> list[str]:
    """The phases of both plans: a new one stands behind the phase before it, or in front of the one after it."""
    whole = list(before)
    place: int | None = None
    for index, phase in enumerate(phases):
        if phase in whole:
            place = whole.index(phase) + 1
            continue
        if place is None:
            after = next((whole.index(later) for later in phases[index + 1 :] if later in whole), len(whole))
            place = after
        whole.insert(place, phase)
        place += 1
    return whole


def _counts(scenarios: Sequence[ScenarioResult]) -> Counts:
    """How many scenarios and phases ended how, worst first."""
    by_scenario: Counter[str] = Counter(scenario.verdict for scenario in scenarios)
    by_phase: Counter[str] = Counter(phase.verdict for scenario in scenarios for phase in scenario.phases)
    words = [str(word) for word in WORST_FIRST]
    return Counts(
        scenarios={word: by_scenario[word] for word in words if by_scenario[word]},
        phases={word: by_phase[word] for word in words if by_phase[word]},
    )
