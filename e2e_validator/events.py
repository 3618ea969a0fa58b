"""What happens in a run, as small frozen records: phases emit them, reports consume them.

Every field is JSON-ready; times are UTC ISO 8601 strings, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run began; ``scenarios`` maps each scenario's name to its phase names in order."""

    at: str
    run_id: str
    target: str
    today: str
    versions: Mapping[str, str]
    scenarios: Mapping[str, list[str]]
    out_dir: str


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase of a scenario began."""

    at: str
    scenario: str
    phase: str


@dataclass(frozen=True, slots=True)
class Observed:
    """A waiter saw something new; unchanged polls are not events."""

    at: str
    scenario: str
    phase: str
    poll: int
    elapsed_seconds: float
    seen: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A waiter is still waiting; ``unchanged_seconds`` since the last change."""

    at: str
    scenario: str
    phase: str
    elapsed_seconds: float
    limit_seconds: float
    seen: str
    unchanged_seconds: float


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    """A phase ended; ``facts`` is what is now true, ``headline``/``detail`` say why it is not PASSED."""

    at: str
    scenario: str
    phase: str
    verdict: str
    seconds: float
    facts: str = ""
    headline: str = ""
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended."""

    at: str
    run_id: str
    exit_code: int
    seconds: float


Event = RunStarted | PhaseStarted | Observed | Heartbeat | PhaseFinished | RunFinished
Emit = Callable[[Event], None]


def as_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object with its kind."""
    return {"event": type(event).__name__, **asdict(event)}
