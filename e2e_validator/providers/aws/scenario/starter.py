"""The scenario that a newcomer begins with."""

from __future__ import annotations

from pathlib import Path

_TEXT = Path(__file__).with_name("starter.yaml")


def starter(name: str, file: str, schema: str) -> str:
    """A commented scenario of that name; ``file`` and ``schema`` are the paths its comments and first line show."""
    text = _TEXT.read_text(encoding="utf-8")
    return text.replace("@SCHEMA@", schema).replace("@FILE@", file).replace("@NAME@", name)
