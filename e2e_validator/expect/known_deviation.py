"""A kind of difference between Koku's figures and what the data say, known by name."""

from __future__ import annotations

from dataclasses import dataclass

UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """One kind of deviation.

    ``name`` is stable: scenarios and options accept it. ``stage`` is the stage at which the numbers stop being right;
    ``data`` brings it about, ``shows`` is what a user sees, ``reference`` where it is written down.
    """

    name: str
    happens: str
    data: str
    stage: str
    shows: str
    reference: str

    @property
    def acceptable(self) -> bool:
        """Whether a scenario or an option may accept it."""
        return self.name != UNEXPLAINED
