"""The registry of repairs as ``e2e-validator repairs`` prints it: as text, or as a Markdown table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Protocol

_INDENT = " " * 10


class Listed(Protocol):
    """What the list needs of a repair."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases in which it may be tried."""

    @property
    def limit(self) -> int:
        """How often it is tried in one phase."""

    @property
    def causes(self) -> tuple[str, ...]:
        """What it mends, by name."""

    @property
    def detection(self) -> str:
        """The evidence by which its fault is recognised."""

    @property
    def action(self) -> str:
        """What it does."""

    @property
    def writes(self) -> str:
        """What it writes."""

    @property
    def undo(self) -> str:
        """How to take it back."""

    @property
    def contract(self) -> str:
        """Where the rules come from."""


def repair_list(repairs: Iterable[Listed], width: int = 100) -> str:
    """Each repair with its detection, action, limit, what it writes and how to undo it."""
    return "\n\n".join(_entry(repair, width) for repair in repairs)


def repair_markdown(repairs: Iterable[Listed]) -> str:
    """The same as a Markdown table."""
    head = ("Repair", "Phases", "Cause", "Recognised by", "Does", "Tries", "Writes", "Undo", "Contract")
    rows = [
        (
            f"`{repair.name}`",
            ", ".join(repair.phases),
            ", ".join(f"`{cause}`" for cause in repair.causes),
            repair.detection,
            repair.action,
            str(repair.limit),
            repair.writes,
            repair.undo,
            repair.contract,
        )
        for repair in repairs
    ]
    return "\n".join((_row(head), _row(["---"] * len(head)), *map(_row, rows)))


def _entry(repair: Listed, width: int) -> str:
    tries = "once" if repair.limit == 1 else f"at most {repair.limit} times"
    rows = {
        "phases": ", ".join(repair.phases),
        "cause": ", ".join(repair.causes),
        "if": repair.detection,
        "does": repair.action,
        "tries": f"{tries} in a phase",
        "writes": repair.writes,
        "undo": repair.undo,
        "see": repair.contract,
    }
    return "\n".join([repair.name, *(_labelled(name, text, width) for name, text in rows.items())])


def _labelled(name: str, text: str, width: int) -> str:
    return textwrap.fill(
        text,
        max(width, 60),
        initial_indent=f"  {name:<{len(_INDENT) - 2}}",
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _row(cells: Sequence[str]) -> str:
    """A row of the table; a bar within a cell would begin another."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
