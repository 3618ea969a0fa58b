"""A stage of the ledger: what must stand at one place of the flow, what stands there, and the verdict on several.

The ledger follows the data from the files of the provider to the API. The first stage that differs is the finding;
those after it only repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from e2e_validator.errors import HarnessError, NumbersDiffer, counted
from e2e_validator.expect import ledger
from e2e_validator.expect.ledger import Scale, no_difference
from e2e_validator.expect.ledger_table import ledger_table
from e2e_validator.expect.measures import Measures


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its name, what it must hold and what it holds.

    ``may_be_empty`` is for costs, which without rates are none, for payloads of which Koku summarises no day, and for
    one tarball of several: that is a statement too. ``scale`` tells how exact a figure can be that is a difference.
    """

    name: str
    expected: Measures
    actual: Measures
    may_be_empty: bool = False
    scale: Scale = no_difference


def judge(stages: Sequence[Stage]) -> str:
    """A line per stage, when every figure of all is what the data say.

    Raises:
        NumbersDiffer: names the first stage that differs, with the largest differences of all.
        HarnessError: a stage has nothing on both sides; that would be equal without a single figure compared.
    """
    for stage in stages:
        if not stage.expected and not stage.actual and not stage.may_be_empty:
            raise HarnessError(f"{stage.name}: nothing is expected and nothing is there, so nothing was compared.")
    results = [ledger.check(one.name, one.expected, one.actual, scale=one.scale) for one in stages]
    lines = "\n".join(ledger.summarise(results))
    first = ledger.first_difference(results)
    if first is not None:
        count = len(first.differences)
        raise NumbersDiffer(
            f"{first.stage}: {counted(count, 'figure')} differ{'s' * (count == 1)};"
            f" {ledger.describe(first.differences[0])}",
            detail=f"{lines}\n\n{ledger_table(results)}",
        )
    return lines
