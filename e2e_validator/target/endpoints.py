"""The target from a file of endpoints, such as ``e2e-validator embedded up --json`` prints."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg.conninfo import conninfo_to_dict
from pydantic import ValidationError

from e2e_validator.errors import UsageError
from e2e_validator.target.target import Target

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def from_file(path: Path) -> Target:
    """The target that a YAML or JSON file describes; ``${NAME}`` is replaced by the environment variable.

    Raises:
        UsageError: one sentence: the file is missing, unreadable, not YAML, or lacks or misspells a key.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--target {path}: cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1}, column {where.column + 1})" if where else ""
        raise UsageError(f"--target {path}: is not YAML or JSON{line}.") from error
    if not isinstance(data, dict):
        raise UsageError(f"--target {path}: must be a mapping with koku_url, masu_url, s3_url, dsn and credentials.")
    data = {key: _expand(value, path) for key, value in data.items()}
    try:
        target = Target.load({"kind": "endpoints", "name": path.stem, **data})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise UsageError(f"--target {path}: {problems}.") from error
    try:
        conninfo_to_dict(target.dsn)
    except psycopg.ProgrammingError as error:
        raise UsageError(f"--target {path}: dsn is not a PostgreSQL connection string.") from error
    return target


def _expand(value: Any, path: Path) -> Any:
    """``value`` with ``${NAME}`` replaced, so that secrets need not stand in the file."""
    if isinstance(value, dict):
        return {key: _expand(entry, path) for key, entry in value.items()}
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise UsageError(f"--target {path}: the environment variable {match[1]} is not set.")
        return os.environ[match[1]]

    return _VARIABLE.sub(replace, value)
