"""``data.scale``: how often what a nise report costs is in the data, and what of it cannot be multiplied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from pydantic import Field

from e2e_validator.errors import Problem
from e2e_validator.providers.aws.scenario.nise_rules import generators
from e2e_validator.scenario.document import Document
from e2e_validator.scenario.model import Part
from e2e_validator.scenario.scaling import HERE, Factor, check_factors, copied, longest_month

# Of a month. A row has some 200 cells: what must come out of it is worked out in Python.
MOST_ROWS = 200_000
_LARGEST_ACCOUNT = 10**12
_BY_CHANCE = {
    "DataTransferGenerator": "nise takes its usage type by chance in each row",
    "MarketplaceGenerator": "nise takes its rate code by chance in each row",
}
_BESIDE = ("provisioned_throughput", "provisioned_iops")


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

    def unfit(scale: CostFactors) -> Iterator[Problem]:
        if report is not None:
            yield from _unfit(document, report, scale)
            yield from _too_much(document, report, scale, today)

    return check_factors(document, CostFactors, problems, unfit=unfit)


def _unfit(document: Document, report: Mapping[str, Any], scale: CostFactors) -> Iterator[Problem]:
    """What is by chance, and ids and accounts that two things would have."""
    for name, reason in _BY_CHANCE.items():
        if any(found == name for _, found, _ in generators(dict(report))):
            what = f"data.scale: the report has the {name}, which cannot be multiplied"
            yield document.problem(HERE, what, reason, at_key=True)
    ids = {(name, own["resource_id"]) for _, name, own in generators(dict(report))}
    for name, resource in sorted(ids):
        alike = {other for generator, other in ids if generator == name}
        if found := copied(resource, alike, scale.accounts * scale.resources):
            what = f"data.scale: the resource '{resource}' is there twice: it is also copy {found[1]} of '{found[0]}'"
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
    longest = longest_month(document.data, today)
    if longest is None:
        return
    hourly = sum(1 + sum(bool(own.get(name)) for name in _BESIDE) for _, _, own in generators(dict(report)))
    rows = round(hourly * scale.accounts * scale.resources * longest)
    if rows > MOST_ROWS:
        what = f"data.scale: a month would have {rows:,} rows, above the {MOST_ROWS:,} that can be expected of"
        yield document.problem(HERE, what, "take smaller factors, or a shorter period", at_key=True)
