"""All problems of many scenario files at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from e2e_validator.errors import Problem, ScenarioError
from e2e_validator.scenario.document import did_you_mean
from e2e_validator.scenario.load import load_scenario


def lint(paths: list[Path], fixtures: Path, today: date) -> list[Problem]:
    """Every problem of the scenario files ``paths`` and of those in the folders among them, sorted."""
    problems: set[Problem] = set()
    names: dict[str, Path] = {}
    for file in scenario_files(paths, problems):
        try:
            loaded = load_scenario(file, fixtures=fixtures, today=today)
        except ScenarioError as error:
            problems.update(error.problems)
            continue
        if first := names.get(loaded.name):
            what = f"the scenario '{loaded.name}' is also in {first}"
            problems.add(Problem(str(file), loaded.lines["name"], 1, what, "names are unique in a run"))
        names.setdefault(loaded.name, file)
    return sorted(problems)


def scenario_files(paths: list[Path], problems: set[Problem]) -> list[Path]:
    """The files among ``paths`` and the ``*.yaml`` files in its folders, each once, sorted by folder."""
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob("*.yaml"))
            for stray in sorted(path.rglob("*.yml")):
                problems.add(
                    Problem(str(stray), 1, 1, "scenario files end in .yaml", f"rename it to {stray.stem}.yaml")
                )
            if not found:
                problems.add(Problem(str(path), 1, 1, "there is no scenario file (*.yaml) in this folder"))
            files.update(dict.fromkeys(found))
        elif path.exists():
            files[path] = None
        else:
            siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            problems.add(Problem(str(path), 1, 1, "there is no such file or folder", did_you_mean(path.name, siblings)))
    return list(files)
