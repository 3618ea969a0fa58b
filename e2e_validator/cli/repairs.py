"""``e2e-validator repairs``."""

from __future__ import annotations

import shutil

import click


@click.command()
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def repairs(*, markdown: bool) -> None:
    """List the repairs: what each recognises, does and writes, how often it is tried, and how to undo it."""
    from e2e_validator.repair.registry import REPAIRS
    from e2e_validator.report.repair_list import repair_list, repair_markdown

    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    click.echo(repair_markdown(REPAIRS) if markdown else repair_list(REPAIRS, width))
