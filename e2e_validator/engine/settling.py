"""Before and after a deletion: whether Koku is still at work on what is deleted.

Line items have no key to their source (docs/contract/koku.md 5.5): what Koku writes of a file while its source is
deleted comes after the deletion, and nothing removes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from e2e_validator.access.source_state import Manifest
from e2e_validator.engine.context import Context
from e2e_validator.engine.inventory import of_scenario
from e2e_validator.errors import PhaseTimeout, counted
from e2e_validator.verdict import GOOD
from e2e_validator.waiting import Reading, done, pending
from e2e_validator.waiting.reading import Progress

# How long nothing must be left, or nothing change, of a scenario that was cut short while Koku was at work on it.
SETTLE_SECONDS = 2.0


def cut_short(context: Context) -> bool:
    """Whether Koku may still be at work on something: announced, and not seen through."""
    verdicts = context.state.verdicts
    announced = any(name.split("[")[0] == "ingest" for name in verdicts)
    return announced and any(verdicts[name] not in GOOD for name in verdicts if name != "cleanup")


def wait_for_rest(context: Context, sources: Sequence[Mapping[str, str]], limit_seconds: float) -> None:
    """Wait until nothing is in work of the sources; those on which nothing changes any more are at rest too.

    A fault that the scenario is about may keep a file in work for ever, so that the limit is no failure.
    """
    rest = Rest(partial(in_work, context, sources), SETTLE_SECONDS)
    try:
        context.waiter(interruptible=False, limit_seconds=limit_seconds or 0.001).wait_for("Koku to rest", rest.look)
    except PhaseTimeout:
        return


def in_work(context: Context, sources: Sequence[Mapping[str, str]]) -> Reading:
    """The manifests that Koku has begun and not ended, and how much there is of the sources."""
    states = [context.clients.database.observe(source["uuid"]) for source in sources]
    open_ones = [one for state in states for one in state.manifests if _open(one)]
    if not open_ones:
        return done("nothing is in work")
    files = {one.uuid: (one.statuses(), one.states()) for one in open_ones}
    return pending(
        f"{counted(len(open_ones), 'manifest')} in work", files=files, **of_scenario(context, sources).counts()
    )


def _open(manifest: Manifest) -> bool:
    return manifest.completed is None and not any(report.status == "FAILED" for report in manifest.reports)


@dataclass
class Rest:
    """Believes that Koku rests once nothing is in work, or nothing of it has changed for ``seconds``."""

    look_once: Callable[[], Reading]
    seconds: float
    clock: Callable[[], float] = time.monotonic
    since: float = 0.0
    last: Reading | None = None

    def look(self) -> Reading:
        """What is in work; done when nothing is, or nothing moves."""
        reading, now = self.look_once(), self.clock()
        if not reading.same_as(self.last):
            self.last, self.since = reading, now
        if reading.progress is Progress.PENDING and now - self.since >= self.seconds:
            return done(f"{reading.seen}; nothing has changed for {self.seconds:.0f}s")
        return reading


@dataclass
class Settled:
    """Believes that nothing is left once it has been so for ``seconds``."""

    look_once: Callable[[], Reading]
    seconds: float
    clock: Callable[[], float] = time.monotonic
    since: float | None = None

    def look(self) -> Reading:
        """What is still there; pending while it has not settled."""
        reading, now = self.look_once(), self.clock()
        if reading.progress is not Progress.DONE:
            self.since = None
            return reading
        self.since = now if self.since is None else self.since
        if now - self.since < self.seconds:
            return pending(f"{reading.seen}; watching for {self.seconds:.0f}s whether it stays so")
        return reading
