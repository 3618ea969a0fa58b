"""Questions for a part of the rows: the largest groups and Others, one value, all but one, two groups at once.

Each is one that a real Koku was asked (docs/contract/clouds.md 10, 19); their figures follow from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from e2e_validator.calendar_months import last_of_month
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import CATEGORY, COSTS, STORAGE, TAG, Choice, Question

_NONE = "No-"
# A part of any value: Koku matches parts of a tag's values.
_ANY = "a"
# Excluded, it leaves everything.
_NO_VALUE = "no such value"


def narrowed(expectation: Expectation, start: date, end: date, filters: tuple[Choice, ...]) -> Iterator[Question]:
    """The questions about costs of these days; those for which the data have no groups are left out."""
    services = _groups(expectation, start, end, filters, "service")
    accounts = _groups(expectation, start, end, filters, "account")
    for name, groups in (("service", services), ("account", accounts)):
        for limit in (1, 2):
            if len(groups) > limit:
                yield Question(COSTS, start, end, groups=(name,), filters=filters, limit=limit)
    for pair in (("account", "service"), ("service", "region")):
        yield Question(COSTS, start, end, groups=pair, filters=filters)
    for value in _whole(services)[:1]:
        yield Question(COSTS, start, end, filters=(*filters, ("service", (value,))))
        yield Question(COSTS, start, end, filters=filters, excludes=(("service", (value,)),))
    for key, values in expectation.tags().items():
        for value in _sendable(values)[-1:]:
            yield Question(COSTS, start, end, filters=(*filters, (TAG + key, (value,))))
    for key, values in expectation.categories().items():
        for value in _whole(values)[-1:]:
            yield Question(COSTS, start, end, filters=(*filters, (CATEGORY + key, (value,))))


def of_disabled(expectation: Expectation, start: date, end: date, filters: tuple[Choice, ...]) -> Iterator[Question]:
    """What a disabled key narrows: nothing has such a tag, and of a cost category nothing is answered at all."""
    for key in expectation.disabled_tags:
        yield Question(COSTS, start, end, filters=(*filters, (TAG + key, (_ANY,))))
    for key in expectation.disabled_categories:
        yield Question(COSTS, start, end, filters=(*filters, (CATEGORY + key, (_ANY,))))
        yield Question(COSTS, start, end, filters=filters, excludes=((CATEGORY + key, (_NO_VALUE,)),))
        yield Question(STORAGE, start, end, groups=(CATEGORY + key,), filters=filters)


def by_scope(start: date, end: date, today: date, filters: tuple[Choice, ...]) -> Iterator[Question]:
    """This month and the last one as a whole, as far as they have some of these days; asked for by their names."""
    for month in months_shown(start, end, today):
        last = min(last_of_month(month), today)
        yield Question(COSTS, month, last, filters=filters, by_scope=True)
        yield Question(COSTS, month, last, daily=True, filters=filters, by_scope=True)


def months_shown(start: date, end: date, today: date) -> Iterator[date]:
    """The first days of last month and this one, as far as they have some of these days."""
    this = today.replace(day=1)
    for month in ((this - timedelta(days=1)).replace(day=1), this):
        if (start.year, start.month) <= (month.year, month.month) <= (end.year, end.month):
            yield month


def _groups(expectation: Expectation, start: date, end: date, filters: tuple[Choice, ...], name: str) -> Sequence[str]:
    found = expectation.answer(Question(COSTS, start, end, groups=(name,), filters=filters))
    return sorted({key[1] for key in found if len(key) > 1})


def _sendable(values: Sequence[str]) -> list[str]:
    """A comma separates values, and ``*`` is all of them."""
    return [value for value in values if not {",", "*"} & set(value)]


def _whole(values: Sequence[str]) -> list[str]:
    """Values that are a part of no other: whether a filter takes a part was never seen of them."""
    return [
        value
        for value in _sendable(values)
        if not value.startswith(_NONE) and not any(value.lower() in other.lower() for other in values if other != value)
    ]
