"""Deviations in words: why, where, both values of each figure, and how to accept them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from e2e_validator.expect.deviation_text import (
    details,
    deviations_json,
    foretold,
    registry_markdown,
    registry_text,
    why,
)
from e2e_validator.providers.ocp.expect.deviations.finding import Deviation, TwoValues
from e2e_validator.providers.ocp.expect.deviations.registry import DEVIATIONS

__all__ = ["deviation_details", "deviation_list", "deviation_markdown", "deviations_json", "foretold", "why"]

_HEAD = (
    "# Known deviations\n\n"
    "Where Koku's figures are known not to be what the data say. A run ends FAILED with the id, unless the scenario"
    " (`expect: {deviates: [ID]}`) or `--accept-deviation ID` accepts it: then the phase is KNOWN.\n"
    "Made by `e2e-validator deviations --markdown`.\n"
)


def deviation_details(found: Iterable[Deviation], *, width: int = 120, told: str = "") -> str:
    """See ``deviation_text.details``."""
    return details(found, _in_order, width=width, told=told)


def _in_order(figures: Sequence[TwoValues]) -> list[TwoValues]:
    """The worst project and the total of each figure of each report first: no figure hides behind many of another."""
    first: dict[tuple[str, str, str], TwoValues] = {}
    for figure in figures:
        report, grouping, group, _ = figure.key
        if (grouping == "project" and group) or grouping == "total":
            first.setdefault((report, grouping, figure.field), figure)
    return [*first.values(), *(figure for figure in figures if figure not in first.values())]


def deviation_list() -> str:
    """The registry, as text."""
    return registry_text(DEVIATIONS)


def deviation_markdown() -> str:
    """The registry, as a page in Markdown."""
    return registry_markdown(DEVIATIONS, _HEAD)
