"""What became of a planted regression: seen where the table says, seen elsewhere, not seen, or no regression at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .running import Ended
from .table import Row

GOOD = frozenset({"PASSED", "KNOWN", "SKIPPED"})
_CODES = {"FAILED": 1, "UNCLEAN": 13, "REPAIRED": 0}


class Fate(StrEnum):
    """How a row ended; only ``SEEN`` is good."""

    SEEN = "SEEN"
    SURVIVED = "SURVIVED"
    """Everything stayed green: a wrong green."""
    MISPLACED = "MISPLACED"
    """Red, but not at the place, or not with the words, that the row names."""
    BROKEN = "BROKEN"
    """The change breaks the program and not its figures, or the run did not end: it shows nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a row ended, and what was seen: phase and headline, or the end of what pytest said."""

    fate: Fate
    seen: str


def judge(row: Row, ended: Ended) -> Verdict:
    """What became of a row whose scenario or test was run with its change."""
    return _of_test(row, ended) if row.test is not None else _of_scenario(row, ended)


def control(name: str, seen_by: str, ended: Ended) -> str:
    """What is wrong with a scenario without any change; empty if it is green, as it must be."""
    if name not in ended.scenarios:
        return f"{name} did not run: {_last(ended)}"
    first = first_bad(ended.scenarios[name], good_in(seen_by))
    return "" if first is None else f"{name} is red without any change: {_shown(first)}"


def control_tests(ended: Ended) -> str:
    """What is wrong with the tests without any change; empty if they are green."""
    return f"the tests are red without any change: {_last(ended)}" if ended.code else ""


def good_in(seen_by: str) -> frozenset[str]:
    """The good verdicts of a scenario's phases: one with a fault must be repaired, any other must simply pass."""
    return GOOD | {"REPAIRED"} if "faults/" in seen_by else GOOD


def first_bad(scenario: dict[str, Any], good: frozenset[str] = GOOD) -> dict[str, Any] | None:
    """The first phase that did not end well."""
    return next((phase for phase in scenario["phases"] if phase["verdict"] not in good), None)


def _of_scenario(row: Row, ended: Ended) -> Verdict:
    scenario = ended.scenarios.get(str(row.scenario))
    if scenario is None or ended.code < 0:
        return Verdict(Fate.BROKEN, _last(ended))
    first = first_bad(scenario, good_in(row.seen_by))
    if first is None:
        return Verdict(Fate.SURVIVED if ended.code == 0 else Fate.BROKEN, f"green, exit code {ended.code}")
    seen = _shown(first)
    if first["verdict"] != row.verdict:
        fate = Fate.MISPLACED if first["verdict"] in _CODES else Fate.BROKEN
        return Verdict(fate, seen)
    if ended.code != _CODES[row.verdict] or first["name"] != row.phase:
        return Verdict(Fate.MISPLACED, f"exit code {ended.code}, {seen}")
    found = re.search(row.says, first["headline"] or first["facts"])
    return Verdict(Fate.SEEN if found else Fate.MISPLACED, seen)


def _of_test(row: Row, ended: Ended) -> Verdict:
    if ended.code == 0:
        return Verdict(Fate.SURVIVED, "green")
    if ended.code != 1 or re.search(r"^ERROR ", ended.text, re.MULTILINE):
        return Verdict(Fate.BROKEN, _last(ended))
    seen = "\n".join(line for line in ended.text.splitlines() if line.startswith(("E ", "FAILED")))
    return Verdict(Fate.SEEN if re.search(row.says, seen) else Fate.MISPLACED, seen)


def _shown(phase: dict[str, Any]) -> str:
    return f"{phase['name']} {phase['verdict']}: {phase['headline'] or phase['facts']}"


def _last(ended: Ended) -> str:
    return f"exit code {ended.code}\n" + "\n".join(ended.text.splitlines()[-15:])
