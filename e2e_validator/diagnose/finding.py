"""What a detector says: the cause by name, a sentence, and the evidence it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that was recognised.

    ``cause`` is a name that scenarios can expect and a reader can look up, ``sentence`` is for people. ``remedy`` says
    what an operator can do. ``final`` means that waiting cannot help: nobody works on it any more.
    """

    cause: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""
    final: bool = True
