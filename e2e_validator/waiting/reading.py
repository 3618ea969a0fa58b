"""What one look at the system told: still on its way, there, or never going to be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Progress(Enum):
    """Where a thing that is waited for stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Reading:
    """One observation.

    ``seen`` is what a person reads ("4 of 6 files done"); two readings with the same ``seen`` and ``facts`` are no
    change. ``reason`` says, for a dead one, which terminal state was seen.
    """

    progress: Progress
    seen: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    def same_as(self, other: Reading | None) -> bool:
        """Whether nothing changed since ``other``."""
        return other is not None and (self.seen, dict(self.facts)) == (other.seen, dict(other.facts))


def pending(seen: str, **facts: Any) -> Reading:
    """Not there yet."""
    return Reading(Progress.PENDING, seen, facts)


def done(seen: str, **facts: Any) -> Reading:
    """There."""
    return Reading(Progress.DONE, seen, facts)


def dead(seen: str, reason: str, **facts: Any) -> Reading:
    """A terminal state: it will never be there; waiting longer cannot help."""
    return Reading(Progress.DEAD, seen, facts, reason)
