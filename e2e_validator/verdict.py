"""The words a phase can end with, and what each means for the exit code.

design: PASSED REPAIRED FAILED BLOCKED INCONCLUSIVE ERROR SKIPPED. REPAIRED is never counted as passed.
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """How a phase ended."""

    PASSED = "PASSED"
    REPAIRED = "REPAIRED"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"
    UNCLEAN = "UNCLEAN"
    SKIPPED = "SKIPPED"


# Worst first; pytest's own codes 2 (interrupted), 4 (usage) and 5 (nothing selected) are kept.
EXIT_CODES: tuple[tuple[Verdict, int], ...] = (
    (Verdict.ERROR, 3),
    (Verdict.FAILED, 1),
    (Verdict.INCONCLUSIVE, 12),
    (Verdict.BLOCKED, 10),
    (Verdict.UNCLEAN, 13),
)


# A run in which something was repaired that no scenario expected, with --fail-on-repair.
REPAIRED_CODE = 11
# Phases after which the next one may run.
GOOD = frozenset({Verdict.PASSED, Verdict.REPAIRED})


def exit_code(verdicts: set[Verdict], *, repair_not_allowed: bool = False) -> int:
    """The exit code of a run whose phases ended with ``verdicts``: the worst wins.

    ``repair_not_allowed`` is what ``--fail-on-repair`` makes of a repair that worked and that no scenario expected;
    everything else is worse.
    """
    worst = next((code for verdict, code in EXIT_CODES if verdict in verdicts), 0)
    return worst or (REPAIRED_CODE if repair_not_allowed else 0)
