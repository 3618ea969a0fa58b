"""``e2e-validator schema``."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from e2e_validator.scenario.schema import schema_text

    click.echo(schema_text(), nl=False)
