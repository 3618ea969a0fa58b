"""What a detector is: it looks at one source, and says what is wrong or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding

Detect = Callable[[ObservedSource, ExpectedSource | None], Finding | None]


@dataclass(frozen=True, slots=True)
class Detector:
    """One entry of the registry.

    ``cause`` is the name that its findings have. ``detection`` is the evidence in words, as ``e2e-validator repairs``
    shows it. It only looks. Without an expectation it says what can be said without one, or nothing.
    """

    cause: str
    detect: Detect
    detection: str
    phases: tuple[str, ...] = ()
    """In a run it is asked in these phases alone; empty: in all. Of a source that no run made it is always asked."""
    figures: bool = False
    """Whether it is asked when figures are not those of the data, and not while a phase waits."""
    needs_expectation: bool = False
    """Whether it says nothing of a source that no run made."""
