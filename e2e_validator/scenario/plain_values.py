"""Plain numbers and booleans for what people write first: ``500m``, ``2Gi``, ``0,5``, ``'1'``, ``1h``, ``'no'``."""

from __future__ import annotations

import re
from decimal import Decimal

_WRITTEN = re.compile(r"\s*[$€]?\s*(\d+(?:[.,]\d+)?)\s*([A-Za-z%]*)\s*")
# What one of the unit is in cores or GiB.
_UNITS = {
    "m": Decimal("0.001"),
    **{f"K{end}": Decimal(1) / 1024**2 for end in ("i", "iB")},
    **{f"M{end}": Decimal(1) / 1024 for end in ("i", "iB")},
    **{f"G{end}": Decimal(1) for end in ("i", "iB")},
    **{f"T{end}": Decimal(1024) for end in ("i", "iB")},
}
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def number_in(value: object, *, seconds: bool = False) -> str:
    """The plain number that ``value`` stands for; nothing when it is none. ``seconds``: units are those of time."""
    if isinstance(value, float) and value.is_integer() and seconds:
        return str(int(value))
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return ""
    number, unit = Decimal(match[1].replace(",", ".")), match[2]
    factor = _SECONDS.get(unit, 1) if seconds else _UNITS.get(unit, 1)
    return f"{(number * factor).normalize():f}"


def number_hint(value: object, *, whole: bool) -> str:
    """What to write for a number that was written as something else; nothing when that cannot be told."""
    number = number_in(value, seconds=whole)
    if isinstance(value, str) and value.strip() == number:
        return "write it without quotes"
    return f"write {number}" if number else "write a plain number" if isinstance(value, str) else ""


def boolean_hint(value: object) -> str:
    """``write true`` or ``write false``; nothing when that cannot be told."""
    text = str(value).lower() if isinstance(value, (str, int)) else ""
    return "write true" if text in _TRUE else "write false" if text in _FALSE else ""
