"""Which days Koku summarises after a payload: by the manifest's dates and by its first file.

See docs/contract/koku.md 3.8.

A payload over a month's end is summarised in both months only if the first file that is taken in has days of both.
Files that are kept whole are loaded under the month of the manifest's date, and days of another month are never found
there.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.payload import PayloadData


def summarises(payload: PayloadData, day: str) -> bool:
    """Whether ``day`` is in a range that is summarised after ``payload``, and its rows are found there."""
    return _found(payload, day) and any(first <= day <= last for first, last in ranges(payload))


def summarised(payloads: Sequence[PayloadData], rows: Counted) -> set[str]:
    """The days of ``rows`` that are summarised after the last of ``payloads``.

    A range begins with its first day that has pods, if any has: days with claims alone before it are left out.
    """
    days: set[str] = set()
    for first, last in ranges(payloads[-1]):
        inside = [
            (kind, day)
            for (kind, day), positions in rows.items()
            if first <= day <= last and any(_found(payloads[position], day) for position in positions)
        ]
        begin = min((day for kind, day in inside if kind == "pod_usage"), default=first)
        days |= {day for _, day in inside if day >= begin}
    return days


def visible(payloads: Sequence[PayloadData], rows: Counted, days: Iterable[str]) -> Counted:
    """The rows of ``days`` that a summary finds."""
    wanted = set(days)
    found = {
        key: tuple(position for position in positions if _found(payloads[position], key[1]))
        for key, positions in rows.items()
        if key[1] in wanted
    }
    return {key: positions for key, positions in found.items() if positions}


def ranges(payload: PayloadData) -> list[tuple[str, str]]:
    """First and last day of each range, one for each month; none without the manifest's dates or a file."""
    start, end = payload.start, payload.last_moment or payload.end
    if payload.start is None and payload.end is None:
        return []
    if payload.files and not payload.days_of_files:
        return []
    if start is None or end is None:
        return [("0001-01-01", "9999-12-31")]
    days = _first_file(payload)
    if days and days[0][5:7] != days[-1][5:7]:
        low, high = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
        return [(days[0], _last_of_month(low).isoformat()), (high.replace(day=1).isoformat(), days[-1])]
    return [(low.isoformat(), high.isoformat()) for low, high in _by_month(start.date(), end.date())]


def _first_file(payload: PayloadData) -> tuple[str, ...]:
    """The days of the first file that is taken in; those of a whole or empty one are the manifest's date."""
    if not payload.days_of_files:
        return ()
    days = payload.days_of_files[min(payload.days_of_files)]
    if (payload.additive or not days) and payload.date is not None:
        return (payload.date.date().isoformat(),)
    return days


def _found(payload: PayloadData, day: str) -> bool:
    return not (payload.additive and payload.filed_under) or day[:7] == payload.filed_under


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _by_month(start: date, end: date) -> Iterable[tuple[date, date]]:
    while start <= end:
        last = min(_last_of_month(start), end)
        yield start, last
        if last == end:
            return
        start = last + timedelta(days=1)
