"""Questions as a user interface asks them: no cluster, no dates, a limit; so other sources are in the answers too.

What others have is not known and may change meanwhile. So an answer is held against itself (its rows are its total),
and against the same question without this source: the difference is this source's own, if the others did not change
between the questions. The caller must ask again in other words where that does not hold.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.providers.ocp.expect.fields import REPORTS
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal
from e2e_validator.providers.ocp.expect.surface.limits import OTHER, OTHERS
from e2e_validator.providers.ocp.expect.surface.order import in_order
from e2e_validator.providers.ocp.expect.surface.plain import buckets, dated
from e2e_validator.providers.ocp.expect.surface.question import Question, report_path
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.spans import Span, expected, figures, span_of
from e2e_validator.providers.ocp.expect.surface.subject import (
    RANKED_BY,
    ZERO,
    Subject,
    additive,
    by_group,
    keyed,
    some,
    summed,
)


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
        _best_five("costs", month),
    ]


def everyone(subject: Subject) -> Iterator[Check]:
    """The default view, all clusters and all projects of a month, and the best five projects."""
    month = month_of(subject.last, subject.today)
    for report in REPORTS if subject.full else ("costs",):
        yield _default(subject, report)
    for report in REPORTS if subject.full else ("compute",):
        yield _clusters(subject, report, month)
    for report in REPORTS if subject.full else ("costs",):
        yield _projects(subject, report, month)
    for report in REPORTS if subject.full else ("costs",):
        yield _limited(report, month)


def _default_view(report: str) -> Question:
    return Question(report_path(report))


def _default(subject: Subject, report: str) -> Check:
    """A report with no parameter at all; then in other words, without this source, and in other words again."""
    span = span_of(-10, "day", subject.today)
    question = _default_view(report)
    own = expected(subject, report, span.first, span.last, daily=True)

    def judge(body: Any) -> Judged:
        page = read_shown(report, (), body, str(question))
        found = dated(page, buckets(span.first, span.last, daily=True)) + adds_up(page)
        return found + _between(question, subject, lambda whole, rest, after: own_part(page, whole, rest, after, own))

    return Check(f"the default view of {report}: the last ten days, with what is this source's", question, judge)


def _between(question: Question, subject: Subject, judge: Callable[[Shown, Shown, Shown], Judged]) -> Judged:
    """Ask for all, for the others, and for all again, one after the other and each in words never used before."""
    report = question.path.split("/")[2]
    first, again = (replace(question, params=(("limit", str(random.randint(100, 999))),)) for _ in range(2))
    without = replace(first, params=(*first.params, ("exclude[cluster]", subject.cluster_id)))

    def step(asked: Question, then: Callable[[Shown], Judged]) -> Judged:
        what = f"{report} of others and of this source are those of all"
        return Judged(more=(Check(what, asked, lambda body: then(read_shown(report, (), body, str(asked)))),))

    return step(first, lambda whole: step(without, lambda rest: step(again, lambda after: judge(whole, rest, after))))


@exactly
def own_part(page: Shown, whole: Shown, rest: Shown, after: Shown, own: Measures) -> Judged:
    """What others have and what the data say of this source is what is shown of all.

    ``page`` is the answer to the plain question, ``whole`` and ``after`` to the same in other words, before and after
    ``rest``, which is that of the others. If those two differ, others changed their data and nothing can be said. A
    page that shows the others' part alone is older than this source's data.
    """
    if equal(_figures(whole), _figures(after)).broken:
        return Judged(unsure=("others changed their data between the questions",))
    others = _figures(rest)
    wanted = {key: dict(values) for key, values in others.items()}
    for key, values in own.items():
        row = wanted.setdefault(key, dict.fromkeys(values, ZERO))
        for name, value in values.items():
            row[name] = row.get(name, ZERO) + value
    found = equal(_filled(wanted), _filled(_figures(whole)))
    if found.broken or not equal(_filled(wanted), _filled(_figures(page))).broken:
        return found
    if any(any(values.values()) for values in own.values()) and not equal(others, _figures(page)).broken:
        return Judged(("the page is out of date: it lacks this source's part alone",), found.figures)
    return found + Judged(unsure=("others changed their data since the page was made",))


def _figures(shown: Shown) -> Measures:
    return figures(shown, daily=True)


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


def _all_projects(report: str, month: Span) -> Question:
    params = month.asked | {"group_by[cluster]": "*", "group_by[project]": "*"}
    return Question.of(report_path(report), params)


def _projects(subject: Subject, report: str, month: Span) -> Check:
    """All projects of all clusters: those of this one are what its data say."""
    question = _all_projects(report, month)

    def judge(body: Any) -> Judged:
        shown = read_shown(report, ("cluster", "project"), body, str(question))
        return own_projects(subject, shown, month) + adds_up(shown)

    return Check(f"this cluster's projects among all of {report} are right", question, judge)


def own_projects(subject: Subject, shown: Shown, month: Span) -> Judged:
    """The projects of this cluster, each with its figures; of volumes no costs, which stand without a claim too."""
    names = ("usage", "request") if shown.report == "volumes" else additive(shown.report, "project", "cluster")
    wanted = {
        key[2]: {name: values.get(name, ZERO) for name in names}
        for key, values in subject.expected(month.first, month.last).items()
        if key[:2] == (shown.report, "project") and key[2]
    }
    rows = [row for row in shown.rows if row.groups[0] == subject.cluster_id]
    return equal(
        keyed(shown.report, "project", some(wanted)), keyed(shown.report, "project", some(by_group(rows, names, 1)))
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
