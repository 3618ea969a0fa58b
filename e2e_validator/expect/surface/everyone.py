"""Questions as a user interface asks them: no cluster, no dates, a limit; so other sources are in the answers too.

What others have is not known and may change meanwhile. So an answer is held against itself (its rows are its total),
and against the same question without this source: the difference is this source's own. Whoever asks must ask again
in other words where that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from e2e_validator.expect.measures import exactly
from e2e_validator.expect.surface.check import Check, Judged, equal
from e2e_validator.expect.surface.limits import OTHER, OTHERS
from e2e_validator.expect.surface.order import in_order
from e2e_validator.expect.surface.plain import buckets, dated
from e2e_validator.expect.surface.question import Question, report_path
from e2e_validator.expect.surface.shown import Shown, read_shown
from e2e_validator.expect.surface.spans import Span, expected, figures, span_of
from e2e_validator.expect.surface.subject import RANKED_BY, ZERO, Subject, additive, by_group, keyed, some, summed


def everyone(subject: Subject) -> Iterator[Check]:
    """The default view, all clusters of a month, and the best five projects of a month."""
    month = span_of(-1 if subject.last >= subject.today.replace(day=1) else -2, "month", subject.today)
    for report in ("costs", "compute", "memory", "volumes") if subject.full else ("costs",):
        yield _default(subject, report)
    for report in ("costs", "compute", "memory", "volumes") if subject.full else ("compute",):
        yield _clusters(subject, report, month)
    for report in ("costs", "compute", "memory", "volumes") if subject.full else ("costs", "volumes"):
        yield _projects(report, month)


def _default(subject: Subject, report: str) -> Check:
    """A report with no parameter at all; then the same without this source."""
    span = span_of(-10, "day", subject.today)
    question = Question(report_path(report))
    without = Question.of(report_path(report), {"exclude[cluster]": subject.cluster_id})

    def judge(body: Any) -> Judged:
        shown = read_shown(report, (), body, str(question))
        found = dated(shown, buckets(span.first, span.last, daily=True)) + adds_up(shown)
        return found + Judged(more=(Check(f"{report} without this source", without, _others(subject, shown, span)),))

    return Check(
        f"the default view of {report} is the last ten days, and what is this source's in it is right", question, judge
    )


def _others(subject: Subject, whole: Shown, span: Span) -> Callable[[Any], Judged]:
    def judge(body: Any) -> Judged:
        rest = read_shown(whole.report, (), body, f"{report_path(whole.report)} without this source")
        return own_part(subject, whole, rest, span)

    return judge


@exactly
def own_part(subject: Subject, whole: Shown, rest: Shown, span: Span) -> Judged:
    """On each day, what others have and what the data say of this source is what is shown of all."""
    names = additive(whole.report, "daily")
    own = expected(subject, whole.report, span.first, span.last, daily=True)
    wanted = figures(rest, daily=True)
    for key, values in own.items():
        row = wanted.setdefault(key, dict.fromkeys(names, ZERO))
        for name in names:
            row[name] = row.get(name, ZERO) + values.get(name, ZERO)
    return equal(wanted, figures(whole, daily=True))


def adds_up(shown: Shown) -> Judged:
    """The rows of one answer are its total."""
    names = additive(shown.report, *shown.groupings)
    total = {name: shown.total.get(name, ZERO) for name in names}
    return equal(
        keyed(shown.report, shown.grouping, {"all rows together": total}),
        keyed(shown.report, shown.grouping, {"all rows together": summed(shown.rows, names)}),
    )


def _clusters(subject: Subject, report: str, month: Span) -> Check:
    """All clusters of a month: this one's row is what its data say."""
    question = Question.of(report_path(report), month.asked | {"group_by[cluster]": "*", "limit": "100"})

    def judge(body: Any) -> Judged:
        shown = read_shown(report, ("cluster",), body, str(question))
        return own_row(subject, shown, month) + adds_up(shown)

    return Check(f"this cluster's row among all clusters of {report} is right", question, judge)


def own_row(subject: Subject, shown: Shown, month: Span) -> Judged:
    """The row of this cluster, and no other row with its name."""
    names = additive(shown.report, "cluster")
    wanted = {
        key[2]: {name: values.get(name, ZERO) for name in names}
        for key, values in subject.expected(month.first, month.last).items()
        if key[:2] == (shown.report, "cluster") and key[2]
    }
    rows = [row for row in shown.rows if row.group == subject.cluster_id]
    return equal(
        keyed(shown.report, "cluster", some(wanted)), keyed(shown.report, "cluster", some(by_group(rows, names)))
    )


def _projects(report: str, month: Span) -> Check:
    """The best five projects and Others, as a first page shows them."""
    params = month.asked | {"filter[resolution]": "monthly", "filter[limit]": "5", "group_by[project]": "*"}
    question = Question.of(report_path(report), params)

    def judge(body: Any) -> Judged:
        return best_five(read_shown(report, ("project",), body, str(question)))

    return Check(f"the best five projects of {report} and Others are the total", question, judge)


def best_five(shown: Shown) -> Judged:
    """At most five, best first, with Others last, and together the total."""
    name = RANKED_BY[shown.report]
    sums = by_group(shown.rows, (name,))
    kept = [group for group in shown.names if group not in {OTHERS, OTHER}]
    broken = () if len(kept) <= 5 else (f"{len(kept)} groups are shown, expected 5 and Others",)
    ranks = in_order(name, [(group, sums[group][name]) for group in kept], descending=True)
    return Judged(broken, 1) + ranks + adds_up(shown)
