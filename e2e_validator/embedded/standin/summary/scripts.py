"""The SQL files of this package."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def script(name: str) -> bytes:
    """The statement in ``{name}.sql``, with named parameters."""
    return (resources.files(__package__) / f"{name}.sql").read_bytes()
