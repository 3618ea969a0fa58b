"""What a cost file of few columns is filled up with, each thing listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from e2e_validator.providers.aws.completeness.effects import effect
from e2e_validator.providers.aws.generate.defaults import ALL, DEFAULTS


@dataclass(frozen=True, slots=True)
class Filled:
    """One column that was filled in: with what, and for an empty one what its emptiness does."""

    column: str
    words: str

    def __str__(self) -> str:
        """``lineItem/LineItemType: Usage``."""
        return f"{self.column}: {self.words}"


def filled(header: Iterable[str]) -> tuple[Filled, ...]:
    """Each column that ``complete`` fills in where the header is this one, in the order of the 51."""
    have = set(header)
    words = {default.column: default.words for default in DEFAULTS}
    return tuple(
        Filled(column, words.get(column) or f"empty ({_without(column)})") for column in ALL if column not in have
    )


def _without(column: str) -> str:
    return effect(column).partition(": ")[2] or effect(column)
