"""Deviations in words: why, where, both values of each figure, and how to accept them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from e2e_validator.expect.known_deviation import KnownDeviation
from e2e_validator.expect.ledger import number
from e2e_validator.providers.ocp.expect.deviations.finding import Deviation, TwoValues
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS

_SHOWN = 20
_CLUES = 4


def foretold(found: Sequence[Deviation]) -> list[str]:
    """A sentence for each: what Koku will show of these data, and what the data say."""
    return [f"Koku will deviate on these data: {one.name}: {why(one)}; {one.worst}" for one in found]


def why(deviation: Deviation) -> str:
    """What in the data brings it about."""
    sentences = [clue.sentence for clue in deviation.clues]
    more = len(sentences) - _CLUES
    said = "; ".join(sentences[:_CLUES]) or "no known deviation explains it"
    return f"{said}; and {more} more" if more > 0 else said


def deviation_details(found: Iterable[Deviation], *, width: int = 120) -> str:
    """Each deviation with its stage, its reference, how to accept it, and a table of its figures both ways."""
    return "\n\n".join(_details(one, width) for one in found)


def _details(one: Deviation, width: int) -> str:
    known = one.known
    accept = f"expect: {{deviates: [{one.name}]}} in the scenario, or --accept-deviation {one.name}"
    lines = [
        f"{one.name}: {known.happens}",
        f"  here       {why(one)}",
        f"  stage      {known.stage}",
        f"  reference  {known.reference}",
        f"  accept     {accept if known.acceptable else 'not possible: report it with the payload'}",
        _table(one, width),
    ]
    return "\n".join(lines)


def _table(one: Deviation, width: int) -> str:
    table = Table(box=None, pad_edge=False, expand=False)
    table.add_column("  WHERE", overflow="fold")
    table.add_column("FIGURE", overflow="fold")
    for name in ("BY THE DATA", "AS KOKU"):
        table.add_column(name, justify="right", overflow="fold")
    shown = _in_order(one.figures)[:_SHOWN]
    for figure in shown:
        where = " / ".join(part for part in figure.key if part)
        table.add_row(f"  {where}", figure.field, number(figure.by_data), number(figure.as_koku))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(table, markup=False)
    more = len(one.figures) - len(shown)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join([*lines, f"  {len(one.figures)} figures" + (f", {more} of them not shown" if more > 0 else "")])


def _in_order(figures: Sequence[TwoValues]) -> list[TwoValues]:
    """The worst project and the total of each figure of each report first: no figure hides behind many of another."""
    first: dict[tuple[str, str, str], TwoValues] = {}
    for figure in figures:
        report, grouping, group, _ = figure.key
        if (grouping == "project" and group) or grouping == "total":
            first.setdefault((report, grouping, figure.field), figure)
    return [*first.values(), *(figure for figure in figures if figure not in first.values())]


def deviations_json(found: Iterable[Deviation]) -> list[dict[str, Any]]:
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


def deviation_list() -> str:
    """The registry, as text."""
    return "\n\n".join("\n".join([one.name, *(f"  {name:<10}{text}" for name, text in _rows(one))]) for one in _all())


def deviation_markdown() -> str:
    """The registry, as a page in Markdown."""
    head = (
        "# Known deviations\n\n"
        "Where Koku's figures are known not to be what the data say. A run ends FAILED with the id, unless the scenario"
        " (`expect: {deviates: [ID]}`) or `--accept-deviation ID` accepts it: then the phase is KNOWN.\n"
        "Made by `e2e-validator deviations --markdown`.\n"
    )
    parts = ["\n".join([f"## {one.name}", "", *(f"* {name}: {text}" for name, text in _rows(one))]) for one in _all()]
    return "\n\n".join([head.rstrip(), *parts]) + "\n"


def _all() -> Iterable[KnownDeviation]:
    return DEVIATIONS.values()


def _rows(one: KnownDeviation) -> list[tuple[str, str]]:
    return [
        ("happens", one.happens),
        ("data", one.data),
        ("stage", one.stage),
        ("shows", one.shows),
        ("reference", one.reference),
        ("accept", f"expect: {{deviates: [{one.name}]}}" if one.acceptable else "cannot be accepted"),
    ]
