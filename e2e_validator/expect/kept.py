"""An expectation on disk: JSON of one version, so that data that change afterwards cannot change it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from e2e_validator.errors import Inconclusive

T = TypeVar("T")


def keep(path: Path, version: int, content: Mapping[str, Any]) -> None:
    """Write it; ``version`` is that of its form."""
    path.write_text(json.dumps({"version": version, **content}, separators=(",", ":")) + "\n", encoding="utf-8")


def kept(path: Path, version: int, make: Callable[[Mapping[str, Any]], T]) -> T:
    """What ``make`` makes of the content that was written.

    Raises:
        Inconclusive: the file is missing or is no expectation of this version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != version:
            raise Inconclusive(f"The expectation is of version {content['version']}, not {version}: {path}.")
        return make(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise Inconclusive(f"The expectation cannot be read: {path}: {error!r}.") from error
