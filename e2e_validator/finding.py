"""What is wrong, as one record: detectors make it, phases end with it, every report shows it in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e_validator.errors import printable

_LABEL_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """The cause of a phase that does not get on, or did not pass.

    ``cause`` is a name that scenarios can expect and a reader can look up, ``sentence`` says what was found. ``remedy``
    says what an operator can do, ``reference`` where the facts are written down (page and sections of
    ``docs/contract/``). ``final`` means that waiting cannot help: no process works on it any more.
    """

    cause: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""
    reference: str = ""
    final: bool = True

    @classmethod
    def read(cls, said: Mapping[str, Any] | None) -> Finding | None:
        """The finding that an event holds as JSON; None where there is none."""
        if not said:
            return None
        return cls(
            cause=str(said.get("cause", "")),
            sentence=str(said.get("sentence", "")),
            evidence=dict(said.get("evidence") or {}),
            remedy=str(said.get("remedy", "")),
            reference=str(said.get("reference", "")),
            final=said.get("final") is not False,
        )

    def rows(self) -> dict[str, str]:
        """The words of every report, each on one line and never cut, by label; what is not known is left out."""
        rows = {"cause": self.cause, "found": self.sentence, "remedy": self.remedy, "reference": self.reference}
        return {label: printable(text) for label, text in rows.items() if text}

    def text(self) -> str:
        """The rows as lines, for reports that take text."""
        return "\n".join(f"{label:<{_LABEL_WIDTH}}{text}" for label, text in self.rows().items())
