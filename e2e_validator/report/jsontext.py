"""JSON as the reports write it: always valid, whatever a phase put into its facts."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from e2e_validator.errors import E2EError


def plain(value: Any) -> Any:
    """``value`` in JSON's own types: Decimal and others become text, NaN and infinities too."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(member) for member in value), key=str)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return str(value)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """``value`` as JSON text; without ``indent`` on one line."""
    return json.dumps(plain(value), indent=indent, allow_nan=False)


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` so that a reader sees the old file or the whole new one, never a half.

    Raises:
        E2EError: The file cannot be written; one sentence with the path and the reason.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise E2EError(f"Cannot write {path}: {error.strerror or error}; choose another output folder.") from error
