"""The lines that a run prints. Pure text: the caller decides where they go and in which colour."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.cells import cell_len

from e2e_validator.errors import counted
from e2e_validator.events import Heartbeat, Observed, PhaseFinished, Recognised, Repaired, RunStarted
from e2e_validator.report.ending import run_verdict
from e2e_validator.report.known import ids
from e2e_validator.report.model import Results
from e2e_validator.report.outcome import state, state_style
from e2e_validator.report.repair_text import try_line
from e2e_validator.report.repairs import WORKED, causes, not_allowed, read_try
from e2e_validator.report.text import (
    column,
    duration,
    limit,
    local_clock,
    one_line,
    printable,
    shorten,
    span,
)
from e2e_validator.verdict import GOOD, KNOWN_CODE, REPAIRED_CODE, Verdict

__all__ = [
    "UNCUT",
    "Layout",
    "closing",
    "duration",
    "failure_block",
    "fault_line",
    "header",
    "heartbeat_line",
    "observed_line",
    "phase_line",
    "phase_parts",
    "repair_line",
    "state_style",
]

UNCUT = 1_000_000
"""The width of lines where there is no terminal."""
_LABEL_WIDTH = 12
_STATE_WIDTH = 7
_DURATION_WIDTH = 6
_SHORTEST_SEEN = 17
_WHOLE = ("reproduce", "files", "found", "remedy", "reference")
_REMEDY = f"{'':<10}remedy: "


@dataclass(frozen=True, slots=True)
class Layout:
    """The widths, in terminal cells, of the columns whose width depends on the run."""

    scenario: int = 24
    phase: int = 11
    width: int = 100

    @classmethod
    def of(cls, run: RunStarted, width: int = 100) -> Layout:
        """Columns as wide as this run's names, within bounds, and lines of 80 to 100 cells as ``width`` allows.

        With ``UNCUT`` no line is cut.
        """
        names = [cell_len(name) for name in run.scenarios]
        phases = [cell_len(phase) for phases in run.scenarios.values() for phase in phases]
        return cls(
            scenario=min(max(names, default=8), 24 if width >= 100 else 16),
            phase=min(max(phases, default=8), 12),
            width=UNCUT if width == UNCUT else min(max(width, 80), 100),
        )


def header(run: RunStarted) -> str:
    """The first screen: what runs, where, with what, and where the files will be."""
    phases = sum(len(names) for names in run.scenarios.values())
    rows = {
        "run": run.run_id,
        "target": run.target,
        "today": run.today,
        "versions": ", ".join(f"{name} {version}" for name, version in run.versions.items()),
        "plan": f"{counted(len(run.scenarios), 'scenario')}, {counted(phases, 'phase')}",
        "output": run.out_dir,
    }
    return "\n".join(f"{name:<10}{one_line(value)}" for name, value in rows.items() if value)


def phase_parts(
    event: PhaseFinished, *, clock: str = "", layout: Layout | None = None
) -> list[tuple[str, dict[str, bool]]]:
    """The phase's line in pieces, each with the markup for pytest's terminal writer; joined they are ``phase_line``.

    A phase that passed shows its facts, also after a repair; any other its headline: why it did not.
    """
    layout = layout or Layout()
    text = _facts(event) if event.verdict in GOOD else event.headline or event.facts
    start = _start(event.at, event.scenario, event.phase, clock, layout)
    word = f"{state(event.verdict):<{_STATE_WIDTH}}"
    rest = _timed(event.seconds, text, layout.width - cell_len(start) - cell_len(word), cell_len(word))
    return [(start, {}), (word, state_style(event.verdict)), (rest, {})]


def _facts(event: PhaseFinished) -> str:
    """The facts, with the number of repairs that were needed for them, behind the names of known deviations."""
    worked = sum(one.effect == WORKED for one in map(read_try, event.repairs))
    said = ", ".join(part for part in (event.facts, counted(worked, "repair") if worked else "") if part)
    known = ids(event.data) if event.verdict == Verdict.KNOWN else ""
    return f"{known}; {said}" if known else said


def phase_line(event: PhaseFinished, *, clock: str = "", layout: Layout | None = None) -> str:
    """One line for a phase that ended: local time, scenario, phase, state, duration, facts; 100 wide at most.

    ``clock`` is the local time of day; without it, it is taken from the event.
    """
    return "".join(text for text, _ in phase_parts(event, clock=clock, layout=layout)).rstrip()


def heartbeat_line(event: Heartbeat, *, clock: str = "", layout: Layout | None = None) -> str:
    """One line for a phase that still waits: how long of how long, what is seen, since when nothing changed."""
    layout = layout or Layout()
    start = f"{_start(event.at, event.scenario, event.phase, clock, layout)}wait"
    spent = f"  {span(event.elapsed_seconds)} / {limit(event.limit_seconds)}  "
    still = f", no change for {span(event.unchanged_seconds)}" if event.unchanged_seconds >= 1 else ""
    room = layout.width - cell_len(start) - cell_len(spent)
    # On a narrow terminal the numbers are worth more than their age.
    if room - len(still) < _SHORTEST_SEEN:
        still = ""
    return f"{start}{spent}{shorten(event.seen, room - len(still))}{still}"


def observed_line(event: Observed, *, clock: str = "", layout: Layout | None = None) -> str:
    """One line for something new that a waiter saw (``-v``): number of the poll, time since the start, what."""
    layout = layout or Layout()
    start = f"{_start(event.at, event.scenario, event.phase, clock, layout)}seen"
    spent = f"  {span(event.elapsed_seconds)}, poll {event.poll}  "
    return f"{start}{spent}{shorten(event.seen, layout.width - cell_len(start) - cell_len(spent))}"


def fault_line(event: Recognised, *, clock: str = "", layout: Layout | None = None) -> str:
    """What was recognised: for how long nothing had changed, its name, what is seen; and the remedy on a line below.

    What may pass by itself is no fault yet: the phase waits. Where a repair is about to be done, no remedy is shown.
    """
    found = event.finding
    word = "fault" if found.final else "wait"
    layout = layout or Layout()
    line = _event_line(event, word, event.unchanged_seconds, f"{event.cause}: {found.sentence}", clock, layout)
    if event.repair or not found.remedy:
        return line
    return f"{line}\n{_REMEDY}{shorten(found.remedy, layout.width - len(_REMEDY))}"


def repair_line(event: Repaired, *, clock: str = "", layout: Layout | None = None) -> str:
    """One line for a try of a repair: how long it took, which it was, what came of it, what was done."""
    # On a narrow terminal the end is cut off: what came of it is worth more than the rest.
    said = f"{event.repair} {event.effect} ({event.number} of {event.limit}): {event.did}"
    return _event_line(event, "REPAIR", event.seconds, said, clock, layout)


def closing(results: Results, *, reports: Sequence[str] = (), again: str = "") -> str:
    """The last lines, below the table: the verdict with its exit code, where the reports are, what to run next."""
    run = results.run
    gate = not_allowed(results.repairs)
    code = f"exit code {run.exit_code}" if run.exit_code is not None else "no exit code: the run was cut off"
    if gate and run.exit_code == 0:
        code += f"; with --fail-on-repair {REPAIRED_CODE}"
    if results.deviations and run.exit_code == 0:
        code += f"; with --fail-on-known {KNOWN_CODE}"
    took = f", {span(run.seconds)}" if run.seconds is not None else ""
    rows = {
        "verdict": f"{run_verdict(results)} ({code}){took}",
        "warning": "\n".join(results.warnings),
        "reports": "  ".join(reports),
        "again": again,
    }
    lines = [f"{name:<10}{line}" for name, value in rows.items() for line in printable(value).splitlines()]
    return "\n".join(lines)


def failure_block(
    event: PhaseFinished,
    *,
    observed: Sequence[Observed] = (),
    repaired: Sequence[Repaired] = (),
    reproduce: str = "",
    files: str = "",
    width: int = 100,
) -> str:
    """Why a phase did not pass: the headline, then what was expected, seen, tried, and how to see it again.

    Besides the event's texts it reads these keys of ``event.data``, all optional: ``expected`` and ``last_seen``
    (text), ``last_seen_at`` (ISO 8601), ``polls`` (number), ``unchanged_seconds`` and ``limit_seconds``. The
    observations of the same phase, if given, fill in what ``data`` does not say; its tries of repairs, if given, say
    when each was.
    """
    data = event.data
    mine = [seen for seen in observed if (seen.scenario, seen.phase) == (event.scenario, event.phase)]
    last = mine[-1] if mine else None
    seen = str(data.get("last_seen") or (last.seen if last else ""))
    polls = data.get("polls") or (last.poll if last else None)
    seen_at = str(data.get("last_seen_at") or (last.at if last else ""))
    when = ", ".join(
        part for part in (local_clock(seen_at) if seen_at else "", f"poll {polls}" if polls else "") if part
    )
    tries = [asdict(one) for one in repaired if (one.scenario, one.phase) == (event.scenario, event.phase)]
    known = [read_try(one) for one in tries or event.repairs]
    rows = {
        "expected": str(data.get("expected") or ""),
        "last seen": seen + (f"  ({when})" if seen and when else ""),
        "progress": _progress(mine, data),
        "cause": causes(known),
        **(event.finding.rows() if event.finding else {}),
        "repairs": "\n".join(map(try_line, known)),
        "reproduce": reproduce,
        "files": files,
    }
    lines = [one_line(event.headline) or f"{event.phase} ended as {event.verdict}."]
    body = [line for name, value in rows.items() if value for line in _row(name, value, width)]
    if event.detail.strip():
        detail = textwrap.indent(printable(event.detail).strip("\n"), "  ").splitlines()
        lines += ["", *(line.rstrip() for line in detail)]
    if body:
        lines += ["", *body]
    return "\n".join(lines)


def _progress(observed: Sequence[Observed], data: Mapping[str, Any]) -> str:
    """How far it came, and since when nothing changed."""
    parts = []
    if len(observed) > 1:
        first, last = observed[0], observed[-1]
        parts.append(f"{first.seen} -> {last.seen} in {span(last.elapsed_seconds - first.elapsed_seconds)}")
    if data.get("unchanged_seconds") is not None:
        parts.append(f"no change for {span(float(data['unchanged_seconds']))}")
    if data.get("limit_seconds") is not None:
        parts.append(f"the limit is {limit(float(data['limit_seconds']))}")
    return ", ".join(parts)


def _row(name: str, value: str, width: int) -> list[str]:
    """A labelled row; lines of the value keep their breaks, long ones wrap.

    Commands, paths and the rows of a finding are not broken: a search finds the whole of them.
    """
    indent = " " * (2 + _LABEL_WIDTH)
    lines = [
        piece
        for line in printable(value).splitlines()
        for piece in (
            [line]
            if name in _WHOLE
            else textwrap.wrap(line, max(width - len(indent), 20), break_long_words=False, break_on_hyphens=False)
            or [""]
        )
    ]
    return [f"  {name:<{_LABEL_WIDTH}}{lines[0]}", *(f"{indent}{line}" for line in lines[1:])]


def _event_line(
    event: Recognised | Repaired, word: str, seconds: float, text: str, clock: str, layout: Layout | None
) -> str:
    """A line in the columns of the phases' lines, for what happens within a phase."""
    layout = layout or Layout()
    start = f"{_start(event.at, event.scenario, event.phase, clock, layout)}{word:<{_STATE_WIDTH}}"
    return start + _timed(seconds, text, layout.width - cell_len(start), _STATE_WIDTH)


def _timed(seconds: float, text: str, room: int, word_width: int) -> str:
    """Duration and text behind a word; a word wider than its column takes what it needs from the space behind it."""
    took = f"{duration(seconds):>{max(_STATE_WIDTH + _DURATION_WIDTH - word_width, 0)}}"
    return f" {took}  {shorten(text, room - cell_len(took) - 3)}".rstrip()


def _start(at: str, scenario: str, phase: str, clock: str, layout: Layout) -> str:
    """Time, scenario and phase, with the space behind them."""
    return f"{clock or local_clock(at)}  {column(scenario, layout.scenario)}  {column(phase, layout.phase)}  "
