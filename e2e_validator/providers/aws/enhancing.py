"""What a cost file of few columns is filled up with, each thing listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.errors import Inconclusive
from e2e_validator.providers.aws.completeness.effects import STOPS, effect
from e2e_validator.providers.aws.completeness.header import meant_column
from e2e_validator.providers.aws.cost_file.columns import INTERVAL, START
from e2e_validator.providers.aws.cost_file.reading import UnreadableFileError, lines_of
from e2e_validator.providers.aws.cost_file.times import moment_of
from e2e_validator.providers.aws.expect.dialect import CUR_1, UNKNOWN, dialect_of
from e2e_validator.providers.aws.generate.defaults import ALL, DEFAULTS, complete
from e2e_validator.providers.aws.generate.table import Table


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
    """What the emptiness of a column does; of some it does nothing, though their absence would."""
    if column in STOPS:
        return "which does no harm; its absence would"
    return effect(column).partition(": ")[2]


def enhance(path: Path, out: Path) -> tuple[Filled, ...]:
    """Write the file with every column that Koku reads to ``out`` (gzip where the name ends so); what was filled in.

    Raises:
        Inconclusive: it cannot be read, is no CUR 1.0, or has no costs or times, for which nothing can stand.
    """
    try:
        table = Table.read(path)
    except UnreadableFileError as error:
        raise Inconclusive(f"{path}: {error}: correct that line, or save the file as CSV once more.") from None
    dialect = dialect_of(table.header)
    # A CUR is known by more columns than a minimal file has.
    if dialect not in {CUR_1, UNKNOWN}:
        raise Inconclusive(f"{path.name} is {dialect}: a CUR 1.0 alone can be filled up.")
    _see_times(path)
    try:
        whole = complete(table)
    except Inconclusive as error:
        meant = "; ".join(hint for name in table.header if (hint := meant_column(name)))
        raise Inconclusive(f"{path}:1: {error} {meant or 'Add the column'}.".replace("?.", "?")) from None
    whole.write(out)
    return filled(table.header)


def _see_times(path: Path) -> None:
    """Every time is one; the first that is none is told with its line and column."""
    for line in lines_of(path):
        for column in (START, "lineItem/UsageEndDate", INTERVAL):
            text = line.cells.get(column, "").partition("/")[0]
            try:
                if text:
                    moment_of(text)
            except Inconclusive as error:
                said = f"{path}:{line.number}: {column}: {error} Write it as 2026-10-05T00:00:00Z."
                raise Inconclusive(said) from None
