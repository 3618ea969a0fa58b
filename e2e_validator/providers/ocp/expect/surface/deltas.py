"""``delta``: what is more than in the span before it (docs/contract/koku.md 5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from e2e_validator.providers.ocp.expect.surface.check import Check, Judged, equal
from e2e_validator.providers.ocp.expect.surface.question import Question
from e2e_validator.providers.ocp.expect.surface.shown import Shown, read_shown
from e2e_validator.providers.ocp.expect.surface.spans import Span, span_of
from e2e_validator.providers.ocp.expect.surface.subject import ZERO, Subject, keyed

# Report -> what may be asked for, and the figure that it is about.
_ABOUT = {
    "costs": ("cost", "cost.total"),
    "compute": ("usage", "usage"),
    "memory": ("usage", "usage"),
    "volumes": ("usage", "usage"),
}


def deltas(subject: Subject) -> Iterator[Check]:
    """This month, and where everything is asked last month, beside the month before it."""
    for report in _ABOUT if subject.full else ("compute",):
        for value in (-1, -2) if subject.full else (-2 if subject.last < subject.today.replace(day=1) else -1,):
            span = span_of(value, "month", subject.today)
            name, figure = _ABOUT[report]
            params = span.asked | {"group_by[project]": "*", "delta": name}
            yield _delta(subject, subject.question_of(report, params), report, figure, span)


def _delta(subject: Subject, question: Question, report: str, figure: str, span: Span) -> Check:
    def judge(body: Any) -> Judged:
        shown = read_shown(report, ("project",), body, str(question))
        now = _sums(subject, report, figure, span.first, span.last)
        before = _sums(subject, report, figure, month_before(span.first), month_before(span.last))
        return delta_of(shown, body, now, before, figure)

    return Check(f"delta of {report} against the month before {span.first:%Y-%m}", question, judge)


def delta_of(shown: Shown, body: Any, now: dict[str, Decimal], before: dict[str, Decimal], figure: str) -> Judged:
    """``meta.delta`` and each row's ``delta_value`` and ``delta_percent``: now less before."""
    whole = body["meta"].get("delta") or {}
    told = {"all": _pair(whole.get("value"), whole.get("percent"))}
    told |= {row.group: _pair(row.said.get("delta_value"), row.said.get("delta_percent")) for row in shown.rows}
    wanted = {"all": _wanted(now.get("", ZERO), before.get("", ZERO))}
    wanted |= {row.group: _wanted(now.get(row.group, ZERO), before.get(row.group, ZERO)) for row in shown.rows}
    return equal(keyed(shown.report, f"delta of {figure}", wanted), keyed(shown.report, f"delta of {figure}", told))


def _wanted(now: Decimal, before: Decimal) -> dict[str, Decimal]:
    percent = (now - before) / before * 100 if round(before, 2) else None
    return _pair(now - before, percent)


def _pair(value: Any, percent: Any) -> dict[str, Decimal]:
    pairs = {"value": value, "percent": percent}
    return {name: Decimal(str(number)) for name, number in pairs.items() if isinstance(number, Decimal | int | float)}


def _sums(subject: Subject, report: str, figure: str, first: date, last: date) -> dict[str, Decimal]:
    """By project, and '' for the total: the figure over these days."""
    return {
        key[2]: values.get(figure, ZERO)
        for key, values in subject.expected(first, last).items()
        if key[:2] == (report, "project")
    }


def month_before(day: date) -> date:
    """The same day of the month before, or its last one."""
    end = day.replace(day=1) - timedelta(days=1)
    return end.replace(day=min(day.day, end.day))
