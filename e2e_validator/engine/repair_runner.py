"""Does a repair: asks whether it may, notes it before and after, keeps its evidence, and says whether it had an effect.

The order is the rule (design.md): evidence on disk, the intent in the state, the action, the undo, the effect. A run
that is killed in between finds in the state that it had begun.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.writing import Writing
from e2e_validator.bundle.taking import take_before_repair
from e2e_validator.diagnose.case import Case
from e2e_validator.engine.context import Context
from e2e_validator.engine.examining import evidence_of
from e2e_validator.engine.sending import transport_for
from e2e_validator.errors import E2EError, first_line
from e2e_validator.events import Recognised, Repaired
from e2e_validator.finding import Finding
from e2e_validator.moments import stamp
from e2e_validator.repair.repair import Repair, RepairResult, Tools
from e2e_validator.whole_file import write_whole

_CANNOT = (LookupError, psycopg.Error, Unreachable, Refused, E2EError)
BEGUN = "begun"
NO_EFFECT = "no effect"


@dataclass
class Try:
    """One try of a repair whose effect is still to be seen."""

    repair: Repair
    case: Case
    record: dict[str, Any]
    began: float


@dataclass
class RepairRunner:
    """The repairs of one phase."""

    context: Context
    clock: Callable[[], float] = time.monotonic
    recognised: set[str] = field(default_factory=set)
    _bundled: set[str] = field(default_factory=set)

    def recognise(self, finding: Finding, repair: str, still: float) -> None:
        """Note what is wrong: once as an event, and as the cause if the phase fails of it."""
        self.context.finding = finding
        if finding.cause in self.recognised:
            return
        self.recognised.add(finding.cause)
        self.context.emit(
            Recognised(stamp(), self.context.plan.name, self.context.phase, finding, repair, round(still, 1))
        )

    def look_around_first(self, repair: Repair, finding: Finding) -> bool:
        """Take the bundle that shows the deployment before the repair; False when there is none to be taken now.

        That takes its time: the repair must look again afterwards whether all is still as it was.
        """
        before = f"{len(self.context.state.repairs) + 1}-{repair.name}"
        if before in self._bundled or self._ruled_out(repair):
            return False
        self._bundled.add(before)
        return take_before_repair(self.context, before, finding) is not None

    def refusal(self, repair: Repair, finding: Finding) -> str:
        """Why the repair may not be done now; empty when it may."""
        ruled_out = self._ruled_out(repair)
        if ruled_out:
            return ruled_out
        if self.context.repair == "ask" and not self.context.ask(self._question(repair, finding)):
            self.note(
                self._record(repair, finding) | {"effect": "declined", "did": "nothing: declined at the terminal"}
            )
            return f"{repair.name} was declined at the terminal"
        return ""

    def _ruled_out(self, repair: Repair) -> str:
        """Why the repair may not be done, whatever the options say; empty when it may."""
        allowed = self.context.loaded.scenario.repairs
        if self.context.repair == "off":
            return f"{repair.name} could repair it; repairs are off"
        if allowed == "none" or (allowed is not None and repair.name not in allowed):
            return f"{repair.name} could repair it; the scenario does not allow that"
        tried = [record for record in self.tried() if record["repair"] == repair.name]
        if len(tried) >= repair.limit:
            ends = ", ".join(record["effect"] for record in tried)
            return f"{repair.name} was tried {len(tried)} of {repair.limit} times: {ends}"
        return ""

    def tried(self) -> list[dict[str, Any]]:
        """Every try in this phase, those before an interruption included."""
        return [record for record in self.context.state.repairs if record["phase"] == self.context.phase]

    def do(self, repair: Repair, case: Case, finding: Finding) -> Try | None:
        """Do it; None when it could not be done."""
        record = self._record(repair, finding)
        folder = self.context.run.folder / record["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        before = {
            "finding": asdict(finding),
            "still_seconds": round(case.observed.still_seconds, 1),
            "sessions": [str(session) for session in case.observed.sessions],
            "queued": case.observed.queued,
            "evidence": case.observed.evidence,
        }
        write_whole(folder / "before.json", _json(before))
        record |= {"summarised": _stamp(case, "summarised"), "costed": _stamp(case, "cost_derived")}
        self.context.state.repairs.append(record)
        self.context.state.save()
        attempt = Try(repair, case, record, self.clock())

        def keep(result: RepairResult) -> None:
            for name, rows in result.removed.items():
                write_whole(folder / f"removed-{name}.json", _json(rows))
            write_whole(folder / "undo.sql", result.undo + "\n")
            record.update(did=result.did, undo=result.undo)
            self.context.state.save()

        clients = self.context.clients
        writing = Writing(self.context.target, self.context.run.id)
        index = self.context.payload_index
        sent = next((one for one in self.context.state.payloads if one.index == index and not one.control), None)
        tools = Tools(writing, clients.masu, transport_for(self.context, sent), keep)
        try:
            keep(repair.apply(case, tools))
        except _CANNOT as error:
            reason = first_line(error)
            record["did"] = f"{record['did']}; then: {reason}" if record["did"] else reason
            self.ended(attempt, "failed")
            return None
        return attempt

    def ended(self, attempt: Try, effect: str) -> None:
        """Note what came of it, with the evidence of after."""
        attempt.record |= {"effect": effect, "seconds": round(self.clock() - attempt.began, 1)}
        folder = self.context.run.folder / attempt.record["folder"]
        try:
            write_whole(folder / "after.json", _json({"effect": effect, "evidence": evidence_of(self.context)}))
        except (Unreachable, psycopg.Error) as error:
            write_whole(folder / "after.json", _json({"effect": effect, "not readable": str(error)}))
        self.note(attempt.record)

    def note(self, record: dict[str, Any]) -> None:
        """Keep the record in the state, in place of the same try's, and tell of it."""
        others = [one for one in self.context.state.repairs if one["folder"] != record["folder"]]
        self.context.state.repairs = [*others, record]
        self.context.state.save()
        public = {name: value for name, value in record.items() if name in Repaired.__dataclass_fields__}
        self.context.repairs.append({name: value for name, value in public.items() if name != "phase"})
        self.context.emit(Repaired(at=stamp(), scenario=self.context.plan.name, **public))

    def _record(self, repair: Repair, finding: Finding) -> dict[str, Any]:
        number = sum(record["repair"] == repair.name for record in self.tried()) + 1
        count = len(self.context.state.repairs) + 1
        expected = self.context.loaded.scenario.expect.repaired or ()
        return {
            "repair": repair.name,
            "cause": finding.cause,
            "phase": self.context.phase,
            "number": number,
            "limit": repair.limit,
            "did": "",
            "undo": "",
            "effect": BEGUN,
            "seconds": 0.0,
            "expected": repair.name in expected,
            "folder": f"{self.context.plan.name}/repairs/{count}-{repair.name}",
        }

    def _question(self, repair: Repair, finding: Finding) -> str:
        return (
            f"{self.context.plan.name}: {self.context.phase}: {finding.sentence}.\n"
            f"{repair.name} {repair.action}.\nIt writes {repair.writes}. Undo: {repair.undo}.\nDo it?"
        )


def close_open_tries(context: Context) -> None:
    """Say of a repair whose effect was waited for when the phase ended that none was seen."""
    for record in list(context.state.repairs):
        if record["phase"] == context.phase and record["effect"] == BEGUN:
            RepairRunner(context).note(record | {"effect": NO_EFFECT})


def _stamp(case: Case, name: str) -> str | None:
    period = case.observed.state.period(case.expected.month)
    value = getattr(period, name) if period else None
    return value.isoformat() if value else None


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, default=str)
