"""``summary.md`` and ``bundle.log`` of a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from e2e_validator.bundle.boxes import Box
from e2e_validator.bundle.look import Source
from e2e_validator.errors import counted
from e2e_validator.events import Event, Heartbeat, Observed, PhaseFinished, PhaseStarted, Recognised, Repaired
from e2e_validator.finding import Finding

_MOST_MOMENTS = 200


@dataclass(frozen=True)
class Occasion:
    """Why a bundle is taken; ``before`` is empty unless something is about to be repaired."""

    scenario: str
    phase: str
    verdict: str = ""
    headline: str = ""
    detail: str = ""
    finding: Finding | None = None
    before: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)


def summary_text(
    occasion: Occasion, at: str, sources: Sequence[Source], events: Sequence[Event], boxes: Sequence[Box]
) -> str:
    """The page to begin with: what happened, when, and what was collected."""
    how = f"before the repair {occasion.before}" if occasion.before else f"ended {occasion.verdict}"
    lines = [f"# {occasion.scenario}: {occasion.phase} {how}", "", occasion.headline or "No reason was given.", ""]
    if occasion.detail.strip():
        lines += ["```", occasion.detail.strip("\n").replace("```", "'''"), "```", ""]
    found = occasion.finding.rows() if occasion.finding else {"cause": "not known"}
    lines += [*(f"* {label}: {text}" for label, text in found.items()), f"* taken: {at}"]
    lines += [f"* source: {source.uuid} ({source.key})" for source in sources]
    before = ", ".join(f"{name} {verdict}" for name, verdict in occasion.verdicts.items() if name != occasion.phase)
    lines += [f"* phases before: {before or 'none'}", "", "## Timeline", ""]
    moments = [moment for event in events if (moment := _moment(event))]
    if len(moments) > _MOST_MOMENTS:
        left = len(moments) - _MOST_MOMENTS
        half = _MOST_MOMENTS // 2
        moments = [*moments[:half], f"({left} more: see the run's journal)", *moments[-half:]]
    lines += [f"* {moment}" for moment in moments] or ["Nothing was seen."]
    lines += ["", "## What is here", "", "| file | from | what |", "|---|---|---|"]
    for box in boxes:
        lines += [f"| `{name}` | {box.collector.name} | {box.collector.what} |" for name in sorted(box.files)]
    missing = sum(len(box.problems) for box in boxes)
    lines += [
        "",
        f"{missing} could not be collected; `bundle.log` says why." if missing else "Everything was collected.",
    ]
    return "\n".join(lines) + "\n"


def log_text(boxes: Sequence[Box]) -> str:
    """One line for each collector, and one for each thing it could not get."""
    lines = []
    for box in boxes:
        count = len(box.files)
        lines.append(f"{box.collector.name:<10} {counted(count, 'file')} in {box.seconds:.1f} s")
        lines += [f"{box.collector.name:<10} not collected: {problem}" for problem in box.problems]
    return "\n".join(lines) + "\n"


def _moment(event: Event) -> str:
    """An event as a line of the timeline; empty for those that tell nothing here."""
    if isinstance(event, PhaseStarted):
        return f"{event.at}  {event.phase} began"
    if isinstance(event, Observed):
        return f"{event.at}  seen: {event.seen}"
    if isinstance(event, Heartbeat):
        return f"{event.at}  still {event.seen}, unchanged for {event.unchanged_seconds:.0f} s"
    if isinstance(event, Recognised):
        return f"{event.at}  recognised {event.cause}: {event.finding.sentence}"
    if isinstance(event, Repaired):
        return f"{event.at}  {event.repair}: {event.did or 'nothing done'}; {event.effect}"
    if isinstance(event, PhaseFinished):
        return f"{event.at}  {event.phase} ended {event.verdict}"
    return ""
