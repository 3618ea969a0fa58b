"""What a repair acts on: a payload of this run, as it was seen and as it must be."""

from __future__ import annotations

from dataclasses import dataclass

from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource


@dataclass(frozen=True, slots=True)
class Case:
    """One look at a phase that does not get on. No repair acts on a source that no run made."""

    observed: ObservedSource
    expected: ExpectedSource
