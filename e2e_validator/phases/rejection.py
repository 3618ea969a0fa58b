"""rejection: a payload that Koku cannot take leaves behind exactly what it leaves on a real Koku.

Many rejections leave nothing at all, and so does a listener that is dead; a payload that is converted and never
summarised looks like one whose summary still waits in a queue. So a healthy one (control payload) is announced after
the bad one: only when its manifest is completed, and the bad payload's traces are what they must be and have not
changed for as long as the control payload took, is the rejection believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.access.source_state import Manifest
from e2e_validator.engine.context import Context
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.errors import HarnessError
from e2e_validator.scenario.model import Rejected
from e2e_validator.waiting import Reading, dead, done, pending

LEAST_SETTLE_SECONDS = 2.0


def run(context: Context) -> Outcome:
    """Wait until the control payload is through and the traces of the bad payload have settled."""
    expected = context.loaded.scenario.expect.rejected
    if expected is None:
        raise HarnessError(f"The scenario {context.plan.name} expects no rejection, but has the phase.")
    watch = Watch(context, expected)
    reading = context.waiter().wait_for("rejection of the payload", watch.look)
    return Outcome(f"as on real Koku: {reading.seen}", reading.facts)


@dataclass
class Watch:
    """Looks at the bad payload's traces and at the control payload."""

    context: Context
    expected: Rejected
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    settled_since: float | None = None
    control_seconds: float | None = None

    def __post_init__(self) -> None:
        """The clock starts with the watch."""
        self.started = self.clock()

    def look(self) -> Reading:
        """Where the rejection stands."""
        now = self.clock()
        traces, wanted = self.traces(), wanted_traces(self.expected)
        facts = {"traces": traces, "expected": wanted}
        accepted = _accepted(traces, wanted)
        if accepted:
            return dead(accepted, f"Koku took the payload: {accepted}", **facts)
        sent, control = self._control()
        if control is None or not _through(control, sent.files):
            self.settled_since = None
            standing = _standing(control, sent.files)
            if control is not None and any(report.status == "FAILED" for report in control.reports):
                return dead(
                    f"control payload: {standing}", "the control payload failed, so nothing proves a rejection", **facts
                )
            return pending(f"control payload: {standing}; traces: {_short(traces)}", **facts)
        if self.control_seconds is None:
            self.control_seconds = max(now - self.started, _seconds(control))
        if traces != wanted:
            self.settled_since = None
            return pending(f"control payload is through; traces: {_short(traces)}, expected: {_short(wanted)}", **facts)
        if self.settled_since is None:
            self.settled_since = now
        settle = max(LEAST_SETTLE_SECONDS, self.control_seconds)
        if now - self.settled_since < settle:
            return pending(f"{_short(traces)}, as expected; watching for {settle:.0f}s whether it stays so", **facts)
        return done(_short(traces), **facts)

    def traces(self) -> dict[str, Any]:
        """What the bad payload has left behind by now."""
        context = self.context
        manifests = context.clients.database.manifests_of(context.source_key)
        if context.state.source is None:
            return {"manifest": "present" if manifests else "absent", "summary_rows": 0}
        state = context.observe()
        manifest = context.manifest(state)
        traces: dict[str, Any] = {"manifest": "absent", "summary_rows": state.summary_rows}
        if manifest is not None:
            traces |= _of_manifest(manifest)
        elif state.manifests or manifests:
            traces["manifest"] = "present, under another uuid"
        return traces

    def _control(self) -> tuple[SentPayload, Manifest | None]:
        """The control payload and its manifest, if Koku has recorded it."""
        source, sent = self.context.state.control_source, self.context.state.control
        if source is None or sent is None:
            raise HarnessError("A negative scenario without a control payload proves nothing.")
        return sent, self.context.clients.database.observe(source["uuid"]).manifest(sent.uuid)


def _through(control: Manifest, files: int) -> bool:
    """Whether the control payload went the whole way: what was queued before it has had its turn."""
    return control.completed is not None and sum(report.done for report in control.reports) == files


def _standing(control: Manifest | None, files: int) -> str:
    """Where the control payload stands, in a few words."""
    if control is None:
        return "no manifest row yet"
    files_done = sum(report.done for report in control.reports)
    return f"{files_done} of {files} files done" + (", not completed yet" if files_done == files else "")


def _seconds(control: Manifest) -> float:
    """How long Koku worked on the control payload, by its own clock: it may have begun long before the watch."""
    if control.created is None or control.completed is None:
        return 0.0
    return (control.completed - control.created).total_seconds()


def wanted_traces(expected: Rejected) -> dict[str, Any]:
    """The traces that the scenario expects, in the shape of ``Watch.traces``."""
    traces: dict[str, Any] = {"manifest": expected.manifest, "summary_rows": expected.summary_rows}
    if expected.manifest == "present":
        status = expected.report_status.model_dump() if expected.report_status else {}
        state = expected.state.model_dump() if expected.state else {}
        traces["report_status"] = {name: count for name, count in sorted(status.items()) if count}
        traces["state"] = {name: sorted(words) for name, words in sorted(state.items()) if words}
        traces["completed"] = False
    return traces


def _of_manifest(manifest: Manifest) -> dict[str, Any]:
    return {
        "manifest": "present",
        "report_status": manifest.statuses(),
        "state": manifest.states(),
        "completed": manifest.completed is not None,
    }


def _accepted(traces: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """Why the payload counts as taken, which nothing can undo; empty when it was not."""
    if traces.get("completed"):
        return "its manifest is completed"
    if traces["summary_rows"] > wanted["summary_rows"]:
        return f"{traces['summary_rows']} rows in the daily summary"
    if traces["manifest"] != "absent" and wanted["manifest"] == "absent":
        return "it has a manifest row"
    return ""


def _short(traces: Mapping[str, Any]) -> str:
    """The traces in a few words."""
    if "report_status" not in traces:
        return f"manifest {traces['manifest']}"
    files = ", ".join(f"{count} {name}" for name, count in traces["report_status"].items()) or "no files"
    steps = ", ".join(f"{name} {'+'.join(words)}" for name, words in traces["state"].items())
    return f"{files}; {steps}"
