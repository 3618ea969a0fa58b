"""Deviations in words: why, where, both values of each figure, and how to accept them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from e2e_validator.expect.deviation import Deviation
from e2e_validator.expect.known_deviation import KnownDeviation
from e2e_validator.expect.ledger import number
from e2e_validator.expect.measures import Key

_SHOWN = 20
_CLUES = 4


class TwoValues(Protocol):
    """A figure by the data, and as Koku shows it."""

    @property
    def key(self) -> Key:
        """Its row."""

    @property
    def field(self) -> str:
        """Its name."""

    @property
    def by_data(self) -> Any:
        """None where the data do not say."""

    @property
    def as_koku(self) -> Any:
        """None where Koku shows none."""


AnyDeviation = Deviation[Any, Any]
Order = Callable[[Sequence[Any]], Sequence[Any]]


def foretold(found: Sequence[AnyDeviation]) -> list[str]:
    """A sentence for each: what Koku will show of these data, and what the data say."""
    return [f"Koku will deviate on these data: {one.name}: {why(one)}; {one.worst}" for one in found]


def why(deviation: AnyDeviation) -> str:
    """What in the data brings it about."""
    # Two clues may say the same of different figures.
    sentences = list(dict.fromkeys(clue.sentence for clue in deviation.clues))
    more = len(sentences) - _CLUES
    said = "; ".join(sentences[:_CLUES]) or "no known deviation explains it"
    return f"{said}; and {more} more" if more > 0 else said


def details(found: Iterable[AnyDeviation], order: Order = tuple, *, width: int = 120, told: str = "") -> str:
    """Each deviation with its stage, its reference, how to accept it, and a table of its figures both ways.

    ``order`` puts first what is to be shown of many figures. Of the deviation ``told`` a finding beside it has what
    happens, the reference and the remedy: they are not said again.
    """
    return "\n\n".join(_details(one, order, width, told=one.name == told) for one in found)


def _details(one: AnyDeviation, order: Order, width: int, *, told: bool) -> str:
    known = one.known
    if told:
        lines = [one.name, f"  here       {why(one)}", f"  stage      {known.stage}", _table(one, order, width)]
        return "\n".join(lines)
    accept = f"expect: {{deviates: [{one.name}]}} in the scenario, or --accept-deviation {one.name}"
    lines = [
        f"{one.name}: {known.happens}",
        f"  here       {why(one)}",
        f"  stage      {known.stage}",
        f"  reference  {known.reference}",
        f"  accept     {accept if known.acceptable else 'not possible: report it with the payload'}",
        _table(one, order, width),
    ]
    return "\n".join(lines)


def _table(one: AnyDeviation, order: Order, width: int) -> str:
    table = Table(box=None, pad_edge=False, expand=False)
    table.add_column("  WHERE", overflow="fold")
    table.add_column("FIGURE", overflow="fold")
    for name in ("BY THE DATA", "AS KOKU"):
        table.add_column(name, justify="right", overflow="fold")
    shown = order(one.figures)[:_SHOWN]
    for figure in shown:
        where = " / ".join(part for part in figure.key if part)
        table.add_row(f"  {where}", figure.field, number(figure.by_data), number(figure.as_koku))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(table, markup=False)
    more = len(one.figures) - len(shown)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join([*lines, f"  {len(one.figures)} figures" + (f", {more} of them not shown" if more > 0 else "")])


def deviations_json(found: Iterable[AnyDeviation]) -> list[dict[str, Any]]:
    """The deviations with every figure both ways; numbers are decimal strings."""
    return [
        {
            "id": one.name,
            "reason": why(one),
            "stage": one.known.stage,
            "reference": one.known.reference,
            "worst": str(one.worst),
            "figures": [
                {
                    "where": [part for part in figure.key if part],
                    "figure": figure.field,
                    "by_data": number(figure.by_data),
                    "as_koku": None if figure.as_koku is None else number(figure.as_koku),
                }
                for figure in one.figures
            ],
        }
        for one in found
    ]


def registry_text(registry: Mapping[str, KnownDeviation]) -> str:
    """The deviations of a registry, as text."""
    every = registry.values()
    return "\n\n".join("\n".join([one.name, *(f"  {name:<10}{text}" for name, text in _rows(one))]) for one in every)


def registry_markdown(registry: Mapping[str, KnownDeviation], head: str) -> str:
    """The same in Markdown, below ``head``."""
    parts = [
        "\n".join([f"## {one.name}", "", *(f"* {name}: {text}" for name, text in _rows(one))])
        for one in registry.values()
    ]
    return "\n\n".join([head.rstrip(), *parts]) + "\n"


def _rows(one: KnownDeviation) -> list[tuple[str, str]]:
    return [
        ("happens", one.happens),
        ("data", one.data),
        ("stage", one.stage),
        ("shows", one.shows),
        ("reference", one.reference),
        ("accept", f"expect: {{deviates: [{one.name}]}}" if one.acceptable else "cannot be accepted"),
    ]
