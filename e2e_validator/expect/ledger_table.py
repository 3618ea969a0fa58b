"""The EXPECTED / ACTUAL table."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from e2e_validator.expect.ledger import WHOLE_ROW, Difference, Kind, StageResult, number
from e2e_validator.expect.measures import Measures

SHOWN = 10


def ledger_table(results: Sequence[StageResult], *, width: int = 140, shown: int = SHOWN) -> str:
    """The largest differences of all stages, stage by stage; how many there are, and how many more than shown.

    Plain text, at most ``width`` columns; empty if nothing differs.
    """
    differing = [result for result in results if not result.ok]
    if not differing:
        return ""
    table = Table(title="EXPECTED is computed from the CSV files alone", title_justify="left", expand=False)
    table.add_column("STAGE")
    table.add_column("WHERE", overflow="fold")
    table.add_column("FIGURE", overflow="fold")
    for name in ("EXPECTED", "ACTUAL", "DIFFERENCE"):
        table.add_column(name, justify="right", overflow="fold")
    listed = [difference for result in differing for difference in result.differences]
    for difference in listed[:shown]:
        table.add_row(*_cells(difference))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(table, markup=False)
    compared = sum(result.sums for result in results)
    more = len(listed) - shown
    compared = max(compared, len(listed))  # an extra figure was not expected, so it was not counted
    out.write(f"{len(listed)} of {compared} figures differ" + (f"; {more} more not shown" if more > 0 else "") + ".\n")
    return out.getvalue()


def _cells(difference: Difference) -> tuple[str, ...]:
    where = " / ".join(part for part in difference.key if part) or "total"
    if difference.field == WHOLE_ROW:
        present = difference.kind is Kind.EXTRA
        return (
            difference.stage,
            where,
            difference.field,
            "-" if present else "present",
            "present" if present else "-",
            "",
        )
    change = difference.difference
    sign = "" if change is None else ("+" if change > 0 else "") + number(change)
    return difference.stage, where, difference.field, number(difference.expected), number(difference.actual), sign


def figures_table(expected: Measures, actual: Measures) -> str:
    """Every expected figure beside the one that is there, as plain text.

    There may be ten thousand of them: a table drawn by the console's library would take longer than all else.
    """
    rows = [("REPORT", "GROUPING", "GROUP", "DATE", "FIGURE", "EXPECTED", "ACTUAL")]
    for key in sorted(expected):
        there = actual.get(key, {})
        report, grouping, group, date = key
        for field, value in expected[key].items():
            rows.append((report, grouping, group, date, field, number(value), number(there.get(field))))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [cell.ljust(width) for cell, width in zip(row[:-2], widths[:-2], strict=True)]
            + [cell.rjust(width) for cell, width in zip(row[-2:], widths[-2:], strict=True)]
        )
        for row in rows
    ]
    return "\n".join(["EXPECTED is computed from the CSV files alone", *lines]) + "\n"
