"""All problems of many scenario files at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.scenario.load import load_scenario
from e2e_validator.scenario.places import fixtures_for, scenario_files


def lint(paths: list[Path], fixtures: Path, today: date) -> list[Problem]:
    """Every problem and warning of the scenario files ``paths`` and of those in the folders among them, sorted.

    ``fixtures`` is where templates are looked for when no folder ``fixtures`` is beside or above a file, as in a run.
    """
    problems: set[Problem] = set()
    names: dict[str, Path] = {}
    for file in scenario_files(paths, problems):
        try:
            loaded = load_scenario(file, fixtures=fixtures_for(file, fixtures), today=today)
        except ScenarioError as error:
            problems.update(error.problems)
            continue
        problems.update(loaded.warnings)
        if first := names.get(loaded.name):
            what = f"the scenario '{loaded.name}' is also in {first}"
            problems.add(Problem(str(file), loaded.lines["name"], 1, what, "names are unique in a run"))
        names.setdefault(loaded.name, file)
    return sorted(problems)
