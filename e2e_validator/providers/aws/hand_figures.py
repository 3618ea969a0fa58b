"""Costs that a scenario's author worked out by hand, against the data, before anything is sent.

A figure that follows neither from the data nor from what Koku makes of them is a mistake of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from e2e_validator.engine.context import Context
from e2e_validator.errors import Problem
from e2e_validator.expect.hand_worked import contradiction, equal
from e2e_validator.expect.ledger import number
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.aws.expect.by_data.costs import COST_TYPES
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.expect.question import COSTS, UNBLENDED_COST
from e2e_validator.providers.aws.own import own_accounts, own_expectation
from e2e_validator.providers.aws.scenario.hand_rules import group_of
from e2e_validator.scenario.document import KeyPath, dotted

_HERE: KeyPath = ("expect", "costs")


def contradictions(context: Context) -> list[Problem]:
    """Each cost of ``expect.costs`` that neither the data nor Koku's rules lead to, with its place in the file."""
    wanted = context.loaded.scenario.expect.costs
    if wanted is None:
        return []
    oracles = _oracles(own_expectation(context))
    path, hint = str(context.loaded.path), "correct the figure or the data"
    found = []
    for keys, value, (cost_type, grouping, group) in _figures(context):
        oracled = [_sum(oracle, cost_type, grouping, group) for oracle in oracles]
        if said := contradiction(value, oracled, "the data, which come to"):
            if not any(one is not None for one in oracled):
                known = _groups(oracles, cost_type, grouping, own_accounts(context))
                said = f"the data have no {dotted(keys[-1:])}; there is {known}" if known else said
            line = context.loaded.lines.get(dotted(keys), 1)
            found.append(Problem(path, line, 1, f"{dotted(keys)}: {said}", hint))
    return found


def said(context: Context) -> list[str]:
    """What is to be said of them once the reports are as expected: which of the two figures each of them is."""
    figures = list(_figures(context))
    if not figures:
        return []
    oracles = _oracles(own_expectation(context))
    found = []
    for keys, value, (cost_type, grouping, group) in figures:
        by_data, by_koku = (_sum(oracle, cost_type, grouping, group) for oracle in oracles)
        if not equal(value, by_koku) and equal(value, by_data):
            found.append(f"{dotted(keys)} {number(value)} is by the data, Koku shows {number(by_koku)}")
    return found or ["costs worked out by hand equal"]


def _groups(oracles: Sequence[Measures], cost_type: str, grouping: str, accounts: Mapping[str, str]) -> str:
    """The groups that there are, as a scenario names them."""
    scenarios = {own: account for account, own in accounts.items()}
    found = {key[3] for oracle in oracles for key in oracle if key[:3] == (COSTS, cost_type, grouping) and key[3]}
    return ", ".join(sorted(scenarios.get(group, group) for group in found))


def _figures(context: Context) -> Iterator[tuple[KeyPath, Decimal, tuple[str, str, str]]]:
    """Each figure: where it stands, its value, and its cost type, grouping and group."""
    wanted = context.loaded.scenario.expect.costs
    if wanted is None:
        return
    if wanted.total is not None:
        yield (*_HERE, "total"), wanted.total, (UNBLENDED_COST, "total", "")
    for name, value in wanted.by_type.items():
        yield (*_HERE, "by_type", name), value, (name, "total", "")
    accounts = own_accounts(context)
    for name, value in wanted.by_group.items():
        grouping, group = group_of(name)
        own = accounts.get(group, group) if grouping == "account" else group
        yield (*_HERE, "by_group", name), value, (UNBLENDED_COST, grouping, own)


def _oracles(expectation: Expectation) -> list[Measures]:
    """What the data say, and what Koku makes of them, of all days that either has."""
    days = expectation.every_day()
    if not days:
        return [{}, {}]
    span = min(days), max(days)
    return [expectation.by_data(*span), expectation.as_koku(*span)]


def _sum(found: Measures, cost_type: str, grouping: str, group: str) -> Decimal | None:
    """The cost over all months; None where no row of it is."""
    if cost_type not in COST_TYPES:
        return None
    rows = [row["cost"] for key, row in found.items() if key[:4] == (COSTS, cost_type, grouping, group)]
    return sum(rows, Decimal(0)) if rows else None
