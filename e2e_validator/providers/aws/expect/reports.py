"""What the reports must answer, from the rows of the daily summary and of EC2 compute (docs/contract/clouds.md 10)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from e2e_validator.errors import Inconclusive
from e2e_validator.expect.measures import Key, Measures, exactly
from e2e_validator.providers.aws.expect.ec2 import Instance
from e2e_validator.providers.aws.expect.question import (
    CATEGORY,
    COMPUTE,
    INSTANCES,
    STORAGE,
    TAG,
    UNBLENDED_COST,
    USAGE_UNITS,
    Choice,
    Question,
)
from e2e_validator.providers.aws.expect.summary import MARKUPS, SummaryRow
from e2e_validator.providers.aws.expect.ui_tables import STORAGE_UNIT, UI_TABLES, is_compute, is_storage, ui_rows

TOTAL: Key = ("total",)
OTHERS, OTHER = "Others", "Other"
_ATTRIBUTES = {
    "account": "account",
    "service": "product_code",
    "region": "region",
    "az": "az",
    "product_family": "product_family",
    "instance_type": "instance_type",
}
_MARKUP = MARKUPS[UNBLENDED_COST][0]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that a report sums: its day, the groups it is in, its costs and usage, and their units."""

    day: str
    groups: tuple[str, ...]
    raw: Decimal
    markup: Decimal
    usage: Decimal
    currency: str
    unit: str


@exactly
def answer(question: Question, rows: Iterable[SummaryRow], instances: Iterable[Instance]) -> Measures:
    """The figures of an answer: by (date, its groups), and the total of all by ``TOTAL``.

    A field is named with its unit: ``cost.raw USD``, ``usage Hrs``. Dates and groups without rows have no key.

    Raises:
        Inconclusive: it was never seen what Koku shows of such data.
    """
    every = _ec2_rows(question, instances) if question.report == COMPUTE else _summary_rows(question, rows)
    if len({row.currency for row in every}) > 1 or any(row.currency != "USD" for row in every):
        raise Inconclusive("The rows are not all in USD: what the reports make of other currencies was never seen.")
    if question.limit is not None:
        every = _limited(every, question.limit)
    found: Measures = {TOTAL: _figures(question, every)}
    dates: dict[Key, list[_Row]] = defaultdict(list)
    for row in every:
        dates[(row.day if question.daily else row.day[:7], *row.groups)].append(row)
    return found | {key: _figures(question, members) for key, members in dates.items()}


def nothing(question: Question) -> Measures:
    """The answer to a question that names a disabled cost category: totals of 0, whatever there is (11).

    The total of a usage has no unit then, so it is no figure.
    """
    found = _figures(question, ())
    return {TOTAL: {name: value for name, value in found.items() if not name.startswith("usage ")}}


def _figures(question: Question, rows: Sequence[_Row]) -> dict[str, Decimal]:
    raw, markup = sum((row.raw for row in rows), _ZERO), sum((row.markup for row in rows), _ZERO)
    money = {"raw": raw, "markup": markup, "usage": _ZERO, "total": raw + markup}
    found = {f"{part}.{name} USD": value for part in ("cost", "infrastructure") for name, value in money.items()}
    found |= {f"supplementary.{name} USD": _ZERO for name in money}
    if question.report in USAGE_UNITS:
        unit = max((row.unit for row in rows), default="") or USAGE_UNITS[question.report]
        found[f"usage {unit}"] = sum((row.usage for row in rows), _ZERO)
    return found


def _limited(rows: Sequence[_Row], limit: int) -> list[_Row]:
    """The largest ``limit`` groups by cost, of equal ones the first by name; the rest is one."""
    sizes: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        sizes[row.groups] += row.raw + row.markup
    ordered = sorted(sizes, key=lambda group: (-sizes[group], group))
    kept = set(ordered[:limit])
    name = OTHERS if len(ordered) > limit + 1 else OTHER
    others = tuple(name for _ in ordered[0]) if ordered else ()
    return [
        row if row.groups in kept else _Row(row.day, others, row.raw, row.markup, row.usage, row.currency, row.unit)
        for row in rows
    ]


