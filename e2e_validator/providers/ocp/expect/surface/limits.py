"""The best groups and "Others": together they are the whole, and the right ones are shown.

See docs/contract/koku.md 5.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from e2e_validator.expect.ledger import RELATIVE, SMALLEST, number
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, echoed, equal, same
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import RANKED_BY, ZERO, Subject, additive, by_group, summed

OTHERS, OTHER = "Others", "Other"


def limits(subject: Subject) -> Iterator[Check]:
    """The best one or two, in the default order; and the smallest."""
    for report, grouping, base in subject.pairs(("costs", "project"), ("compute", "project")):
        for limit in (1, 2) if subject.full or report == "costs" else (1,):
            if limit < len(base.names):
                question = subject.question(report, grouping, more={"filter[limit]": str(limit)})
                yield _limited(question, base, limit)
        if len(base.names) > 1 and (subject.full or report == "compute"):
            yield _second(subject, base)
        if len(base.names) > 1 and subject.full:
            name = "cost" if report == "costs" else "usage"
            more = {"filter[limit]": "1", f"order_by[{name}]": "asc"}
            yield _limited(subject.question(report, grouping, more=more), base, 1, descending=False)


def _limited(question: Question, base: Shown, limit: int, *, descending: bool = True) -> Check:
    def judge(body: Any) -> Judged:
        shown = read_shown(base.report, base.groupings, body, str(question))
        return with_others(base, shown, limit) + best(base, shown, 0, limit, descending=descending)

    which = "best" if descending else "smallest"
    return Check(f"the {which} {limit} and Others are all of {base.report} by {base.grouping}", question, judge)


def _second(subject: Subject, base: Shown) -> Check:
    question = subject.question(base.report, base.grouping, more={"filter[limit]": "1", "filter[offset]": "1"})

    def judge(body: Any) -> Judged:
        shown = read_shown(base.report, base.groupings, body, str(question))
        found = echoed(shown.meta, "count", len(base.names)) + best(base, shown, 1, 1)
        found += equal(_total(base), _total(shown))
        more = len(base.names) > 2
        return found + same("whether links.next leads on", more, bool(shown.links.get("next")))

    return Check(f"the second best of {base.report} by {base.grouping}", question, judge)


def with_others(base: Shown, shown: Shown, limit: int) -> Judged:
    """On each date the groups named have their own figures, and Others has those of all the rest."""
    names = additive(base.report, base.grouping)
    kept = [name for name in shown.names if name not in {OTHERS, OTHER} or name in base.names]
    rest = [name for name in base.names if name not in kept]
    label = OTHERS if len(rest) > 1 else OTHER
    expected: Measures = {}
    for date in dict.fromkeys(row.date for row in base.rows):
        rows = [row for row in base.rows if row.date == date]
        for row in rows:
            if row.group in kept:
                expected[base.report, base.grouping, row.group, date] = summed([row], names)
        left = [row for row in rows if row.group in rest]
        if left:
            expected[base.report, base.grouping, label, date] = summed(left, names)
    actual: Measures = {(base.report, base.grouping, row.group, row.date): summed([row], names) for row in shown.rows}
    found = same("the number of groups beside Others", limit, len(kept)) + equal(expected, actual)
    found += echoed(shown.meta, "others", len(base.names) - limit) + equal(_total(base), _total(shown))
    last = [[row.group for row in shown.rows if row.date == date][-1:] for date in shown.dates]
    if any(groups not in ([], [label]) for groups in last):
        found += same("the last group of each date", [[label]] * len(last), last)
    return found


def best(base: Shown, shown: Shown, offset: int, limit: int, *, descending: bool = True) -> Judged:
    """The groups shown are those that rank from ``offset`` on; equals may stand for each other."""
    name = RANKED_BY[base.report]
    sums = {group: values[name] for group, values in by_group(base.rows, (name,)).items()}
    wanted = sorted(sums.values(), reverse=descending)[offset : offset + limit]
    kept = [group for group in shown.names if group in sums]
    broken = []
    for value, group in zip(wanted, kept, strict=False):
        if abs(sums[group] - value) > max(RELATIVE * abs(value), SMALLEST):
            place = offset + kept.index(group) + 1
            broken.append(f"{group} ({name} {number(sums[group])}) ranks {place}, where {number(value)} does")
    if len(kept) != len(wanted):
        broken.append(f"{len(kept)} groups ({', '.join(kept)}) are shown, expected {len(wanted)}")
    return Judged(tuple(broken), len(wanted))


def _total(shown: Shown) -> Measures:
    names = additive(shown.report, shown.grouping)
    return {(shown.report, shown.grouping, "", ""): {name: shown.total.get(name, ZERO) for name in names}}
