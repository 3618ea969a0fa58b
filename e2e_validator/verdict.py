"""The words a phase can end with, and what each means for the exit code.

design: PASSED REPAIRED KNOWN FAILED BLOCKED INCONCLUSIVE ERROR SKIPPED. REPAIRED and KNOWN are never counted as passed.
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """How a phase ended."""

    PASSED = "PASSED"
    REPAIRED = "REPAIRED"
    KNOWN = "KNOWN"
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
# A run that is otherwise green and in which something was not looked at, with --fail-on-skip.
SKIPPED_CODE = 14
# A run in which figures are not what the data say, as was accepted by name, with --fail-on-known.
KNOWN_CODE = 15
# Phases after which the next one may run.
GOOD = frozenset({Verdict.PASSED, Verdict.REPAIRED, Verdict.KNOWN})


def exit_code(
    verdicts: set[Verdict],
    *,
    skip_not_allowed: bool = False,
    known_not_allowed: bool = False,
    repair_not_allowed: bool = False,
) -> int:
    """The exit code of a run whose phases ended with ``verdicts``: the worst wins.

    ``skip_not_allowed`` is what ``--fail-on-skip`` makes of something that was not looked at, ``known_not_allowed``
    what ``--fail-on-known`` makes of figures that are known not to be what the data say, ``repair_not_allowed`` what
    ``--fail-on-repair`` makes of a repair that worked and that no scenario expected; everything else is worse.
    """
    worst = next((code for verdict, code in EXIT_CODES if verdict in verdicts), 0)
    gates = ((skip_not_allowed, SKIPPED_CODE), (known_not_allowed, KNOWN_CODE), (repair_not_allowed, REPAIRED_CODE))
    return worst or next((code for closed, code in gates if closed), 0)
