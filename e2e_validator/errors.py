"""Every error the validator raises on purpose.

::

    E2EError
    ├── ScenarioError        one or more scenario files are wrong; carries every problem with its position
    ├── UsageError           an option or a target file is wrong
    ├── Blocked              the environment is not ready; says nothing of the product
    │   └── Contradicts      a figure worked out by hand does not follow from the scenario's own data
    │       └── LosesData    Koku would lose a part of the scenario's data, which the scenario does not say
    ├── Inconclusive         something could not be read, so nothing can be said
    ├── PhaseFailed          the product did not do what it must (also an AssertionError: Allure says "failed")
    │   ├── PhaseTimeout     it did not happen within the limit
    │   ├── GaveUp           a terminal state was seen: waiting longer cannot help
    │   ├── NeighbourChanged something of a source that is none of the scenario's is not as it was
    │   ├── WrongLife        a row says of a source or payload what cannot be
    │   ├── NumbersDiffer    a figure is not what the data say
    │   └── Deviates         figures are not what the data say, in a way that has a name and was not accepted
    ├── CleanupIncomplete    something of this run is left
    ├── KnownNotAllowed      a phase is KNOWN, and --fail-on-known is given (also an AssertionError)
    ├── PhaseInterrupted     Ctrl-C or SIGTERM ended the phase; says nothing of the product
    ├── RepairNotAllowed     a phase passed after a repair, and --fail-on-repair is given (also an AssertionError)
    └── HarnessError         a bug in this program

The first line of a message is a complete sentence of at most 80 characters where that is possible: it is
reused in the short summary, in JUnit and in Allure.
"""

from __future__ import annotations

from dataclasses import dataclass


def printable(text: str) -> str:
    """``text`` on one line, without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def first_line(said: BaseException | str, otherwise: str = "") -> str:
    """The first line of what an error says; ``otherwise``, or the name of its type, where it says nothing."""
    lines = str(said).strip().splitlines()
    return lines[0] if lines else otherwise or (said if isinstance(said, str) else type(said).__name__)


def plural(count: int, noun: str, several: str = "") -> str:
    """``file`` for one, ``files`` for any other number; ``several`` for nouns whose plural is another one."""
    return noun if count == 1 else several or f"{noun}s"


def counted(count: int, noun: str, several: str = "") -> str:
    """A number with its noun: ``1 file``, ``2 files``, ``1,204 rows``."""
    return f"{count:,} {plural(count, noun, several)}"


def terminal_text(text: str) -> str:
    """``text`` with its lines and tabs, without other characters that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)


class E2EError(Exception):
    """Base of every error raised on purpose; ``str(error)`` is what the user reads.

    What a message quotes (a name, a cell, an answer) comes from outside: it cannot steer a terminal.
    """

    def __init__(self, headline: str, *, detail: str = "") -> None:
        """Keep the first line (``headline``) apart from the rest (``detail``)."""
        self.headline = terminal_text(headline)
        self.detail = terminal_text(detail)
        super().__init__(self.headline if not detail else f"{self.headline}\n{self.detail}")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where (1-based line and column), what, and what was probably meant.

    A ``warning`` is about something that is taken, but not as it is written.
    """

    path: str
    line: int
    column: int
    what: str
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """``path:line:col  what; hint``, with ``warning:`` before what."""
        what = f"warning: {self.what}" if self.warning else self.what
        text = f"{self.path}:{self.line}:{self.column}  {what}" + (f"; {self.hint}" if self.hint else "")
        return printable(text)


class ScenarioError(E2EError):
    """One or more scenario files are wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        """Join all problems, in file order."""
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(E2EError):
    """An option or a target file is wrong; exit code 4."""


class Blocked(E2EError):  # noqa: N818 - the verdict's own word
    """The environment is not ready; nothing is said of the product."""


class Contradicts(Blocked):
    """A figure that the scenario's author worked out by hand does not follow from its data and cost model."""


class LosesData(Contradicts):
    """Koku would lose a part of the data or count it as 0, and the scenario accepts no deviation that explains it."""


class Inconclusive(E2EError):  # noqa: N818 - the verdict's own word
    """Something could not be read, so nothing can be said."""


class PhaseFailed(E2EError, AssertionError):  # noqa: N818 - the verdict's own word
    """The product did not do what it must."""


class PhaseTimeout(PhaseFailed):
    """It did not happen within the limit."""


class GaveUp(PhaseFailed):
    """A terminal state was seen: waiting longer cannot help."""


class WrongLife(PhaseFailed):
    """A row says of a source or payload what cannot be: another's name, no time, or times in the wrong order."""


class NeighbourChanged(PhaseFailed):
    """Something of a source that is none of the scenario's is not as it was."""


class NumbersDiffer(PhaseFailed):
    """A figure is not what the data say."""


class Deviates(PhaseFailed):
    """Figures are not what the data say, in a way that has a name and was not accepted.

    ``cause`` is that name, ``sentence`` what happens, ``remedy`` what can be done, ``reference`` where it is written.
    """

    def __init__(
        self, headline: str, *, cause: str, detail: str = "", sentence: str = "", remedy: str = "", reference: str = ""
    ) -> None:
        """Keep them."""
        super().__init__(headline, detail=detail)
        self.cause, self.sentence, self.remedy, self.reference = cause, sentence, remedy, reference


class CleanupIncomplete(E2EError):  # noqa: N818 - the verdict's own word
    """Something of this run is left behind."""


class KnownNotAllowed(E2EError, AssertionError):  # noqa: N818 - says what happened, as the others do
    """A phase has figures that are known not to be what the data say, and ``--fail-on-known`` is given."""


class PhaseInterrupted(E2EError):  # noqa: N818 - the word of the reports
    """Ctrl-C or SIGTERM ended the phase; nothing is said of the product."""


class RepairNotAllowed(E2EError, AssertionError):  # noqa: N818 - says what happened, as the others do
    """A phase passed after a repair that no scenario expected, and ``--fail-on-repair`` is given."""


class HarnessError(E2EError):
    """A bug in this program."""
