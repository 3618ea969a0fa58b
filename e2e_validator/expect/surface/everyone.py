"""Questions as a user interface asks them: no cluster, no dates, a limit; so other sources are in the answers too.

What others have is not known and may change meanwhile. So an answer is held against itself (its rows are its total),
and against the same question without this source: the difference is this source's own. Whoever asks must ask again
in other words where that does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from e2e_validator.expect.fields import REPORTS
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.expect.surface.check import Check, Judged, equal
from e2e_validator.expect.surface.limits import OTHER, OTHERS
from e2e_validator.expect.surface.order import in_order
from e2e_validator.expect.surface.plain import buckets, dated
from e2e_validator.expect.surface.question import Question, report_path
from e2e_validator.expect.surface.shown import Shown, measures, read_shown
from e2e_validator.expect.surface.spans import Span, expected, span_of
from e2e_validator.expect.surface.subject import RANKED_BY, ZERO, Subject, additive, by_group, keyed, some, summed


def month_of(last: date, today: date) -> Span:
    """This month if the data reach into it, else last month: what a user interface lets one choose from."""
    return span_of(-1 if last >= today.replace(day=1) else -2, "month", today)


def first_looks(last: date, today: date) -> list[Question]:
    """What a user asks who waits for data; asked before they are there too, these pages must not stay as they are."""
    month = month_of(last, today)
    return [
        _default_view("costs"),
        _all_clusters("compute", month),
        _all_projects("costs", month),
        _all_projects("volumes", month),
        _best_five("costs", month),
    ]


def everyone(subject: Subject) -> Iterator[Check]:
    """The default view, all clusters and all projects of a month, and the best five projects."""
    month = month_of(subject.last, subject.today)
    for report in REPORTS if subject.full else ("costs",):
        yield _default(subject, report)
    for report in REPORTS if subject.full else ("compute",):
        yield _clusters(subject, report, month)
    for report in REPORTS if subject.full else ("costs", "volumes"):
        yield _projects(subject, report, month)
    for report in REPORTS if subject.full else ("costs",):
        yield _limited(report, month)


def _default_view(report: str) -> Question:
    return Question(report_path(report))


def _default(subject: Subject, report: str) -> Check:
    """A report with no parameter at all; then the same without this source."""
    span = span_of(-10, "day", subject.today)
    question = _default_view(report)
    own = expected(subject, report, span.first, span.last, daily=True)

    def judge(body: Any) -> Judged:
        shown = read_shown(report, (), body, str(question))
        found = dated(shown, buckets(span.first, span.last, daily=True)) + adds_up(shown)
        return found + _then(question, shown, own, "daily", subject)

    return Check(f"the default view of {report}: the last ten days, with what is this source's", question, judge)


def _all_projects(report: str, month: Span) -> Question:
    return Question.of(report_path(report), month.asked | {"group_by[project]": "*"})


def _projects(subject: Subject, report: str, month: Span) -> Check:
    """All projects of a month, whosoever; then the same without this source."""
    question = _all_projects(report, month)
    names = additive(report, "project")
    own = {
        key: {name: values.get(name, ZERO) for name in names}
        for key, values in subject.expected(month.first, month.last).items()
        if key[:2] == (report, "project")
    }

    def judge(body: Any) -> Judged:
        shown = read_shown(report, ("project",), body, str(question))
        return adds_up(shown) + _then(question, shown, own, "project", subject)

    return Check(f"all projects of {report}, with what is this source's", question, judge)


def _then(question: Question, whole: Shown, own: Measures, grouping: str, subject: Subject) -> Judged:
    """The same question without this source, whose answer and what is this source's must be the whole."""
    without = replace(question, params=(*question.params, ("exclude[cluster]", subject.cluster_id)))

    def judge(body: Any) -> Judged:
        return own_part(whole, read_shown(whole.report, whole.groupings, body, str(without)), own, grouping)

    return Judged(more=(Check(f"{whole.report} of others and of this source are those of all", without, judge),))


@exactly
def own_part(whole: Shown, rest: Shown, own: Measures, grouping: str) -> Judged:
    """What others have and what the data say of this source is what is shown of all."""
    names = additive(whole.report, grouping)
    wanted = measures(rest, names, grouping)
    for key, values in own.items():
        row = wanted.setdefault(key, dict.fromkeys(names, ZERO))
        for name in names:
            row[name] = row.get(name, ZERO) + values.get(name, ZERO)
    actual = measures(whole, names, grouping)
    return equal(_filled(wanted), _filled(actual))


def _filled(found: Measures) -> Measures:
    """Without rows of zeros: whether those are shown depends on how one asks."""
    return {key: values for key, values in found.items() if not key[3] or any(values.values())}


def adds_up(shown: Shown) -> Judged:
    """The rows of one answer are its total."""
    names = additive(shown.report, *shown.groupings)
    total = {name: shown.total.get(name, ZERO) for name in names}
    return equal(
        keyed(shown.report, shown.grouping, {"all rows together": total}),
        keyed(shown.report, shown.grouping, {"all rows together": summed(shown.rows, names)}),
    )


def _all_clusters(report: str, month: Span) -> Question:
    return Question.of(report_path(report), month.asked | {"group_by[cluster]": "*", "limit": "100"})


def _clusters(subject: Subject, report: str, month: Span) -> Check:
    """All clusters of a month: this one's row is what its data say."""
    question = _all_clusters(report, month)

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


def _best_five(report: str, month: Span) -> Question:
    params = month.asked | {"filter[resolution]": "monthly", "filter[limit]": "5", "group_by[project]": "*"}
    return Question.of(report_path(report), params)


def _limited(report: str, month: Span) -> Check:
    """The best five projects and Others, as a first page shows them."""
    question = _best_five(report, month)

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
