"""Known deviations from the data: read from the phases' data, counted, and listed below the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from e2e_validator.errors import counted
from e2e_validator.report.model import DeviationResult, ScenarioResult
from e2e_validator.report.text import one_line, wrapped
from e2e_validator.verdict import KNOWN_CODE, Verdict

DEVIATIONS = "deviations"
"""The key of a phase's data that lists the deviations that were accepted in it."""
_LABEL = f"{'known':<10}"
_SHORTEST_LINE = 60


def known_deviations(scenarios: Iterable[ScenarioResult]) -> list[DeviationResult]:
    """The accepted deviations of a run, phase by phase."""
    return [
        placed(entry, scenario.name, phase.name)
        for scenario in scenarios
        for phase in scenario.phases
        if phase.verdict == Verdict.KNOWN
        for entry in phase.data.get(DEVIATIONS, ())
    ]


def placed(entry: Mapping[str, Any], scenario: str, phase: str) -> DeviationResult:
    """An entry with its scenario and phase."""
    return DeviationResult(
        scenario=scenario,
        phase=phase,
        id=str(entry.get("id", "")),
        stage=str(entry.get("stage", "")),
        reason=str(entry.get("reason", "")),
        reference=str(entry.get("reference", "")),
        figures=int(entry.get("figures", 0)),
        worst=str(entry.get("worst", "")),
        by_data=str(entry.get("by_data", "")),
        as_koku=str(entry.get("as_koku", "")),
    )


def ids(data: Mapping[str, Any]) -> str:
    """The ids in a phase's data, each once."""
    return ", ".join(dict.fromkeys(str(entry["id"]) for entry in data.get(DEVIATIONS, ())))


def worst(data: Mapping[str, Any]) -> str:
    """The worst figure of each deviation in a phase's data, one a sentence."""
    return "; ".join(f"{entry['id']}: {entry['worst']}" for entry in data.get(DEVIATIONS, ()))


def known_block(found: Sequence[DeviationResult], *, width: int = 100, red: bool = False) -> str:
    """The list below the table; empty if every figure is what the data say.

    ``red`` is whether ``--fail-on-known`` was given.
    """
    if not found:
        return ""
    room = max(width, _SHORTEST_LINE) - len(_LABEL)
    gate = "--fail-on-known does not allow it" if red else f"with --fail-on-known the exit code is {KNOWN_CODE}"
    lines = [f"{counted(len(found), 'deviation')} from the data accepted; {gate}:"]
    for one in found:
        said = f"{one.scenario} {one.phase}: {one.id}: {one.worst}"
        lines += wrapped(one_line(said), room)
    return "\n".join(f"{_LABEL if index == 0 else ' ' * len(_LABEL)}{line}" for index, line in enumerate(lines))
