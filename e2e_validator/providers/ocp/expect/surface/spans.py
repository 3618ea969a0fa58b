"""Spans of days in words ("the last 10 days", "last month"), and their pages (docs/contract/koku.md 5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, echoed, equal, same
from e2e_validator.providers.ocp.expect.surface.plain import buckets, dated
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, measures, read_shown
from e2e_validator.providers.ocp.expect.surface.subject import Subject, additive

DAYS, MONTHS = (-10, -30, -90), (-1, -2, -3)


@dataclass(frozen=True, slots=True)
class Span:
    """What ``time_scope_value`` and ``time_scope_units`` name: both days included."""

    value: int
    units: str
    first: date
    last: date

    @property
    def asked(self) -> dict[str, str]:
        """The filters that ask for it."""
        return {"filter[time_scope_value]": str(self.value), "filter[time_scope_units]": self.units}


def span_of(value: int, units: str, today: date) -> Span:
    """The last days up to today; this month up to today (-1), last month (-2), or the one before it (-3)."""
    if units == "day":
        return Span(value, units, today + timedelta(days=value + 1), today)
    first = today.replace(day=1)
    if value == -1:
        return Span(value, units, first, today)
    for _ in range(-1 - value):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    return Span(value, units, first, last)


def spans(subject: Subject) -> Iterator[Check]:
    """Each span in words shows what the same days show, by day or by month as asked or by default."""
    yield _pages(subject)
    fast = [("compute", -1, "month", None), ("compute", -2, "month", "monthly"), ("costs", -30, "day", None)]
    every = [
        (report, value, units, resolution)
        for report in ("costs", "compute", "memory", "volumes")
        for units, values in (("day", DAYS), ("month", MONTHS))
        for value in values
        for resolution in ((None,) if units == "day" else (None, "daily"))
    ]
    for report, value, units, resolution in every if subject.full else fast:
        span = span_of(value, units, subject.today)
        params = span.asked | ({"filter[resolution]": resolution} if resolution else {})
        daily = resolution == "daily" or (resolution is None and units == "day")
        yield _span(subject, subject.question_of(report, params), report, span, daily=daily)


def _span(subject: Subject, question: Question, report: str, span: Span, *, daily: bool) -> Check:
    def judge(body: Any) -> Judged:
        shown = read_shown(report, (), body, str(question))
        wanted = expected(subject, report, span.first, span.last, daily=daily)
        return dated(shown, buckets(span.first, span.last, daily=daily)) + equal(wanted, figures(shown, daily=daily))

    return Check(
        f"{report} of the {span.units}s {span.value} are those of {span.first} to {span.last}", question, judge
    )


def expected(subject: Subject, report: str, first: date, last: date, *, daily: bool) -> Measures:
    """What the data say of these days."""
    grouping = "daily" if daily else "total"
    names = additive(report, grouping)
    return {
        key: {name: values[name] for name in names if name in values}
        for key, values in subject.expected(first, last).items()
        if key[:2] == (report, grouping)
    }


def figures(shown: Shown, *, daily: bool) -> Measures:
    """The figures of an answer without groups that parts add up to."""
    grouping = "daily" if daily else "total"
    return measures(shown, additive(shown.report, grouping), grouping)


def _pages(subject: Subject) -> Check:
    """The last ten days on two pages, the second of them asked for by the link of the first."""
    span = span_of(-10, "day", subject.today)
    limit, report = 7, "compute"
    question = subject.question_of(report, span.asked | {"limit": str(limit)})
    dates = buckets(span.first, span.last, daily=True)
    wanted = expected(subject, report, span.first, span.last, daily=True)

    def first(body: Any) -> Judged:
        shown = read_shown(report, (), body, str(question))
        found = page(shown, dates, limit, 0) + equal(_on(wanted, dates[:limit]), figures(shown, daily=True))
        links = {name: Question.of_link(str(shown.links.get(name)), question.path) for name in ("next", "last")}
        more = [Check(f"the {name} page of {report}", link, second) for name, link in links.items() if link is not None]
        missing = [f"links.{name} leads to {shown.links.get(name)!r}" for name, link in links.items() if link is None]
        return found + Judged(tuple(missing), 2, tuple(more))

    def second(body: Any) -> Judged:
        shown = read_shown(report, (), body, f"{question}, further on")
        offset = int(shown.meta.get("offset") or 0)
        begins = {limit, len(dates) - limit}
        found = Judged() if offset in begins else same("meta.offset of the page that a link leads to", limit, offset)
        rest = dates[offset : offset + limit]
        return found + page(shown, dates, limit, offset) + equal(_on(wanted, rest), figures(shown, daily=True))

    return Check("the last ten days on two pages", question, first)


def _on(measures_of: Measures, dates: tuple[str, ...]) -> Measures:
    return {key: values for key, values in measures_of.items() if not key[3] or key[3] in dates}


def page(shown: Shown, dates: tuple[str, ...], limit: int, offset: int) -> Judged:
    """One page: its dates, what ``meta`` counts, and where its links lead."""
    count = len(dates)
    found = same("the dates of the page", dates[offset : offset + limit], shown.dates)
    for name, number in (("count", count), ("limit", limit), ("offset", offset)):
        found += echoed(shown.meta, name, number)
    after = offset + limit if offset + limit < count else None
    before = None if not offset else max(offset - limit, 0)
    for name, value in (("first", 0), ("next", after), ("previous", before), ("last", max(count - limit, 0))):
        found += same(f"the offset of links.{name}", value, _offset(shown.links, name))
    return found


def _offset(links: Mapping[str, Any], name: str) -> object:
    link = links.get(name)
    if link is None:
        return None
    text = parse_qs(urlsplit(str(link)).query).get("offset", ["0"])[0]
    return int(text) if text.isdigit() else text
