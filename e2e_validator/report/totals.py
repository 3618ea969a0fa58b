"""The verified totals of a scenario: what was expected beside what the API shows, a line per report."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from rich.cells import cell_len

UNITS = {
    "compute": "core-hours",
    "memory": "GiB-hours",
    "volumes": "GiB-months",
    "costs": "USD",
    "instance-types": "USD, Hrs",
    "storage": "USD, GB-Mo",
}
_INDENT = "          "


def totals_table(totals: Mapping[str, Mapping[str, tuple[str, str] | list[str]]]) -> str:
    """``totals`` maps report -> figure -> (expected, actual), both as text; empty without any."""
    if not totals:
        return ""
    columns = list(dict.fromkeys(figure for figures in totals.values() for figure in figures))
    head = ["EXPECTED / ACTUAL", *columns]
    rows = [[_title(report), *(_cell(figures.get(column)) for column in columns)] for report, figures in totals.items()]
    widths = [max(cell_len(line[place]) for line in (head, *rows)) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (head, *rows)]
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in lines)


def _title(report: str) -> str:
    return f"{report} ({UNITS[report]})" if report in UNITS else report


def _cell(pair: tuple[str, str] | list[str] | None) -> str:
    return f"{_short(pair[0])} / {_short(pair[1])}" if pair else ""


def _short(text: str) -> str:
    """Four decimals are enough to read; the comparison was made with all of them."""
    try:
        value = round(Decimal(text), 4)
    except InvalidOperation:
        return text
    return f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"
