"""Names of phases on the command line: which there are, and which comes before which in any scenario."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Collection

from e2e_validator.errors import UsageError
from e2e_validator.providers import registry
from e2e_validator.scenario.flow import union

_FLOW = union(registry.flows())
_BEFORE, _AFTER = (tuple(step.phase for step in steps) for steps in (_FLOW.before, _FLOW.after))
_REPEATED = tuple(dict.fromkeys(step.phase for step in (*_FLOW.accepted, *_FLOW.refused)))
_ALL = (*_BEFORE, *_REPEATED, *_AFTER)
_NAME = re.compile(r"(?P<base>[^\[\]]+)(?:\[(?P<number>[1-9]\d*)\])?")


def check_name(option: str, name: str) -> None:
    """Refuse what is the name of no phase: ``summary`` is the first payload's, ``summary[2]`` the second's.

    Raises:
        UsageError: says what was probably meant.
    """
    match = _NAME.fullmatch(name)
    if match is None or match["base"] not in _ALL:
        close = difflib.get_close_matches(name.partition("[")[0], _ALL, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the phases are {', '.join(_ALL)}."
        raise UsageError(f"{option} {name}: there is no such phase; {hint}")
    if match["number"] and match["base"] not in _REPEATED:
        raise UsageError(f"{option} {name}: a scenario has one {match['base']}, whose name has no number.")
    if match["number"] == "1":
        raise UsageError(f"{option} {name}: the first one is called {match['base']}.")


def check_planned(option: str, name: str | None, phases: Collection[str]) -> None:
    """Refuse a phase that none of the scenarios has; their ``phases`` are given together.

    Raises:
        UsageError: says which of that kind there are.
    """
    if name is None or name in phases:
        return
    same = sorted((one for one in phases if one.partition("[")[0] == name.partition("[")[0]), key=position)
    hint = f"; they go up to {same[-1]}" if same else ""
    raise UsageError(f"{option} {name}: no scenario that was selected has this phase{hint}.")


def position(phase: str) -> tuple[int, int]:
    """Where a phase stands; of two phases, the one that comes first in any scenario that has both is the lesser."""
    match = _NAME.fullmatch(phase)
    base, number = (match["base"], int(match["number"] or 1)) if match else (phase, 1)
    if base in _BEFORE:
        return 0, _BEFORE.index(base)
    if base in _AFTER:
        return sys.maxsize, _AFTER.index(base)
    return number, _REPEATED.index(base)
