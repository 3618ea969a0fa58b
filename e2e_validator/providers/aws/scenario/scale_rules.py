"""``data.scale``: how often what a nise report costs is in the data, and what of it cannot be multiplied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from e2e_validator.calendar_months import months
from e2e_validator.errors import Problem
from e2e_validator.providers.aws.scenario.nise_rules import generators
from e2e_validator.scenario import explain, rules
from e2e_validator.scenario.document import Document, KeyPath
from e2e_validator.scenario.model import Part, wrong

HERE: KeyPath = ("data", "scale")
MOST = 100_000
# Of a month. A row has some 200 cells: what must come out of it is worked out in Python.
MOST_ROWS = 200_000
_LARGEST_ACCOUNT = 10**12
_NUMBERED = re.compile(r"(.+)-([1-9]\d*)", re.ASCII)
_BY_CHANCE = {
    "DataTransferGenerator": "nise takes its usage type by chance in each row",
    "MarketplaceGenerator": "nise takes its rate code by chance in each row",
}
_BESIDE = ("provisioned_throughput", "provisioned_iops")


def _factor(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("is not a whole number", "write how often, such as 10")
    if not 1 <= value <= MOST:
        raise wrong(f"{value} is not from 1 to {MOST:,}")
    return value


Factor = Annotated[
    int, BeforeValidator(_factor), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST, "default": 1})
]


class CostFactors(Part):
    """How often what a nise report has is in the data; the copies' ids end with -2, -3, ..."""

    accounts: Factor = Field(default=1, description="in how many accounts, whose numbers follow on that of 'user'")
    resources: Factor = Field(default=1, description="how often each resource is in each of these accounts")


def check_scale(
    document: Document, report: Mapping[str, Any] | None, today: date, problems: list[Problem]
) -> CostFactors | None:
    """The factors; None without ``data.scale``, or where something is wrong, which goes to ``problems``.

    ``report`` is the settled report, None where the data are not nise's or are wrong.
    """
    data = rules.mapping(document.data, "data")
    if "scale" not in data:
        return None
    if data.get("nise") is None and data.get("template") is None:
        hint = "what nise makes can be multiplied: data.nise or data.template"
        problems.append(document.problem(HERE, "data.scale without a nise report", hint, at_key=True))
        return None
    model, found = explain.check(CostFactors, document, HERE, unknown=_not_allowed)
    if isinstance(model, CostFactors) and report is not None:
        found = [*_unfit(document, report, model), *_too_much(document, report, model, today)]
    problems += found
    return model if isinstance(model, CostFactors) and not found else None


def _not_allowed(key: str, _inside: KeyPath) -> str:
    if key in ("days", "hours", "months"):
        return "'period' says the days: nise makes the first of each month, and scale the others"
    return ""


def _unfit(document: Document, report: Mapping[str, Any], scale: CostFactors) -> Iterator[Problem]:
    """What is by chance, and ids and accounts that two things would have."""
    for name, reason in _BY_CHANCE.items():
        if any(found == name for _, found, _ in generators(dict(report))):
            what = f"data.scale: the report has the {name}, which cannot be multiplied"
            yield document.problem(HERE, what, reason, at_key=True)
    ids = {(name, own["resource_id"]) for _, name, own in generators(dict(report))}
    for name, resource in sorted(ids):
        found = _NUMBERED.fullmatch(resource)
        if found and (name, found[1]) in ids and 2 <= int(found[2]) <= scale.accounts * scale.resources:
            what = f"data.scale: the resource '{resource}' is there twice: it is also copy {found[2]} of '{found[1]}'"
            yield document.problem(HERE, what, "give it another resource_id", at_key=True)
    users = sorted(int(user) for user in report["accounts"]["user"])
    near = [(one, other) for one, other in pairwise(users) if other - one < scale.accounts]
    if near:
        what = f"data.scale: the account {near[0][1]:012d} is there twice: it is also a copy of {near[0][0]:012d}"
        yield document.problem(HERE, what, "take accounts that are further apart", at_key=True)
    if users[-1] + scale.accounts > _LARGEST_ACCOUNT:
        what = f"data.scale: {scale.accounts:,} accounts from {users[-1]:012d} on have more than 12 digits"
        yield document.problem(HERE, what, "take a smaller account", at_key=True)


def _too_much(document: Document, report: Mapping[str, Any], scale: CostFactors, today: date) -> Iterator[Problem]:
    hours = rules.window(rules.mapping(document.data, "period"), ("period",), today)
    if hours is None or hours.start >= hours.end:
        return
    hourly = sum(1 + sum(bool(own.get(name)) for name in _BESIDE) for _, _, own in generators(dict(report)))
    longest = max((last - first).total_seconds() / 3600 for _, first, last in months(hours.start, hours.end))
    rows = round(hourly * scale.accounts * scale.resources * longest)
    if rows > MOST_ROWS:
        what = f"data.scale: a month would have {rows:,} rows, above the {MOST_ROWS:,} that can be expected of"
        yield document.problem(HERE, what, "take smaller factors, or a shorter period", at_key=True)
