"""What the neighbour has in common with the scenarios of a run: days, and names of nodes and namespaces.

What takes the rows of a day, a node or a namespace without asking whose they are would take the neighbour's too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan

# Of a scenario whose data nise does not make: the names of the recordings, and those of the shipped templates.
NODE, NAMESPACE = "node_1", "ns_a"


@dataclass(frozen=True, slots=True, order=True)
class Shared:
    """A day on which the neighbour has a pod and a volume on a node and in a namespace of these names."""

    day: date
    node: str = NODE
    namespace: str = NAMESPACE


def shared_with(scenarios: Iterable[tuple[LoadedScenario, Plan]]) -> tuple[Shared, ...]:
    """A day of each scenario whose payloads are taken, with the names of its first node and namespace, in order."""
    found = {Shared(plan.first_day, *_names(loaded.report)) for loaded, plan in scenarios if not plan.negative}
    return tuple(sorted(found))


def _names(report: Mapping[str, Any] | None) -> tuple[str, str]:
    for generator in (report or {}).get("generators", ()):
        for spec in generator.values():
            for node in spec.get("nodes") or ():
                if node.get("node_name") and node.get("namespaces"):
                    return str(node["node_name"]), str(next(iter(node["namespaces"])))
    return NODE, NAMESPACE
