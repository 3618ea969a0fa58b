"""The waiter: polls until success, give-up or time-out, and remembers what it saw last and since when.

tenacity drives the loop; clock and sleep are injected, so that a test of a twenty-minute wait takes a millisecond.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import tenacity

from e2e_validator.errors import GaveUp, Inconclusive, PhaseTimeout
from e2e_validator.moments import now
from e2e_validator.waiting.reading import Progress, Reading

# Quick while things change, slower when idle: a change is noticed within 0.3 s at no more than 5 statements a
# second, and a system in which nothing happened for a minute is not hammered (make bench shows both).
FIRST_POLL_SECONDS = 0.15
BUSY_POLL_SECONDS = 0.28
IDLE_POLL_SECONDS = 2.0
IDLE_AFTER_SECONDS = 60.0
SLOWDOWN = 1.3
# A stop request is looked for this often while sleeping.
STOP_SLICE_SECONDS = 0.25


Value = TypeVar("Value")


class Interrupted(KeyboardInterrupt):
    """The run was asked to stop while something was waited for."""


@dataclass(slots=True)
class Wait:
    """One running wait: what was seen last, when it last changed, how often it was looked at."""

    started: float
    polls: int = 0
    changed_at: float = 0.0
    changed_wall: datetime | None = None
    last: Reading | None = None
    trouble: Exception | None = None
    unchanged_polls: int = 0
    beat_at: float = 0.0


def _ignore_observed(_wait: Wait, _elapsed: float) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """Waits for one thing at a time.

    ``transient`` lists the exceptions that may pass by themselves (a restarting server); any other ends the wait at
    once. ``on_change`` is called when a reading differs from the one before, ``on_beat`` every ``beat_seconds``.
    """

    limit_seconds: float
    transient: tuple[type[Exception], ...] = ()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    stopped: Callable[[], bool] = field(default=lambda: False)
    on_change: Callable[[Wait, float], None] = _ignore_observed
    on_beat: Callable[[Wait, float], None] = _ignore_observed
    beat_seconds: float = 60.0

    def wait_for(self, what: str, observe: Callable[[], Reading]) -> Reading:
        """Poll ``observe`` until it is done, and return that reading.

        Raises:
            GaveUp: a terminal state was seen.
            PhaseTimeout: the limit passed; says what was last seen and since when nothing changed.
            Inconclusive: the limit passed and the system could not even be read at the end.
            Interrupted: the run was asked to stop.
        """
        now = self.clock()
        wait = Wait(started=now, changed_at=now, beat_at=now)
        retrying = tenacity.Retrying(
            stop=lambda _: self.clock() - wait.started >= self.limit_seconds,
            wait=lambda _: self._next_delay(wait),
            retry=tenacity.retry_if_result(lambda reading: reading.progress is Progress.PENDING)
            | tenacity.retry_if_exception_type(self.transient),
            sleep=self._sleep,
            retry_error_callback=lambda _: self._time_out(what, wait),
        )
        reading: Reading = retrying(self._look, observe, wait)
        if reading.progress is Progress.DEAD:
            raise GaveUp(
                f"{what}: {reading.reason}",
                detail=self._last_seen(wait, self.clock() - wait.started),
            )
        return reading

    def wait_for_value(self, what: str, read: Callable[[], Value]) -> Value:
        """What ``read`` returns, as soon as it can be read; only transient errors are waited out.

        Raises:
            Inconclusive: it could not be read within the limit.
            Interrupted: the run was asked to stop.
        """
        values: list[Value] = []

        def observe() -> Reading:
            values.append(read())
            return Reading(Progress.DONE, f"{what} read")

        self.wait_for(what, observe)
        return values[-1]

    def _look(self, observe: Callable[[], Reading], wait: Wait) -> Reading:
        """Take one reading and note whether it changed anything."""
        if self.stopped():
            raise Interrupted
        wait.polls += 1
        try:
            reading = observe()
        except self.transient as error:
            wait.trouble = error
            wait.unchanged_polls += 1
            self._beat(wait)
            raise
        wait.trouble = None
        elapsed = self.clock() - wait.started
        if reading.same_as(wait.last):
            wait.unchanged_polls += 1
        else:
            wait.last, wait.unchanged_polls = reading, 0
            wait.changed_at, wait.changed_wall = self.clock(), now()
            self.on_change(wait, elapsed)
        self._beat(wait)
        return reading

    def _beat(self, wait: Wait) -> None:
        """Say once in a while that the wait goes on."""
        now = self.clock()
        if now - wait.beat_at >= self.beat_seconds:
            wait.beat_at = now
            self.on_beat(wait, now - wait.started)

    def _next_delay(self, wait: Wait) -> float:
        """Seconds until the next look: short after a change, longer the longer nothing happened."""
        now = self.clock()
        left = self.limit_seconds - (now - wait.started)
        idle = now - wait.changed_at >= IDLE_AFTER_SECONDS
        delay = FIRST_POLL_SECONDS * SLOWDOWN ** min(wait.unchanged_polls, 20)
        return max(0.0, min(delay, IDLE_POLL_SECONDS if idle else BUSY_POLL_SECONDS, left))

    def _sleep(self, seconds: float) -> None:
        """Sleep in slices, so that a stop request is seen within a fraction of a second."""
        while seconds > 0:
            if self.stopped():
                raise Interrupted
            slice_seconds = min(seconds, STOP_SLICE_SECONDS)
            self.sleep(slice_seconds)
            seconds -= slice_seconds

    def _time_out(self, what: str, wait: Wait) -> Reading:
        """End the wait with everything that is known."""
        elapsed = self.clock() - wait.started
        detail = self._last_seen(wait, elapsed)
        if wait.trouble is not None:
            raise Inconclusive(
                f"{what}: could not be read any more after {elapsed:.0f}s", detail=detail
            ) from wait.trouble
        seen = wait.last.seen if wait.last else "nothing"
        raise PhaseTimeout(f"{what}: not within {elapsed:.0f}s; last seen: {seen}", detail=detail)

    def _last_seen(self, wait: Wait, elapsed: float) -> str:
        """The lines that every failed wait carries."""
        lines = []
        if wait.last is not None:
            at = f"{wait.changed_wall:%H:%M:%S} UTC  " if wait.changed_wall else ""
            lines.append(f"last seen   {at}{wait.last.seen}")
            lines.extend(f"            {name} = {value}" for name, value in wait.last.facts.items())
        unchanged = self.clock() - wait.changed_at
        lines.append(f"progress    {wait.polls} polls in {elapsed:.1f}s, no change for {unchanged:.1f}s")
        if wait.trouble is not None:
            lines.append(f"trouble     {type(wait.trouble).__name__}: {wait.trouble}")
        return "\n".join(lines)
