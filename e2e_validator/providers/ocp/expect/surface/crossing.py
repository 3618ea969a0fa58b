"""Two groupings at once, and groups by day: added up, they are the plain answers (docs/contract/koku.md 5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, ShownRow, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import Subject, additive, by_group, keyed, some

# Volumes by two groupings are read from rows that have costs without a claim (docs/contract/koku.md 3.9).
_CROSSED = ("costs", "compute", "memory")


def crossings(subject: Subject) -> Iterator[Check]:
    """Two groupings: their sums by either are those of the one alone."""
    for report in _CROSSED if subject.full else _CROSSED[:2]:
        for one, other in (("project", "node"), ("cluster", "project"))[: 2 if subject.full else 1]:
            question = subject.question(report, one, other)
            yield _crossing(question, subject.shown[report, one], subject.shown[report, other])


def _crossing(question: Question, one: Shown, other: Shown) -> Check:
    def judge(body: Any) -> Judged:
        shown = read_shown(one.report, (one.grouping, other.grouping), body, str(question))
        return crossed(shown, one, other)

    return Check(f"{one.report} by {one.grouping} and {other.grouping} are those of either", question, judge)


def crossed(shown: Shown, one: Shown, other: Shown) -> Judged:
    """The sums by either grouping, and the total, are those of the plain answers."""
    names = additive(one.report, one.grouping, other.grouping)
    found = Judged()
    for place, base in enumerate((one, other)):
        found += equal(
            keyed(base.report, base.grouping, some(by_group(base.rows, names))),
            keyed(base.report, base.grouping, some(by_group(shown.rows, names, place))),
        )
    found += equal(
        {(one.report, shown.grouping, "", ""): {name: one.total[name] for name in names if name in one.total}},
        {(one.report, shown.grouping, "", ""): {name: shown.total[name] for name in names if name in shown.total}},
    )
    twice = [group for group in shown.names if _count(shown, group) > 1]
    return found + Judged(tuple(f"{group} is listed more than once on a date" for group in twice), 1)


def _count(shown: Shown, group: str) -> int:
    dates = [row.date for row in shown.rows if row.group == group]
    return max((dates.count(date) for date in set(dates)), default=0)


def days(subject: Subject) -> Iterator[Check]:
    """Groups by day: added up by group they are the month, added up by day the day."""
    for report, grouping, base in subject.pairs(("costs", "project"), ("compute", "node")):
        question = subject.question(report, grouping, daily=True)
        yield _daily(question, base, subject.shown[report, "daily"])


def _daily(question: Question, base: Shown, whole: Shown) -> Check:
    def judge(body: Any) -> Judged:
        return by_day(read_shown(base.report, base.groupings, body, str(question)), base, whole)

    return Check(f"{base.report} by {base.grouping} and day are those of the month and of the day", question, judge)


def by_day(shown: Shown, base: Shown, whole: Shown) -> Judged:
    """The groups of all days are those of the months; all groups of a day are those of the day."""
    names = additive(base.report, base.grouping)
    found = equal(
        keyed(base.report, base.grouping, some(by_group(base.rows, names))),
        keyed(base.report, base.grouping, some(by_group(shown.rows, names))),
    )
    common = additive(base.report, base.grouping, "daily")
    return found + equal(
        keyed(base.report, "daily", some(by_group(_dated(whole), common))),
        keyed(base.report, "daily", some(by_group(_dated(shown), common))),
    )


def _dated(shown: Shown) -> list[ShownRow]:
    """The rows with the date in place of their groups."""
    return [ShownRow(row.date, (row.date,), row.figures) for row in shown.rows]
