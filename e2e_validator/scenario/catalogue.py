"""The catalogue of scenarios, as Markdown made from the files themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from e2e_validator.scenario.load import LoadedScenario, load_scenario
from e2e_validator.scenario.plan import plan


def catalogue(paths: Iterable[Path], *, fixtures: Path, today: date) -> str:
    """A table of the scenarios in ``paths``; raises ScenarioError when one of them is wrong."""
    lines = [
        "# Scenarios",
        "",
        "Made by `make docs` from the files. Run one with `pytest scenarios/<name>.yaml`, some with `-m <tag>`.",
        "",
        "| scenario | tags | tarballs | why it exists |",
        "|---|---|---|---|",
    ]
    for path in sorted(paths):
        loaded = load_scenario(path, fixtures=fixtures, today=today)
        lines.append(_row(loaded, len(plan(loaded, today).parcels)))
    return "\n".join(lines) + "\n"


def _row(loaded: LoadedScenario, parcels: int) -> str:
    description = " ".join(loaded.scenario.description.split()).replace("|", "\\|")
    tags = ", ".join(loaded.scenario.tags)
    return f"| [{loaded.name}]({loaded.path.name}) | {tags} | {parcels} | {description} |"
