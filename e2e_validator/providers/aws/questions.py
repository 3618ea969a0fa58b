"""What the API is asked of a source's days: every report by every grouping, for all four cost types.

See docs/contract/clouds.md 10. There is no filter by source; accounts that no other source has tell ours apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from e2e_validator.engine.context import Context
from e2e_validator.engine.side_by_side import side_by_side
from e2e_validator.errors import NumbersDiffer
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.answers import WrongShapeError, read_answer
from e2e_validator.providers.aws.expect.question import (
    CATEGORY,
    COMPUTE,
    COSTS,
    GROUPINGS,
    INSTANCES,
    STORAGE,
    TAG,
    Question,
)
from e2e_validator.providers.aws.expect.reports import TOTAL
from e2e_validator.providers.aws.expect.summary import COSTS as COST_TYPES
from e2e_validator.providers.aws.narrowed import by_scope, months_shown, narrowed, of_disabled
from e2e_validator.providers.aws.own import accounts_of, own_expectation

# More than there are days and groups: the answer is never one page of several.
LIMIT = 10_000
# What a report is asked to group by; costs know no instance types (docs/contract/clouds.md 19).
_GROUPINGS = {
    INSTANCES: ("account", "region", "service", "product_family", "az", "instance_type"),
    STORAGE: ("account",),
}


class WrongShape(NumbersDiffer):
    """What the API answers is no answer of this report."""


def days(context: Context) -> tuple[date, date]:
    """The days that have figures; those of the data where none has."""
    found = own_expectation(context).days()
    return (found[0], found[-1]) if found else (context.plan.first_day, min(context.plan.last_day, context.today))


def questions(context: Context) -> Iterator[Question]:
    """Every question."""
    expectation, (start, end) = own_expectation(context), days(context)
    accounts = accounts_of(context)
    filters = (("account", accounts),) if accounts else ()
    tags, categories = (*expectation.tags(), *expectation.disabled_tags), expectation.categories()
    named = [*(TAG + key for key in tags), *(CATEGORY + key for key in (*categories, *expectation.disabled_categories))]
    of_costs = (name for name in GROUPINGS if name != "instance_type")
    groups = {COSTS: (*of_costs, *named), **_GROUPINGS}
    for cost_type in COST_TYPES:
        for report, by in groups.items():
            yield Question(report, start, end, cost_type=cost_type, filters=filters)
            yield Question(report, start, end, True, cost_type, filters=filters)
            for name in by:
                yield Question(report, start, end, cost_type=cost_type, groups=(name,), filters=filters)
        for month in months_shown(start, end, context.today):
            yield Question(COMPUTE, month, month, cost_type=cost_type, filters=filters)
    yield from narrowed(expectation, start, end, filters)
    yield from of_disabled(expectation, start, end, filters)
    yield from by_scope(start, end, context.today, filters)


def label(question: Question, accounts: Sequence[str] = ()) -> tuple[str, str, str]:
    """How the ledger calls a question: report, cost type, and the grouping with what narrows it.

    A report that is asked by months is called by the month. ``accounts`` are the filter that every question has.
    """
    month = question.start.isoformat()[:7]
    whole = month if question.report == COMPUTE else "total"
    parts = [", ".join(question.groups) or ("daily" if question.daily else whole)]
    if question.by_scope:
        parts.append(f"of the month {month}")
    for words, choices in (("of", question.filters), ("without", question.excludes)):
        parts += [f"{words} {name} {', '.join(values)}" for name, values in choices if values != tuple(accounts)]
    if question.limit is not None:
        parts.append(f"limit {question.limit}")
    return question.report, question.cost_type, " ".join(parts)


def expected(context: Context) -> Measures:
    """What must be answered to all of them, keyed by report, cost type, grouping, group and date."""
    expectation = own_expectation(context)
    found: Measures = {}
    for question in questions(context):
        found |= _keyed(question, expectation.answer(question), accounts_of(context))
    return found


def answered(context: Context) -> Measures:
    """What is answered, keyed alike.

    Raises:
        WrongShape: an answer is none of a report.
    """

    def ask(question: Question) -> Measures:
        asked = parameters(question, context.today)
        body = context.clients.koku.ask(question.path, asked).mapping()
        try:
            return _keyed(question, read_answer(question, body), accounts_of(context))
        except WrongShapeError as error:
            raise WrongShape(f"{question.path}: {error}", detail=f"asked       {asked}") from error

    found: Measures = {}
    for one in side_by_side(ask, list(questions(context))):
        found |= one
    return found


def parameters(question: Question, today: date) -> Mapping[str, Any]:
    """The parameters of the request, on one page; without ``filter[limit]`` all groups are shown.

    The report of instances takes no days: it is asked for this month or the last (docs/contract/clouds.md 19).
    """
    found: dict[str, Any] = {**question.params(), "limit": LIMIT}
    if question.report == COMPUTE or question.by_scope:
        del found["start_date"], found["end_date"]
        back = -1 if question.start >= today.replace(day=1) else -2
        found |= {"filter[time_scope_units]": "month", "filter[time_scope_value]": back}
    return found


def _keyed(question: Question, answer: Measures, accounts: Sequence[str]) -> Measures:
    return {(*label(question, accounts), *_place(key)): values for key, values in answer.items()}


def _place(key: tuple[str, ...]) -> tuple[str, str]:
    if key == TOTAL:
        return "", ""
    day, *groups = key
    return " / ".join(groups), day
