"""The flow of a source type: its phases in order, with their limits, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
    """One flow with the steps of all: of two with one name the first counts."""
    parts: dict[str, dict[str, Step]] = {name: {} for name in ("before", "accepted", "refused", "after")}
    for flow in flows:
        for name, steps in parts.items():
            for step in getattr(flow, name):
                steps.setdefault(step.phase, step)
    return Flow(**{name: tuple(steps.values()) for name, steps in parts.items()})


def base(phase: str) -> str:
    """``summary`` for ``summary[2]``."""
    return phase.partition("[")[0]
