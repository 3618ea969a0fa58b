"""Stands beside a waiter: when nothing changes, has the detectors say what is wrong, and lets a repair be done.

Time alone proves nothing. Nothing of the source may have changed for ``repair_after`` seconds, twice looked at, and
the fault must be recognised by its evidence; a dead state is believed at once when no repair could help it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress

from e2e_validator.access.evidence import Evidence
from e2e_validator.access.http import Unreachable
from e2e_validator.diagnose.case import Case
from e2e_validator.diagnose.registry import recognise
from e2e_validator.engine.context import Context
from e2e_validator.engine.examining import Others, as_if_still, case_of, evidence_of, look_around, make_case
from e2e_validator.engine.repair_runner import NO_EFFECT, RepairRunner, Try
from e2e_validator.engine.task_ownership import TaskOwnership
from e2e_validator.repair.registry import REPAIRS, repair_of
from e2e_validator.repair.repair import Repair
from e2e_validator.waiting import Reading, dead, pending
from e2e_validator.waiting.reading import Progress

# The first evidence is taken soon after the last change: a session that opens later did not make it.
FIRST_LOOK_SECONDS = 0.5
# The times of the registry are those of a deployment for which ``repair_after`` is this.
USUAL_REPAIR_AFTER = 30.0
LEAST_PATIENCE_SECONDS = 5.0


class StallMonitor:
    """What a waiter looks through; call it like ``look``."""

    def __init__(
        self, context: Context, look: Callable[[Context], Reading], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``look`` is the phase's own."""
        self._context = context
        self._look = look
        self._clock = clock
        self._repairs = RepairRunner(context, clock)
        self._last: Reading | None = None
        self._since = clock()
        self._evidence: Evidence | None = None
        self._evidence_since = 0.0
        self._ownership = TaskOwnership()
        self._asked_at = 0.0
        self._try: Try | None = None
        self._worked = False

    def __call__(self) -> Reading:
        """The phase's reading, or what became of a repair."""
        reading = self._look(self._context)
        if self._try is not None:
            return self._effect(self._try, reading)
        if reading.progress is Progress.DONE:
            self._context.finding = None  # what held it up is over, whatever is found next
            return reading
        now = self._clock()
        if not reading.same_as(self._last):
            if self._last is not None:
                self._context.finding = None
            self._last, self._since, self._evidence = reading, now, None
        if reading.progress is Progress.DEAD and not self._worked and not self._could_be_repaired(reading):
            self._name_cause()
            return reading
        return self._still(reading, now)

    def _still(self, reading: Reading, now: float) -> Reading:
        """Nothing has changed: is it time to ask, and is it known?"""
        after = self._context.repair_after
        if now - self._since < min(FIRST_LOOK_SECONDS, after / 2):
            return _alive(reading)
        if self._evidence is None:
            self._asked_at = now
            others = look_around(self._context)
            self._begin_anew(others, evidence_of(self._context))
            return _alive(reading)
        if now - self._asked_at < after / 2:
            return _alive(reading)
        self._asked_at, still = now, now - self._evidence_since
        others = look_around(self._context)
        unattended = self._ownership.look(self._clock(), others)
        evidence = evidence_of(self._context)
        if evidence != self._evidence:
            self._begin_anew(others, evidence)
            self._context.finding = None
            return _alive(reading)
        if still < after:
            return _alive(reading)
        case = case_of(
            self._context,
            others,
            evidence,
            self._context.observe(),
            still=still,
            dead=reading.progress is Progress.DEAD,
            unattended=unattended,
            alone=self._ownership.alone_seconds,
        )
        return self._examined(case, reading)

    def _begin_anew(self, others: Others, evidence: Evidence) -> None:
        """Nothing is known to stand still yet. The time counts from after the looks: they may have had to wait."""
        self._ownership = TaskOwnership()
        self._ownership.look(self._clock(), others)
        self._evidence, self._evidence_since = evidence, self._clock()

    def _examined(self, case: Case, reading: Reading) -> Reading:
        finding = recognise(case.observed, case.expected)
        if finding is None:
            return reading
        repair = repair_of(finding.cause, case.expected.phase)
        self._repairs.recognise(finding, repair.name if repair else "", case.observed.still_seconds)
        if repair is None:
            return _dead(reading, finding.sentence) if finding.final else reading
        if self._repairs.look_around_first(repair, finding):
            self._asked_at = -math.inf  # whatever the time: it was spent on looking
            return _alive(reading)
        refusal = self._repairs.refusal(repair, finding)
        if refusal:
            return _dead(reading, f"{finding.sentence}; {refusal}")
        self._try = self._repairs.do(repair, case, finding)
        self._last = None
        did = "done, waiting for its effect" if self._try else "could not be done"
        return pending(f"{repair.name}: {did}", **reading.facts)

    def _effect(self, attempt: Try, reading: Reading) -> Reading:
        """Whether the repair took; until then its phase waits."""
        took = attempt.repair.took(attempt.case, self._context.observe())
        late = self._clock() - attempt.began >= self._patience(attempt.repair)
        if not took and not late:
            return pending(f"{attempt.repair.name}: waiting for its effect; {reading.seen}", **reading.facts)
        self._repairs.ended(attempt, "worked" if took else NO_EFFECT)
        self._try, self._last, self._since, self._evidence = None, None, self._clock(), None
        self._worked = self._worked or took
        if took or reading.progress is Progress.DONE:
            self._context.finding = None
        return _alive(reading)

    def _patience(self, repair: Repair) -> float:
        """How long an effect may take: what the registry says, in the measure of how fast this deployment is."""
        return max(LEAST_PATIENCE_SECONDS, repair.effect_seconds * self._context.repair_after / USUAL_REPAIR_AFTER)

    def _name_cause(self) -> None:
        """A terminal state that nothing can mend has a name too; one that cannot be read keeps that of its kind."""
        with suppress(Unreachable):
            state = self._context.observe()
            if self._context.manifest(state) is None:
                return
            case = make_case(self._context, still=0.0, dead=True)
            finding = recognise(case.observed, case.expected)
            if finding is not None:
                self._repairs.recognise(finding, "", 0.0)

    def _could_be_repaired(self, reading: Reading) -> bool:
        """Whether a dead state would be recognised as one that a repair mends, were it to stay as it is."""
        if not any(one.after_failure and self._context.base in one.phases for one in REPAIRS):
            return False
        case = as_if_still(make_case(self._context, still=0.0, dead=reading.progress is Progress.DEAD))
        finding = recognise(case.observed, case.expected)
        repair = repair_of(finding.cause, case.expected.phase) if finding else None
        return repair is not None and repair.after_failure


def _alive(reading: Reading) -> Reading:
    """A dead reading that may yet be repaired is waited on."""
    if reading.progress is Progress.PENDING:
        return reading
    if reading.progress is Progress.DONE:
        return reading
    return pending(f"{reading.seen}; looking whether that can be repaired", **reading.facts)


def _dead(reading: Reading, reason: str) -> Reading:
    return dead(reading.seen, reason, **reading.facts)
