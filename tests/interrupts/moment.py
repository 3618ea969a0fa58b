"""Which signal, to whom and when."""

from __future__ import annotations

import random
import signal
from collections.abc import Mapping
from dataclasses import dataclass

MODES = ("plain", "xdist")
WORKERS = {"plain": (), "xdist": ("-n", "2")}


@dataclass(frozen=True, slots=True)
class Moment:
    """One interrupt, or two: the second ``again`` seconds after the first."""

    mode: str
    number: signal.Signals = signal.SIGINT
    whole_group: bool = True
    """As a terminal does; else the controller alone."""
    after: float | None = None
    """Seconds from the start of the process; None: never."""
    again: float | None = None

    def __str__(self) -> str:
        whom = "group" if self.whole_group else "controller"
        twice = f" and {self.again:.1f} s later" if self.again is not None else ""
        return f"{self.mode:<6} {self.number.name:<8} {whom:<10} at {self.after or 0:5.2f} s{twice}"


def drawn(seed: int, mode: str, lengths: Mapping[str, float]) -> Moment:
    """The moment of a seed, anywhere in a run of that length; every fourth is interrupted twice."""
    dice = random.Random(seed)
    return Moment(
        mode,
        dice.choice((signal.SIGINT, signal.SIGTERM)),
        dice.random() < 0.5,
        dice.uniform(0.2, lengths[mode]),
        dice.uniform(0.8, 3.0) if dice.random() < 0.25 else None,
    )
