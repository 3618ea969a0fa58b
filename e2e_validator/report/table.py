"""The table at the end of a run: scenarios down, phases across."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from e2e_validator.errors import counted
from e2e_validator.report.model import PhaseResult, ScenarioResult
from e2e_validator.report.outcome import WORST_FIRST, state, state_style, worst
from e2e_validator.report.text import duration, short_duration, shorten
from e2e_validator.verdict import GOOD, Verdict

# Headings for narrow terminals; a phase that is not listed keeps its first four letters.
_SHORT = {
    "preflight": "pre",
    "source": "src",
    "generate": "gen",
    "upload": "upl",
    "ingest": "ing",
    "rejection": "rej",
    "download": "dwn",
    "convert": "cnv",
    "summary": "sum",
    "cost": "cost",
    "manifest": "man",
    "api": "api",
    "cleanup": "cln",
}
_SHORT_REPAIRED = "RPRD"
_SHORT_STATES = {"BLOCK": "BLCK", "INCONC": "INCO", "ERROR": "ERR", "UNCLEAN": "UNCL", "INTERR": "INT"}
_SHORTEST_NAME = 12
_PAYLOAD = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True)
class _Cell:
    """All that one scenario did in one phase, over its payloads."""

    verdict: str
    seconds: float
    times: int
    passed: int
    repaired: bool
    known: bool


@dataclass(frozen=True, slots=True)
class _Form:
    """How much room the table takes: tight ones have one space between columns and ``x2`` behind the name."""

    short_headings: bool
    tight: bool
    whole_units: bool


# Roomy first: the first form that fits is taken.
_FORMS = (
    _Form(short_headings=False, tight=False, whole_units=False),
    _Form(short_headings=False, tight=True, whole_units=False),
    _Form(short_headings=True, tight=False, whole_units=False),
    _Form(short_headings=True, tight=True, whole_units=False),
    _Form(short_headings=True, tight=True, whole_units=True),
)


def scenario_table(records: Sequence[ScenarioResult], width: int, *, colour: bool = False) -> str:
    """The scenario x phase table, at most ``width`` columns wide, and the lines that count verdicts below it.

    Durations of the payloads of one phase are summed and marked ``x2``, that of a repaired phase is marked ``r``, that
    of one with known deviations ``k``; a phase that did not pass shows its state, a skipped one ``-``, and one that the
    scenario does not have nothing.
    Narrow terminals get short headings with a legend, then whole units, then no phase columns at all.
    """
    if not records:
        return "No scenario ran."
    columns = _columns(record.phases for record in records)
    rows = {record.name: _cells(record.phases) for record in records}
    for form in _FORMS:
        text = _render(records, rows, columns, form, width, colour=colour)
        if text is not None:
            break
    else:
        text = _without_phases(records, width, colour=colour)
    return f"{text}\n\n{count_line(records)}"


def count_line(records: Sequence[ScenarioResult]) -> str:
    """Two sentences: ``2 scenarios: 1 passed, 1 failed.`` and the same of phases."""
    scenarios = _counted([record.verdict for record in records], "scenario")
    phases = _counted([phase.verdict for record in records for phase in record.phases], "phase")
    return f"{scenarios}\n{phases}"


def _counted(verdicts: Sequence[str], noun: str) -> str:
    """How many there are, and how many ended how: passed, repaired and known first, then the worst."""
    good = (Verdict.PASSED, Verdict.REPAIRED, Verdict.KNOWN)
    order = [*good, *(word for word in WORST_FIRST if word not in good)]
    parts = ", ".join(f"{verdicts.count(word)} {word.lower()}" for word in order if word in verdicts)
    return f"{counted(len(verdicts), noun)}: {parts}."


def base_name(phase: str) -> str:
    """The phase without its payload: ``ingest[2]`` is ``ingest``."""
    return _PAYLOAD.sub("", phase)


def _columns(scenarios: Iterable[Sequence[PhaseResult]]) -> list[str]:
    """The union of all phases, each where its own scenario has it: behind the phase before it."""
    columns: list[str] = []
    for phases in scenarios:
        place = 0
        for phase in phases:
            name = base_name(phase.name)
            if name in columns:
                place = max(place, columns.index(name) + 1)
            else:
                columns.insert(place, name)
                place += 1
    return columns


def _cells(phases: Sequence[PhaseResult]) -> dict[str, _Cell]:
    """One cell per column; the worst verdict of the payloads, their durations summed."""
    grouped: dict[str, list[PhaseResult]] = {}
    for phase in phases:
        grouped.setdefault(base_name(phase.name), []).append(phase)
    return {
        name: _Cell(
            verdict=worst(phase.verdict for phase in group),
            seconds=sum(phase.seconds or 0.0 for phase in group),
            times=len(group),
            passed=sum(phase.verdict in GOOD for phase in group),
            repaired=any(phase.verdict == Verdict.REPAIRED for phase in group),
            known=any(phase.verdict == Verdict.KNOWN for phase in group),
        )
        for name, group in grouped.items()
    }


def _render(
    records: Sequence[ScenarioResult],
    rows: Mapping[str, Mapping[str, _Cell]],
    columns: Sequence[str],
    form: _Form,
    width: int,
    *,
    colour: bool,
) -> str | None:
    """The table in this form, or None if it does not fit; only the last form may shorten names."""
    headings = [_heading(name) if form.short_headings else name for name in columns]
    headings += ["total", "" if form.whole_units else "verdict"]
    names = [_marked(record.name, rows[record.name]) if form.tight else record.name for record in records]
    body = [
        [
            *(_cell(rows[record.name].get(name), form) for name in columns),
            Text(duration(record.seconds)),
            _word(record.verdict, _short_verdict(record.verdict) if form.whole_units else record.verdict),
        ]
        for record in records
    ]
    gap = 1 if form.tight else 2
    taken = sum(
        gap + max(cell_len(heading), *(cell_len(row[index].plain) for row in body))
        for index, heading in enumerate(headings)
    )
    if max(cell_len(shown) for shown in ["scenario", *names]) + taken > width:
        if form is not _FORMS[-1] or _SHORTEST_NAME + taken > width:
            return None
        names = [_shortened(name, width - taken) for name in names]
    table = _table(gap)
    table.add_column("scenario", no_wrap=True)
    for heading in headings[:-1]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(headings[-1], no_wrap=True)
    for name, cells in zip(names, body, strict=True):
        table.add_row(Text(name), *cells)
    return _text(table, width, colour=colour) + _legend(columns, rows, form, width)


def _without_phases(records: Sequence[ScenarioResult], width: int, *, colour: bool) -> str:
    """For a terminal too narrow for the phases: total, verdict, and the phase where it stopped or was repaired."""
    table = _table(1)
    table.add_column("scenario", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    name_width = max(width - 26, 8)
    for record in records:
        repaired = (phase.name for phase in record.phases if phase.verdict in {Verdict.REPAIRED, Verdict.KNOWN})
        stopped = next(
            (phase.name for phase in record.phases if phase.verdict not in (*GOOD, Verdict.SKIPPED)),
            next(repaired, ""),
        )
        word = _word(record.verdict, state(record.verdict))
        table.add_row(
            Text(shorten(record.name, name_width)),
            duration(record.seconds),
            word.append(f" {stopped}" if stopped else "", style=""),
        )
    return _text(table, width, colour=colour)


def _cell(cell: _Cell | None, form: _Form) -> Text:
    """What a cell shows: a duration, a state, ``-`` for skipped, nothing for a phase that is not planned."""
    if cell is None:
        return Text("")
    if cell.verdict == Verdict.SKIPPED and (form.tight or not cell.passed):
        return Text("-")
    if cell.verdict not in (*GOOD, Verdict.SKIPPED):
        word = state(cell.verdict)
        return _word(cell.verdict, _SHORT_STATES.get(word, word) if form.whole_units else word)
    text = short_duration(cell.seconds) if form.whole_units else duration(cell.seconds)
    if cell.times > 1 and not form.tight:
        text += f" x{cell.passed}"
    if cell.known:
        return _word(Verdict.KNOWN, f"{text} k")
    return _word(Verdict.REPAIRED, f"{text} r") if cell.repaired else Text(text)


def _word(verdict: str, word: str) -> Text:
    """A word in the colour of its verdict."""
    return Text(word, style=" ".join(state_style(verdict)))


def _short_verdict(verdict: str) -> str:
    """The word for a scenario's verdict where there is little room."""
    return _SHORT_REPAIRED if verdict == Verdict.REPAIRED else state(verdict)


