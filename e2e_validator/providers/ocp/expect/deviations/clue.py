"""Why a figure may be another one than the data say: a known deviation, and whom it affects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e_validator.expect.measures import Key

USAGE_REPORTS = ("compute", "memory", "costs")
CLAIM_REPORTS = ("volumes", "costs")


@dataclass(frozen=True, slots=True)
class Clue:
    """A known deviation ``name`` in these data, as one ``sentence``.

    ``days`` are affected, in answers to ``reports``; by project and by node only ``projects`` and ``nodes`` (as the
    API names them), and only ``fields``, if there are any.
    """

    name: str
    sentence: str
    days: tuple[str, ...]
    reports: tuple[str, ...]
    projects: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()

    def covers(self, key: Key, field: str) -> bool:
        """Whether it may change a figure of the row ``key``, as ``expect.figures`` keys them."""
        report, grouping, group, period = key
        if report not in self.reports or (self.fields and field not in self.fields):
            return False
        when = period.partition("#")[0]  # a row beside another of the same key has a number
        if not any(day.startswith(when) for day in self.days):
            return False
        if group and grouping == "project":
            return group in self.projects
        return group in self.nodes if group and grouping == "node" else True

    def as_json(self) -> dict[str, Any]:
        """To be kept on disk."""
        return {
            "name": self.name,
            "sentence": self.sentence,
            "days": list(self.days),
            "reports": list(self.reports),
            "projects": sorted(self.projects),
            "nodes": sorted(self.nodes),
            "fields": list(self.fields),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Clue:
        """The inverse of ``as_json``."""
        return cls(
            content["name"],
            content["sentence"],
            tuple(content["days"]),
            tuple(content["reports"]),
            frozenset(content["projects"]),
            frozenset(content["nodes"]),
            tuple(content["fields"]),
        )
