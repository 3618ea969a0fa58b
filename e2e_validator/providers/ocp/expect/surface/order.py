"""Orders: the best first, or last; names from A to Z, or back (docs/contract/koku.md 5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from e2e_validator.expect.ledger import RELATIVE, SMALLEST, number
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal, together
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, ShownRow, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import ZERO, Subject, additive, by_group, keyed, some

# What order_by calls a figure.
FIGURES = {
    "cost": "cost.total",
    "distributed_cost": "cost.distributed",
    "usage": "usage",
    "request": "request",
    "infrastructure": "infrastructure.total",
    "supplementary": "supplementary.total",
}
# Koku takes a name that begins like this for what is left over, and puts it last.
_OTHERS = re.compile("othe", re.IGNORECASE)


def orders(subject: Subject) -> Iterator[Check]:
    """Groups in the order asked for: by a figure and by name, up and down."""
    for report, grouping, base in subject.pairs(("costs", "project"), ("compute", "project")):
        if len(base.names) < 2:
            continue
        for name, direction in _asked(subject, report, grouping):
            question = subject.question(report, grouping, more={f"order_by[{name}]": direction})
            yield _check(question, base, name, direction)


def _asked(subject: Subject, report: str, grouping: str) -> list[tuple[str, str]]:
    if not subject.full:
        return [("cost", "asc")] if report == "costs" else [("usage", "asc"), (grouping, "desc")]
    names = ["cost", "infrastructure", "supplementary", *(["usage", "request"] if report != "costs" else [])]
    if (report, grouping) == ("costs", "project"):
        names.append("distributed_cost")
    return [(name, way) for name in (*names, grouping) for way in ("asc", "desc")]


def _check(question: Question, base: Shown, name: str, direction: str) -> Check:
    def judge(body: Any) -> Judged:
        shown = read_shown(base.report, base.groupings, body, str(question))
        return same_groups(base, shown) + sorted_by(shown, name, descending=direction == "desc")

    return Check(f"{base.report} by {base.grouping} in the order of {name}, {direction}", question, judge)


def same_groups(base: Shown, shown: Shown) -> Judged:
    """The same groups with the same sums; whether a group of zeros is shown depends on how one asks."""
    names = additive(base.report, base.grouping)
    return equal(
        keyed(base.report, base.grouping, some(by_group(base.rows, names))),
        keyed(base.report, base.grouping, some(by_group(shown.rows, names))),
    )


def sorted_by(shown: Shown, name: str, *, descending: bool) -> Judged:
    """On each date the rows are in the order of a figure, or of the names of their groups."""
    found = []
    for date in shown.dates:
        rows = [row for row in shown.rows if row.date == date]
        if name in FIGURES:
            values = [(row.group, row.figures.get(FIGURES[name], ZERO)) for row in rows]
            found.append(in_order(f"{FIGURES[name]} of {date}", values, descending=descending))
        else:
            found.append(_names_in_order(rows, date, descending=descending))
    return together(found)


def in_order(what: str, values: Sequence[tuple[str, Decimal]], *, descending: bool) -> Judged:
    """Each value is at least (or at most) the one after it."""
    broken = []
    for (before, left), (after, right) in pairwise(values):
        slack = max(RELATIVE * max(abs(left), abs(right)), SMALLEST)
        if (right - left if descending else left - right) > slack:
            broken.append(f"{before} ({number(left)}) comes before {after} ({number(right)}), in the order of {what}")
    return Judged(tuple(broken), len(values))


def _names_in_order(rows: Sequence[ShownRow], date: str, *, descending: bool) -> Judged:
    broken = []
    for one, other in pairwise(rows):
        before, after = _key(one.group), _key(other.group)
        if (before < after) if descending else (before > after):
            broken.append(f"{one.group} comes before {other.group} on {date}, in the order of names")
    return Judged(tuple(broken), len(rows))


def _key(name: str) -> tuple[bool, str]:
    return bool(_OTHERS.match(name)), name.lower()
