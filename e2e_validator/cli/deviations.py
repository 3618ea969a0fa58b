"""``e2e-validator deviations``."""

from __future__ import annotations

import click


@click.command()
@click.option("--markdown", is_flag=True, help="Print a page in Markdown.")
def deviations(*, markdown: bool) -> None:
    """List where Koku's figures are known not to be what the data say: why, at which stage, how to accept it."""
    from e2e_validator.providers.ocp.expect.deviations.text import deviation_list, deviation_markdown

    click.echo(deviation_markdown() if markdown else deviation_list(), nl=not markdown)
