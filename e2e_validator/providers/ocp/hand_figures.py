"""Costs that a scenario's author worked out by hand, against data and cost model, before anything is sent.

A figure that does not follow from them is a mistake of the scenario: no product could ever show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from e2e_validator.errors import Contradicts, Problem
from e2e_validator.expect.hand_worked import contradiction
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.scenario.document import KeyPath, dotted
from e2e_validator.scenario.load import LoadedScenario

TOTAL = ("costs", "total", "", "")
BY_PROJECT = ("costs", "project")
_COSTS: KeyPath = ("expect", "costs")


def contradictions(loaded: LoadedScenario, expectation: Expectation, first: date, last: date) -> list[Problem]:
    """Each cost of ``expect.costs`` that neither the data nor Koku's rules lead to, with its place in the file."""
    wanted = loaded.scenario.expect.costs
    if wanted is None:
        return []
    oracles = [expectation.by_data(first, last), expectation.figures(first, last)]
    path, hint = str(loaded.path), "correct the figure, the data or the rates"
    return [Problem(path, loaded.lines.get(dotted(keys), 1), 1, what, hint) for keys, what in _wrong(loaded, oracles)]


def refuse_contradictions(loaded: LoadedScenario, expectation: Expectation, first: date, last: date) -> None:
    """Raise when a figure that was worked out by hand is wrong.

    Raises:
        Contradicts: the first sentence names the figure, its line, and what data and cost model come to.
    """
    if problems := contradictions(loaded, expectation, first, last):
        one = problems[0]
        raise Contradicts(f"{one.what} ({loaded.path.name}:{one.line})", detail="\n".join(map(str, problems)))


def _wrong(loaded: LoadedScenario, oracles: list[Measures]) -> Iterator[tuple[KeyPath, str]]:
    wanted = loaded.scenario.expect.costs
    if wanted is None:
        return
    if wanted.zero:
        if said := _differs(Decimal(0), [of_total(oracle) for oracle in oracles]):
            yield _COSTS, f"expect.costs: zero: {said}"
        return
    if wanted.total is not None and (said := _differs(wanted.total, [of_total(oracle) for oracle in oracles])):
        yield (*_COSTS, "total"), f"expect.costs.total: {said}"
    for key, figure, given in (
        ("by_project", "cost.total", wanted.by_project),
        ("distributed", "cost.distributed", wanted.distributed),
    ):
        for project, value in given.items():
            if said := _differs(value, [of_project(oracle, project, figure) for oracle in oracles]):
                yield (*_COSTS, key, project), f"expect.costs.{key}.{project}: {said}"


def _differs(wanted: Decimal, found: list[Decimal | None]) -> str:
    return contradiction(wanted, found, "data x cost model =")


def of_total(found: Measures) -> Decimal | None:
    """The cost of everything; None when no answer has it."""
    return found.get(TOTAL, {}).get("cost.total")


def of_project(found: Measures, project: str, figure: str) -> Decimal | None:
    """The figure over all months; None when the project is in no answer."""
    rows: list[Mapping[str, Decimal]] = [
        row for key, row in found.items() if key[:2] == BY_PROJECT and key[2] == project and figure in row
    ]
    return sum((row[figure] for row in rows), Decimal(0)) if rows else None
