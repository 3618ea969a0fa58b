"""The target from a file of endpoints, such as ``e2e-validator embedded up --json`` prints."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Container
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from e2e_validator.deployment.cluster_address import ClusterAddress
from e2e_validator.deployment.target import Target
from e2e_validator.deployment.transport import Auth, Kafka
from e2e_validator.errors import UsageError, printable

# The name, what stands for it, and the end; without the end it is something that a shell may know and we do not.
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?(\})?")
# A file of a dozen lines; certificates are named in it, not written out.
_MAX_BYTES = 256 * 1024
_CONTROL = "control"
_KEYS = tuple(field.alias or name for name, field in Target.model_fields.items())
# What a key was called before; a file may still say it.
FORMER_KEYS = {"way": "transport"}
_INNER: dict[str, type[BaseModel]] = {"kafka": Kafka, "auth": Auth, "cluster": ClusterAddress}


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases: a few lines of them unfold to more than there is memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def from_file(path: Path) -> Target:
    """The target that a YAML or JSON file describes; ``${NAME}`` is replaced by the environment variable.

    ``${NAME:-value}`` is the value where the variable is not set, or empty, as in a shell; it holds no braces.

    Raises:
        UsageError: one sentence: the file is missing, unreadable, not YAML, lacks or misspells a key, or names a
            variable that is not set or in another way. Neither it nor what caused it shows a value of the file: each
            may be a secret, or next to one.
    """
    data = read_mapping(path)
    # "control" is where faults are put to an embedded stack, which is no business of a run.
    data = {key: value for key, value in data.items() if key != _CONTROL}
    try:
        target = Target.load({"name": path.stem, **data, "kind": "endpoints"})
    except ValidationError as error:
        problems = "; ".join(_problem(details) for details in error.errors(include_input=False))
        raise UsageError(f"--target {path}: {problems}.") from None
    try:
        conninfo_to_dict(target.dsn)
    except psycopg.ProgrammingError:
        raise UsageError(f"--target {path}: dsn is not a PostgreSQL connection string.") from None
    return target


def read_mapping(path: Path) -> dict[str, Any]:
    """What a YAML or JSON file for ``--target`` holds, with variables replaced; raises as ``from_file`` does."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise UsageError(f"--target {path}: is larger than {_MAX_BYTES // 1024} KiB.")
        data = yaml.load(raw.decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise UsageError(f"--target {path}: is nested too deeply.") from None
    except OSError as error:
        raise UsageError(f"--target {path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise UsageError(f"--target {path}: is not text in UTF-8.") from None
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a value that looks like a date and is none. The cause would quote the file's lines.
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1}, column {where.column + 1})" if where else ""
        raise UsageError(f"--target {path}: is not YAML or JSON{line}.") from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise UsageError(f"--target {path}: must be a mapping with koku_url, masu_url, s3_url, dsn and credentials.")
    return {present_key(key, data): _expand(value, path) for key, value in data.items()}


def present_key(key: str, beside: Container[str] = ()) -> str:
    """What a key is called now; the key itself where the present one stands ``beside`` it, which makes it unknown."""
    now = FORMER_KEYS.get(key, key)
    return key if now in beside else now


def _problem(details: ErrorDetails) -> str:
    """One thing wrong with the file: the key and what to do."""
    key = printable(".".join(map(str, details["loc"])))
    key = key if len(key) <= 80 else f"{key[:80]}..."
    if details["type"] == "missing":
        return f"{key} is missing"
    if details["type"] == "extra_forbidden":
        outer, _, name = key.rpartition(".")
        known = tuple(_INNER[outer].model_fields) if outer in _INNER else _KEYS
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
        return f"{key} is no key of a target ({hint})"
    if details["type"] == "string_type":
        return f"{key} is not text, write it in quotes"
    if details["type"] == "string_too_short":
        return f"{key} is empty"
    return f"{key} {details['msg']}".strip()


def _expand(value: Any, path: Path) -> Any:
    """``value`` with variables replaced, so that secrets need not stand in the file."""
    if isinstance(value, dict):
        return {key: _expand(entry, path) for key, entry in value.items()}
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name, default, end = match.groups()
        if not end:
            raise UsageError(f"--target {path}: {name} must be written ${{{name}}} or ${{{name}:-value}}.")
        if default is not None:
            return os.environ.get(name) or default
        if name not in os.environ:
            raise UsageError(f"--target {path}: the environment variable {name} is not set.")
        return os.environ[name]

    return _VARIABLE.sub(replace, value)
