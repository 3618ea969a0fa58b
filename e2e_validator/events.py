"""What happens in a run, as small frozen records: phases emit them, reports consume them.

Every field is JSON-ready; times are UTC ISO 8601 strings, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from e2e_validator.finding import Finding


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run began, or goes on (``resumed``); ``scenarios`` maps each scenario's name to its phase names in order.

    ``until`` is the phase after which it is to end (``--until-phase``): those behind it are not wanted now.
    """

    at: str
    run_id: str
    target: str
    today: str
    versions: Mapping[str, str]
    scenarios: Mapping[str, list[str]]
    out_dir: str
    resumed: bool = False
    until: str = ""


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
class Recognised:
    """Something known was recognised by its evidence; ``repair`` is the name of what may mend it, or empty.

    ``finding.final`` is False for what may pass by itself: a process is slow, or a task waits for its worker.
    """

    at: str
    scenario: str
    phase: str
    finding: Finding
    repair: str
    unchanged_seconds: float

    @property
    def cause(self) -> str:
        """The finding's name."""
        return self.finding.cause


@dataclass(frozen=True, slots=True)
class Repaired:
    """One try of a repair came to its end.

    ``effect`` is ``worked``, ``no effect`` (done, and nothing came of it), ``failed`` (could not be done) or
    ``declined`` (the user said no); ``folder`` holds the evidence before and after, relative to the run's folder.
    """

    at: str
    scenario: str
    phase: str
    repair: str
    cause: str
    number: int
    limit: int
    did: str
    effect: str
    seconds: float
    expected: bool
    undo: str
    folder: str


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    """A phase ended; ``facts`` is what is now true, ``headline``/``detail`` say why it is not PASSED.

    ``finding`` says why a phase did not pass, with what can be done; ``repairs`` holds each try of a repair, as a
    mapping of ``Repaired`` without ``at``, ``scenario`` and ``phase``.
    """

    at: str
    scenario: str
    phase: str
    verdict: str
    seconds: float
    facts: str = ""
    headline: str = ""
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    finding: Finding | None = None
    repairs: Sequence[Mapping[str, Any]] = ()

    @property
    def cause(self) -> str:
        """The name of what the phase failed of; empty where it passed or that is not known."""
        return self.finding.cause if self.finding else ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Scenarios that were selected and did not run, and why."""

    at: str
    scenarios: Sequence[str]
    reason: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended."""

    at: str
    run_id: str
    exit_code: int
    seconds: float
    interrupted: str = ""
    """What ended it early: SIGINT or SIGTERM."""


Event = RunStarted | PhaseStarted | Observed | Heartbeat | Recognised | Repaired | PhaseFinished | LeftOut | RunFinished
Emit = Callable[[Event], None]


def as_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object with its kind."""
    return {"event": type(event).__name__, **asdict(event)}
