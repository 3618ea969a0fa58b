"""The option that says of which source type a command speaks."""

from __future__ import annotations

import click

from e2e_validator.errors import UsageError
from e2e_validator.providers import registry


def _known(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if name not in (known := registry.types()):
        raise UsageError(f"--source-type {name}: there is no such source type; known: {', '.join(known)}.")
    return name


SOURCE_TYPE = click.option(
    "--source-type", default=registry.USUAL, show_default=True, callback=_known, metavar="TYPE", help="Kind of source."
)
