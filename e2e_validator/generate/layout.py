"""How a file of nise's is made up: which rows of an hour belong together, and which columns differ between copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one generator: in an hour those of its ``groups``, in order (how many rows each has).

    The larger report has the generator ``outer`` times, one after the other, and in each of them every group ``inner``
    times, side by side.
    """

    groups: tuple[int, ...]
    outer: int = 1
    inner: int = 1

    @property
    def rows(self) -> int:
        """Rows of an hour in the small file."""
        return sum(self.groups)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a file are not the same in every row that one is multiplied to.

    ``hours``: its text follows from the first moment of the row's hour. ``copies``: a name, which gets the number of
    the outer copy; ``numbers``: one that gets the number over all copies. ``steps``: its text follows from the one in
    the small file and from a step, which is the next one every ``steps_every`` outer copies. ``unique``: another text
    in each row.
    """

    hours: Mapping[str, Callable[[datetime], str]]
    copies: Sequence[str] = ()
    numbers: Sequence[str] = ()
    steps: Mapping[str, Callable[[str, int], str]] = field(default_factory=dict)
    steps_every: int = 1
    unique: Sequence[str] = ()


def suffix(number: int) -> str:
    """What the name of the copy ``number`` (from 0) ends with: nothing, then -2, -3, ..."""
    return f"-{number + 1}" if number else ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A column that differs: what of, and its name."""

    column: int
    kind: str
    name: str


def slots_of(columns: Sequence[str], layout: Layout) -> list[Slot]:
    """The columns that differ, in their order."""
    kinds = {
        **dict.fromkeys(layout.hours, "hour"),
        **dict.fromkeys(layout.copies, "copy"),
        **dict.fromkeys(layout.numbers, "number"),
        **dict.fromkeys(layout.steps, "step"),
        **dict.fromkeys(layout.unique, "unique"),
    }
    return [Slot(index, kinds[name], name) for index, name in enumerate(columns) if name in kinds]
