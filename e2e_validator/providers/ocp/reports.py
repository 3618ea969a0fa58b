"""What is asked of the reports, and their answers in the shape of the expectation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.engine.koku_day import days_of_reports
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import Inconclusive, PhaseFailed
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.answers import figures_of, read_whole
from e2e_validator.providers.ocp.expect.fields import REPORTS, groupings
from e2e_validator.providers.ocp.expect.surface.question import report_path
from e2e_validator.providers.ocp.expect.surface.shown import Shown
from e2e_validator.providers.ocp.expect.surface.subject import LIMIT

__all__ = ["LIMIT", "answers", "days", "figures", "look_before", "shown"]


def look_before(context: Context) -> None:
    """Ask what will be asked at the end, as a user does who waits for the data: Koku caches the answers.

    Raises:
        PhaseFailed: the reports show something of this cluster already.
    """
    span = days(context)
    shown = context.waiter().wait_for_value("the reports before the ingest", lambda: answers(context, span=span))
    there = [(key, name, value) for key, values in shown.items() for name, value in values.items() if value]
    if there:
        key, name, value = there[0]
        where = " / ".join(filter(None, key))
        raise PhaseFailed(f"the reports show {name} {value} of this cluster before anything was sent ({where})")


def answers(context: Context, limit: int = LIMIT, span: tuple[date, date] | None = None) -> Measures:
    """Every figure of every report and grouping; another ``limit`` is the same question in other words."""
    return figures(shown(context, limit, span))


def figures(answered: Mapping[tuple[str, str], Shown]) -> Measures:
    """The figures of these answers."""
    found: Measures = {}
    for (_, grouping), answer in answered.items():
        found |= figures_of(grouping, answer)
    return found


def shown(context: Context, limit: int = LIMIT, span: tuple[date, date] | None = None) -> dict[tuple[str, str], Shown]:
    """Every report by every grouping, read strictly; raises WrongShape for an answer that is none."""
    span = span or days(context)
    koku = context.clients.koku
    plain = [(report, grouping) for report in REPORTS for grouping in groupings(context.loaded.enable_tags)]

    def ask(asked: tuple[str, str]) -> Mapping[str, Any]:
        report, grouping = asked
        return koku.ask(report_path(report), parameters(context, grouping, span, limit)).mapping()

    answered = side_by_side(ask, plain)
    return {asked: read_whole(*asked, body) for asked, body in zip(plain, answered, strict=True)}


def days(context: Context) -> tuple[date, date]:
    """The days to ask for: those of the data; for a rejected payload all that the API gives.

    See docs/contract/koku.md 5.4.

    Data outside the retention period lie before the first day that may be asked for. Which one that is depends on the
    months that Koku keeps, for all or for the organisation, so Koku is asked.

    Raises:
        Inconclusive: Koku does not say.
    """
    if not context.plan.negative:
        return context.plan.first_day, context.plan.last_day
    allowed = context.waiter().wait_for_value("the days of the reports", lambda: days_of_reports(context.clients))
    if allowed is None:
        raise Inconclusive("Koku's API answers for 1970, so it does not tell which days its reports have.")
    return allowed[0], min(allowed[1], context.today)


def parameters(context: Context, grouping: str, span: tuple[date, date], limit: int) -> dict[str, Any]:
    """Explicit dates and this run's own cluster: a query string that no cache has seen before.

    See docs/contract/koku.md 5.6.
    """
    first, last = span
    parameters: dict[str, Any] = {
        "filter[cluster]": context.source_key,
        "filter[resolution]": "daily" if grouping == "daily" else "monthly",
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "limit": limit,
    }
    if grouping not in {"total", "daily"}:
        parameters[f"group_by[{grouping}]"] = "*"
        parameters["filter[limit]"] = limit
    return parameters
