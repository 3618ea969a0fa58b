"""What the API lists of a source beside its figures: values of tags, and the names to choose from in its reports.

See docs/contract/clouds.md 10, 11. Lists are of the whole organisation, and keep what an earlier assembly had: what the
data have must be in them. Of a run with one account and one assembly its tags are asked for alone: then there is
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.question import CATEGORY, TAG
from e2e_validator.providers.aws.expect.reports import group_of
from e2e_validator.providers.aws.narrowed import months_shown
from e2e_validator.providers.aws.own import accounts_of, own_expectation
from e2e_validator.providers.aws.questions import days

LIMIT = 10_000
# Of more values than this a key's list says only how many there are.
_MAX_VALUES = 50
TAGS, CATEGORIES = "tags/aws/", "resource-types/aws-categories/"
# List -> the group that its names are of.
_NAMES = {
    "resource-types/aws-accounts/": "account",
    "resource-types/aws-regions/": "region",
    "resource-types/aws-services/": "service",
}
_INSTANCES = "resource-types/aws-ec2-compute-instances/"
_THERE = Decimal(1)
Listed = dict[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: how the ledger calls it, where and how it is asked for, and the (key, value) that must be in it."""

    name: str
    path: str
    parameters: Mapping[str, Any]
    values: frozenset[tuple[str, str]]
    whole: bool = False
    """Nothing else may be in it."""
    gone: tuple[str, ...] = ()
    """Keys that may not be in it with any value: a summary forgets disabled keys, of every source."""


def listings(context: Context) -> Iterator[Listing]:
    """The lists that are asked for."""
    expectation = own_expectation(context)
    if not expectation.payloads:
        return
    start, end = days(context)
    rows, instances = expectation.payloads[-1].rows, expectation.payloads[-1].instances
    accounts, keys = accounts_of(context), expectation.tags()
    short = [key for key, values in keys.items() if len(values) <= _MAX_VALUES]
    alone = len(accounts) == 1 and len(expectation.payloads) == 1 and len(short) == len(keys)
    for month in months_shown(start, end, context.today):
        of_month = [row for row in rows if row.day[:7] == f"{month:%Y-%m}"]
        found = frozenset((key, value) for key in short for row in of_month if (value := _value(row, TAG + key)))
        scope = {"filter[time_scope_units]": "month", "filter[resolution]": "monthly"}
        scope["filter[time_scope_value]"] = "-1" if month == context.today.replace(day=1) else "-2"
        own = {"filter[account]": accounts[0]} if alone else {}
        gone = expectation.disabled_tags
        yield Listing(f"{TAGS} {month:%Y-%m}", TAGS, scope | own, found, whole=alone, gone=gone)
    of_all = frozenset((key, value) for key in expectation.categories() for row in rows
                       if (value := _value(row, CATEGORY + key)))  # fmt: skip
    yield Listing(CATEGORIES, CATEGORIES, {}, of_all, gone=expectation.disabled_categories)
    for path, group in _NAMES.items():
        yield Listing(path, path, {}, frozenset(("", value) for row in rows if (value := _value(row, group))))
    yield Listing(_INSTANCES, _INSTANCES, {}, frozenset(("", one.resource) for one in instances))


def expected_lists(context: Context) -> Measures:
    """What must be listed, keyed as the reports' figures are."""
    return _measures((one, dict.fromkeys(one.values, _THERE)) for one in listings(context))


def answered_lists(context: Context) -> Measures:
    """What is listed of it, and of what may not be; of a list that is this run's alone, what else is there too."""

    def ask(one: Listing) -> tuple[Listing, Listed]:
        body = context.clients.koku.ask(one.path, {**one.parameters, "limit": LIMIT}).mapping()
        found: Listed = {}
        for key, value in _pairs(body["data"]):
            if one.whole or key in one.gone or (key, value) in one.values:
                found[key, value] = found.get((key, value), Decimal(0)) + 1
        return one, found

    return _measures(side_by_side(ask, list(listings(context))))


def _measures(lists: Iterable[tuple[Listing, Listed]]) -> Measures:
    return {
        ("lists", one.name, key, value, ""): {"listed": count}
        for one, values in lists
        for (key, value), count in values.items()
    }


def _pairs(data: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The (key, value) of a list: of tags and cost categories each value of each key, of names the value alone."""
    for entry in data:
        if "values" in entry:
            yield from ((str(entry["key"]), str(value)) for value in entry["values"])
        else:
            yield "", str(entry["value"])


def _value(row: Any, name: str) -> str:
    found = group_of(row, name)
    return "" if found == f"No-{name.partition(':')[2] or name}" else found
