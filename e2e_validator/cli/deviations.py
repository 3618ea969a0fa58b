"""``e2e-validator deviations``."""

from __future__ import annotations

import click

from e2e_validator.providers import registry


@click.command()
@click.option("--markdown", is_flag=True, help="Print a page in Markdown.")
def deviations(*, markdown: bool) -> None:
    """List where Koku's figures are known not to be what the data say: why, at which stage, how to accept it."""
    # The usual type first: its page has the words that the others share.
    names = sorted(registry.types(), key=lambda name: name != registry.USUAL)
    told = [registry.find(name).known_deviations(markdown=markdown) for name in names]
    click.echo("\n".join(filter(None, told)), nl=not markdown)
