"""``e2e-validator explain``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from e2e_validator.cli.day import DAY, day_of
from e2e_validator.errors import ScenarioError


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--today", type=DAY, help="The day that relative dates start from (default: today, UTC).")
def explain(scenario: Path, today: datetime | None) -> None:
    """Show what SCENARIO comes to: faults and end, which data, which rate, which sum. Needs no deployment."""
    from e2e_validator.engine.provider import provider_of
    from e2e_validator.engine.rehearsal import hand_figures_of, rehearse
    from e2e_validator.scenario.description import describe
    from e2e_validator.scenario.load import load_scenario
    from e2e_validator.scenario.places import fixtures_for

    day, fixtures = day_of(today), fixtures_for(scenario, Path("fixtures"))
    loaded = load_scenario(scenario, fixtures=fixtures, today=day)
    for problem in loaded.warnings:
        click.echo(str(problem), err=True)
    for name, text in describe(loaded.scenario).items():
        click.echo(f"{name:<10}{text}")
    with TemporaryDirectory() as folder:
        context = rehearse(loaded, fixtures=fixtures, today=day, folder=Path(folder))
        click.echo(provider_of(context).explain(context), nl=False)
        if wrong := hand_figures_of(context):
            raise ScenarioError(wrong)
