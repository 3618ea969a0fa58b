"""Figures for ``e2e-validator expect``: decimals as texts, and nested figures as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

from e2e_validator.errors import printable

_SHOWN = Context(prec=30)
_SHORT = Context(prec=15)


def as_text(value: Decimal) -> str:
    """A figure with 30 significant digits, without trailing zeros."""
    rounded = _SHOWN.plus(value)
    # What is left of a difference at the sixtieth digit is 0.
    return "0" if abs(rounded) < Decimal("1e-40") else f"{rounded.normalize():f}"


def foretold_lines(deviations: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each deviation, as ``deviation_text.deviations_json`` has them."""
    return [f"Koku will deviate on these data: {one['id']}: {one['reason']}; {one['worst']}" for one in deviations]


def section(title: str, groups: Mapping[str, Any]) -> list[str]:
    """A title, and below it the figures of each group."""
    return [title, *(f"  {line}" for line in _indented(groups))]


def _indented(node: Mapping[str, Any]) -> Iterator[str]:
    if all(isinstance(value, str) for value in node.values()):
        yield "  ".join(f"{name} {_short(value)}" for name, value in node.items())
        return
    for name, inside in node.items():
        yield f"{printable(name)}:"
        yield from (f"  {line}" for line in _indented(inside))


def _short(text: str) -> str:
    value = Decimal(text)
    return f"{_SHORT.plus(value).normalize():f}" if value else "0"
