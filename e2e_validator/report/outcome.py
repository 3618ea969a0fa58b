"""How verdicts are ranked, worded and coloured in reports."""

from __future__ import annotations

from collections.abc import Iterable

from e2e_validator.verdict import Verdict

# Not a verdict that a phase can give itself: it began and its end was not seen.
INTERRUPTED = "INTERRUPTED"

# Worst first. A scenario is as bad as its worst phase, and only PASSED if nothing else is among them.
WORST_FIRST: tuple[str, ...] = (
    Verdict.ERROR,
    Verdict.FAILED,
    Verdict.INCONCLUSIVE,
    Verdict.BLOCKED,
    INTERRUPTED,
    Verdict.UNCLEAN,
    Verdict.SKIPPED,
    Verdict.KNOWN,
    Verdict.REPAIRED,
    Verdict.PASSED,
)

_STATES = {
    Verdict.PASSED: "PASS",
    Verdict.FAILED: "FAIL",
    Verdict.BLOCKED: "BLOCK",
    Verdict.INCONCLUSIVE: "INCONC",
    Verdict.SKIPPED: "SKIP",
    INTERRUPTED: "INTERR",
}

_STYLES: dict[str, dict[str, bool]] = {
    Verdict.PASSED: {"green": True},
    Verdict.REPAIRED: {"yellow": True, "bold": True},
    Verdict.KNOWN: {"yellow": True, "bold": True},
    Verdict.FAILED: {"red": True, "bold": True},
    Verdict.ERROR: {"red": True, "bold": True},
    Verdict.INCONCLUSIVE: {"yellow": True, "bold": True},
    Verdict.BLOCKED: {"yellow": True, "bold": True},
    INTERRUPTED: {"yellow": True, "bold": True},
    Verdict.UNCLEAN: {"yellow": True},
    Verdict.SKIPPED: {"yellow": True},
}


def known(verdict: str) -> bool:
    """Whether ``verdict`` is a word that reports can rank."""
    return verdict in WORST_FIRST


def worst(verdicts: Iterable[str]) -> str:
    """The worst of ``verdicts``; an unknown word counts as ERROR, nothing at all as SKIPPED."""
    ranks = [WORST_FIRST.index(verdict) if known(verdict) else 0 for verdict in verdicts]
    return str(WORST_FIRST[min(ranks)]) if ranks else str(Verdict.SKIPPED)


def state(verdict: str) -> str:
    """The word for a verdict in a fixed column of eight: PASS FAIL BLOCK INCONC ERROR UNCLEAN SKIP INTERR."""
    return str(_STATES.get(verdict, verdict))


def state_style(verdict: str) -> dict[str, bool]:
    """Markup for a verdict, as pytest's terminal writer takes it: ``writer.write(text, **markup)``."""
    return dict(_STYLES.get(verdict, {"red": True, "bold": True}))
