"""What a check is, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from e2e_validator.checks.look import Look


class Severity(StrEnum):
    """``error``: nothing can be said of the product, so the run is BLOCKED; the others let it go on.

    ``unseen``: the check could not look, and the run does without it; with ``--fail-on-skip`` that is an error.
    """

    ERROR = "error"
    WARNING = "warning"
    UNSEEN = "not looked at"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is not as it should be: what and where, and what to do; together one sentence."""

    severity: Severity
    what: str
    remedy: str

    def __str__(self) -> str:
        """The sentence, without a full stop: it may stand in another one."""
        return f"{self.what}; {self.remedy}" if self.remedy else self.what


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` tells what is wrong, nothing if all is well; ``good`` is what is true then, in a few words.

    ``of_scenario`` is set for what depends on the scenario; everything else is looked at once a run. ``applies`` is
    False of a target that has no such thing: then there is nothing that could be said to be well.
    """

    name: str
    good: str
    look: Callable[[Look], Iterable[Issue]]
    of_scenario: bool = False
    applies: Callable[[Look], bool] = lambda _: True


def error(what: str, remedy: str) -> Issue:
    """Something without which the environment cannot answer."""
    return Issue(Severity.ERROR, what, remedy)


def warning(what: str, remedy: str) -> Issue:
    """Something that may spoil a run."""
    return Issue(Severity.WARNING, what, remedy)


def unseen(what: str, remedy: str = "") -> Issue:
    """Something that could not be looked at, and that a run can do without."""
    return Issue(Severity.UNSEEN, what, remedy)


def information(what: str, remedy: str = "") -> Issue:
    """Something to know when a run is judged."""
    return Issue(Severity.INFORMATION, what, remedy)
