"""How slow this machine is now: the one factor by which limits on our own servers, processes and tests are longer.

A limit is there for what hangs. What is only slow must not run into it, so a limit is a number of seconds on an idle
machine of today times this factor: the time that a fixed piece of work takes, and how many wait for each processor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from e2e_validator.errors import UsageError

VARIABLE = "E2E_SLOWNESS"
SMALLEST, LARGEST = 1.0, 40.0
# What the work below takes on an idle core of the machines that the limits were set on.
_NOMINAL_SECONDS = 0.025
_STEPS = 400_000

_seen: list[float] = []


def slowness() -> float:
    """The largest factor that this process has measured, at least 1; ``E2E_SLOWNESS`` says it instead.

    Raises:
        UsageError: the variable is not a number from 1 to 1000.
    """
    return given() or max(_seen or [measured()])


def measured() -> float:
    """Measure once more (it takes as long as the work, 0.03 s at best), and return ``slowness``."""
    said = given()
    if said is not None:
        return said
    _seen.append(min(max(_work(), _crowd(), SMALLEST), LARGEST))
    return max(_seen)


def scaled(seconds: float) -> float:
    """A limit of so many seconds on an idle machine, on this one now."""
    return seconds * slowness()


def expired(seconds: float, since: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Whether a limit that began at ``since`` is over; the machine may have become slower meanwhile."""
    return clock() - since > scaled(seconds) and clock() - since > seconds * measured()


def given(environ: Mapping[str, str] = os.environ) -> float | None:
    """The factor of the environment; None if none is given."""
    text = environ.get(VARIABLE, "").strip()
    return parsed(text, VARIABLE) if text else None


def parsed(text: str, where: str) -> float:
    """A factor as a user writes it.

    Raises:
        UsageError: it is not a number from 1 to 1000.
    """
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 1000:
        raise UsageError(f"{where} {text}: is not a factor; write a number from 1 to 1000, such as 4.")
    return factor


def settle(factor: float) -> None:
    """Let this process and all that it starts take this factor."""
    os.environ[VARIABLE] = f"{factor:g}"


def _work() -> float:
    """How many times as long as it should a fixed piece of work takes."""
    began = time.perf_counter()
    total = 0
    for number in range(_STEPS):
        total += number & 7
    return (time.perf_counter() - began) / _NOMINAL_SECONDS


def _crowd() -> float:
    """How many processes want each processor: now, and in the last minute."""
    try:
        words = Path("/proc/loadavg").read_text(encoding="ascii").split()
        wanting = max(float(words[0]), float(words[3].partition("/")[0]))
    except (OSError, ValueError, IndexError):
        wanting = 0.0
    return wanting / max(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 1)
