"""Takes a bundle for a phase and writes it, without secrets, into ``<run>/<scenario>/bundle/<phase>/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from e2e_validator.bundle.boxes import Limits, collect
from e2e_validator.bundle.look import Collector, Look, Prefix, Source
from e2e_validator.bundle.of_cluster import EVENTS, LOGS, PODS
from e2e_validator.bundle.of_database import SNAPSHOT, SOURCES
from e2e_validator.bundle.of_services import LAG, OBJECTS, QUEUES, VERSIONS
from e2e_validator.bundle.of_stack import STACK
from e2e_validator.bundle.summary import Occasion, log_text, summary_text
from e2e_validator.engine.archive import archive_prefixes
from e2e_validator.events import Event, PhaseFinished
from e2e_validator.finding import Finding
from e2e_validator.moments import now, stamp
from e2e_validator.verdict import Verdict

if TYPE_CHECKING:
    from e2e_validator.engine.context import Context
from e2e_validator.engine.redacting import Redacts

FOLDER = "bundle"
SUMMARY, LOG = "summary.md", "bundle.log"
TAKEN_AT = frozenset({Verdict.FAILED, Verdict.BLOCKED, Verdict.INCONCLUSIVE})
COLLECTORS: tuple[Collector, ...] = (
    VERSIONS, SNAPSHOT, SOURCES, QUEUES, LAG, OBJECTS, PODS, EVENTS, LOGS, STACK,
)  # fmt: skip
# On one machine nothing is far away; what takes longer hangs.
_EMBEDDED = Limits(total=60.0, each=5.0)


@contextmanager
def remembering(context: Context) -> Iterator[None]:
    """Remember what the phase says during the block, for the timeline."""
    if context.redactor is None:
        yield
        return
    emit = context.emit

    def remember(event: Event) -> None:
        context.said.append(event)
        emit(event)

    context.emit = remember
    try:
        yield
    finally:
        context.emit = emit


def bundle_folder(context: Context, before: str = "") -> Path:
    """Where the bundle of the phase is; ``before`` names the repair before which it was taken."""
    folder = context.folder / FOLDER / context.phase
    return folder / f"before-{before}" if before else folder


def take_at_end(context: Context, finished: PhaseFinished) -> Path | None:
    """Take the bundle of a phase that did not pass; None when none is wanted."""
    if finished.verdict not in TAKEN_AT or context.redactor is None or context.run.stopped():
        return None
    occasion = Occasion(
        scenario=finished.scenario,
        phase=finished.phase,
        verdict=finished.verdict,
        headline=finished.headline,
        detail=finished.detail,
        finding=finished.finding,
        verdicts=context.state.verdicts,
    )
    return take(context, occasion, bundle_folder(context))


def take_before_repair(context: Context, before: str, finding: Finding) -> Path | None:
    """Take the bundle of what is about to be repaired; ``before`` is the number and the name of the repair."""
    occasion = Occasion(
        scenario=context.plan.name,
        phase=context.phase,
        headline=finding.sentence,
        finding=finding,
        before=before,
        verdicts=context.state.verdicts,
    )
    return take(context, occasion, bundle_folder(context, before))


def take(context: Context, occasion: Occasion, folder: Path) -> Path | None:
    """Collect and write; None when nothing could be written. It raises nothing but what stops the run."""
    redactor = context.redactor
    if redactor is None:
        return None
    look = look_of(context)
    known = look.target.kind != "none"
    boxes = collect(COLLECTORS, look, _EMBEDDED if look.target.kind == "embedded" else Limits()) if known else []
    at = stamp()
    log = log_text(boxes) if known else "nothing collected: the run has no target\n"
    files: dict[str, Any] = {name: content for box in boxes for name, content in box.files.items()}
    files |= {SUMMARY: summary_text(occasion, at, look.sources, context.said, boxes), LOG: log}
    try:
        for name, content in files.items():
            _write(folder / name, content, redactor)
    except OSError:
        # The disk is full or gone: the phase's own verdict says more than this error could.
        return None
    return folder


def look_of(context: Context) -> Look:
    """What there is to look at, by what the scenario has made so far."""
    state = context.state
    noted = [source for source in (state.source, state.control_source) if source and source.get("uuid")]
    sources = tuple(Source(one["uuid"], one["key"], one.get("name", "")) for one in noted)
    keys = dict.fromkeys(
        Prefix("own", "", payload.bucket) if payload.bucket else Prefix("ingress", payload.object_key)
        for payload in state.payloads
        if payload.object_key
    )
    kept = [Prefix("archive", one) for source in sources for one in archive_prefixes(context, source.uuid)]
    started = datetime.fromisoformat(context.said[0].at) if context.said else now()
    return Look(context.target, started, sources, (*keys, *kept), context.logs, context.clients.names)


def _write(path: Path, content: Any, redactor: Redacts) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        text = redactor.text(content)
    else:
        plain = json.loads(json.dumps(content, default=str))
        text = json.dumps(redactor.value(plain), indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
