"""The organisation's cost groups: which projects count as the platform, whose costs are shared out.

See docs/contract/koku.md 6.1.

Koku has patterns of its own and those that users have added (``settings/cost-groups/``); both are of SQL's LIKE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from e2e_validator.providers.ocp.expect.summary import PLATFORM

PLATFORM_GROUP = "Platform"


@dataclass(frozen=True, slots=True)
class CostGroups:
    """Patterns of projects, each with the name of its group."""

    patterns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> CostGroups:
        """The groups of (pattern, group), in an order that does not depend on how they were read."""
        return cls(tuple(sorted({(str(pattern), str(group)) for pattern, group in pairs})))

    def is_platform(self, namespace: str) -> bool:
        """Whether Koku puts a project into the category ``Platform``."""
        return PLATFORM_GROUP in self.groups_of(namespace)

    def groups_of(self, namespace: str) -> frozenset[str]:
        """Every group that has a pattern for the project."""
        return frozenset(group for pattern, group in self.patterns if _like(pattern).fullmatch(namespace))

    def added_to(self, other: CostGroups) -> tuple[str, ...]:
        """Each pattern that is in one of the two alone, as words: ``finance (Platform)``."""
        return tuple(f"{pattern} ({group})" for pattern, group in sorted(set(self.patterns) ^ set(other.patterns)))

    def missing_in(self, other: CostGroups) -> tuple[str, ...]:
        """Each pattern that ``other`` does not have, as words: ``openshift (Platform)``."""
        return tuple(
            f"{pattern} ({group})" for pattern, group in self.patterns if (pattern, group) not in other.patterns
        )


# What every organisation has from the start.
KOKU_DEFAULT = CostGroups.of((pattern, PLATFORM_GROUP) for pattern in ("openshift-%", "kube-%", PLATFORM, "openshift"))


@lru_cache(maxsize=1024)
def _like(pattern: str) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    text, escaped = "", False
    for character in pattern:
        if not escaped and character == "\\":
            escaped = True
            continue
        text += re.escape(character) if escaped else parts.get(character, re.escape(character))
        escaped = False
    return re.compile(text, re.DOTALL)
