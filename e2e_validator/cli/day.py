"""The option ``--today``: a day as it is typed, and the day that it stands for."""

from __future__ import annotations

from datetime import date, datetime

import click

from e2e_validator import moments
from e2e_validator.errors import UsageError

DAY = click.DateTime(formats=["%Y-%m-%d"])


def day_of(given: datetime | None) -> date:
    """The day of the run (UTC): the given one, or today.

    Raises:
        UsageError: no data could be of that day.
    """
    from e2e_validator.scenario import dates

    day = given.date() if given else moments.utc_now().date()
    if not dates.FIRST_YEAR < day.year < dates.LAST_YEAR:
        raise UsageError(f"--today {day}: write a day of the years {dates.FIRST_YEAR + 1} to {dates.LAST_YEAR - 1}.")
    return day
