"""``e2e-validator lint``."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from e2e_validator.cli.day import DAY, day_of
from e2e_validator.errors import Problem, counted

if TYPE_CHECKING:
    from e2e_validator.scenario.load import LoadedScenario


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--today", type=DAY, help="The day that relative dates start from (default: today, UTC).")
def lint(paths: tuple[Path, ...], today: datetime | None) -> None:
    """Check scenario files and folders (default: scenarios/): all problems at once, each with its position.

    Warnings say what is taken, but not as it is written; they change no exit code.
    """
    from e2e_validator.scenario.lint import lint as find_problems

    given, day = list(paths) or [Path("scenarios")], day_of(today)

    def also(loaded: LoadedScenario, fixtures: Path) -> list[Problem]:
        # Few scenarios need what this brings along: of the others nise would have to make the data.
        if loaded.scenario.expect.costs is None or not (loaded.payloads or loaded.rows):
            return []
        from e2e_validator.engine.rehearsal import recorded_contradictions

        return recorded_contradictions(loaded, fixtures=fixtures, today=day)

    found = find_problems(given, fixtures=Path("fixtures"), today=day, also=also)
    for problem in found:
        click.echo(str(problem))
    warnings = sum(problem.warning for problem in found)
    problems = len(found) - warnings
    more = f", {counted(warnings, 'warning')}" if warnings else ""
    if problems:
        click.echo(f"{counted(problems, 'problem')} found{more}.")
        sys.exit(2)
    click.echo(f"No problems found{more}.")
