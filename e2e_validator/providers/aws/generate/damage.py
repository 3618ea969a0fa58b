"""The ways in which an assembly can be broken: each was given to a real Koku once (docs/contract/clouds.md 12)."""

from __future__ import annotations

import json
from pathlib import Path

from e2e_validator.errors import HarnessError
from e2e_validator.providers.aws.generate.table import Table

_DROP = "drop_column:"


def break_assembly(manifest: Path, damage: str | None) -> None:
    """Break the assembly that ``manifest`` names in the way that ``damage`` says.

    ``no_manifest`` leaves out both copies, ``bad_manifest`` cuts them short, ``missing_file`` leaves out the last file,
    ``truncated`` cuts the first in half, ``empty_file`` leaves no byte of it, ``header_only`` no row of any,
    ``drop_column:x`` takes a column out of each.

    Raises:
        HarnessError: there is no such damage, or nothing that it could break.
    """
    if damage is None:
        return
    content = json.loads(manifest.read_text(encoding="utf-8"))
    folder = manifest.parent / content["assemblyId"]
    files = [folder / key.rpartition("/")[2] for key in content["reportKeys"]]
    manifests = (manifest, folder / manifest.name)
    if damage == "no_manifest":
        for path in manifests:
            path.unlink()
    elif damage == "bad_manifest":
        for path in manifests:
            path.write_bytes(path.read_bytes()[:40])
    elif damage == "missing_file":
        files[-1].unlink()
    elif damage == "truncated":
        files[0].write_bytes(files[0].read_bytes()[: files[0].stat().st_size // 2])
    elif damage == "empty_file":
        files[0].write_bytes(b"")
    elif damage == "header_only":
        for path in files:
            Table(Table.read(path).header, []).write(path)
    elif damage.startswith(_DROP):
        for path in files:
            _drop(path, damage.removeprefix(_DROP))
    else:
        raise HarnessError(f"There is no damage {damage!r} of a cost file.")


def _drop(path: Path, column: str) -> None:
    table = Table.read(path)
    if column not in table.header:
        raise HarnessError(f"The file has no column {column} that could be dropped.")
    Table(tuple(name for name in table.header if name != column), table.rows).write(path)
