"""What a repair is. The rules are those of design.md: own source only, by evidence, bounded, never a false "done"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.access.masu import Masu
from e2e_validator.access.source_state import Manifest, SourceState
from e2e_validator.access.transports import Transport
from e2e_validator.access.writing import Writing
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.registry import DETECTORS


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What was done: one sentence, how to take it back, and rows that were removed, by name, to be kept on disk."""

    did: str
    undo: str
    removed: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a repair may act with."""

    writing: Writing
    masu: Masu
    transport: Transport
    """How payloads go in here: announcing again goes the same way."""
    keep: Callable[[RepairResult], None]
    """Puts on disk what is about to be done; called before a transaction is committed, so that no undo is lost."""


Apply = Callable[[Case, Tools], RepairResult]
Took = Callable[[Case, SourceState], bool]
"""Whether the repair had an effect: the case it was made on, and what is seen now."""


def moved(before: Case, now: SourceState) -> bool:
    """Whether Koku has gone on with this payload's manifest (or has recorded it)."""
    old, new = before.observed.manifest, now.manifest(before.observed.manifest_uuid)
    return new is not None and (old is None or _progress(new) != _progress(old))


def _progress(manifest: Manifest) -> tuple[Any, ...]:
    return manifest.states(), manifest.state, manifest.statuses(), manifest.completed


@dataclass(frozen=True, slots=True)
class Repair:
    """One entry of the registry; the texts are what ``e2e-validator repairs`` shows."""

    name: str
    phases: tuple[str, ...]
    causes: tuple[str, ...]
    """What it mends: causes that detectors name (``diagnose/registry.py``)."""
    action: str
    writes: str
    undo: str
    contract: str
    apply: Apply
    limit: int = 1
    """How often it is tried in one phase."""
    effect_seconds: float = 120.0
    """How long its effect may take to be seen."""
    took: Took = moved
    after_failure: bool = False
    """Whether it may repair what the phase takes for a terminal state."""

    @property
    def detection(self) -> str:
        """The evidence by which its causes are recognised, as the detectors say it."""
        return "; or ".join(
            one.detection
            for one in DETECTORS
            if one.cause in self.causes and (not one.phases or set(one.phases) & set(self.phases))
        )
