"""``results.json``: the events of a run folded into one document for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from e2e_validator.report.journal import DAMAGED
from e2e_validator.report.jsontext import plain, to_json, write_whole
from e2e_validator.report.model import Counts, PhaseResult, Results, RunInfo, ScenarioResult, Word
from e2e_validator.report.outcome import INTERRUPTED, WORST_FIRST, known, worst
from e2e_validator.report.redact import Redactor
from e2e_validator.verdict import Verdict

_NEVER_ENDED = "The phase began, but the run was cut off before it ended."
_NEVER_BEGAN = "The phase did not run: it left no event."


def fold(events: Iterable[Mapping[str, Any]]) -> Results:
    """The results of the run that ``events`` (JSON objects in time order) tell of.

    A phase that began and never ended is INTERRUPTED; a planned one that never began is SKIPPED, so that a
    run which was cut off is never green. A scenario's verdict is that of its worst phase.
    """
    run = RunInfo(id="", started=None, finished=None, seconds=None, target="", today="", versions={}, exit_code=None)
    plan: dict[str, dict[str, PhaseResult | None]] = {}
    begun: set[tuple[str, str]] = set()
    warnings: list[str] = []
    for event in events:
        kind = event["event"]
        if kind == "RunStarted":
            if run.started is None:
                run = run.model_copy(
                    update={
                        "id": event["run_id"],
                        "started": event["at"],
                        "target": event["target"],
                        "today": event["today"],
                        "versions": dict(event["versions"]),
                    }
                )
            for scenario, phases in event["scenarios"].items():
                for phase in phases:
                    plan.setdefault(scenario, {}).setdefault(phase, None)
        elif kind == "PhaseStarted":
            plan.setdefault(event["scenario"], {}).setdefault(event["phase"], None)
            begun.add((event["scenario"], event["phase"]))
        elif kind == "PhaseFinished":
            phases = plan.setdefault(event["scenario"], {})
            phases[event["phase"]] = _finished(event, phases.get(event["phase"]), warnings)
        elif kind == "RunFinished":
            run = run.model_copy(
                update={"finished": event["at"], "seconds": event["seconds"], "exit_code": event["exit_code"]}
            )
        elif kind == DAMAGED:
            warnings.append(f"Line {event['line']} of {event['file']} cannot be read; its event is missing here.")
    scenarios = [_scenario(name, phases, begun) for name, phases in plan.items()]
    return Results(run=run, counts=_counts(scenarios), scenarios=scenarios, warnings=warnings)


def build_results(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The results of a run as the JSON object that ``results.json`` holds."""
    return fold(events).model_dump(mode="json")


def write_results(path: Path, events: Iterable[Mapping[str, Any]], redactor: Redactor | None = None) -> dict[str, Any]:
    """Write ``results.json`` whole or not at all; returns what was written.

    Raises:
        E2EError: The file cannot be written.
    """
    results = cast("dict[str, Any]", (redactor or Redactor()).value(plain(build_results(events))))
    write_whole(path, to_json(results, indent=2) + "\n")
    return results


def results_schema() -> dict[str, Any]:
    """The JSON Schema of ``results.json``; the package ships it as ``report/results.schema.json``."""
    schema = Results.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The schema as the shipped file has it."""
    return json.dumps(results_schema(), indent=2) + "\n"


def _finished(event: Mapping[str, Any], before: PhaseResult | None, warnings: list[str]) -> PhaseResult:
    """The result of a phase; if it ended twice, the worse end counts."""
    where = f"{event['scenario']}: {event['phase']}"
    verdict = event["verdict"]
    if not known(verdict):
        warnings.append(f"{where} ended with the unknown verdict {verdict!r}, counted as ERROR.")
        verdict = Verdict.ERROR
    result = PhaseResult(
        name=event["phase"],
        verdict=cast("Word", str(verdict)),
        seconds=event["seconds"],
        facts=event.get("facts", ""),
        headline=event.get("headline", ""),
        detail=event.get("detail", ""),
        data=plain(event.get("data", {})),
    )
    if before is None:
        return result
    warnings.append(f"{where} ended twice ({before.verdict}, then {result.verdict}); the worse one counts.")
    return before if worst([before.verdict, result.verdict]) == before.verdict else result


def _scenario(name: str, phases: Mapping[str, PhaseResult | None], begun: set[tuple[str, str]]) -> ScenarioResult:
    """A scenario with every phase of its plan, whether it ran or not."""
    whole = [
        result
        or PhaseResult(
            name=phase,
            verdict=cast("Word", INTERRUPTED if (name, phase) in begun else str(Verdict.SKIPPED)),
            seconds=None,
            headline=_NEVER_ENDED if (name, phase) in begun else _NEVER_BEGAN,
        )
        for phase, result in phases.items()
    ]
    return ScenarioResult(
        name=name,
        verdict=cast("Word", scenario_verdict(whole)),
        seconds=sum(phase.seconds or 0.0 for phase in whole),
        phases=whole,
    )


def scenario_verdict(phases: Sequence[PhaseResult]) -> str:
    """The worst verdict of the phases; a cleanup that the scenario asked to skip (``keep``) takes nothing away."""
    return worst(
        phase.verdict
        for phase in phases
        if not (phase.name == "cleanup" and phase.verdict == Verdict.SKIPPED and phase.seconds is not None)
    )


def _counts(scenarios: Sequence[ScenarioResult]) -> Counts:
    """How many scenarios and phases ended how, worst first."""
    by_scenario = Counter(scenario.verdict for scenario in scenarios)
    by_phase = Counter(phase.verdict for scenario in scenarios for phase in scenario.phases)
    return Counts(
        scenarios={
            word: by_scenario[cast("Word", word)] for word in map(str, WORST_FIRST) if by_scenario[cast("Word", word)]
        },
        phases={word: by_phase[cast("Word", word)] for word in map(str, WORST_FIRST) if by_phase[cast("Word", word)]},
    )
