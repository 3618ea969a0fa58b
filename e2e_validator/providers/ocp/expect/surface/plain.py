"""What each plain answer must say besides its figures: its dates, its counts, its order, and that its groups add up.

Nothing is asked for this: these are the answers whose figures are compared with the expectation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from e2e_validator.providers.ocp.expect.surface.check import Judged, echoed, equal, same, together
from e2e_validator.providers.ocp.expect.surface.order import in_order
from e2e_validator.providers.ocp.expect.surface.projects import projects
from e2e_validator.providers.ocp.expect.surface.shown import PLAIN, Shown
from e2e_validator.providers.ocp.expect.surface.subject import (
    LIMIT,
    RANKED_BY,
    Subject,
    additive,
    by_group,
    is_tag,
    keyed,
    summed,
)


def plain_answers(subject: Subject) -> dict[str, Judged]:
    """What of each plain answer holds, by the name of the answer."""
    return {
        f"{report} by {grouping}": plain(subject, shown, grouping)
        for (report, grouping), shown in subject.shown.items()
    }


def plain(subject: Subject, shown: Shown, grouping: str) -> Judged:
    """Dates, counts, the default order and sums of one plain answer; of projects what kind each is."""
    found = [
        dated(shown, buckets(subject.first, subject.last, daily=grouping == "daily")),
        echoed(shown.meta, "limit", LIMIT),
        echoed(shown.meta, "offset", 0),
        same("meta.start_date", subject.first.isoformat(), shown.meta.get("start_date")),
        same("meta.end_date", subject.last.isoformat(), shown.meta.get("end_date")),
        sourced(subject, shown),
    ]
    if not is_tag(grouping):
        # By a label of which some values are empty, Koku leaves rows out that are in the total.
        found.append(adds_up(shown, grouping))
    if grouping not in PLAIN:
        found.append(ranked(shown))
    if grouping == "project":
        found.append(projects(subject, shown))
    return together(found)


def buckets(first: date, last: date, *, daily: bool) -> tuple[str, ...]:
    """The dates that an answer for these days lists, whether they have data or not: days, or months."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(dict.fromkeys(day.isoformat() if daily else f"{day:%Y-%m}" for day in days))


def dated(shown: Shown, wanted: tuple[str, ...]) -> Judged:
    """Every date is listed once, in order, and ``meta.count`` says how many."""
    return same("the dates", wanted, shown.dates) + echoed(shown.meta, "count", len(wanted))


def ranked(shown: Shown) -> Judged:
    """Without an order asked for, the best groups of the whole span come first."""
    name = RANKED_BY[shown.report]
    sums = {group: values[name] for group, values in by_group(shown.rows, (name,)).items()}
    return in_order(f"{name} over all dates", [(group, sums[group]) for group in shown.names], descending=True)


def adds_up(shown: Shown, grouping: str) -> Judged:
    """The sum of all rows is the total of the answer."""
    names = additive(shown.report, grouping)
    total = {name: shown.total.get(name, Decimal(0)) for name in names}
    return equal(
        keyed(shown.report, grouping, {"all rows together": total}),
        keyed(shown.report, grouping, {"all rows together": summed(shown.rows, names)}),
    )


def sourced(subject: Subject, shown: Shown) -> Judged:
    """Every row names this source, and its cluster by its alias."""
    return together(_sourced(subject, shown))


def _sourced(subject: Subject, shown: Shown) -> Iterator[Judged]:
    for row in shown.rows:
        clusters = row.said.get("clusters")
        if clusters is None or list(clusters) != [subject.cluster_alias]:
            yield same(f"clusters of {row.group or 'the row'} on {row.date}", [subject.cluster_alias], clusters)
        if subject.source_uuid and row.said.get("source_uuid") != [subject.source_uuid]:
            where = f"source_uuid of {row.group or 'the row'} on {row.date}"
            yield same(where, [subject.source_uuid], row.said.get("source_uuid"))
