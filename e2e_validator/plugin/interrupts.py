"""Ctrl-C and SIGTERM in a process that runs phases: the first stops the run and lets it clean up, a second does not.

Where a signal may end what goes on depends on where the process is. A phase gets a moment to stop by itself, because
a waiter stops between two looks and knows what it has asked for; then it is ended wherever it is. A cleanup is ended
by a second signal alone. Between phases, and while reports are written, a signal is only noted.

What one process of a run has seen the others read from the run's folder: a terminal signals them all, ``kill`` one.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from types import FrameType
from typing import Any

from e2e_validator.engine.run_state import Run

# How long a phase may take to stop by itself.
GRACE_SECONDS = 1.0
# ``timeout`` and some CI systems signal a process twice: as their child and with its group.
SAME_SECONDS = 0.7
_LOOK_SECONDS = 0.1
# A process that has just given its handlers back ignores it.
_NUDGE = signal.SIGURG
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
ONCE, TWICE = 1, 2


class _Place(Enum):
    OUTSIDE = "no phase runs, so a signal is a KeyboardInterrupt, as ever"
    BETWEEN = "it is noted"
    PHASE = "it ends the phase"
    CLEANUP = "a second one ends it"


class Interrupts:
    """The signals of one process; ``level`` is how often the run was interrupted: 0, ONCE, TWICE."""

    def __init__(
        self,
        run: Run,
        *,
        on_level: Callable[[int, str], None] = lambda _level, _by: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is caught yet.

        ``on_level`` is told, in a thread of its own, of each new level and the signal that brought it.
        """
        self.level = 0
        self.by = ""
        self.on_level = on_level
        self._run = run
        self._clock = clock
        self._place = _Place.OUTSIDE
        self._since = self._signalled_at = self._entered_at = 0.0
        self._own = 0
        self._announced = 0
        self._left = False
        self._before: dict[int, Any] = {}
        self._end = threading.Event()
        self._watcher: threading.Thread | None = None
        self._main = threading.main_thread()

    def catch(self) -> None:
        """Take the signals over; nothing in a thread other than the main one, whose embedder handles them itself."""
        if self._before or threading.current_thread() is not self._main:
            return
        self._before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        self._before[_NUDGE] = signal.signal(_NUDGE, lambda _number, _frame: self._act(nudged=True))

    def begin(self) -> None:
        """From here on something may be on the target: signals are noted, and the other processes listened to."""
        self._place = _Place.BETWEEN
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="e2e-interrupts", daemon=True)
            self._watcher.start()

    def finish(self) -> None:
        """The session is at its end: reports are written whatever comes, so from here on a signal is only noted."""
        if self._before:
            self._place = _Place.BETWEEN

    def leave(self) -> None:
        """As a worker whose session is over: execnet interrupts one that ends slowly, which was not asked for."""
        self._left = True

    def give_back(self) -> None:
        """Handle no signals any more."""
        self._end.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        for number, handler in self._before.items():
            with suppress(TypeError, ValueError):  # a handler that was not made by Python; another thread ends pytest
                signal.signal(number, handler)
        self._before = {}
        self._place = _Place.OUTSIDE

    @contextmanager
    def outside(self) -> Iterator[None]:
        """While a test that is no phase runs."""
        before, self._place = self._place, _Place.OUTSIDE
        try:
            yield
        finally:
            self._place = before

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """While a phase (its name without a payload's number) is at work.

        Raises:
            KeyboardInterrupt: a signal ends it, or had come before it began.
        """
        self.look()
        self._entered_at = self._clock()
        cleanup = phase == "cleanup"
        if self.level >= (TWICE if cleanup else ONCE):
            raise KeyboardInterrupt
        try:
            self._place = _Place.CLEANUP if cleanup else _Place.PHASE
            yield
        finally:
            self._place = _Place.BETWEEN

    def look(self) -> None:
        """Learn what the other processes of the run have seen."""
        seen = TWICE if self._run.abandon_file.exists() else ONCE if self._run.stopped() else 0
        if seen > self.level:
            self.level, self._since = seen, self._clock()
            self.by = self.by or self._run.stopped_by()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._left:
            return
        now = self._clock()
        if not self._own or now - self._signalled_at >= SAME_SECONDS:
            self._signalled_at = now
            self._own += 1
            self.by = self.by or signal.Signals(number).name
            if self._own > TWICE:
                self._place = _Place.OUTSIDE
            elif self._own > self.level:
                self.level, self._since = self._own, now
            if self._watcher is not None:
                self._tell_others()
        self._act()

    def _tell_others(self) -> None:
        with suppress(OSError):  # the disk is full or gone: this process stops all the same
            self._run.stop(self.by)
            if self.level >= TWICE:
                self._run.abandon_file.touch()

    def _act(self, *, nudged: bool = False) -> None:
        """End what goes on, where it is to be ended."""
        match self._place:
            case _Place.OUTSIDE:
                if not nudged:
                    self._place = _Place.BETWEEN
                    raise KeyboardInterrupt
            case _Place.PHASE:
                if nudged or self.level >= TWICE:
                    self._place = _Place.BETWEEN
                    raise KeyboardInterrupt
            case _Place.CLEANUP:
                if self.level >= TWICE:
                    self._place = _Place.BETWEEN
                    raise KeyboardInterrupt
            case _Place.BETWEEN:
                pass

    def _watch(self) -> None:
        while not self._end.wait(_LOOK_SECONDS):
            self.look()
            if self.by and self.level > self._announced:
                self._announced = self.level
                self.on_level(self.level, self.by)
            if self._overdue() and self._before and self._main.ident is not None:
                signal.pthread_kill(self._main.ident, _NUDGE)

    def _overdue(self) -> bool:
        if self._place is _Place.CLEANUP:
            return self.level >= TWICE
        waited = self._clock() - max(self._since, self._entered_at)
        return self._place is _Place.PHASE and self.level >= ONCE and (waited >= GRACE_SECONDS or self.level >= TWICE)
