"""The tries of repairs: read from events, told from each other, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from e2e_validator.report.model import RepairResult, RepairTry

WORKED: Final = "worked"
AS_EXPECTED: Final = "worked, as expected"
# In the order in which reports name them.
EFFECTS: tuple[str, ...] = (WORKED, AS_EXPECTED, "no effect", "failed", "declined")

Try = TypeVar("Try", bound=RepairTry)


def read_try(entry: Mapping[str, Any]) -> RepairTry:
    """The try that an entry of ``PhaseFinished.repairs`` tells of; what it does not say stays empty."""
    return RepairTry(
        repair=str(entry.get("repair", "")),
        cause=str(entry.get("cause", "")),
        number=int(entry.get("number", 0)),
        limit=int(entry.get("limit", 0)),
        did=str(entry.get("did", "")),
        effect=str(entry.get("effect", "")),
        seconds=float(entry.get("seconds", 0.0)),
        # Only what a scenario asks for is expected: no other repair may pass for one.
        expected=entry.get("expected") is True,
        undo=str(entry.get("undo", "")),
        folder=str(entry.get("folder", "")),
        at=str(entry.get("at", "")),
    )


def placed(entry: Mapping[str, Any], scenario: str, phase: str) -> RepairResult:
    """The same with its scenario and phase."""
    return RepairResult(**dict(read_try(entry)), scenario=scenario, phase=phase)


def not_allowed(tries: Iterable[Try]) -> list[Try]:
    """Those that ``--fail-on-repair`` does not allow: they worked, and the scenario did not ask for them."""
    return [one for one in tries if one.effect == WORKED and not one.expected]


def kind(one: RepairTry) -> str:
    """Its effect; that of an expected one is a word of its own."""
    return AS_EXPECTED if one.effect == WORKED and one.expected else one.effect


def by_kind(tries: Iterable[RepairTry]) -> dict[str, int]:
    """How many tries had which effect; effects that did not occur are left out."""
    counted = Counter(kind(one) for one in tries)
    order = [*EFFECTS, *sorted(set(counted) - set(EFFECTS))]
    return {effect: counted[effect] for effect in order if counted[effect]}


def names(tries: Iterable[RepairTry]) -> str:
    """The repairs' names, each once, in the order of time."""
    return ", ".join(dict.fromkeys(one.repair for one in tries))


def causes(tries: Iterable[RepairTry]) -> str:
    """The faults that were repaired, each once."""
    return ", ".join(dict.fromkeys(one.cause for one in tries if one.effect == WORKED and one.cause))


class RepairBook:
    """The tries of a run as its events tell them: each once, though two events do."""

    def __init__(self) -> None:
        """No try is known yet."""
        self.tries: list[RepairResult] = []
        # The part of the run in which each was made: 0, and one more each time the run was continued.
        self._parts: list[int] = []

    def add(self, event: Mapping[str, Any], part: int) -> None:
        """Note a ``Repaired`` event."""
        self._note(placed(event, event["scenario"], event["phase"]), part)

    def ended(self, event: Mapping[str, Any], part: int) -> None:
        """Note what a ``PhaseFinished`` event lists and no event of its own told of (a line of the journal is lost)."""
        known = {
            (one.repair, one.number)
            for one, made_in in zip(self.tries, self._parts, strict=True)
            if made_in == part and (one.scenario, one.phase) == (event["scenario"], event["phase"])
        }
        for entry in event.get("repairs", ()):
            one = placed(entry, event["scenario"], event["phase"])
            if (one.repair, one.number) not in known:
                self._note(one, part)

    def worked_before(self, scenario: str, phase: str, part: int) -> bool:
        """Whether a repair worked in this phase before this part of the run."""
        return any(
            made_in < part and one.effect == WORKED and (one.scenario, one.phase) == (scenario, phase)
            for one, made_in in zip(self.tries, self._parts, strict=True)
        )

    def _note(self, one: RepairResult, part: int) -> None:
        self.tries.append(one)
        self._parts.append(part)

    def of(self, scenario: str, phase: str) -> list[RepairTry]:
        """The tries within a phase, in all parts of the run."""
        return [
            RepairTry(**{name: getattr(one, name) for name in RepairTry.model_fields})
            for one in self.tries
            if (one.scenario, one.phase) == (scenario, phase)
        ]
