"""Texts of the data as messages show them."""

from __future__ import annotations

_SHOWN = 60


def quoted(text: str) -> str:
    """A cell as a message shows it: escaped, and cut after 60 characters."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
