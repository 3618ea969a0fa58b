"""``data.scale``: what all source types ask of the factors by which a nise report is multiplied."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, WithJsonSchema

from e2e_validator.calendar_months import months
from e2e_validator.errors import Problem
from e2e_validator.scenario import explain, rules
from e2e_validator.scenario.document import Document, KeyPath
from e2e_validator.scenario.model import Part, wrong

HERE: KeyPath = ("data", "scale")
MOST = 100_000
_NUMBERED = re.compile(r"(.+)-([1-9]\d*)", re.ASCII)


def _factor(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("is not a whole number", "write how often, such as 10")
    if not 1 <= value <= MOST:
        raise wrong(f"{value} is not from 1 to {MOST:,}")
    return value


Factor = Annotated[
    int, BeforeValidator(_factor), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST, "default": 1})
]
Factors = TypeVar("Factors", bound=Part)


def check_factors(
    document: Document,
    model: type[Factors],
    problems: list[Problem],
    *,
    unknown: Callable[[str], str] = lambda _key: "",
    unfit: Callable[[Factors], Iterable[Problem]],
) -> Factors | None:
    """The factors; None without ``data.scale``, or where something is wrong, which goes to ``problems``.

    ``unknown`` is the hint for a key that ``model`` has not, beside those for days. ``unfit`` is asked for what of the
    report cannot be multiplied so.
    """
    data = rules.mapping(document.data, "data")
    if "scale" not in data:
        return None
    if data.get("nise") is None and data.get("template") is None:
        hint = "what nise makes can be multiplied: data.nise or data.template"
        problems.append(document.problem(HERE, "data.scale without a nise report", hint, at_key=True))
        return None

    def hint_of(key: str, _inside: KeyPath) -> str:
        if key in ("days", "hours", "months"):
            return "'period' says the days: nise makes the first of each month, and scale the others"
        return unknown(key)

    factors, found = explain.check(model, document, HERE, unknown=hint_of)
    if isinstance(factors, model):
        found = [*found, *unfit(factors)]
    problems += found
    return factors if isinstance(factors, model) and not found else None


def copied(name: str, names: Container[str], count: int) -> tuple[str, str] | None:
    """The name, and the number, by which ``name`` is also one of ``count`` copies of another of ``names``."""
    found = _NUMBERED.fullmatch(name)
    if found and found[1] in names and 2 <= int(found[2]) <= count:
        return found[1], found[2]
    return None


def longest_month(data: Mapping[str, Any], today: date) -> float | None:
    """The hours of the period in the month that has most of them; None where the period is missing or wrong."""
    hours = rules.window(rules.mapping(data, "period"), ("period",), today)
    if hours is None or hours.start >= hours.end:
        return None
    return max((last - first).total_seconds() / 3600 for _, first, last in months(hours.start, hours.end))
