"""``e2e-validator new``."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from e2e_validator.cli.source_type import SOURCE_TYPE
from e2e_validator.errors import UsageError
from e2e_validator.providers import registry


@click.command()
@click.argument("name", type=click.Path(path_type=Path))
@SOURCE_TYPE
def new(name: Path, source_type: str) -> None:
    """Write a commented scenario to begin with: NAME.yaml, in this folder or in the one that NAME begins with."""
    from e2e_validator.scenario.model import NAME
    from e2e_validator.scenario.schema import SHIPPED

    file = name if name.suffix in (".yaml", ".yml") else name.with_name(f"{name.name}.yaml")
    if not re.fullmatch(NAME, file.stem):
        raise UsageError(f"'{file.stem}' is not a name; at most 40 of a-z, 0-9 and _, a letter first.")
    if os.path.lexists(file):
        raise UsageError(f"{file}: is there already; choose another name.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(registry.rules(source_type).starter(file.stem, str(file), _schema_for(file, SHIPPED)))
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}.") from error
    click.echo(f"{file} is written. Next: pytest {file}")


def _schema_for(file: Path, schema: Path) -> str:
    """The schema as an editor finds it from the file: relative where both are below one folder, else absolute."""
    folder = file.absolute().parent
    near = schema.is_relative_to(folder) or schema.is_relative_to(folder.parent)
    return os.path.relpath(schema, folder) if near else str(schema)
