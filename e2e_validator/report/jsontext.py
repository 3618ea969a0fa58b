"""JSON as the reports write it: always valid, whatever a phase put into its facts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from e2e_validator.errors import E2EError
from e2e_validator.whole_file import write_whole


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


def write_report(path: Path, text: str) -> None:
    """Write a file of the reports, whole, in a folder that is made where there is none.

    Raises:
        E2EError: The file cannot be written; one sentence with the path and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A half of a surrogate pair, which a name may hold, is written as what it is.
        write_whole(path, text.encode("utf-8", "backslashreplace").decode("utf-8"))
    except OSError as error:
        raise E2EError(f"Cannot write {path}: {error.strerror or error}; choose another output folder.") from error
