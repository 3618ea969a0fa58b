"""What a phase makes of deviations from the data: accepted ones are KNOWN, any other is a failure with its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from e2e_validator.engine.context import Context
from e2e_validator.errors import Deviates, PhaseFailed
from e2e_validator.expect.deviation import Deviation
from e2e_validator.expect.deviation_text import why
from e2e_validator.expect.known_deviation import KnownDeviation
from e2e_validator.expect.ledger import number

_REPORT_IT = (
    "it cannot be accepted: look in the ledger at the stage that the headline names, and report it with the data"
)

AnyDeviation = Deviation[Any, Any]


class Details(Protocol):
    """Deviations in words, without what the finding of the failure says of the one that is ``told``."""

    def __call__(self, found: Sequence[Any], /, *, told: str = "") -> str:
        """Lines of text."""


def refuse_unaccepted(context: Context, found: Sequence[AnyDeviation], details: Details) -> None:
    """Nothing, if each of these deviations is accepted by the scenario or an option.

    Raises:
        Deviates: one is not; names the first of them and its worst figure.
    """
    accepted = {*context.loaded.scenario.expect.deviates, *context.accepted}
    refused = [one for one in found if one.name not in accepted or not one.known.acceptable]
    if refused:
        first = refused[0]
        others = f" (1 of {len(refused)} ids: {', '.join(one.name for one in refused)})" if len(refused) > 1 else ""
        raise deviates(first.known, f"{first.worst}{others}", details(refused, told=first.name))


def refuse_missing(context: Context, found: Sequence[AnyDeviation]) -> None:
    """Nothing, if every deviation that the scenario names happens.

    Raises:
        PhaseFailed: one does not.
    """
    names = {one.name for one in found}
    missing = [name for name in context.loaded.scenario.expect.deviates if name not in names]
    if missing:
        raise PhaseFailed(
            f"must deviate from the data by {', '.join(missing)}, and does not",
            detail="The data do not bring it about: take it out of expect.deviates, or mend the data.",
        )


def deviates(known: KnownDeviation, said: str, detail: str) -> Deviates:
    """The failure of a deviation that was not accepted, with what can be done about it."""
    remedy = (
        f"if it may stay, accept it by name (expect: {{deviates: [{known.name}]}} or --accept-deviation {known.name});"
        f" if not, Koku must be mended or the data changed: {known.data}"
    )
    return Deviates(
        f"deviation {known.name}: {said}",
        cause=known.name,
        detail=detail,
        sentence=known.happens,
        remedy=remedy if known.acceptable else _REPORT_IT,
        reference=known.reference if known.acceptable else "docs/contract/koku.md 6.1, 6.2, 6.4",
    )


def describe(found: Sequence[AnyDeviation]) -> list[dict[str, Any]]:
    """The accepted deviations for machines and for the console: each with its worst figure as text."""
    return [
        {
            "id": one.name,
            "stage": one.known.stage,
            "reason": why(one),
            "reference": one.known.reference,
            "figures": len(one.figures),
            "worst": str(one.worst),
            "by_data": number(one.worst.by_data),
            "as_koku": number(one.worst.as_koku),
        }
        for one in found
    ]
