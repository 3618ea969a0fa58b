"""What a statement gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """Columns (name and Trino type) and rows; a statement that only does something has neither."""

    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    update_type: str | None = None
    """What the client shows for a statement that is no query, e.g. ``CREATE TABLE``."""


def listed(name: str, values: Sequence[str]) -> Result:
    """One column of texts."""
    return Result([(name, "varchar")], [[value] for value in values])