def _summary_rows(question: Question, rows: Iterable[SummaryRow]) -> list[_Row]:
    within = (question.start.isoformat(), question.end.isoformat())
    chosen = [row for row in rows if within[0] <= row.day <= within[1] and _asked(question, row)]
    if question.report == INSTANCES:
        chosen = [row for row in chosen if is_compute(row)]
    if question.report == STORAGE:
        return _storage_rows(question, chosen)
    cost, markup = question.cost_type, MARKUPS[question.cost_type][0]
    return [
        _Row(
            row.day, _groups(question, row), row.values[cost], row.values[markup], row.values["usage_amount"],
            row.currency, row.unit,
        )
        for row in chosen
    ]  # fmt: skip


def _storage_rows(question: Question, rows: Iterable[SummaryRow]) -> list[_Row]:
    """Rows of storage; a cost of 0 is replaced by the unblended one, in each row of the table that is read."""
    names = {*question.groups, *(name for name, _ in question.filters)}
    by_account = names <= {"account"} and not question.excludes
    table = f"reporting_aws_storage_summary{'_by_account' * bool(names)}_p" if by_account else None
    if table is not None:
        summed = ui_rows(UI_TABLES[table], rows)
        return [
            _stored(question, values, key[1], key[2 : 2 + len(question.groups)], key[-2], key[-3])
            for key, values in summed.items()
        ]
    plain = [row for row in rows if "storage" in row.product_family.lower() and row.unit == STORAGE_UNIT]
    if not all(map(is_storage, plain)):
        raise Inconclusive("A product family has storage in small letters: the report counts it in some answers only.")
    return [_stored(question, row.values, row.day, _groups(question, row), row.currency, row.unit) for row in plain]


def _stored(
    question: Question, values: Mapping[str, Decimal], day: str, groups: tuple[str, ...], currency: str, unit: str
) -> _Row:
    cost, markup = question.cost_type, MARKUPS[question.cost_type][0]
    raw, added = values[cost] or values[UNBLENDED_COST], values[markup] or values[_MARKUP]
    return _Row(day, groups, raw, added, values["usage_amount"], currency, unit)


def _ec2_rows(question: Question, instances: Iterable[Instance]) -> list[_Row]:
    """The months of the days asked for, each as a whole; of filters only that by account is known here.

    Raises:
        Inconclusive: another filter was asked for.
    """
    if question.excludes or any(name != "account" for name, _ in question.filters):
        raise Inconclusive("What the report of instances makes of such a filter was never seen.")
    accounts = [value for _, values in question.filters for value in values]
    cost, markup = question.cost_type, MARKUPS[question.cost_type][0]
    months = (question.start.isoformat()[:7], question.end.isoformat()[:7])
    return [
        _Row(
            row.first_day, (row.resource,), row.values[cost], row.values[markup], row.values["usage_amount"],
            row.currency, row.unit,
        )
        for row in instances
        if months[0] <= row.first_day[:7] <= months[1] and (not accounts or row.account in accounts)
    ]  # fmt: skip


def _groups(question: Question, row: SummaryRow) -> tuple[str, ...]:
    return tuple(group_of(row, name) for name in question.shown_groups)


def group_of(row: SummaryRow, name: str) -> str:
    """The group that a row is in; rows without one are in ``No-<name>``."""
    return _value(row, name) or f"No-{name.partition(':')[2] or name}"


def _value(row: SummaryRow, name: str) -> str:
    if name.startswith(TAG):
        return _json(row.tags).get(name.removeprefix(TAG), "")
    if name.startswith(CATEGORY):
        return _json(row.categories).get(name.removeprefix(CATEGORY), "")
    return str(getattr(row, _ATTRIBUTES[name]))


@lru_cache(maxsize=65536)
def _json(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text)
    return found


def _asked(question: Question, row: SummaryRow) -> bool:
    return all(_matches(row, one) for one in question.filters) and not any(
        _matches(row, one) for one in question.excludes
    )


def _matches(row: SummaryRow, choice: Choice) -> bool:
    """Whether a row has one of the values; of a tag a part is enough, whatever its case (19)."""
    name, values = choice
    have = _value(row, name)
    part = any(value.lower() in have.lower() for value in values)
    if name.startswith(TAG):
        return part
    if part != (have in values):
        raise Inconclusive(f"The filter {name} is a part of {have}: whether it takes it was never seen.")
    return part
