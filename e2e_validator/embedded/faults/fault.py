"""What a fault is, and what it gets to work with when its moment comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.plant import Plant
from e2e_validator.embedded.standin.checkpoints import Point
from e2e_validator.embedded.standin.config import StandinConfig

Scope = Literal["source", "stack"]
Release = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Happening:
    """A checkpoint that an armed fault has been waiting for, in the process that passes it."""

    point: Point
    armed: Armed
    facts: dict[str, Any]
    config: StandinConfig
    message: dict[str, Any] | None
    """The announcement this process is working on."""
    afterwards: Callable[[Release], None]
    """Have something undone when the listener is through with its message, or a worker with its file."""

    def option(self, name: str) -> Any:
        """What the fault was armed with, or its default."""
        return self.armed.options[name]


Act = Callable[[Happening], bool]
"""Does it; whether what would come next at the checkpoint must not happen any more."""
Begin = Callable[[Plant, Armed], Release]
"""Does it at once, in the control process; what is returned takes it back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the registry.

    A fault with ``points`` waits at a checkpoint (the first, unless it is armed with another of them as ``point``); one
    with ``begin`` starts when it is armed; one with neither is given in another way, which ``given_by`` tells.
    """

    name: str
    does: str
    """The mechanism, in a sentence."""
    contract: str
    """Where Koku's own behaviour is told."""
    symptoms: tuple[str, ...] = ()
    """What an operator sees: Koku's own texts, word for word, and states of the database."""
    scope: Scope = "source"
    """``source``: hits the armed cluster alone; ``stack``: others on the stack feel it."""
    points: tuple[Point, ...] = ()
    act: Act | None = None
    begin: Begin | None = None
    undo: Callable[[Plant, Armed], None] | None = None
    """Takes back what ``act`` has left standing, when the fault is cleared."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What can be said when arming it, with the defaults."""
    timed: bool = False
    """Its option ``seconds`` counts from the arming on."""
    fits: Callable[[Armed, dict[str, Any]], bool] = lambda _armed, _facts: True
    hits: int = 1
    """Checkpoints that make up one time."""
    given_by: str = ""
    classic_only: bool = False

    @property
    def built(self) -> bool:
        """Whether it can be armed."""
        return self.act is not None or self.begin is not None

    def point(self, options: Mapping[str, Any]) -> Point | None:
        """Where it waits."""
        return Point(options.get("point") or self.points[0]) if self.points else None
