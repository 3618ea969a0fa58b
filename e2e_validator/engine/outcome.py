"""What a phase says when it ends well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """``facts`` is one line of what is now true, with counts; ``data`` the same for machines.

    ``attachments`` are longer texts for the report (a table, a list), by name. ``known`` are the accepted deviations
    of its figures from the data, by name.
    """

    facts: str
    data: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()


class PhaseSkipped(Exception):  # noqa: N818 - the verdict's own word
    """The phase has nothing to do; its message says why."""
