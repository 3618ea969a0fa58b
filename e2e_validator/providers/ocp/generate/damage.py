"""The ways in which a payload can be broken: each was given to a real Koku once (docs/contract/koku.md 3.3)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from e2e_validator.errors import HarnessError

_DROP = "drop_column:"
_POD_COLUMN = b"pod_usage_cpu_core_seconds"


def damage_files(files: dict[str, bytes], damage: str | None) -> dict[str, bytes]:
    """The members of the tarball, name -> content, broken in the way ``damage`` says.

    ``no_manifest`` leaves out manifest.json, ``dot_slash`` names the members ``./x``, ``drop_column:x`` takes a
    column out of each CSV that has it, ``missing_file`` leaves out the first CSV, ``garbage_csv`` puts rows that
    do not fit into the pod usage, ``no_dates`` takes start and end out of the manifest. Other damages are done
    to the whole archive.

    Raises:
        HarnessError: there is no such damage, or nothing that it could break.
    """
    if damage is None or damage in {"truncated", "not_gzip"}:
        return files
    if damage == "no_manifest":
        return {name: content for name, content in files.items() if name != "manifest.json"}
    if damage == "dot_slash":
        return {f"./{name}": content for name, content in files.items()}
    if damage == "missing_file":
        first = next(name for name in files if name.endswith(".csv"))
        return {name: content for name, content in files.items() if name != first}
    if damage == "no_dates":
        manifest = json.loads(files["manifest.json"])
        manifest = {key: value for key, value in manifest.items() if key not in {"start", "end"}}
        return files | {"manifest.json": json.dumps(manifest, indent=2).encode()}
    if damage == "garbage_csv":
        return _each_with(files, _POD_COLUMN, _garbage)
    if damage.startswith(_DROP) and (column := damage.removeprefix(_DROP)):
        return _each_with(files, column.encode(), lambda content: _without(content, column))
    raise HarnessError(f"There is no damage {damage!r}.")


def damage_archive(content: bytes, damage: str | None) -> bytes:
    """The tarball's bytes: cut in half for ``truncated``, no archive at all for ``not_gzip``."""
    if damage == "truncated":
        return content[: len(content) // 2]
    return b"this is not a tar archive" if damage == "not_gzip" else content


def _each_with(files: dict[str, bytes], column: bytes, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    """Change the CSV files that have ``column``."""
    having = {
        name: content
        for name, content in files.items()
        if name.endswith(".csv") and column in content.split(b"\n", 1)[0].strip().split(b",")
    }
    if not having:
        raise HarnessError(f"No CSV file of the payload has the column {column.decode()}.")
    return files | {name: change(content) for name, content in having.items()}


def _garbage(content: bytes) -> bytes:
    header = content.split(b"\n", 1)[0]
    return header + b"\n" + b"\n".join([b"x,y,z"] * 5)


def _without(content: bytes, column: str) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    index = rows[0].index(column)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row[:index] + row[index + 1 :] for row in rows)
    return out.getvalue().encode("utf-8")
