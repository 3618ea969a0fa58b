"""What masu tells of Koku itself: its cache, its clock, how long it keeps data (docs/contract/koku.md 5.1, 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import sql

from e2e_validator import moments
from e2e_validator.access.clocks import database_offset, http_offset
from e2e_validator.access.http import Refused
from e2e_validator.checks.check import Check, Issue, error, unseen, warning
from e2e_validator.checks.look import Look
from e2e_validator.engine.koku_day import SKEW, believed, days_of_reports, may_be

_NOTABLE_SECONDS, _BAD_SECONDS = 10.0, SKEW.total_seconds()
_SERVER_ERROR = 500
# What Koku does without the variable (docs/contract/koku.md 8).
_KEPT_MONTHS = 4


def _redis(look: Look) -> Iterator[Issue]:
    try:
        look.clients.masu.status()
    except Refused as refusal:
        if refusal.status != _SERVER_ERROR:
            raise
        host = look.variable("masu", "REDIS_HOST")
        yield error(
            f"Redis{f' at {host}' if host else ''} cannot be reached: masu answers 500 to status/",
            "mend it or its address and password; without it no source can be made and nothing is summarised",
        )


def _clocks(look: Look) -> Iterator[Issue]:
    """Koku's clock, the database's and that of the server that answers for the API, against this machine's."""
    target = look.context.target
    offsets = {
        "the API": http_offset("the Koku API", f"{target.koku_url}status/", target.verify),
        "PostgreSQL": database_offset(look.clients.database),
    }
    told, here = _moment(_masu_status(look).get("current_datetime")), moments.utc_now()
    today, began = look.context.today, look.context.began_on or here.date()
    if told is not None and today == began:
        # The day of an embedded stack is the run's for good, that of a deployment goes on.
        offsets["Koku"] = min((told - here, told - here + (here.date() - began)), key=abs).total_seconds()
    for whose, seconds in offsets.items():
        if seconds is not None and abs(seconds) > _NOTABLE_SECONDS:
            kind = error if abs(seconds) > _BAD_SECONDS else warning
            yield kind(
                f"the clock of {whose} is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} ours",
                "set the clocks (NTP): days and tokens are judged by them",
            )
    if told is not None and today != began and told.date() not in may_be(look.context):
        yield error(
            f"it is {told:%Y-%m-%d} for Koku (masu status/) and {today} for this run",
            "give --today the day that Koku has",
        )


def _api_day(look: Look) -> Iterator[Issue]:
    """The API's own day: it allows days up to tomorrow, and says so when asked for 1970."""
    try:
        allowed = days_of_reports(look.clients)
    except Refused as refusal:
        yield unseen(f"Koku's API does not tell which day it has: {refusal}")
        return
    if allowed is None:
        yield unseen("Koku's API answers for 1970, so it does not tell which day it has")
        return
    day = allowed[1] - timedelta(days=1)
    if day not in may_be(look.context):
        yield error(
            f"it is {day} for Koku's API and {look.context.today} for this run",
            "set the clocks (NTP), or give --today the day that Koku has",
        )


def _retention(look: Look) -> Iterator[Issue]:
    """Whether Koku keeps the scenario's days; one that is to be turned away may be older."""
    plan, months = look.context.plan, _months_kept(look)
    if plan.negative:
        return
    # Data that end before the last day of the month so far back are turned away.
    today = _day_of_koku(look)
    number = today.year * 12 + today.month - months
    kept = date(number // 12, number % 12 + 1, 1) - timedelta(days=1)
    for payload in plan.payloads:
        last = (payload.end - timedelta(seconds=1)).date()
        if last < kept:
            yield error(
                f"scenario {plan.name} has data that end on {last}, and Koku takes none that end before {kept}"
                f" (it keeps {months} months)",
                "raise RETAIN_NUM_MONTHS in the chart's values, or give the scenario younger days",
            )
            return


def _day_of_koku(look: Look) -> date:
    """The day that Koku's API tells, where it may be more than one; one that it cannot be is told by its own check."""
    if len(may_be(look.context)) == 1:
        return look.context.today
    try:
        return believed(look.context, days_of_reports(look.clients))
    except Refused:
        return look.context.today


def _months_kept(look: Look) -> int:
    """What the organisation's settings say, else what masu says, else what its variable does."""
    database = look.clients.database
    if database.value(sql.SQL("SELECT to_regclass(%s) IS NOT NULL"), [f"{database.schema}.tenant_settings"]):
        statement = sql.SQL("SELECT max(data_retention_months) FROM {}").format(database.table("tenant_settings"))
        if months := database.value(statement):
            return int(months)
    told = (_masu_status(look).get("config") or {}).get("masu_retain_num_months")
    return int(told or look.variable("masu", "RETAIN_NUM_MONTHS") or _KEPT_MONTHS)


def _masu_status(look: Look) -> dict[str, Any]:
    """``status/``, empty where it cannot be had: that is told by another check."""
    try:
        return dict(look.clients.masu.status())
    except Refused:
        return {}


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


CHECKS = (
    Check("Redis", "masu reaches it", _redis),
    Check("clocks", "Koku, its database and we have the same time", _clocks),
    Check("day of the API", "Koku's API has the day of this run", _api_day),
    Check("retention", "Koku keeps the days of the scenario", _retention, of_scenario=True),
)
