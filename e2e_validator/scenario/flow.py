"""The flow of a source type: its phases in order, with their limits, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

ON_PREM, CLASSIC = "onprem", "classic"


@dataclass(frozen=True, slots=True)
class Step:
    """A phase: its name, how many seconds it may take unless the scenario says otherwise, and until when it waits."""

    phase: str
    limit_seconds: int
    until: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps before the first payload, those for each payload that is taken or refused, and those at the end."""

    before: tuple[Step, ...]
    accepted: tuple[Step, ...]
    refused: tuple[Step, ...]
    after: tuple[Step, ...]
    stack: str = ON_PREM
    """Which Koku takes such sources: ``onprem``, or ``classic``, with parquet and Trino."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step once, in order."""
        return tuple(dict.fromkeys((*self.before, *self.accepted, *self.refused, *self.after)))

    def repeated(self, *, negative: bool) -> tuple[Step, ...]:
        """The steps of each payload."""
        return self.refused if negative else self.accepted

    def phases(self, payloads: int, *, negative: bool, last: str | None = None) -> tuple[str, ...]:
        """The names of the phases; from the second payload on they carry its number.

        After ``last``, a phase that must not pass, only the last step comes: the cleanup.
        """
        middle = [
            step.phase if k == 1 else f"{step.phase}[{k}]"
            for k in range(1, payloads + 1)
            for step in self.repeated(negative=negative)
        ]
        whole = (*(step.phase for step in self.before), *middle, *(step.phase for step in self.after))
        return whole if last is None else (*whole[: whole.index(last) + 1], whole[-1])

    def without_effect(self, *, negative: bool) -> frozenset[str]:
        """The phases that a scenario of the other kind has, and this one has not."""
        other, own = self.repeated(negative=not negative), self.repeated(negative=negative)
        return frozenset(step.phase for step in other) - frozenset(step.phase for step in own)


def union(flows: Iterable[Flow]) -> Flow:
    """One flow with the steps of all, each where its own flow has it: of two with one name the first limit counts."""
    every = list(flows)
    return Flow(
        _merged(flow.before for flow in every),
        _merged(flow.accepted for flow in every),
        _merged(flow.refused for flow in every),
        _merged(flow.after for flow in every),
    )


def _merged(parts: Iterable[tuple[Step, ...]]) -> tuple[Step, ...]:
    """The steps of all; one that is new stands right after that which comes before it in its own flow."""
    found: list[Step] = []
    for steps in parts:
        place = 0
        for step in steps:
            names = [one.phase for one in found]
            if step.phase in names:
                place = names.index(step.phase) + 1
                found[place - 1] = _both(found[place - 1], step)
            else:
                found.insert(place, step)
                place += 1
    return tuple(found)


def _both(first: Step, second: Step) -> Step:
    """The first, which says of both until when they wait."""
    if second.until in first.until.split(", or "):
        return first
    return replace(first, until=f"{first.until}, or {second.until}")


def base(phase: str) -> str:
    """``summary`` for ``summary[2]``."""
    return phase.partition("[")[0]
