"""A known deviation in some data: the figures by the data beside those as Koku, and why they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from e2e_validator.expect.known_deviation import UNEXPLAINED, KnownDeviation
from e2e_validator.expect.measures import exactly


class _Named(Protocol):
    @property
    def name(self) -> str:
        """The id of the deviation that it is a clue to."""


ClueT = TypeVar("ClueT", bound=_Named)
FigureT = TypeVar("FigureT")
SceneT = TypeVar("SceneT")


@dataclass(frozen=True, slots=True)
class Deviation(Generic[ClueT, FigureT]):
    """A known deviation in some data: its ``clues``, and the figures that it affects, the most telling first."""

    known: KnownDeviation
    clues: tuple[ClueT, ...]
    figures: tuple[FigureT, ...]

    @property
    def name(self) -> str:
        """The id."""
        return self.known.name

    @property
    def worst(self) -> FigureT:
        """The figure to name in a headline."""
        return self.figures[0]


@exactly
def clues_in(scene: SceneT, looks: Iterable[Callable[[SceneT], Iterable[ClueT]]]) -> list[ClueT]:
    """What each look finds in the data, in their order; with exact arithmetic."""
    return [clue for look in looks for clue in look(scene)]


def by_name(
    registry: Mapping[str, KnownDeviation],
    explained: Iterable[tuple[FigureT, Sequence[ClueT]]],
    order: Callable[[FigureT], Any],
) -> list[Deviation[ClueT, FigureT]]:
    """A deviation for each id that a figure has, in the order of the registry; without a clue: ``unexplained``.

    A figure that several clues explain counts for each of them; ``order`` puts the most telling first.
    """
    figures: dict[str, list[FigureT]] = {name: [] for name in registry}
    clues: dict[str, list[ClueT]] = {name: [] for name in registry}
    for figure, why in explained:
        for clue in why:
            if clue not in clues[clue.name]:
                clues[clue.name].append(clue)
        for name in {clue.name for clue in why} or {UNEXPLAINED}:
            figures[name].append(figure)
    return [
        Deviation(registry[name], tuple(clues[name]), tuple(sorted(members, key=order)))
        for name, members in figures.items()
        if members
    ]
