"""Runs collectors side by side, each with an end: what has not come by then does not come."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.bundle.look import Collector, Look, NotHere
from e2e_validator.errors import first_line

TOTAL_SECONDS = 60.0
EACH_SECONDS = 15.0
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a bundle may take in all, and each collector of it, in seconds."""

    total: float = TOTAL_SECONDS
    each: float = EACH_SECONDS


@dataclass
class Box:
    """What one collector has handed over; closed at its end, so that one that is late changes nothing any more."""

    collector: Collector
    files: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, name: str, content: Any) -> None:
        """Take a file; an exception as its content is the reason why there is none."""
        with self._lock:
            if self._closed:
                return
            if isinstance(content, BaseException):
                self.problems.append(f"{name}: {reason_of(content)}")
            else:
                self.files[name] = content

    def close(self, problem: str, seconds: float) -> None:
        """Take nothing more; the first close counts."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self.seconds = round(seconds, 1)
            if problem:
                self.problems.append(problem)


def reason_of(error: BaseException) -> str:
    """The first line of what went wrong."""
    first = first_line(str(error))
    return (first if isinstance(error, NotHere) else f"{type(error).__name__}: {first}")[:_LONGEST_REASON]


def collect(collectors: Sequence[Collector], look: Look, limits: Limits) -> list[Box]:
    """Let all of them look at once; ends within the limits and raises nothing that a collector raised.

    Threads that hang are left behind: they are daemons, and their box is closed.
    """
    boxes = [Box(collector) for collector in collectors]
    began = time.monotonic()
    for box in boxes:
        name = f"bundle {box.collector.name}"
        threading.Thread(target=_run, args=(box, look, began), name=name, daemon=True).start()
    limit = min(limits.each, limits.total)
    for box in boxes:
        box.done.wait(max(0.0, began + limit - time.monotonic()))
        box.close(f"not done after {limit:g} s", limit)
    return boxes


def _run(box: Box, look: Look, began: float) -> None:
    problem = ""
    try:
        box.collector.collect(look, box.keep)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said, and the verdict stays
        problem = reason_of(error)
    box.close(problem, time.monotonic() - began)
    box.done.set()
