"""What a run did not look at although it was to: told from the results, and listed below the table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from e2e_validator.errors import counted, first_line
from e2e_validator.report.model import ScenarioResult, SkipResult
from e2e_validator.report.text import one_line
from e2e_validator.verdict import GOOD, SKIPPED_CODE, Verdict

NOT_LOOKED_AT = "not_looked_at"
"""The key of a phase's data that maps each check which could not look to the reason."""
_LABEL = f"{'skipped':<10}"
_SHORTEST_LINE = 60
_PHASES = ("phase", "phase", "phases", "skipped")


def skips(scenarios: Iterable[ScenarioResult], left_out: Mapping[str, str]) -> list[SkipResult]:
    """Scenarios that were left out, checks that could not look (once each), phases that did nothing.

    A phase that was skipped behind one that did not pass is not among them: its scenario is red anyway.
    """
    found = [SkipResult(kind="scenario", name=name, reason=reason) for name, reason in left_out.items()]
    unseen: dict[str, SkipResult] = {}
    phases: list[SkipResult] = []
    for scenario in scenarios:
        for phase in scenario.phases:
            for check, reason in phase.data.get(NOT_LOOKED_AT, {}).items():
                unseen.setdefault(check, SkipResult(kind="check", name=check, reason=reason))
            if phase.verdict == Verdict.SKIPPED and scenario.verdict in GOOD:
                reason = first_line(phase.headline, "no reason was given")
                phases.append(SkipResult(kind="phase", name=f"{scenario.name} {phase.name}", reason=reason))
    return [*found, *unseen.values(), *phases]


def skips_block(found: Sequence[SkipResult], *, width: int = 100, red: bool = False) -> str:
    """The list below the table; empty if everything was looked at. ``red`` is whether ``--fail-on-skip`` was given."""
    if not found:
        return ""
    room = max(width, _SHORTEST_LINE) - len(_LABEL)
    lines: list[str] = []
    for reason, names in _by_reason(skip for skip in found if skip.kind == "scenario").items():
        lines += _wrapped(f"{counted(len(names), 'scenario')} left out: {reason}", room)
        lines += _wrapped(f"  {', '.join(names)}", room)
    for kind, one, many, done in (("check", "check of", "checks of", "preflight not looked at"), _PHASES):
        of_kind = [skip for skip in found if skip.kind == kind]
        if of_kind:
            lines.append(f"{counted(len(of_kind), one, many)} {done}:")
            lines += [line for skip in of_kind for line in _wrapped(f"  {skip.name}: {one_line(skip.reason)}", room)]
    lines.append("--fail-on-skip does not allow it" if red else f"with --fail-on-skip the exit code is {SKIPPED_CODE}")
    return "\n".join(f"{_LABEL if index == 0 else ' ' * len(_LABEL)}{line}" for index, line in enumerate(lines))


def _by_reason(found: Iterable[SkipResult]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for skip in found:
        reasons.setdefault(one_line(skip.reason), []).append(skip.name)
    return reasons


def _wrapped(text: str, room: int) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    return textwrap.wrap(text, room, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
