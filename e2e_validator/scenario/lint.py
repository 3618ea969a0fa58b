"""All problems of many scenario files at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.places import fixtures_for, scenario_files

Also = Callable[[LoadedScenario, Path], list[Problem]]


def lint(
    paths: list[Path], fixtures: Path, today: date, *, also: Also = lambda _loaded, _fixtures: []
) -> list[Problem]:
    """Every problem and warning of the scenario files ``paths`` and of those in the folders among them, sorted.

    ``fixtures`` is where templates are looked for when no folder ``fixtures`` is beside or above a file, as in a run.
    ``also`` looks at each scenario whose file is right, with its fixtures.
    """
    problems: set[Problem] = set()
    names: dict[str, Path] = {}
    for file in scenario_files(paths, problems):
        its_fixtures = fixtures_for(file, fixtures)
        try:
            loaded = load_scenario(file, fixtures=its_fixtures, today=today)
        except ScenarioError as error:
            problems.update(error.problems)
            continue
        problems.update(loaded.warnings)
        # What follows from doubtful data would only say the same again.
        problems.update([problem for _, problem in loaded.doubts] or also(loaded, its_fixtures))
        if first := names.get(loaded.name):
            what = f"the scenario '{loaded.name}' is also in {first}"
            problems.add(Problem(str(file), loaded.lines["name"], 1, what, "names are unique in a run"))
        names.setdefault(loaded.name, file)
    return sorted(problems)
