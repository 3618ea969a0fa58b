"""Durations as people write them: ``90s``, ``20m``, ``1h30m``."""

from __future__ import annotations

import re

GRAMMAR = r"^(?=.)(\d+h)?(\d+m)?(\d+s)?$"


def seconds(text: object) -> int:
    """The whole seconds of a duration; ``ValueError`` when it is none or not above zero."""
    match = re.fullmatch(GRAMMAR, text, re.ASCII) if isinstance(text, str) else None
    if not match:
        raise ValueError("is not a duration")
    total = sum(int(part[:-1]) * {"h": 3600, "m": 60, "s": 1}[part[-1]] for part in match.groups() if part)
    if total == 0:
        raise ValueError("is no time at all")
    return total
