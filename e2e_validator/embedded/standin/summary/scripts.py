"""The SQL files of the packages."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def script(name: str, package: str = "summary") -> bytes:
    """The statement in ``{package}/{name}.sql``, with named parameters."""
    return (resources.files("e2e_validator.embedded.standin") / package / f"{name}.sql").read_bytes()
