"""``e2e-validator registry``."""

from __future__ import annotations

from pathlib import Path

import click

from e2e_validator import moments
from e2e_validator.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("scenarios"))
def registry(folder: Path) -> None:
    """Print the registry of the scenarios in a folder as Markdown."""
    from e2e_validator.scenario.registry import registry as make_registry

    try:
        there = folder.is_dir()
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}.") from error
    if not there:
        raise UsageError(f"{folder}: there is no such folder.")
    today = moments.utc_now().date()
    click.echo(make_registry(folder, fixtures=folder.parent / "fixtures", today=today), nl=False)
