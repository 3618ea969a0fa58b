"""A question, and what its answer must show: what every family is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from e2e_validator.expect import ledger
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect import noise
from e2e_validator.providers.ocp.expect.surface.question import Question


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one answer: sentences on what is broken, how much was compared, what is to be asked next.

    ``unsure`` says why something could not be compared: others changed their data meanwhile.
    """

    broken: tuple[str, ...] = ()
    figures: int = 0
    more: tuple[Check, ...] = ()
    unsure: tuple[str, ...] = ()

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            self.broken + other.broken,
            self.figures + other.figures,
            self.more + other.more,
            self.unsure + other.unsure,
        )


@dataclass(frozen=True, slots=True)
class Check:
    """``relation`` is a short sentence on what must hold; ``judge`` looks at the body of the answer."""

    relation: str
    question: Question
    judge: Callable[[Any], Judged]


def equal(expected: Measures, actual: Measures) -> Judged:
    """Every figure of both sides is the same, within the bounds of the ledger."""
    result = noise.check("", expected, actual)
    return Judged(tuple(ledger.describe(difference) for difference in result.differences), result.sums)


def same(what: str, expected: object, actual: object) -> Judged:
    """One fact: a name, a list, a number that is counted."""
    if expected == actual:
        return Judged(figures=1)
    return Judged((f"{what} is {_shown(actual)}, expected {_shown(expected)}",), 1)


def together(parts: Iterable[Judged]) -> Judged:
    """All of them."""
    found = Judged()
    for part in parts:
        found += part
    return found


def echoed(meta: Mapping[str, Any], name: str, value: int) -> Judged:
    """A number in ``meta``."""
    return same(f"meta.{name}", value, _number(meta.get(name)))


def _number(value: Any) -> object:
    """A JSON number as an int where it is one."""
    try:
        return int(value) if value == int(value) else value
    except (TypeError, ValueError):
        return value


def _shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"({text})" if isinstance(value, list | tuple) else text or "''"
