"""Repairs in words: the list below the table, and the lines of a failure block. Pure text."""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.errors import counted
from e2e_validator.report.model import RepairResult, RepairTry
from e2e_validator.report.repairs import AS_EXPECTED, kind, not_allowed
from e2e_validator.report.text import duration, local_clock, one_line, wrapped
from e2e_validator.verdict import REPAIRED_CODE

_LABEL = f"{'repairs':<10}"
_SHORTEST_LINE = 60


def try_line(one: RepairTry) -> str:
    """``stuck_report 22:35 announced again, no effect (1 of 2)``: one try, for a failure block."""
    when = f" {local_clock(one.at)[:5]}" if one.at else ""
    return one_line(f"{one.repair}{when} {_did(one)}, {one.effect} {_of_limit(one)}")


def repairs_block(tries: Sequence[RepairResult], *, folder: str = "", width: int = 100, red: bool = False) -> str:
    """The list of repairs below the table; empty if nothing was tried.

    What was not expected comes first, then what a scenario asked for, then what was tried in vain. ``folder`` is the
    run's folder as the user would type it, ``red`` whether ``--fail-on-repair`` was given.
    """
    if not tries:
        return ""
    unexpected = not_allowed(tries)
    expected = [one for one in tries if kind(one) == AS_EXPECTED]
    vain = [one for one in tries if one not in unexpected and one not in expected]
    many = len(unexpected) != 1
    gate = "--fail-on-repair does not allow it" if red else f"with --fail-on-repair the exit code is {REPAIRED_CODE}"
    faults = f"{counted(len(unexpected), 'product fault')} {'were' if many else 'was'} worked around; {gate}:"
    groups = (
        (faults, unexpected),
        ("As the scenario expects:", expected),
        ("Tried in vain:", vain),
    )
    lines = [
        line
        for heading, group in groups
        if group
        for line in (heading, *(line for one in group for line in _entry(one, folder, max(width, _SHORTEST_LINE))))
    ]
    return "\n".join(f"{_LABEL if index == 0 else ' ' * len(_LABEL)}{line}" for index, line in enumerate(lines))


def _entry(one: RepairResult, folder: str, width: int) -> list[str]:
    """One try: where and what, then why and where the evidence is; a path is never broken."""
    room = width - len(_LABEL)
    said = (
        f"{one.scenario} {one.phase}: {one.repair}, {one.effect} after {duration(one.seconds)} {_of_limit(one)}:"
        f" {_did(one)}"
    )
    return [
        *wrapped(one_line(said), room),
        f"      cause     {one_line(one.cause)}",
        *([f"      evidence  {folder}{one_line(one.folder).rstrip('/')}/"] if one.folder else []),
    ]


def _did(one: RepairTry) -> str:
    """What was done, to be followed by more."""
    return one.did.strip().rstrip(".") or "did not say what it did"


def _of_limit(one: RepairTry) -> str:
    return f"({one.number} of {one.limit})"
