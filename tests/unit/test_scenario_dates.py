"""Relative dates name the same hours on every day of every year, and months are cut where they end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e_validator import calendar_months
from e2e_validator.scenario import dates, durations

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2028, 2, 29), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 31)]
)
HOURS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2032, 1, 1)).map(  # noqa: DTZ001 - zone follows
    lambda when: when.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("text", "today", "when"),
    [
        ("today", date(2026, 11, 21), "2026-11-21T00"),
        ("today-1d", date(2027, 1, 1), "2026-12-31T00"),
        ("today-1d-6h", date(2026, 3, 1), "2026-02-27T18"),
        ("today-1m", date(2026, 3, 31), "2026-02-28T00"),
        ("today-12m", date(2028, 2, 29), "2027-02-28T00"),
        ("month", date(2026, 11, 21), "2026-11-01T00"),
        ("month-1m", date(2027, 1, 15), "2026-12-01T00"),
        ("month-1m+4d", date(2028, 3, 31), "2028-02-05T00"),
        ("month-1m+4d+12h", date(2026, 11, 21), "2026-10-05T12"),
        ("month+3h", date(2026, 11, 21), "2026-11-01T03"),
        ("2026-11-05", date(2030, 1, 1), "2026-11-05T00"),
        ("2026-11-05T12:00", date(2030, 1, 1), "2026-11-05T12"),
    ],
)
def test_a_date_names_an_hour(text: str, today: date, when: str) -> None:
    assert dates.resolve(text, today).isoformat() == f"{when}:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    ["", "now", "Today", "today-1", "today-1d-1m", "today--1d", "month-100000m", "2026-11", "2026-11-5", "2026-02-29",
     "2026-11-05T24:00", "2026-11-05T12", "2026-11-05T12:30", "2026-11-05T12:00Z", "2026-11-05 12:00",
     "202\u0666-11-05"],
)  # fmt: skip
def test_what_is_no_whole_hour_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(dates.DateError):
        dates.resolve(text, date(2026, 11, 21))


@given(today=DAYS, months=st.integers(-30, 30), days=st.integers(-60, 60), hours=st.integers(-50, 50))
def test_every_step_counts_from_the_month_it_starts_in(today: date, months: int, days: int, hours: int) -> None:
    when = dates.resolve(f"month{months:+}m{days:+}d{hours:+}h", today)
    first = when - timedelta(days=days, hours=hours)
    assert (first.day, first.hour, first.tzinfo) == (1, 0, UTC)
    assert (first.year * 12 + first.month) - (today.year * 12 + today.month) == months


@given(start=HOURS, length=st.integers(1, 24 * 100))
def test_the_months_of_a_period_join_without_gap_or_overlap(start: datetime, length: int) -> None:
    end = start + timedelta(hours=length)
    parts = calendar_months.months(start, end)
    assert parts[0][1] == start
    assert parts[-1][2] == end
    assert all(earlier[2] == later[1] for earlier, later in pairwise(parts))
    for month, first, stop in parts:
        assert first < stop
        assert f"{first:%Y-%m}" == f"{stop - timedelta(hours=1):%Y-%m}" == month


@given(today=DAYS)
def test_the_retained_months_are_this_one_and_the_two_before(today: date) -> None:
    kept = dates.retained_from(today)
    parts = calendar_months.months(kept, dates.midnight(today) + timedelta(hours=1))
    assert len(parts) == 3
    assert parts[-1][0] == f"{today:%Y-%m}"


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("20m", 1200), ("1h30m", 5400), ("1h0m5s", 3605)])
def test_a_duration_is_seconds(text: str, seconds: int) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("value", ["", "5", "5x", "30m1h", "-5s", "1.5h", "0s", " 5s", "5s\n", 5, None, "\u0665s"])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a duration|is no time at all"):
        durations.seconds(value)
