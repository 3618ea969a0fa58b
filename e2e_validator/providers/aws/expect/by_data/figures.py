"""The figures of the reports that the data decide by themselves, and those that Koku shows, keyed alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal

from e2e_validator.expect.measures import Key, Measures, exactly
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES
from e2e_validator.providers.aws.expect.by_data.facts import COMPUTE, INSTANCE, PARTS, STORAGE
from e2e_validator.providers.aws.expect.ec2 import Instance
from e2e_validator.providers.aws.expect.question import COMPUTE as EC2
from e2e_validator.providers.aws.expect.question import COSTS, INSTANCES, Question
from e2e_validator.providers.aws.expect.question import STORAGE as STORED
from e2e_validator.providers.aws.expect.reports import TOTAL
from e2e_validator.providers.aws.expect.summary import SummaryRow

# Report -> the groupings that conservation decides. Keys are (report, cost type, grouping, group, day or month).
GROUPINGS = {
    COSTS: ("total", "daily", "account", "service"),
    INSTANCES: ("total", "daily", "account"),
    STORED: ("total", "daily", "account"),
    EC2: ("total", "resource"),
}
_KINDS = {COSTS: "", INSTANCES: COMPUTE, STORED: STORAGE, EC2: INSTANCE}


@exactly
def by_data(facts: Measures, start: date, end: date, markup: Decimal) -> Measures:
    """What the rows of these days (both included) come to: ``cost`` with the markup, and ``usage``."""
    found: dict[Key, dict[str, Decimal]] = defaultdict(dict)
    within = (start.isoformat(), end.isoformat())
    for key, row in facts.items():
        place = dict(zip(PARTS, key, strict=True))
        if not within[0] <= place["day"] <= within[1]:
            continue
        for report, cost_type, grouping in _shapes():
            kind = _KINDS[report]
            if kind and kind not in place["kinds"].split():
                continue
            group = "" if grouping in {"total", "daily"} else place[grouping]
            period = place["day"] if grouping == "daily" else place["day"][:7]
            into = found[report, cost_type, grouping, group, period]
            values = {"cost": row[cost_type] * (1 + markup)}
            if report != COSTS:
                values["usage"] = row["usage"]
            for field, value in values.items():
                into[field] = into.get(field, Decimal(0)) + value
    return dict(found)


@exactly
def as_koku(answer: Callable[[Question], Measures], start: date, end: date) -> Measures:
    """The same figures out of what the API must answer."""
    found: dict[Key, dict[str, Decimal]] = defaultdict(dict)
    for report, cost_type, grouping in _shapes():
        groups = (grouping,) if grouping in {"account", "service"} else ()
        question = Question(report, start, end, daily=grouping == "daily", cost_type=cost_type, groups=groups)
        for key, row in answer(question).items():
            if key == TOTAL:
                continue
            group = "" if grouping in {"total", "daily"} else key[1]
            into = found[report, cost_type, grouping, group, key[0]]
            for name, value in row.items():
                field = {"cost.total": "cost", "usage": "usage"}.get(name.rpartition(" ")[0])
                if field is not None:
                    into[field] = into.get(field, Decimal(0)) + value
    return dict(found)


def _shapes() -> Iterator[tuple[str, str, str]]:
    for report, groupings in GROUPINGS.items():
        for cost_type in COST_TYPES:
            for grouping in groupings:
                yield report, cost_type, grouping


def numbers_rounded(rows: Iterable[SummaryRow], instances: Iterable[Instance]) -> Measures:
    """How many rows Koku has rounded in each figure, under ``rows``."""
    found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: {"rows": Decimal(0)})
    every = list(rows)
    for report, cost_type, grouping in _shapes():
        if report == EC2:
            continue
        for row in every:
            group = {"account": row.account, "service": row.product_code}.get(grouping, "")
            period = row.day if grouping == "daily" else row.day[:7]
            found[report, cost_type, grouping, group, period]["rows"] += 1
    for one in instances:
        for cost_type in COST_TYPES:
            for grouping, group in (("total", ""), ("resource", one.resource)):
                found[EC2, cost_type, grouping, group, one.first_day[:7]]["rows"] += 1
    return dict(found)
