"""The day that it is for Koku, which is not always the run's (docs/contract/koku.md 5.4, 8).

A run has one day from its beginning to its end, goes on with it when it is resumed, and takes all its dates from it.
A deployment's day turns at midnight; that of an embedded stack does not, it is the run's. So whatever Koku counts from
its own today is expected of the day that Koku says it has, and only a day that it can have is believed: the run's, or
what that has become by the midnights since the run began.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from e2e_validator import moments
from e2e_validator.engine.context import Clients, Context
from e2e_validator.scenario.dates import retained_from

# Clocks may differ by so much; more is told by preflight.
SKEW = timedelta(minutes=5)


def days_of_reports(clients: Clients) -> tuple[date, date] | None:
    """First and last day that the reports may be asked for; raises as ``KokuApi.report_days``."""
    return clients.koku.report_days(clients.names.a_report)


def days_it_may_be(today: date, began_on: date, now: datetime) -> frozenset[date]:
    """The days that it may be for a Koku whose day was ``today`` when it was ``began_on`` here."""
    passed = {(now + skew).date() - began_on for skew in (-SKEW, timedelta(0), SKEW)}
    return frozenset({today, *(today + days for days in passed)})


def may_be(context: Context) -> frozenset[date]:
    """The days that it may be for Koku now."""
    if context.began_on is None:
        return frozenset({context.today})
    return days_it_may_be(context.today, context.began_on, moments.utc_now())


def koku_today(context: Context) -> date:
    """The day that it is for Koku, which its refusal of 1970 tells; asked only where it may be more than one.

    A day that it cannot be is not believed: the run's stands for it.
    """
    if len(may_be(context)) == 1:
        return context.today
    allowed = context.waiter().wait_for_value("the days of the reports", lambda: days_of_reports(context.clients))
    return believed(context, allowed)


def believed(context: Context, allowed: tuple[date, date] | None) -> date:
    """The day that these days of the reports tell: they go up to tomorrow."""
    day = allowed[1] - timedelta(days=1) if allowed else context.today
    return day if day in may_be(context) else context.today


def forgotten(context: Context) -> str:
    """Why days of the scenario may be gone although they were young enough on the run's day; empty if none are.

    At the turn of a month Koku gives up the oldest one: neither its reports nor its summaries have it any more.
    """
    first = context.plan.first_day
    latest = max(may_be(context))
    if context.plan.negative or first < retained_from(context.today).date() or first >= retained_from(latest).date():
        return ""
    return (
        f"a month has ended since the run began on {context.today}: Koku may have no data before"
        f" {retained_from(latest):%Y-%m-%d} any more, and the scenario's begin on {first}"
    )
