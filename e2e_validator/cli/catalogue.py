"""``e2e-validator catalogue``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from e2e_validator.errors import UsageError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("scenarios"))
def catalogue(folder: Path) -> None:
    """Print the catalogue of the scenarios in a folder as Markdown."""
    from e2e_validator.scenario.catalogue import catalogue as make_catalogue

    try:
        there = folder.is_dir()
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}.") from error
    if not there:
        raise UsageError(f"{folder}: there is no such folder.")
    today = datetime.now(UTC).date()
    click.echo(make_catalogue(folder, fixtures=folder.parent / "fixtures", today=today), nl=False)