def _heading(phase: str) -> str:
    """The short heading of a phase."""
    return _SHORT.get(phase, phase[:4])


def _marked(name: str, cells: Mapping[str, _Cell]) -> str:
    """The scenario's name with the number of its payloads."""
    payloads = max((cell.times for cell in cells.values()), default=1)
    return f"{name} x{payloads}" if payloads > 1 else name


def _shortened(name: str, width: int) -> str:
    """``name`` cut to ``width``, keeping a mark like ``x2`` at its end."""
    mark = re.search(r" x\d+$", name)
    end = mark.group() if mark else ""
    return shorten(name.removesuffix(end), width - len(end)) + end


def _legend(columns: Sequence[str], rows: Mapping[str, Mapping[str, _Cell]], form: _Form, width: int) -> str:
    """What the short headings, the ``x2`` and the ``r`` mean; empty if there are none."""
    parts = [f"{_heading(name)} = {name}" for name in columns if form.short_headings and _heading(name) != name]
    payloads = sorted({cell.times for cells in rows.values() for cell in cells.values() if cell.times > 1})
    parts += [f"x{times} = the sum of {times} payloads" for times in payloads]
    if any(cell.repaired for cells in rows.values() for cell in cells.values()):
        parts.append(f"r, {_SHORT_REPAIRED} = repaired" if form.whole_units else "r = repaired")
    if any(cell.known for cells in rows.values() for cell in cells.values()):
        parts.append("k = known deviation from the data")
    if not parts:
        return ""
    # No-break spaces keep an abbreviation and its meaning on one line.
    unbroken = ", ".join(part.replace(" ", "\u00a0") for part in parts)
    return "\n\n" + textwrap.fill(unbroken, width).replace("\u00a0", " ")


def _table(gap: int) -> Table:
    """An empty table without lines."""
    return Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", show_edge=False)


def _text(table: Table, width: int, *, colour: bool) -> str:
    """The table as text; rich pads lines, which copies badly, so trailing spaces go."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())
